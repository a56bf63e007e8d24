// Samples become a WAV file: 16 bits, one channel.

/**
 * @param {AudioBuffer} buffer
 * @param {number} start seconds
 * @param {number} end seconds
 * @returns {Blob}
 */
export function wav(buffer, start, end) {
  const rate = buffer.sampleRate;
  const samples = buffer.getChannelData(0).subarray(Math.round(start * rate), Math.round(end * rate));
  const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
  const word = (/** @type {number} */ at, /** @type {string} */ text) =>
    [...text].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  word(0, "RIFF");
  view.setUint32(4, 36 + samples.length * 2, true);
  word(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  word(36, "data");
  view.setUint32(40, samples.length * 2, true);
  // A few milliseconds of fading, so that a cut does not click.
  const fade = Math.min(samples.length / 2, rate / 200);
  samples.forEach((sample, index) => {
    const gain = Math.min(1, index / fade, (samples.length - 1 - index) / fade);
    view.setInt16(44 + index * 2, Math.round(Math.max(-1, Math.min(1, sample * gain)) * 32767), true);
  });
  return new Blob([view], { type: "audio/wav" });
}
