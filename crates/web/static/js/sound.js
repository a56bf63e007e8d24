// Sound from the server: fetched when it is wanted, and no sooner while data is saved; the server is told the kind of
// network, where the browser knows it.

import { network, saving, tellsNetwork } from "./network.js";

/**
 * The same sound in a form that every browser plays: what one browser recorded, another may not know.
 * @param {string} address
 */
export function plain(address) {
  const url = new URL(address, location.href);
  url.searchParams.set("as", "wav");
  return url.href;
}

/**
 * Plays in the plain form what this browser cannot play as it is.
 * @param {HTMLAudioElement} audio
 */
function playPlainly(audio) {
  const address = audio.dataset.address ?? audio.src;
  const url = new URL(address, location.href);
  const code = audio.error?.code;
  const unknown = code === MediaError.MEDIA_ERR_DECODE || code === MediaError.MEDIA_ERR_SRC_NOT_SUPPORTED;
  if (!unknown || url.origin !== location.origin || url.searchParams.has("as")) return;
  const wanted = !audio.paused;
  delete audio.dataset.address;
  audio.src = plain(address);
  if (wanted) void audio.play().catch(() => undefined);
}

/** Whatever stands in the page is played in one form or the other, also what comes into the page later. */
export function watchForms() {
  // The event does not bubble, but it is seen on its way down.
  document.addEventListener("error", ({ target }) => {
    if (target instanceof HTMLAudioElement) playPlainly(target);
  }, true);
}

/**
 * @param {string} address
 * @returns {Promise<ArrayBuffer>}
 */
export async function fetchSound(address) {
  const response = await fetch(address, { headers: { "X-Network": network() } });
  if (!response.ok) throw new Error(String(response.status));
  return response.arrayBuffer();
}

/** Players that have been filled, or are being filled. @type {WeakMap<HTMLAudioElement, Promise<void>>} */
const filled = new WeakMap();

/**
 * Gives a player its sound. A player that fetches by itself cannot say over which network; where that is not known
 * anyway, it may.
 * @param {HTMLAudioElement} audio
 * @returns {Promise<void>} never fails: what cannot be fetched here, the player tries itself
 */
export function fill(audio) {
  if (!tellsNetwork() || audio.src.startsWith("blob:")) return Promise.resolve();
  const known = filled.get(audio);
  if (known) return known;
  const work = fetchSound(audio.src).then(
    (bytes) => {
      audio.dataset.address = audio.src;
      audio.src = URL.createObjectURL(new Blob([bytes]));
    },
    () => {
      filled.delete(audio);
    },
  );
  filled.set(audio, work);
  return work;
}

/**
 * Fetches a sound that is likely to be wanted, unless data is saved.
 * @param {HTMLAudioElement} audio
 */
export function prepare(audio) {
  if (saving()) return;
  if (tellsNetwork()) void fill(audio);
  else audio.preload = "auto";
}
