// The page to try it: one thing after the other — listen, record, see.

import { fragment, need } from "./dom.js";
import { Microphone, NoMicrophone } from "./microphone.js";
import { enliven } from "./result.js";
import { SendingFailed, send } from "./send.js";
import { Playback, hasVoice, say } from "./voices.js";

/** @typedef {"idle" | "asking" | "recording" | "sending" | "waiting" | "testing"} State */

/** Longest recording in seconds, whatever the text. */
const LONGEST = 60;

class Tryout {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.form = need(root, "form.stage", HTMLFormElement);
    this.recorder = need(root, "[data-recorder]", HTMLElement);
    this.button = need(root, "[data-record]", HTMLButtonElement);
    this.slot = need(root, "[data-result]", HTMLElement);
    this.status = need(root, "[data-announce]", HTMLElement);
    this.file = need(root, "#recording", HTMLInputElement);
    /** @type {Playback | undefined} */
    this.playback = undefined;
    /** @type {Blob | undefined} */
    this.kept = undefined;
    /** @type {Microphone | undefined} */
    this.microphone = undefined;
    /** @type {(() => void) | undefined} */
    this.finish = undefined;
    this.abort = new AbortController();
  }

  start() {
    this.button.addEventListener("click", () => void this.press());
    need(this.recorder, "[data-mic-test]", HTMLElement).addEventListener("click", () => void this.test());
    need(this.recorder, "[data-replay]", HTMLElement).addEventListener("click", () => void this.playback?.play());
    need(this.recorder, "[data-resend]", HTMLElement).addEventListener("click", () => this.kept && void this.deliver(this.kept));
    this.form.addEventListener("submit", (event) => {
      const file = this.file.files?.[0];
      // Without a file the server says so, next to the field.
      if (!file) return;
      event.preventDefault();
      void this.take(file);
    });
    for (const kind of ["dragover", "drop"]) {
      this.form.addEventListener(kind, (event) => this.drop(/** @type {DragEvent} */ (event)));
    }
    window.addEventListener("pagehide", () => this.microphone?.close());
    enliven(this.slot, undefined, () => this.again());
    void this.offerVoice();
  }

  async offerVoice() {
    const button = need(this.form, "[data-hear]", HTMLElement);
    button.addEventListener("click", () => say(this.text()));
    const voice = await hasVoice();
    button.hidden = !voice;
    need(this.form, "[data-voice-note]", HTMLElement).hidden = !voice;
    need(this.form, "[data-no-voice]", HTMLElement).hidden = voice;
    document.documentElement.classList.toggle("no-voice", !voice);
  }

  text() {
    return String(new FormData(this.form).get("text") ?? "").trim();
  }

  /** @param {string} name */
  words(name) {
    return need(this.recorder, `template[data-text="${name}"]`, HTMLTemplateElement).content.textContent ?? "";
  }

  /**
   * @param {State} state
   * @param {string} hint
   */
  show(state, hint) {
    this.recorder.dataset.state = state;
    const text = this.words(`hint-${hint}`);
    need(this.recorder, "[data-hint]", HTMLElement).textContent = text;
    need(this.recorder, "[data-record-name]", HTMLElement).textContent = this.words(state === "recording" ? "stop" : "record");
    this.button.setAttribute("aria-disabled", String(!["idle", "recording"].includes(state)));
    need(this.recorder, "[data-level]", SVGElement).toggleAttribute("hidden", !["recording", "testing"].includes(state));
    need(this.recorder, "[data-replay]", HTMLElement).hidden = !this.kept || state !== "idle";
    need(this.recorder, "[data-resend]", HTMLElement).hidden = hint !== "failed";
    this.slot.setAttribute("aria-busy", String(state === "sending" || state === "waiting"));
    if (state !== "idle" || hint !== "idle") this.status.textContent = text;
  }

  async press() {
    switch (this.recorder.dataset.state) {
      case "recording":
        this.finish?.();
        break;
      case "idle":
        await this.record();
        break;
    }
  }

  async record() {
    if (!this.text()) {
      this.show("idle", "no-text");
      need(this.form, "#text", HTMLElement).focus();
      return;
    }
    this.clear();
    const microphone = await this.open();
    if (!microphone) return;
    const recording = microphone.record();
    this.show("recording", "recording");
    await this.countDown(Math.min(LONGEST, 6 + this.text().split(/\s+/).length * 1.5));
    // The last sound often ends after the finger has pressed.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const blob = await recording.stop();
    microphone.close();
    await this.take(blob);
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
    const ring = need(this.recorder, "[data-ring]", SVGElement);
    const clock = need(this.recorder, "[data-seconds]", HTMLElement);
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
    need(this.recorder, "[data-level-now]", SVGElement).setAttribute("width", String(Math.round(level * 100)));
    this.recorder.style.setProperty("--level", level.toFixed(2));
  }

  /** Shows for some seconds what the microphone hears. */
  async test() {
    if (this.recorder.dataset.state !== "idle") return;
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
   * Keeps a recording in memory, and sends it.
   * @param {Blob} blob
   */
  async take(blob) {
    this.playback?.close();
    this.playback = new Playback(blob);
    this.kept = blob;
    await this.deliver(blob);
  }

  /** @param {Blob} blob */
  async deliver(blob) {
    this.clear();
    if (blob.size > Number(this.form.dataset.maxMb) * 1e6) {
      this.show("idle", "too-large");
      return;
    }
    this.show("sending", "sending");
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    try {
      const answer = await send(this.form, blob, signal, () => this.show("waiting", "waiting"));
      this.receive(answer.html);
    } catch (error) {
      if (!signal.aborted) this.show("idle", error instanceof SendingFailed ? "failed" : "idle");
    }
  }

  /** @param {string} html */
  receive(html) {
    const part = fragment(html);
    const complaint = part.querySelector("[data-field]");
    if (complaint instanceof HTMLElement) {
      this.show("idle", "again");
      if (complaint.dataset.field === "recording") this.openUpload();
      need(this.form, `[data-error="${complaint.dataset.field}"]`, HTMLElement).replaceChildren(part);
      this.status.textContent = complaint.textContent;
      return;
    }
    const retry = part.querySelector('[data-retry="true"]') !== null;
    this.slot.replaceChildren(part);
    need(this.form, "details.upload", HTMLDetailsElement).open = false;
    this.show("idle", retry ? "failed" : "again");
    enliven(this.slot, this.playback, () => this.again());
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
    if (this.recorder.dataset.state === "idle") void this.record();
  }

  /** @param {string | undefined} why */
  wayOn(why) {
    const box = need(this.recorder, "[data-way-on]", HTMLElement);
    box.replaceChildren();
    box.hidden = why === undefined;
    if (why === undefined) return;
    box.append(need(this.recorder, `template[data-way="${why}"]`, HTMLTemplateElement).content.cloneNode(true));
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
    if (event.type === "drop" && file && this.recorder.dataset.state === "idle") void this.take(file);
  }
}

/**
 * Starts the page.
 * @param {HTMLElement} root
 */
export function startTryout(root) {
  new Tryout(root).start();
}
