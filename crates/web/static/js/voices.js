// What can be heard: the learner's own recording, and the browser's computer voice.

import { need } from "./dom.js";
import { fetchSound, plain } from "./sound.js";

/** One's own recording, decoded once, and played in parts. */
export class Playback {
  /**
   * @param {Blob | (() => Promise<ArrayBuffer>)} recording or how to get it, once it is to be played
   * @param {number} [loudness] a factor
   * @param {() => Promise<ArrayBuffer>} [plainly] how to get it in a form that every browser knows
   */
  constructor(recording, loudness = 1, plainly = undefined) {
    this.loudness = loudness;
    this.plainly = plainly;
    this.bytes = recording instanceof Blob ? () => recording.arrayBuffer() : recording;
    /** @type {AudioContext | undefined} */
    this.context = undefined;
    /** @type {Promise<AudioBuffer> | undefined} */
    this.buffer = undefined;
    /** @type {AudioBufferSourceNode | undefined} */
    this.source = undefined;
  }

  /**
   * A recording at an address, fetched when it is first played.
   * @param {string} address
   * @param {number} [loudness] a factor
   */
  static from(address, loudness) {
    return new Playback(() => fetchSound(address), loudness, () => fetchSound(plain(address)));
  }

  /**
   * Plays from one moment to another, with a breath around it so that no sound is cut off.
   * @param {number} [startMs]
   * @param {number} [endMs]
   * @returns {Promise<boolean | undefined>} true when it came to its end, false if something else was played instead,
   * nothing if this browser cannot decode it; it can still be scored
   */
  async play(startMs, endMs) {
    const context = (this.context ??= new AudioContext());
    await context.resume();
    const decoded = (/** @type {() => Promise<ArrayBuffer>} */ bytes) => bytes().then((whole) => context.decodeAudioData(whole));
    this.buffer ??= decoded(this.bytes).catch((error) => (this.plainly ? decoded(this.plainly) : Promise.reject(error)));
    const buffer = await this.buffer.catch(() => undefined);
    if (!buffer) {
      this.buffer = undefined;
      return undefined;
    }
    this.source?.stop();
    const from = Math.max(0, (startMs ?? 0) / 1000 - 0.04);
    const to = Math.min(buffer.duration, endMs === undefined ? buffer.duration : endMs / 1000 + 0.06);
    const gain = context.createGain();
    const now = context.currentTime;
    gain.gain.setValueAtTime(0, now);
    gain.gain.linearRampToValueAtTime(this.loudness, now + 0.015);
    const source = context.createBufferSource();
    this.source = source;
    source.buffer = buffer;
    source.connect(gain).connect(context.destination);
    const ended = new Promise((resolve) => source.addEventListener("ended", resolve));
    source.start(now, from, Math.max(0.05, to - from));
    await ended;
    return this.source === source;
  }

  /** Lets the recording go. */
  close() {
    this.source?.stop();
    void this.context?.close();
  }
}

/** @returns {SpeechSynthesisVoice | undefined} */
function englishVoice() {
  const voices = window.speechSynthesis?.getVoices().filter((voice) => voice.lang.toLowerCase().startsWith("en")) ?? [];
  return voices.find((voice) => voice.localService && voice.lang === "en-US") ?? voices[0];
}

/**
 * Reads a text with the browser's voice, a little slowly.
 * @param {string} text
 * @returns {Promise<boolean>} when it is over; false if something else was said instead
 */
export async function say(text) {
  if (!window.speechSynthesis) return true;
  const utterance = new SpeechSynthesisUtterance(text);
  const voice = englishVoice();
  if (voice) utterance.voice = voice;
  utterance.lang = voice?.lang ?? "en-US";
  utterance.rate = 0.85;
  window.speechSynthesis.cancel();
  const over = new Promise((/** @type {(whole: boolean) => void} */ resolve) => {
    utterance.addEventListener("end", () => resolve(true));
    utterance.addEventListener("error", ({ error }) => resolve(error !== "canceled" && error !== "interrupted"));
  });
  window.speechSynthesis.speak(utterance);
  return over;
}

/**
 * Tells whether the browser has an English voice; some load their voices late.
 * @returns {Promise<boolean>}
 */
export async function hasVoice() {
  if (!window.speechSynthesis) return false;
  if (englishVoice()) return true;
  await new Promise((resolve) => {
    window.speechSynthesis.addEventListener("voiceschanged", resolve, { once: true });
    setTimeout(resolve, 1500);
  });
  return englishVoice() !== undefined;
}

/**
 * Offers to hear a text in the browser's voice, if it has one.
 * @param {HTMLElement} root
 * @param {() => string} text
 */
export async function offerVoice(root, text) {
  const button = need(root, "[data-hear]", HTMLElement);
  button.addEventListener("click", () => void say(text()));
  const voice = await hasVoice();
  button.hidden = !voice;
  need(root, "[data-voice-note]", HTMLElement).hidden = !voice;
  need(root, "[data-no-voice]", HTMLElement).hidden = voice;
  document.documentElement.classList.toggle("no-voice", !voice);
}
