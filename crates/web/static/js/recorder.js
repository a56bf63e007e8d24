// The dial: asks for the microphone, shows what it hears, counts down, and hands over a recording. What becomes of the
// recording is the page's business.

import { need } from "./dom.js";
import { Microphone, NoMicrophone, SPARING_BITS } from "./microphone.js";
import { saving } from "./network.js";
import { Playback } from "./voices.js";

/** @typedef {"idle" | "asking" | "recording" | "sending" | "waiting" | "testing"} State */

/**
 * @typedef {object} Owner what a page does with its recorder
 * @property {() => string | undefined} text what will be read; nothing if it is not the time
 * @property {(blob: Blob) => Promise<void>} take takes over a recording or a file
 * @property {(mime: string) => ((chunk: Blob) => void)} [begin] wants each half second as it comes
 */

/** Longest recording in seconds, whatever the text. */
const LONGEST = 60;

export class Recorder {
  /**
   * @param {HTMLElement} root the part of the page with form, dial and upload
   * @param {Owner} owner
   */
  constructor(root, owner) {
    this.owner = owner;
    this.root = root;
    this.form = need(root, "form.stage", HTMLFormElement);
    this.dial = need(root, "[data-recorder]", HTMLElement);
    this.button = need(root, "[data-record]", HTMLButtonElement);
    this.slot = need(root, "[data-result]", HTMLElement);
    this.status = need(root, "[data-announce]", HTMLElement);
    this.file = need(root, "#recording", HTMLInputElement);
    /** @type {Playback | undefined} */
    this.playback = undefined;
    /** @type {Microphone | undefined} */
    this.microphone = undefined;
    /** @type {(() => void) | undefined} */
    this.finish = undefined;
    /** @type {((hint: string) => void) | undefined} */
    this.onShow = undefined;
  }

  start() {
    this.button.addEventListener("click", () => void this.press());
    need(this.dial, "[data-mic-test]", HTMLElement).addEventListener("click", () => void this.test());
    need(this.dial, "[data-replay]", HTMLElement).addEventListener("click", () => void this.playback?.play());
    this.form.addEventListener("submit", (event) => {
      const file = this.file.files?.[0];
      // Without a file the server says so, next to the field.
      if (!file) return;
      event.preventDefault();
      void this.owner.take(file);
    });
    for (const kind of ["dragover", "drop"]) {
      this.form.addEventListener(kind, (event) => this.drop(/** @type {DragEvent} */ (event)));
    }
    window.addEventListener("pagehide", () => this.microphone?.close());
    // Until now a press would have been lost.
    this.button.disabled = false;
  }

  get idle() {
    return this.dial.dataset.state === "idle";
  }

  /** @param {string} name */
  words(name) {
    return need(this.root, `template[data-text="${name}"]`, HTMLTemplateElement).content.textContent ?? "";
  }

  /**
   * @param {State} state
   * @param {string} hint
   */
  show(state, hint) {
    this.onShow?.(hint);
    this.dial.dataset.state = state;
    const text = this.words(`hint-${hint}`);
    need(this.dial, "[data-hint]", HTMLElement).textContent = text;
    need(this.dial, "[data-record-name]", HTMLElement).textContent = this.words(state === "recording" ? "stop" : "record");
    this.button.setAttribute("aria-disabled", String(!["idle", "recording"].includes(state)));
    need(this.dial, "[data-level]", SVGElement).toggleAttribute("hidden", !["recording", "testing"].includes(state));
    need(this.dial, "[data-replay]", HTMLElement).hidden = !this.playback || state !== "idle";
    need(this.dial, "[data-resend]", HTMLElement).hidden = hint !== "failed";
    this.slot.setAttribute("aria-busy", String(state === "sending" || state === "waiting"));
    if (state !== "idle" || hint !== "idle") this.status.textContent = text;
  }

  async press() {
    switch (this.dial.dataset.state) {
      case "recording":
        this.finish?.();
        break;
      case "idle":
        await this.record();
        break;
    }
  }

  async record() {
    const text = this.owner.text();
    if (text === undefined) return;
    this.clear();
    const microphone = await this.open();
    if (!microphone) return;
    const recording = microphone.record(this.owner.begin?.bind(this.owner), saving() ? SPARING_BITS : undefined);
    this.show("recording", "recording");
    await this.countDown(Math.min(LONGEST, 6 + text.split(/\s+/).length * 1.5));
    // The last sound often ends after the finger has pressed.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const blob = await recording.stop();
    microphone.close();
    await this.owner.take(blob);
  }

  /** Opens the microphone, or shows the way on. */
  async open() {
    this.show("asking", "asking");
    this.wayOn(undefined);
    try {
      this.microphone = await Microphone.open((level) => this.meter(level));
      return this.microphone;
    } catch (error) {
      this.show("idle", "idle");
      this.wayOn(error instanceof NoMicrophone ? error.why : "taken");
      return undefined;
    }
  }

  /**
   * Counts down until the time is over or the learner is done.
   * @param {number} seconds
   * @returns {Promise<void>}
   */
  countDown(seconds) {
    const ring = need(this.dial, "[data-ring]", SVGElement);
    const clock = need(this.dial, "[data-seconds]", HTMLElement);
    const end = performance.now() + seconds * 1000;
    return new Promise((resolve) => {
      const tick = () => {
        const left = Math.max(0, end - performance.now()) / 1000;
        ring.setAttribute("stroke-dasharray", `${(100 * left) / seconds} 100`);
        clock.textContent = String(Math.ceil(left));
        if (left === 0) this.finish?.();
      };
      const timer = setInterval(tick, 100);
      this.finish = () => {
        clearInterval(timer);
        this.finish = undefined;
        ring.setAttribute("stroke-dasharray", "100 100");
        clock.textContent = "";
        resolve();
      };
      tick();
    });
  }

  /** @param {number} level */
  meter(level) {
    this.loudest = Math.max(this.loudest ?? 0, level);
    need(this.dial, "[data-level-now]", SVGElement).setAttribute("width", String(Math.round(level * 100)));
    this.dial.style.setProperty("--level", level.toFixed(2));
  }

  /** Shows for some seconds what the microphone hears. */
  async test() {
    if (!this.idle) return;
    const microphone = await this.open();
    if (!microphone) return;
    this.loudest = 0;
    this.show("testing", "testing");
    for (let step = 0; step < 25 && (this.loudest ?? 0) < 0.5; step += 1) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    await new Promise((resolve) => setTimeout(resolve, 800));
    microphone.close();
    this.show("idle", (this.loudest ?? 0) > 0.3 ? "heard" : "silent");
  }

  /**
   * Keeps a recording at hand, to be played.
   * @param {Blob} blob
   */
  keep(blob) {
    this.playback?.close();
    this.playback = new Playback(blob);
  }

  /** @param {Blob} blob */
  tooLarge(blob) {
    return blob.size > Number(this.form.dataset.maxMb) * 1e6;
  }

  /**
   * Brings the eye, and a screen reader, to a result.
   * @param {DocumentFragment} part
   */
  reveal(part) {
    this.slot.replaceChildren(part);
    need(this.form, "details.upload", HTMLDetailsElement).open = false;
    const title = this.slot.querySelector("h1, h2");
    if (title instanceof HTMLElement) {
      title.tabIndex = -1;
      title.focus({ preventScroll: true });
      this.slot.scrollIntoView({ block: "start" });
    }
    this.status.textContent = this.words("result-ready");
  }

  clear() {
    this.slot.replaceChildren();
    for (const error of this.form.querySelectorAll("[data-error]")) error.replaceChildren();
  }

  again() {
    this.form.scrollIntoView({ block: "start" });
    this.button.focus({ preventScroll: true });
    if (this.idle) void this.record();
  }

  /** @param {string | undefined} why */
  wayOn(why) {
    const box = need(this.dial, "[data-way-on]", HTMLElement);
    box.replaceChildren();
    box.hidden = why === undefined;
    if (why === undefined) return;
    box.append(need(this.dial, `template[data-way="${why}"]`, HTMLTemplateElement).content.cloneNode(true));
    box.dataset.wayOn = why;
    need(box, "[data-open-upload]", HTMLElement).addEventListener("click", () => this.openUpload());
    this.status.textContent = box.querySelector("h2")?.textContent ?? "";
  }

  openUpload() {
    need(this.form, "details.upload", HTMLDetailsElement).open = true;
    this.file.focus();
  }

  /** @param {DragEvent} event */
  drop(event) {
    event.preventDefault();
    const file = event.dataTransfer?.files[0];
    if (event.type === "drop" && file && this.idle) void this.owner.take(file);
  }
}
