// What the teacher says aloud of a recording: recorded at a press of a button or a key, sent at once, and kept at hand
// until it has arrived. The microphone is asked for when it is first wanted.

import { need, rest } from "./dom.js";
import { newId } from "./ids.js";
import { NoMicrophone } from "./microphone.js";
import { sendFile } from "./send_file.js";
import { Take } from "./take.js";

/** Longest comment, in seconds. */
const LONGEST = 60;

/** @typedef {{ id: string, blob: Blob }} Unsent with the id of its upload, so that it goes on where it stopped */

export class VoiceComment {
  /**
   * @param {HTMLElement} part the recording's part of the page
   * @param {Map<string, Unsent>} unsent what has not arrived, by recording; it outlives this part of the page
   */
  constructor(part, unsent) {
    this.recordingId = part.dataset.recording ?? "";
    this.unsent = unsent;
    this.box = need(part, "[data-voice]", HTMLElement);
    this.audio = need(this.box, "[data-voice-audio]", HTMLAudioElement);
    this.button = need(this.box, "[data-voice-record]", HTMLButtonElement);
    this.removal = need(this.box, "[data-voice-removal]", HTMLFormElement);
    /** @type {Take | undefined} */
    this.taking = undefined;
    /** The teacher has gone on to another recording. */
    this.left = false;
    this.line = { fetch: window.fetch.bind(window), pause: rest, random: Math.random };
    this.button.addEventListener("click", () => this.toggle());
    this.removal.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.remove();
    });
    if (unsent.has(this.recordingId)) this.show("unsent", "failed");
  }

  /** @param {string} name */
  text(name) {
    return need(this.box, `template[data-say="${name}"]`, HTMLTemplateElement).content.textContent ?? "";
  }

  /**
   * @param {"idle" | "asking" | "recording" | "sending" | "unsent"} state
   * @param {string} hint
   */
  show(state, hint) {
    this.box.dataset.state = state;
    need(this.box, "[data-voice-hint]", HTMLElement).textContent = this.text(hint);
    need(this.box, "[data-voice-faults]", HTMLElement).replaceChildren();
    need(this.box, "[data-voice-level]", SVGElement).toggleAttribute("hidden", state !== "recording");
    this.button.setAttribute("aria-disabled", String(state === "asking" || state === "sending"));
    const said = this.audio.hasAttribute("src");
    const name = state === "recording" ? "stop" : state === "unsent" ? "resend" : said ? "again" : "record";
    need(this.box, "[data-voice-record-name]", HTMLElement).textContent = this.text(name);
    this.audio.hidden = !said || state === "recording";
    this.removal.hidden = !said || state !== "idle";
  }

  /** The button, and its key. */
  toggle() {
    const { state } = this.box.dataset;
    const waiting = this.unsent.get(this.recordingId);
    if (state === "recording") void this.stop();
    else if (state === "unsent" && waiting) void this.send(waiting);
    else if (state === "idle") void this.record();
  }

  async record() {
    this.show("asking", "asking");
    try {
      const now = need(this.box, "[data-voice-level-now]", SVGElement);
      const longest = { seconds: LONGEST, reached: () => void this.stop() };
      const onLevel = (/** @type {number} */ level) => now.setAttribute("width", String(Math.round(level * 100)));
      this.taking = await Take.begin(onLevel, longest, { wanted: () => !this.left });
    } catch (error) {
      return this.show("idle", error instanceof NoMicrophone ? error.why : "taken");
    }
    if (!this.taking) return;
    this.audio.pause();
    this.show("recording", "recording");
  }

  async stop() {
    const { taking } = this;
    if (!taking) return;
    this.taking = undefined;
    await this.send({ id: newId(), blob: await taking.end() });
  }

  /** @param {Unsent} said */
  async send(said) {
    this.unsent.set(this.recordingId, said);
    this.show("sending", "sending");
    const parcel = { ...said, kind: "voice_comment", recording: this.recordingId };
    const outcome = await sendFile(parcel, this.line, () => undefined);
    if (outcome.kind === "later" || outcome.kind === "sign-in") return this.show("unsent", outcome.why === "full" ? "full" : "failed");
    this.unsent.delete(this.recordingId);
    if (outcome.kind !== "sent") return this.show("idle", outcome.heard?.refused ?? "refused");
    this.audio.src = URL.createObjectURL(said.blob);
    this.audio.dataset.gain = String(outcome.heard?.gain ?? 0);
    this.show("idle", "saved");
    const faults = outcome.heard?.faults ?? [];
    const words = faults.map((fault) => need(this.box, `template[data-fault="${fault}"]`, HTMLTemplateElement).content.cloneNode(true));
    need(this.box, "[data-voice-faults]", HTMLElement).append(...words);
  }

  async remove() {
    const options = { method: "POST", headers: { "X-Partial": "1" } };
    const response = await fetch(this.removal.action, options).catch(() => undefined);
    if (!response?.ok && response?.status !== 404) return this.show("idle", "not-removed");
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.show("idle", "removed");
    this.button.focus();
  }

  /** Another recording is shown: what is being said is finished and sent all the same. */
  leave() {
    this.left = true;
    this.audio.pause();
    void this.stop();
  }
}
