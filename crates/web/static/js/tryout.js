// The page to try it: one thing after the other — listen, record, see. Nothing is kept.

import { fragment, need } from "./dom.js";
import { Recorder } from "./recorder.js";
import { enliven } from "./result.js";
import { SendingFailed, send } from "./send.js";
import { offerVoice } from "./voices.js";

class Tryout {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.recorder = new Recorder(root, this);
    this.form = this.recorder.form;
    this.slot = this.recorder.slot;
    /** @type {Blob | undefined} */
    this.kept = undefined;
    this.abort = new AbortController();
  }

  start() {
    this.recorder.start();
    need(this.root, "[data-resend]", HTMLElement).addEventListener("click", () => this.kept && void this.deliver(this.kept));
    enliven(this.slot, undefined, () => this.recorder.again());
    void offerVoice(this.form, () => this.sentence());
  }

  sentence() {
    return String(new FormData(this.form).get("text") ?? "").trim();
  }

  text() {
    const text = this.sentence();
    if (text) return text;
    this.recorder.show("idle", "no-text");
    need(this.form, "#text", HTMLElement).focus();
    return undefined;
  }

  /**
   * Keeps a recording in memory, and sends it.
   * @param {Blob} blob
   */
  async take(blob) {
    this.recorder.keep(blob);
    this.kept = blob;
    await this.deliver(blob);
  }

  /** @param {Blob} blob */
  async deliver(blob) {
    const { recorder } = this;
    recorder.clear();
    if (recorder.tooLarge(blob)) {
      recorder.show("idle", "too-large");
      return;
    }
    recorder.show("sending", "sending");
    this.abort.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    try {
      const answer = await send(this.form, blob, signal, () => recorder.show("waiting", "waiting"));
      this.receive(answer.html);
    } catch (error) {
      if (!signal.aborted) recorder.show("idle", error instanceof SendingFailed ? "failed" : "idle");
    }
  }

  /** @param {string} html */
  receive(html) {
    const { recorder } = this;
    const part = fragment(html);
    const complaint = part.querySelector("[data-field]");
    if (complaint instanceof HTMLElement) {
      recorder.show("idle", "again");
      if (complaint.dataset.field === "recording") recorder.openUpload();
      need(this.form, `[data-error="${complaint.dataset.field}"]`, HTMLElement).replaceChildren(part);
      recorder.status.textContent = complaint.textContent;
      return;
    }
    const retry = part.querySelector('[data-retry="true"]') !== null;
    recorder.show("idle", retry ? "failed" : "again");
    recorder.reveal(part);
    enliven(this.slot, recorder.playback, () => recorder.again());
  }
}

/**
 * Starts the page.
 * @param {HTMLElement} root
 */
export function startTryout(root) {
  new Tryout(root).start();
}
