// An exercise of a homework: hear it, say it, see how it went. The recording is in the outbox from its first half
// second, and the page tells at every moment where it is.

import { fragment, need } from "./dom.js";
import { factor } from "./loudness.js";
import { Recorder } from "./recorder.js";
import { enliven } from "./result.js";
import { fill, prepare } from "./sound.js";
import { Playback, hasVoice, offerVoice, say } from "./voices.js";

/** @typedef {import("./post.js").Post} Post */
/** @typedef {import("./transfer.js").Outcome} Outcome */
/** @typedef {import("./outbox.js").Writing} Writing */

class Exercise {
  /**
   * @param {HTMLElement} root
   * @param {Post} post
   */
  constructor(root, post) {
    this.root = root;
    this.post = post;
    this.recorder = new Recorder(root, this);
    this.sentence = need(root, "[data-sentence]", HTMLElement).textContent ?? "";
    const practice = root.dataset.practice !== undefined;
    this.purpose = { assignment: root.dataset.assignment ?? "", exercise: root.dataset.exerciseId ?? "", practice };
    const model = root.querySelector("[data-model]");
    this.model = model instanceof HTMLElement ? new Model(model) : undefined;
    /** @type {Writing | undefined} */
    this.writing = undefined;
    /** Id of the entry whose way the dial shows. */
    this.followed = "";
  }

  start() {
    this.recorder.start();
    // Nothing to see here for a while: the way on is offered.
    const goOn = need(this.root, "[data-go-on]", HTMLElement);
    this.recorder.onShow = (hint) => {
      goOn.hidden = !["busy", "full", "broken", "heard-later", "wifi", "offline"].includes(hint);
    };
    if (this.model) this.model.start();
    else void offerVoice(this.root, () => this.sentence);
    void this.offerLines();
    this.enliven(this.latest());
    void this.markKept();
    this.post.watch((entry, outcome) => {
      const { assignment, exercise, practice } = this.purpose;
      const mine = entry.assignment === assignment && entry.exercise === exercise && (entry.practice ?? false) === practice;
      void this.markKept();
      if (entry.id === this.followed || (mine && outcome.kind === "sent" && this.recorder.idle)) void this.follow(outcome);
    });
    // The page was loaded while the last recording had not been heard.
    const waiting = this.recorder.slot.querySelector("[data-waiting]");
    if (waiting) void this.hear(waiting.getAttribute("data-attempt") ?? "");
  }

  /** The lines of a dialogue before one's own can be heard, if the browser has a voice. */
  async offerLines() {
    const buttons = [...this.root.querySelectorAll("[data-say-line]")];
    if (buttons.length === 0 || !(await hasVoice())) return;
    for (const button of buttons) {
      if (!(button instanceof HTMLElement)) continue;
      const line = button.parentElement?.querySelector("[data-line]")?.textContent ?? "";
      button.hidden = false;
      button.addEventListener("click", () => {
        this.model?.stop();
        void say(line);
      });
    }
  }

  text() {
    this.model?.stop();
    return this.sentence;
  }

  /**
   * @param {string} mime
   * @returns {(chunk: Blob) => void}
   */
  begin(mime) {
    const writing = this.post.begin({ ...this.purpose, mime });
    this.writing = writing;
    return (chunk) => writing.append(chunk);
  }

  /** @param {Blob} blob */
  async take(blob) {
    const { recorder } = this;
    const writing = this.writing ?? this.post.begin({ ...this.purpose, mime: blob.type || "application/octet-stream" });
    if (!this.writing) writing.append(blob);
    this.writing = undefined;
    recorder.clear();
    if (blob.size === 0 || recorder.tooLarge(blob)) {
      await writing.discard();
      recorder.show("idle", blob.size === 0 ? "silent" : "too-large");
      return;
    }
    recorder.show("sending", "sending");
    recorder.keep(blob);
    const entry = await writing.finish();
    recorder.show("sending", writing.lasting ? "kept" : "unsafe");
    this.followed = entry.id;
    this.post.wake();
  }

  /** @param {Outcome} outcome */
  async follow(outcome) {
    switch (outcome.kind) {
      case "sent":
        this.followed = "";
        // The next one is under way; the result of this one is in the history.
        if (!["idle", "sending"].includes(this.recorder.dial.dataset.state ?? "")) break;
        await this.hear(outcome.recording ?? "");
        break;
      case "elsewhere":
        location.reload();
        break;
      case "later":
        if (this.recorder.idle || this.recorder.dial.dataset.state === "sending") {
          this.recorder.show("idle", outcome.why ?? "offline");
        }
        break;
      default:
        this.recorder.show("idle", outcome.kind);
    }
  }

  /** @param {string} recording */
  async hear(recording) {
    const { recorder } = this;
    recorder.show("sending", "sending");
    const html = await this.post.result(recording, () => {
      if (recorder.dial.dataset.state === "sending") recorder.show("waiting", "waiting");
    });
    if (html === undefined) {
      recorder.show("idle", "heard-later");
      return;
    }
    recorder.show("idle", "again");
    recorder.reveal(fragment(html));
    this.enliven(recorder.playback);
    await this.refresh();
  }

  /** Steps whose recording waits on this device are marked: they are done, and not heard yet. */
  async markKept() {
    const kept = await this.post.waiting(this.purpose.assignment);
    for (const link of this.root.querySelectorAll("a.step")) {
      const waits = kept.has(link.getAttribute("href")?.split("/").pop() ?? "");
      link.classList.toggle("kept", waits);
      link.querySelector("[data-step-kept]")?.toggleAttribute("hidden", !waits);
    }
  }

  /** Steps and history as they are now. */
  async refresh() {
    const page = await fetch(location.href).then((response) => (response.ok ? response.text() : ""), () => "");
    const fresh = new DOMParser().parseFromString(page, "text/html");
    for (const part of [".steps-path", ".history"]) {
      const found = fresh.querySelector(part);
      const shown = this.root.querySelector(part);
      if (found && shown) shown.replaceWith(found);
      else if (found) this.recorder.slot.after(found);
    }
  }

  /** The recording behind the result that came with the page, fetched when it is first played. */
  latest() {
    const address = this.root.querySelector("template[data-latest-audio]");
    if (!(address instanceof HTMLTemplateElement) || !this.recorder.slot.querySelector("[data-play]")) return undefined;
    return Playback.from(address.content.textContent ?? "");
  }

  /** @param {Playback | undefined} playback */
  enliven(playback) {
    const again = () => this.recorder.again();
    enliven(this.recorder.slot, playback, again, (number, text) => this.sayWord(number, text));
  }

  /**
   * A word as the course audio has it, or, if it is not known where that is, in the browser's voice.
   * @param {number} number
   * @param {string} text
   */
  async sayWord(number, text) {
    return (await this.model?.word(number)) ?? say(text);
  }
}

/** The course audio of the sentence. */
export class Model {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.audio = need(root, "audio", HTMLAudioElement);
    const words = (root.dataset.words ?? "").split(",").filter(Boolean);
    this.words = words.map((word) => word.split("-").map(Number));
    /** @type {Playback | undefined} */
    this.parts = undefined;
  }

  start() {
    const listen = (/** @type {string} */ button, /** @type {number} */ rate) => {
      need(this.root, button, HTMLElement).addEventListener("click", () => {
        void this.play(rate);
      });
    };
    listen("[data-hear]", 1);
    listen("[data-hear-slowly]", 0.75);
    prepare(this.audio);
  }

  /** @param {number} rate */
  async play(rate) {
    await fill(this.audio);
    this.audio.currentTime = 0;
    this.audio.playbackRate = rate;
    await this.audio.play().catch(() => undefined);
  }

  stop() {
    this.audio.pause();
  }

  /** @param {number} number from 1 */
  async word(number) {
    const [start, end] = this.words[number - 1] ?? [];
    if (start === undefined) return undefined;
    this.stop();
    this.parts ??= Playback.from(this.audio.currentSrc || this.audio.src, factor(Number(this.audio.dataset.gain)));
    return this.parts.play(start, end);
  }
}

/**
 * Starts the page.
 * @param {HTMLElement} root
 * @param {Post} post
 */
export function startExercise(root, post) {
  new Exercise(root, post).start();
}
