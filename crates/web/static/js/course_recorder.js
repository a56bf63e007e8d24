// Records the audio of a lesson's sentences: record, cut, listen, save, next. One dialog serves all sentences.

import { need, rest } from "./dom.js";
import { NoMicrophone } from "./microphone.js";
import { newId } from "./ids.js";
import { sendFile } from "./send_file.js";
import { Take } from "./take.js";
import { Trim } from "./trim.js";
import { Playback } from "./voices.js";
import { decode, draw, speech } from "./waveform.js";
import { wav } from "./wav.js";

/** Longest recording, in seconds. */
const LONGEST = 60;
/** How soon the first sound may come after the button: the click itself is cut off. */
const CLICK = 0.12;

class CourseRecorder {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.dialog = need(root, "[data-recorder-dialog]", HTMLDialogElement);
    this.recordButton = this.part("[data-recorder-record]", HTMLButtonElement);
    this.playButton = this.part("[data-recorder-play]", HTMLButtonElement);
    this.saveButton = this.part("[data-recorder-save]", HTMLButtonElement);
    this.nextButton = this.part("[data-recorder-next]", HTMLButtonElement);
    this.trim = new Trim(this.part("[data-trim]", HTMLElement), () => (this.saved = false));
    /** @type {HTMLElement | undefined} */
    this.row = undefined;
    /** @type {Take | undefined} */
    this.taking = undefined;
    /** @type {AudioBuffer | undefined} */
    this.buffer = undefined;
    /** @type {Playback | undefined} */
    this.playback = undefined;
    this.saved = true;
    this.line = { fetch: window.fetch.bind(window), pause: rest, random: Math.random };
  }

  /**
   * @template {Element} T
   * @param {string} selector
   * @param {new (...args: any[]) => T} kind
   */
  part(selector, kind) {
    return need(this.dialog, selector, kind);
  }

  start() {
    for (const row of this.rows()) {
      row.querySelector("[data-record-sentence]")?.addEventListener("click", () => this.open(row));
      row.querySelector("[data-file]")?.addEventListener("change", (event) => void this.choose(row, event));
    }
    this.root.querySelector("[data-record-missing]")?.addEventListener("click", () => {
      const row = this.missing();
      if (row) this.open(row);
    });
    this.recordButton.addEventListener("click", () => void (this.taking ? this.stop() : this.record()));
    this.playButton.addEventListener("click", () => void this.playback?.play(this.trim.start * 1000 + 40, this.trim.end * 1000 - 60));
    this.saveButton.addEventListener("click", () => void this.save(false));
    this.nextButton.addEventListener("click", () => void (this.dialog.dataset.state === "kept" ? this.onward() : this.save(true)));
    this.part("[data-recorder-close]", HTMLElement).addEventListener("click", () => this.close());
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.close();
    });
    window.addEventListener("pagehide", () => this.taking?.cancel());
    window.addEventListener("beforeunload", (event) => {
      if (!this.saved) event.preventDefault();
    });
  }

  /** @returns {HTMLElement[]} */
  rows() {
    return [...this.root.querySelectorAll("[data-exercise]")].filter((row) => row instanceof HTMLElement);
  }

  /** The first sentence without audio after the present one, else the first of all. */
  missing() {
    const rows = this.rows();
    const from = this.row ? rows.indexOf(this.row) + 1 : 0;
    return [...rows.slice(from), ...rows.slice(0, from)].find((row) => row.dataset.hasAudio === undefined);
  }

  /** @param {string} name */
  text(name) {
    return this.part(`template[data-say="${name}"]`, HTMLTemplateElement).content.textContent ?? "";
  }

  /**
   * @param {"idle" | "asking" | "recording" | "ready" | "sending" | "kept"} state
   * @param {string} hint
   */
  show(state, hint) {
    this.dialog.dataset.state = state;
    this.part("[data-recorder-hint]", HTMLElement).textContent = this.text(hint);
    this.part("[data-recorder-faults]", HTMLElement).replaceChildren();
    const ready = state === "ready";
    const busy = state === "asking" || state === "sending";
    this.part("[data-trim]", HTMLElement).hidden = !this.buffer || state === "recording";
    this.part("[data-trim-help]", HTMLElement).hidden = !ready;
    this.part("[data-recorder-progress]", HTMLElement).hidden = state !== "sending";
    this.part("[data-level]", SVGElement).toggleAttribute("hidden", state !== "recording" && state !== "asking");
    for (const button of [this.playButton, this.saveButton]) button.hidden = !ready;
    const others = this.rows().some((row) => row !== this.row && row.dataset.hasAudio === undefined);
    this.nextButton.hidden = !(ready || state === "kept") || !others;
    this.part("[data-recorder-next-name]", HTMLElement).textContent = this.text(ready ? "save-next" : "next");
    this.saveButton.classList.toggle("plain", others);
    this.recordButton.setAttribute("aria-disabled", String(busy));
    this.recordButton.classList.toggle("plain", ready);
    this.part("[data-recorder-record-name]", HTMLElement).textContent = this.text(state === "recording" ? "stop" : this.buffer ? "again" : "record");
  }

  /** @param {HTMLElement} row */
  open(row) {
    this.forget();
    this.row = row;
    const rows = this.rows();
    this.part("[data-recorder-place]", HTMLElement).textContent = `${rows.indexOf(row) + 1} / ${rows.length}`;
    this.part("[data-recorder-sentence]", HTMLElement).textContent = need(row, "[data-text]", HTMLElement).textContent;
    this.show("idle", "idle");
    if (!this.dialog.open) this.dialog.showModal();
    this.recordButton.focus();
  }

  forget() {
    this.buffer = undefined;
    this.playback?.close();
    this.playback = undefined;
    this.saved = true;
  }

  close() {
    if (this.dialog.dataset.state === "sending") return;
    if (!this.saved && !window.confirm(this.text("discard"))) return;
    this.taking?.cancel();
    this.taking = undefined;
    this.forget();
    this.dialog.close();
    const back = this.row?.querySelector("[data-record-sentence]");
    if (back instanceof HTMLElement) back.focus();
  }

  async record() {
    if (this.recordButton.getAttribute("aria-disabled") === "true") return;
    if (!this.saved && !window.confirm(this.text("discard"))) return;
    this.forget();
    this.show("asking", "asking");
    try {
      const now = this.part("[data-level-now]", SVGElement);
      const longest = { seconds: LONGEST, reached: () => void this.stop() };
      const onLevel = (/** @type {number} */ level) => now.setAttribute("width", String(Math.round(level * 100)));
      // The dialog may have been closed while the browser asked.
      this.taking = await Take.begin(onLevel, longest, { wanted: () => this.dialog.open });
    } catch (error) {
      this.show("idle", error instanceof NoMicrophone ? error.why : "taken");
      return;
    }
    if (this.taking) this.show("recording", "recording");
  }

  async stop() {
    const { taking } = this;
    if (!taking) return;
    this.taking = undefined;
    await this.take(await taking.end(), CLICK);
  }

  /**
   * @param {HTMLElement} row
   * @param {Event} event
   */
  async choose(row, event) {
    const input = event.target;
    const file = input instanceof HTMLInputElement ? input.files?.[0] : undefined;
    if (!file || !(input instanceof HTMLInputElement)) return;
    input.value = "";
    this.open(row);
    if (file.size > Number(this.dialog.dataset.maxMb) * 1e6) this.show("idle", "too-large");
    else await this.take(file, 0);
  }

  /**
   * Shows a recording, cut to where the voice is.
   * @param {Blob} blob
   * @param {number} skip seconds at the beginning that are not the voice
   */
  async take(blob, skip) {
    const buffer = await blob.arrayBuffer().then(decode).catch(() => undefined);
    if (!buffer) return this.show("idle", "unreadable");
    const voice = speech(buffer);
    if (!voice) return this.show("idle", "silent");
    this.buffer = buffer;
    this.playback?.close();
    this.playback = new Playback(blob);
    this.saved = false;
    draw(this.part("[data-peaks]", SVGPathElement), buffer.getChannelData(0));
    this.trim.set(buffer.duration, Math.max(Math.min(skip, voice.end - 0.3), voice.start), voice.end);
    this.show("ready", "ready");
    this.playButton.focus();
  }

  /** @param {boolean} onward */
  async save(onward) {
    const { row, buffer } = this;
    if (!row || !buffer) return;
    const blob = wav(buffer, this.trim.start, this.trim.end);
    this.show("sending", "sending");
    const progress = this.part("[data-recorder-progress]", HTMLProgressElement);
    const parcel = { id: newId(), exercise: row.dataset.exercise ?? "", blob };
    const outcome = await sendFile(parcel, this.line, (share) => (progress.value = share * 100));
    if (outcome.kind === "later") return this.show("ready", outcome.why === "full" ? "full" : "failed");
    const { gain = 0, faults = [], refused = "refused" } = outcome.heard ?? {};
    if (outcome.kind !== "sent") return this.show("ready", refused);
    this.saved = true;
    this.mark(row, blob, gain, faults);
    if (faults.length > 0) return this.remark(faults);
    if (onward) return this.onward();
    this.close();
  }

  /** To the next sentence without audio, if there is one. */
  onward() {
    const next = this.missing();
    if (next) this.open(next);
    else this.close();
  }

  /**
   * It is kept, with something wrong with it: the teacher hears what, and may record it again.
   * @param {string[]} faults
   */
  remark(faults) {
    this.show("kept", "kept");
    this.part("[data-recorder-faults]", HTMLElement).append(...this.faults(faults));
    this.recordButton.focus();
  }

  /**
   * What is wrong, in words.
   * @param {string[]} faults
   */
  faults(faults) {
    return faults.map((fault) => this.part(`template[data-fault="${fault}"]`, HTMLTemplateElement).content.cloneNode(true));
  }

  /**
   * The row has audio now.
   * @param {HTMLElement} row
   * @param {Blob} blob
   * @param {number} gain decibels
   * @param {string[]} faults
   */
  mark(row, blob, gain, faults) {
    const had = row.dataset.hasAudio !== undefined;
    row.dataset.hasAudio = "";
    const audio = document.createElement("audio");
    audio.controls = true;
    audio.src = URL.createObjectURL(blob);
    audio.dataset.gain = String(gain);
    audio.setAttribute("aria-label", need(row, "[data-text]", HTMLElement).textContent ?? "");
    need(row, "[data-audio-state]", HTMLElement).replaceChildren(audio, ...this.faults(faults));
    need(row, "[data-record-sentence] span", HTMLElement).textContent = this.text("again");
    const count = need(this.root, "[data-audio-count]", HTMLElement);
    if (!had) count.textContent = String(Number(count.textContent) + 1);
    const all = this.root.querySelector("[data-record-missing]");
    if (all instanceof HTMLElement) all.hidden = !this.missing();
  }
}

/**
 * Starts the page.
 * @param {HTMLElement} root
 */
export function startCourseRecorder(root) {
  new CourseRecorder(root).start();
}
