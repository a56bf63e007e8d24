// The shape of a sound: decoded samples become the outline that is drawn.

/** Samples a second of what is decoded here: enough to look at and to hear speech by. */
const RATE = 32000;

/**
 * Decodes a recording into one channel.
 * @param {ArrayBuffer} bytes left untouched
 * @returns {Promise<AudioBuffer>}
 */
export async function decode(bytes) {
  const context = new OfflineAudioContext(1, 1, RATE);
  const buffer = await context.decodeAudioData(bytes.slice(0));
  if (buffer.numberOfChannels === 1) return buffer;
  // Rendering mixes the channels down.
  const mono = new OfflineAudioContext(1, buffer.length, RATE);
  const source = mono.createBufferSource();
  source.buffer = buffer;
  source.connect(mono.destination);
  source.start();
  return mono.startRendering();
}

/**
 * Loudest sample of each of `count` stretches, 0–1.
 * @param {Float32Array} samples
 * @param {number} count
 */
export function peaks(samples, count) {
  const found = new Float32Array(count);
  const step = samples.length / count;
  for (let index = 0; index < count; index += 1) {
    const end = Math.floor((index + 1) * step);
    let most = 0;
    for (let place = Math.floor(index * step); place < end; place += 1) most = Math.max(most, Math.abs(samples[place] ?? 0));
    found[index] = most;
  }
  return found;
}

/**
 * Draws the outline into a path of a box of 1000 × 100. Quiet recordings are drawn larger, but silence stays flat.
 * @param {SVGPathElement} path
 * @param {Float32Array} samples
 */
export function draw(path, samples) {
  const outline = peaks(samples, 250);
  const scale = 48 / Math.max(0.05, outline.reduce((most, peak) => Math.max(most, peak), 0));
  const half = [...outline].map((peak) => Math.max(0.6, peak * scale));
  const x = (/** @type {number} */ index) => ((index + 0.5) * 4).toFixed(0);
  const upper = half.map((height, index) => `${x(index)} ${(50 - height).toFixed(1)}`);
  const lower = half.map((height, index) => `${x(index)} ${(50 + height).toFixed(1)}`).reverse();
  path.setAttribute("d", `M${[...upper, ...lower].join("L")}Z`);
}

/**
 * Where the voice begins and ends, in seconds, with a breath around it; `undefined` where there is none.
 * @param {AudioBuffer} buffer
 * @returns {{ start: number, end: number } | undefined}
 */
export function speech(buffer) {
  const samples = buffer.getChannelData(0);
  const window = Math.round(buffer.sampleRate / 50);
  /** @type {number[]} */
  const loud = [];
  for (let start = 0; start + window <= samples.length; start += window) {
    let power = 0;
    for (let place = start; place < start + window; place += 1) power += (samples[place] ?? 0) ** 2;
    loud.push(10 * Math.log10(power / window + 1e-10));
  }
  const sorted = [...loud].sort((a, b) => a - b);
  const floor = sorted[Math.floor(sorted.length / 10)] ?? -100;
  const top = sorted[sorted.length - 1] ?? -100;
  if (top < -50) return undefined;
  // A third of the way up from the room's own noise.
  const threshold = Math.max(floor + (top - floor) / 3, top - 45);
  const first = loud.findIndex((level) => level > threshold);
  const last = loud.reduce((found, level, index) => (level > threshold ? index : found), -1);
  if (first < 0 || last - first < 3) return undefined;
  return { start: Math.max(0, first / 50 - 0.2), end: Math.min(buffer.duration, (last + 1) / 50 + 0.3) };
}
