// Sends a file in pieces that can be taken up again where they were cut off, until the server has acknowledged its hash.

import { pause } from "./dom.js";
import { hashOf, newId } from "./ids.js";

/** Bytes of a piece. */
const PIECE = 64 * 1024;
/** Failures of the network in a row before the person is asked. */
const PATIENCE = 5;

/** The way to the server failed; sending again with the same id goes on where it stopped. */
export class NotSent extends Error {}
/** The server does not want the file. */
export class Refused extends Error {}

/**
 * @typedef {object} Parcel
 * @property {string} id UUIDv7, chosen here
 * @property {string} exercise
 * @property {Blob} blob
 */

/**
 * Sends a course's audio.
 * @param {Parcel} parcel
 * @param {AbortSignal} signal
 * @param {(share: number) => void} onProgress called with 0–1
 */
export async function sendFile(parcel, signal, onProgress) {
  const bytes = await parcel.blob.arrayBuffer();
  const sha256 = await hashOf(new Uint8Array(bytes));
  let { id } = parcel;
  let fresh = 0;
  for (let failures = 0; ; ) {
    try {
      const body = { id, kind: "course_audio", exercise: parcel.exercise, mime: parcel.blob.type, size: bytes.byteLength, sha256 };
      const begun = await post(body, signal);
      if (begun.acknowledged === sha256) return;
      if (await pieces(id, bytes, sha256, begun.offset, signal, onProgress)) return;
      // The server got other bytes than we sent: once more from the start, under a new id.
      fresh += 1;
      if (fresh > 2) throw new Refused();
      id = newId();
    } catch (error) {
      if (signal.aborted || error instanceof Refused) throw error;
      failures += 1;
      if (failures > PATIENCE) throw new NotSent();
      await pause(500 * 2 ** failures * (0.75 + Math.random() / 2), signal);
    }
  }
}

/**
 * @param {object} body
 * @param {AbortSignal} signal
 * @returns {Promise<{ offset: number, acknowledged: string | null }>}
 */
async function post(body, signal) {
  const headers = { "Content-Type": "application/json" };
  return (await answered(fetch("/uploads", { method: "POST", headers, body: JSON.stringify(body), signal }))).json();
}

/**
 * @param {Promise<Response>} sent
 * @param {number[]} [also] statuses that are answers too
 */
async function answered(sent, also = []) {
  const response = await sent;
  if (response.ok || also.includes(response.status)) return response;
  // What is the server's fault, or a matter of time, is tried again.
  if (response.status >= 500 || response.status === 408 || response.status === 429) throw new Error("again");
  throw new Refused();
}

/**
 * @param {string} id
 * @param {ArrayBuffer} bytes
 * @param {string} sha256
 * @param {number} offset
 * @param {AbortSignal} signal
 * @param {(share: number) => void} onProgress
 * @returns {Promise<boolean>} false if the hashes differ
 */
async function pieces(id, bytes, sha256, offset, signal, onProgress) {
  for (let clashes = 0; clashes < PATIENCE; ) {
    onProgress(offset / bytes.byteLength);
    const headers = { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream" };
    const body = bytes.slice(offset, offset + PIECE);
    const response = await answered(fetch(`/uploads/${id}`, { method: "PATCH", headers, body, signal }), [409, 422]);
    if (response.status === 422) return false;
    if (response.status === 200) {
      onProgress(1);
      return (await response.json()).acknowledged === sha256;
    }
    if (response.status === 409) clashes += 1;
    offset = Number(response.headers.get("Upload-Offset") ?? 0);
  }
  throw new Error("again");
}
