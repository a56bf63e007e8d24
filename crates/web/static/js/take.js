// One take: what is said between two presses of a button.

import { Microphone } from "./microphone.js";

/** The last sound often ends after the finger has pressed, ms. */
const AFTER = 200;

export class Take {
  /**
   * @param {Microphone} microphone
   * @param {{ seconds: number, reached: () => void }} longest
   * @param {number} [bitsPerSecond]
   */
  constructor(microphone, longest, bitsPerSecond) {
    this.microphone = microphone;
    this.recording = microphone.record(undefined, bitsPerSecond);
    this.limit = setTimeout(longest.reached, longest.seconds * 1000);
  }

  /**
   * Asks for the microphone and begins, if it is still wanted then.
   * @param {(level: number) => void} onLevel called for each frame with 0–1
   * @param {{ seconds: number, reached: () => void }} longest
   * @param {{ wanted?: () => boolean, bitsPerSecond?: number }} [how]
   * @returns {Promise<Take | undefined>} nothing if it was no longer wanted
   */
  static async begin(onLevel, longest, { wanted = () => true, bitsPerSecond } = {}) {
    const microphone = await Microphone.open(onLevel);
    if (wanted()) return new Take(microphone, longest, bitsPerSecond);
    microphone.close();
    return undefined;
  }

  /** Ends it. @returns {Promise<Blob>} */
  async end() {
    clearTimeout(this.limit);
    await new Promise((resolve) => setTimeout(resolve, AFTER));
    const blob = await this.recording.stop();
    this.microphone.close();
    return blob;
  }

  /** Ends it and throws it away. */
  cancel() {
    clearTimeout(this.limit);
    void this.recording.stop();
    this.microphone.close();
  }
}
