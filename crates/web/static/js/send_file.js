// Sends a course's audio, or what a teacher says of a recording, while the teacher waits: tried a few times, then the
// teacher is asked.

import { hashOf } from "./ids.js";
import { Transfer, backOff } from "./transfer.js";

/** @typedef {import("./transfer.js").Outcome} Outcome */

/** Tries before the teacher is asked. */
const TRIES = 5;

/**
 * @typedef {object} Parcel
 * @property {string} id UUIDv7, chosen here; sent again with the same id it goes on where it stopped
 * @property {Blob} blob
 * @property {string} [kind] what it is; course audio if nothing is said
 * @property {string} [exercise] of which exercise it is the audio
 * @property {string} [recording] of which recording it is said
 */

/**
 * @param {Parcel} parcel
 * @param {import("./transfer.js").Line} line
 * @param {(share: number) => void} onProgress called with 0–1
 * @returns {Promise<Outcome>} of the last try
 */
export async function sendFile({ id, blob, kind = "course_audio", ...target }, line, onProgress) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const announcement = { id, kind, ...target, mime: blob.type, size: bytes.length, sha256: await hashOf(bytes) };
  const transfer = new Transfer(line);
  const { signal } = new AbortController();
  for (let failures = 0; ; failures += 1) {
    const outcome = await transfer.send(announcement, bytes, onProgress);
    if (outcome.kind !== "later" || failures + 1 === TRIES) return outcome;
    await line.pause(Math.max(outcome.afterMs ?? 0, backOff(failures, line.random)), signal);
  }
}
