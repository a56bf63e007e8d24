// Hearing recordings one after the other: the next one is fetched while this one is heard, what was decided is sent
// while the next one is heard already, and what was written is kept until it has arrived.

import { fragment, need } from "./dom.js";
import { level } from "./loudness.js";
import { quiet, saving } from "./network.js";
import { Player } from "./player.js";
import { readKeys } from "./review_keys.js";
import { Outgoing } from "./review_outgoing.js";
import { fetchSound } from "./sound.js";
import { VoiceComment } from "./voice_comment.js";

/** @typedef {{ html: string, address: string, sound: Promise<ArrayBuffer> | undefined }} Fetched */
/** @typedef {{ score: string, comment: string }} Draft */

/**
 * Fetches a recording's part of the page.
 * @param {string} address
 * @returns {Promise<Fetched>}
 */
async function fetchPart(address) {
  const response = await fetch(address, { headers: { "X-Partial": "1" } });
  if (!response.ok) throw new Error(String(response.status));
  const html = await response.text();
  const heard = fragment(html).querySelector("[data-audio-address]")?.getAttribute("data-audio-address");
  const ahead = heard && !saving() ? sound(heard) : undefined;
  return { html, address: response.redirected ? response.url : address, sound: ahead };
}

/** @param {string} address */
function sound(address) {
  const bytes = fetchSound(address);
  // Whoever waits for it hears of the failure.
  bytes.catch(() => undefined);
  return bytes;
}

export class Review {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.slot = need(root, "[data-review-slot]", HTMLElement);
    /** @type {Map<string, Promise<Fetched>>} */
    this.ahead = new Map();
    /** @type {Map<string, Draft>} */
    this.drafts = new Map();
    this.outgoing = new Outgoing(root, (address) => void this.go(address, true), () => this.say("saved"));
    /** What was said aloud and has not arrived, by recording. @type {Map<string, import("./voice_comment.js").Unsent>} */
    this.voices = new Map();
    /** @type {VoiceComment | undefined} */
    this.voice = undefined;
    /** @type {Player | undefined} */
    this.player = undefined;
    /** @type {HTMLElement | undefined} */
    this.part = undefined;
    this.speed = 1;
    this.turn = 0;
    this.model = new Audio();
  }

  start() {
    this.mount(undefined);
    readKeys(this);
    this.root.addEventListener("click", (event) => this.click(event));
    window.addEventListener("popstate", () => void this.go(location.pathname + location.search, false));
    window.addEventListener("beforeunload", (event) => {
      if (this.drafts.size > 0 || this.voices.size > 0 || this.outgoing.waits()) event.preventDefault();
    });
  }

  /** @param {string} name */
  say(name) {
    const text = need(this.root, `template[data-say="${name}"]`, HTMLTemplateElement).content.textContent ?? "";
    const toast = need(this.root, "[data-announce]", HTMLElement);
    toast.textContent = text;
    clearTimeout(this.hush);
    this.hush = setTimeout(() => (toast.textContent = ""), 4000);
  }

  /**
   * Brings the part that stands in the page to life.
   * @param {Promise<ArrayBuffer> | undefined} ahead its sound, if it was fetched already
   */
  mount(ahead) {
    const part = this.slot.querySelector("[data-review]");
    this.part = part instanceof HTMLElement ? part : undefined;
    this.player = undefined;
    this.voice = undefined;
    if (!this.part) return;
    this.voice = new VoiceComment(this.part, this.voices);
    const address = this.part.dataset.audioAddress ?? "";
    this.player = new Player(this.part, () => ahead ?? sound(address), this.speed, () => this.say("no-sound"));
    if (!saving()) void this.player.fetch();
    this.form().addEventListener("input", () => this.written());
    this.form().addEventListener("submit", (event) => {
      event.preventDefault();
      const button = event.submitter;
      this.decide(button instanceof HTMLButtonElement && button.value === "returned" ? "returned" : "accepted");
    });
    const draft = this.drafts.get(this.id()) ?? this.outgoing.unsent(this.id());
    if (draft) {
      this.score().value = draft.score;
      this.comment().value = draft.comment;
      this.written();
    }
    this.look();
  }

  form() {
    return need(this.slot, "[data-review-form]", HTMLFormElement);
  }

  score() {
    return need(this.slot, "#score", HTMLInputElement);
  }

  comment() {
    return need(this.slot, "#comment", HTMLTextAreaElement);
  }

  id() {
    return this.part?.dataset.recording ?? "";
  }

  /** Something was typed: it is kept until it is sent. */
  written() {
    const [score, comment] = [this.score(), this.comment()];
    const changed = score.value !== score.defaultValue || comment.value !== comment.defaultValue;
    if (changed) this.drafts.set(this.id(), { score: score.value, comment: comment.value });
    else this.drafts.delete(this.id());
    const tag = need(this.slot, "[data-draft]", HTMLElement);
    tag.hidden = !changed;
    tag.textContent = need(this.root, 'template[data-say="draft"]', HTMLTemplateElement).content.textContent;
    this.stars();
  }

  /** Lights the stars of the score that counts, and shows which of the two that is. */
  stars() {
    const own = this.score().value.trim();
    const total = Number(own || this.part?.dataset.machine || -1);
    this.form().toggleAttribute("data-own", own !== "");
    // The least that gives so many stars, as in the domain's rules.
    const least = [0, 45, 62, 78, 90];
    this.form().querySelectorAll("[data-star]").forEach((star, index) => star.classList.toggle("on", total >= (least[index] ?? 101)));
  }

  /** @param {MouseEvent} event */
  click(event) {
    const target = event.target instanceof Element ? event.target : undefined;
    const link = target?.closest("a[rel=next], a[rel=prev], a[data-go]");
    if (link instanceof HTMLAnchorElement && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      void this.go(link.href, true);
    }
    const button = target?.closest("button");
    if (!button) return;
    if (button.dataset.total) this.give(button.dataset.total);
    if (button.dataset.speed) this.play(Number(button.dataset.speed));
    if (button.dataset.model) {
      this.player?.audio.pause();
      this.model.src = button.dataset.model;
      this.model.dataset.gain = button.dataset.gain;
      void level(this.model);
      void this.model.play().catch(() => this.say("no-sound"));
    }
    if (button.dataset.phrase !== undefined) this.phrase(button.dataset.phrase);
    if (button.dataset.help !== undefined) this.help();
  }

  /**
   * Sets the teacher's score; the same once more, or nothing, keeps the machine's.
   * @param {string} total
   */
  give(total) {
    const score = this.score();
    score.value = score.value === total ? "" : total;
    this.written();
  }

  /** @param {string} text */
  phrase(text) {
    if (!text) return;
    const comment = this.comment();
    const before = comment.value.trimEnd();
    comment.value = before && !before.includes(text) ? `${before} ${text}` : text;
    this.written();
  }

  /** @param {number} speed */
  play(speed) {
    this.speed = speed;
    this.player?.setSpeed(speed);
  }

  /**
   * The next slower or faster speed.
   * @param {-1 | 1} step
   */
  pace(step) {
    const speeds = [...this.slot.querySelectorAll("[data-speed]")].map((button) => Number(button.getAttribute("data-speed")));
    const next = speeds[speeds.indexOf(this.speed) + step];
    if (next !== undefined) this.play(next);
  }

  bank() {
    return need(this.slot, "[data-bank]", HTMLDetailsElement);
  }

  /** Opens the phrases; the next digit puts one in. */
  openBank() {
    this.bank().open = true;
    this.bank().querySelector("summary")?.focus();
  }

  /** Back from the phrases to the recording. */
  closeBank() {
    this.bank().open = false;
    const title = this.slot.querySelector("h1");
    if (title instanceof HTMLElement) title.focus({ preventScroll: true });
  }

  /**
   * Puts in the phrase of a digit, and goes back to the recording.
   * @param {string} digit
   */
  phraseOf(digit) {
    const button = this.slot.querySelector(`[data-digit="${digit}"]`);
    this.phrase(button?.getAttribute("data-phrase") ?? "");
    this.closeBank();
  }

  help() {
    need(this.root, "[data-keys-dialog]", HTMLDialogElement).showModal();
  }

  /** @param {"accepted" | "returned"} decision */
  decide(decision) {
    const { part } = this;
    if (!part) return;
    const score = this.score();
    if (!score.reportValidity()) return;
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form())) body.set(name, String(value));
    body.set("decision", decision);
    this.drafts.delete(this.id());
    const last = body.get("next") === "";
    const sent = this.outgoing.send({ id: this.id(), name: part.dataset.name ?? "", address: part.dataset.address ?? "", body });
    const after = part.dataset.after ?? "/review";
    // At the end the server is asked what is left: then it must know of this one.
    if (last) void sent.then(() => this.go(after, true));
    else void this.go(after, true);
  }

  /** @param {"next" | "prev"} which */
  turnTo(which) {
    const link = this.slot.querySelector(`a[rel=${which}]`);
    if (link instanceof HTMLAnchorElement) void this.go(link.href, true);
  }

  /**
   * Shows another recording without a new page.
   * @param {string} address
   * @param {boolean} push whether it becomes an entry of the history
   */
  async go(address, push) {
    const turn = (this.turn += 1);
    const key = new URL(address, location.href).href;
    this.slot.setAttribute("aria-busy", "true");
    const fetched = await (this.ahead.get(key) ?? fetchPart(key)).catch(() => undefined);
    this.ahead.delete(key);
    if (turn !== this.turn) return;
    this.slot.setAttribute("aria-busy", "false");
    if (!fetched) return this.say("failed");
    this.player?.close();
    this.voice?.leave();
    this.model.pause();
    this.slot.replaceChildren(fragment(fetched.html));
    this.mount(fetched.sound);
    if (push) history.pushState(null, "", fetched.address);
    const title = this.slot.querySelector("h1");
    if (title instanceof HTMLElement) title.focus({ preventScroll: true });
    window.scrollTo({ top: 0, behavior: "instant" });
    // While data is saved, or when it is to be quiet, a recording waits for the button.
    if (!saving() && !quiet()) void this.player?.play(0);
  }

  /** Fetches the next recording and its sound. */
  look() {
    const link = this.slot.querySelector("a[rel=next]");
    if (!(link instanceof HTMLAnchorElement) || this.ahead.has(link.href)) return;
    this.ahead.clear();
    const fetched = fetchPart(link.href);
    fetched.catch(() => this.ahead.delete(link.href));
    this.ahead.set(link.href, fetched);
  }
}

/**
 * Starts the page.
 * @param {HTMLElement} root
 */
export function startReview(root) {
  new Review(root).start();
}
