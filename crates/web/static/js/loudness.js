// Plays sounds equally loud: by how much one is to be made louder or softer stands beside it, in decibels. Browsers whose
// sound cannot be changed, or that do not let a page make any yet, play it as it is.

/** What decibels are as a factor. @param {number} decibels */
export function factor(decibels) {
  return Number.isFinite(decibels) ? 10 ** (decibels / 20) : 1;
}

/** One for the page: browsers give out few. @type {AudioContext | undefined} */
let context;

/** Those whose way leads through us. @type {WeakMap<HTMLMediaElement, GainNode>} */
const ways = new WeakMap();

/**
 * Gives a sound its loudness. A context that does not run swallows what is led through it, so that this is done only once
 * it does.
 * @param {HTMLMediaElement} audio with `data-gain`
 */
export async function level(audio) {
  const gain = factor(Number(audio.dataset.gain));
  const way = ways.get(audio);
  if (way) way.gain.value = gain;
  if (way || gain === 1 || !window.AudioContext) return;
  context ??= new AudioContext();
  await context.resume().catch(() => undefined);
  if (context.state !== "running" || ways.has(audio)) return;
  const node = context.createGain();
  node.gain.value = gain;
  context.createMediaElementSource(audio).connect(node).connect(context.destination);
  ways.set(audio, node);
}

/** Whatever plays in the page has its loudness, also what comes into the page later. */
export function watchLoudness() {
  // The event does not bubble, but it is seen on its way down.
  document.addEventListener("play", ({ target }) => {
    if (target instanceof HTMLMediaElement && target.dataset.gain) void level(target);
  }, true);
}
