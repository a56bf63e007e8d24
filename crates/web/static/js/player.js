// Plays one recording: as a whole, from a point, or a word; shows where it is.

import { need } from "./dom.js";
import { fetchSound, plain } from "./sound.js";
import { wav } from "./wav.js";
import { decode, draw } from "./waveform.js";

/** A breath around a word, in seconds, so that no sound is cut off. */
const BREATH = 0.05;

export class Player {
  /**
   * @param {HTMLElement} part the recording's part of the page
   * @param {() => Promise<ArrayBuffer>} bytes its sound, asked for once, when it is wanted
   * @param {number} speed
   * @param {() => void} onSilent called if it cannot be played
   */
  constructor(part, bytes, speed, onSilent) {
    this.part = part;
    this.audio = need(part, "[data-audio]", HTMLAudioElement);
    this.head = need(part, "[data-head]", SVGElement);
    this.clock = need(part, "[data-clock]", HTMLElement);
    this.toggleButton = need(part, "[data-toggle]", HTMLButtonElement);
    this.words = [...part.querySelectorAll("[data-word]")].filter((word) => word instanceof HTMLElement);
    this.length = Number(part.dataset.duration) / 1000;
    /** Where to stop, in seconds. @type {number | undefined} */
    this.until = undefined;
    this.at = -1;
    this.closed = false;
    /** @type {string | undefined} */
    this.address = undefined;
    this.audio.controls = false;
    this.setSpeed(speed);
    this.toggleButton.addEventListener("click", () => this.toggle());
    for (const kind of ["play", "pause", "ended", "seeked"]) this.audio.addEventListener(kind, () => this.changed());
    const wave = need(part, "[data-wave]", SVGSVGElement);
    wave.addEventListener("click", (event) => {
      const box = wave.getBoundingClientRect();
      void this.play(((event.clientX - box.left) / box.width) * this.length);
    });
    this.words.forEach((word, index) => need(word, "[data-word-play]", HTMLElement).addEventListener("click", () => this.playWord(index)));
    for (const name of ["[data-player]", "[data-wave-box]"]) need(part, name, HTMLElement).hidden = false;
    this.bytes = bytes;
    this.onSilent = onSilent;
    /** @type {Promise<void> | undefined} */
    this.ready = undefined;
  }

  /**
   * Fetches the sound, once.
   * @returns {Promise<void>} when there is something to be heard, or when it is clear that there is not
   */
  fetch() {
    this.ready ??= this.bytes()
      .then(decode)
      .catch(() => fetchSound(plain(this.audio.src)).then(decode))
      .then((buffer) => {
        this.length = buffer.duration;
        draw(need(this.part, "[data-peaks]", SVGPathElement), buffer.getChannelData(0));
        // Browsers' own recordings cannot be searched in; samples can.
        this.address = URL.createObjectURL(wav(buffer, 0, buffer.duration));
        this.audio.src = this.address;
        this.audio.playbackRate = this.audio.defaultPlaybackRate;
      })
      .catch(() => {
        this.audio.controls = true;
        this.onSilent();
      });
    return this.ready;
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.audio.defaultPlaybackRate = speed;
    this.audio.playbackRate = speed;
    for (const button of this.part.querySelectorAll("[data-speed]")) {
      button.setAttribute("aria-pressed", String(Number(button.getAttribute("data-speed")) === speed));
    }
  }

  /**
   * @param {number} from seconds
   * @param {number} [until] seconds
   */
  async play(from, until) {
    await this.fetch();
    if (this.closed) return;
    this.until = until;
    this.audio.currentTime = from;
    await this.audio.play().catch(() => undefined);
  }

  toggle() {
    if (!this.audio.paused) return this.audio.pause();
    const over = this.audio.ended || this.audio.currentTime >= this.length - 0.05 || this.until !== undefined;
    void this.play(over ? 0 : this.audio.currentTime);
  }

  /** @param {number} index */
  playWord(index) {
    const word = this.words[index];
    if (!word) return;
    this.mark(index);
    if (word.dataset.unsaid !== undefined) return this.audio.pause();
    void this.play(Math.max(0, Number(word.dataset.start) / 1000 - BREATH), Number(word.dataset.end) / 1000 + BREATH);
  }

  /** @param {1 | -1} by */
  step(by) {
    const to = Math.max(0, Math.min(this.words.length - 1, this.at + by));
    this.playWord(to);
  }

  /** @param {number} index */
  mark(index) {
    if (index === this.at) return;
    this.at = index;
    this.words.forEach((word, place) => {
      word.toggleAttribute("data-now", place === index);
      this.part.querySelector(`[data-wave-word="${word.dataset.word}"]`)?.toggleAttribute("data-now", place === index);
    });
  }

  changed() {
    const playing = !this.audio.paused;
    this.toggleButton.setAttribute("aria-pressed", String(playing));
    if (playing) requestAnimationFrame(() => this.frame());
    this.show();
  }

  frame() {
    if (this.audio.paused) return;
    if (this.until !== undefined && this.audio.currentTime >= this.until) this.audio.pause();
    this.show();
    requestAnimationFrame(() => this.frame());
  }

  show() {
    const now = this.audio.currentTime;
    const x = `${Math.min(100, (now / this.length) * 100).toFixed(2)}%`;
    this.head.setAttribute("x1", x);
    this.head.setAttribute("x2", x);
    this.clock.textContent = now.toFixed(1);
    if (this.until === undefined && !this.audio.paused) {
      const index = this.words.findIndex((word) => Number(word.dataset.start) <= now * 1000 && now * 1000 < Number(word.dataset.end));
      if (index >= 0) this.mark(index);
    }
    const box = need(this.part, "[data-wave-box]", HTMLElement);
    if (box.scrollWidth > box.clientWidth) box.scrollLeft = (now / this.length) * box.scrollWidth - box.clientWidth / 2;
  }

  /** Stops, and lets the sound go. */
  close() {
    this.closed = true;
    this.audio.pause();
    if (this.address) URL.revokeObjectURL(this.address);
  }
}
