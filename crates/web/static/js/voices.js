// What can be heard: the learner's own recording, and the browser's computer voice.

/** One's own recording, decoded once, and played in parts. */
export class Playback {
  /** @param {Blob} blob */
  constructor(blob) {
    this.context = new AudioContext();
    this.buffer = blob.arrayBuffer().then((bytes) => this.context.decodeAudioData(bytes));
    // A file that this browser cannot decode can still be scored; it only cannot be played.
    this.buffer.catch(() => undefined);
    /** @type {AudioBufferSourceNode | undefined} */
    this.source = undefined;
  }

  /**
   * Plays from one moment to another, with a breath around it so that no sound is cut off.
   * @param {number} [startMs]
   * @param {number} [endMs]
   */
  async play(startMs, endMs) {
    const buffer = await this.buffer.catch(() => undefined);
    if (!buffer) return;
    await this.context.resume();
    this.source?.stop();
    const from = Math.max(0, (startMs ?? 0) / 1000 - 0.04);
    const to = Math.min(buffer.duration, endMs === undefined ? buffer.duration : endMs / 1000 + 0.06);
    const gain = this.context.createGain();
    const now = this.context.currentTime;
    gain.gain.setValueAtTime(0, now);
    gain.gain.linearRampToValueAtTime(1, now + 0.015);
    this.source = this.context.createBufferSource();
    this.source.buffer = buffer;
    this.source.connect(gain).connect(this.context.destination);
    this.source.start(now, from, Math.max(0.05, to - from));
  }

  /** Lets the recording go. */
  close() {
    this.source?.stop();
    void this.context.close();
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
 */
export function say(text) {
  if (!window.speechSynthesis) return;
  const utterance = new SpeechSynthesisUtterance(text);
  const voice = englishVoice();
  if (voice) utterance.voice = voice;
  utterance.lang = voice?.lang ?? "en-US";
  utterance.rate = 0.85;
  window.speechSynthesis.cancel();
  window.speechSynthesis.speak(utterance);
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
