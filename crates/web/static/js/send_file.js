// Sends a file in pieces that can be taken up again where they were cut off, until the server has acknowledged its hash.

import { pause } from "./dom.js";

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

/** A UUIDv7 (RFC 9562, 5.7). */
export function uuid7() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  const now = Date.now();
  view.setUint16(0, Math.floor(now / 2 ** 32));
  view.setUint32(2, now % 2 ** 32);
  view.setUint8(6, 0x70 | (view.getUint8(6) & 0x0f));
  view.setUint8(8, 0x80 | (view.getUint8(8) & 0x3f));
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @param {Uint8Array} bytes */
function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Sends a course's audio.
 * @param {Parcel} parcel
 * @param {AbortSignal} signal
 * @param {(share: number) => void} onProgress called with 0–1
 */
export async function sendFile(parcel, signal, onProgress) {
  const bytes = await parcel.blob.arrayBuffer();
  const sha256 = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
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
      id = uuid7();
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
