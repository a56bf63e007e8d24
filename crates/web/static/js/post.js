// The outbox as the learner sees it: one quiet line while something waits, and a question where the learner must decide.

import { need, rest } from "./dom.js";
import { onNetworkChange, waitsForWifi } from "./network.js";
import { Outbox } from "./outbox.js";
import { FleetingShelf } from "./shelf.js";
import { Uploader, awaitResult } from "./uploader.js";
import { Playback } from "./voices.js";

/** @typedef {import("./outbox.js").Entry} Entry */
/** @typedef {import("./outbox.js").Purpose} Purpose */
/** @typedef {import("./transfer.js").Outcome} Outcome */

/** So long may a page that was left hold its lock. */
const LET_GO_MS = 3000;
/** What is sent sooner than this is not worth a line. */
const QUIET_MS = 1500;
/** How long it is said that all has arrived. */
const SENT_MS = 4000;

export class Post {
  /**
   * @param {HTMLElement} root
   * @param {Outbox} outbox
   */
  constructor(root, outbox) {
    this.root = root;
    this.outbox = outbox;
    this.owner = root.dataset.owner ?? "";
    /** The person has said that what waits is to be sent over whatever network there is. */
    this.hurried = false;
    const waits = () => !this.hurried && waitsForWifi();
    this.world = { fetch: window.fetch.bind(window), locks: navigator.locks, pause: rest, random: Math.random, waits };
    this.uploader = new Uploader(outbox, this.owner, this.world, (entry, outcome) => void this.came(entry, outcome));
    /** @type {Pick<Outcome, "kind" | "why"> | undefined} what came of the last try */
    this.mood = undefined;
    /** Whether the line was seen, so that it says when all is well again. */
    this.worried = false;
    /** @type {Set<(entry: Entry, outcome: Outcome) => void>} */
    this.watchers = new Set();
  }

  /** @param {HTMLElement} root */
  static async open(root) {
    return new Post(root, await Outbox.open(window.indexedDB, navigator.locks));
  }

  start() {
    window.addEventListener("online", () => this.wake());
    onNetworkChange(() => this.wake());
    need(this.root, "[data-outbox-now]", HTMLElement).addEventListener("click", () => {
      this.hurried = true;
      this.wake();
    });
    window.addEventListener("offline", () => void this.feel({ kind: "later" }));
    document.addEventListener("visibilitychange", () => document.hidden || this.wake());
    window.addEventListener("beforeunload", (event) => {
      if (this.unsafe) event.preventDefault();
    });
    this.wake();
    void this.ask();
    // The page that was left in mid-recording may let go of its lock a moment later.
    setTimeout(() => this.root.querySelector(".outbox-case") ?? void this.ask(), LET_GO_MS);
  }

  /** Whether a closed tab would lose something. */
  get unsafe() {
    return [this.outbox.spill, this.outbox.shelf].some((shelf) => shelf instanceof FleetingShelf && shelf.kept.size > 0);
  }

  /** @param {Omit<Purpose, "owner">} purpose */
  begin(purpose) {
    return this.outbox.begin({ ...purpose, owner: this.owner });
  }

  /** Sends what there is; the line comes if that takes time. */
  wake() {
    this.mood = undefined;
    void this.uploader.wake();
    setTimeout(() => void this.draw(), QUIET_MS);
  }

  /**
   * The exercises of a homework whose recordings are still to be sent.
   * @param {string} assignment
   * @returns {Promise<Set<string>>}
   */
  async waiting(assignment) {
    const entries = await this.outbox.all(this.owner);
    const mine = entries.filter((entry) => entry.assignment === assignment && entry.state === "ready" && !entry.practice);
    return new Set(mine.map(({ exercise }) => exercise));
  }

  /** @param {(entry: Entry, outcome: Outcome) => void} watcher */
  watch(watcher) {
    this.watchers.add(watcher);
  }

  /**
   * @param {string} recording
   * @param {() => void} onWaiting
   */
  result(recording, onWaiting) {
    return awaitResult(recording, this.world, new AbortController().signal, onWaiting);
  }

  /**
   * @param {Entry} entry
   * @param {Outcome} outcome
   */
  async came(entry, outcome) {
    for (const watcher of this.watchers) watcher(entry, outcome);
    // The browser may throw away what a site keeps when room is short; now there is a reason to ask it not to.
    if (outcome.kind === "later") void navigator.storage?.persist?.().catch(() => false);
    if (outcome.kind === "homeless" || outcome.kind === "refused") await this.ask();
    await this.feel(outcome);
  }

  /** @param {Outcome} mood */
  async feel(mood) {
    this.mood = mood;
    await this.draw();
  }

  /** The line. */
  async draw() {
    const entries = await this.outbox.all(this.owner);
    const count = entries.filter(({ state }) => state === "ready").length;
    const line = need(this.root, "[data-outbox-line]", HTMLElement);
    const link = need(line, "[data-outbox-sign-in]", HTMLAnchorElement);
    const words = need(line, "[data-outbox-words]", HTMLElement);
    const state = this.state();
    if (count > 0) {
      words.textContent = this.text(`${state}-${count === 1 ? "one" : "many"}`).replace("*", String(count));
      this.worried = true;
    } else if (this.worried) {
      this.worried = false;
      words.textContent = this.text("sent");
      setTimeout(() => void this.draw(), SENT_MS);
    } else {
      words.textContent = "";
    }
    line.dataset.state = count > 0 ? state : "sent";
    link.hidden = count === 0 || state !== "sign-in";
    need(line, "[data-outbox-now]", HTMLElement).hidden = count === 0 || state !== "wifi";
    link.href = `/sign-in?next=${encodeURIComponent(location.pathname)}`;
    line.hidden = words.textContent === "";
    this.unhide();
  }

  /** Which line fits what came of the last try. */
  state() {
    if (this.mood?.kind === "sign-in") return "sign-in";
    if (this.unsafe) return "unsafe";
    if (this.mood?.kind !== "later") return "sending";
    return this.mood.why ?? "offline";
  }

  /** The questions: what was broken off, and what cannot be sent. */
  async ask() {
    const entries = await this.outbox.all(this.owner);
    const stuck = entries.filter(({ state }) => state === "homeless" || state === "refused");
    const cases = [...(await this.outbox.brokenOff(this.owner)), ...stuck];
    const box = need(this.root, "[data-outbox-cases]", HTMLElement);
    box.replaceChildren();
    for (const entry of cases) {
      if ((await this.outbox.bytes(entry.id)).length === 0) await this.outbox.remove(entry.id);
      else box.append(this.question(entry));
    }
    this.unhide();
  }

  unhide() {
    const { children } = need(this.root, "[data-outbox-cases]", HTMLElement);
    this.root.hidden = children.length === 0 && need(this.root, "[data-outbox-line]", HTMLElement).hidden;
  }

  /** @param {Entry} entry */
  question(entry) {
    const template = need(this.root, `template[data-outbox-case="${entry.state}"]`, HTMLTemplateElement);
    const part = /** @type {DocumentFragment} */ (template.content.cloneNode(true));
    const box = need(part, ".outbox-case", HTMLElement);
    /** @type {Record<string, () => Promise<unknown>>} */
    const acts = {
      listen: async () => {
        const heard = await new Playback(await this.outbox.blob(entry)).play().catch(() => false);
        need(box, "[data-case-deaf]", HTMLElement).hidden = heard !== undefined;
      },
      use: async () => {
        await this.outbox.finish(entry.id);
        box.remove();
        this.wake();
      },
      save: async () => save(await this.outbox.blob(entry), entry),
      discard: async () => {
        if (!window.confirm(this.text("sure"))) return;
        await this.outbox.remove(entry.id);
        box.remove();
      },
    };
    for (const button of box.querySelectorAll("[data-case]")) {
      const act = acts[button.getAttribute("data-case") ?? ""];
      button.addEventListener("click", () => void act?.().then(() => this.draw()));
    }
    return part;
  }

  /** @param {string} name */
  text(name) {
    return need(this.root, `template[data-outbox-text="${name}"]`, HTMLTemplateElement).content.textContent ?? "";
  }
}

/**
 * Hands a recording over as a file.
 * @param {Blob} blob
 * @param {Entry} entry
 */
function save(blob, entry) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  const ending = /mp4/.test(entry.mime) ? "m4a" : /ogg/.test(entry.mime) ? "ogg" : /wav/.test(entry.mime) ? "wav" : "webm";
  link.download = `${new Date(entry.createdAt).toISOString().slice(0, 16).replace(":", "-")}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
