// Ids and hashes that the browser makes: an upload has its id before the server knows of it.

import { sha256 } from "@noble/hashes/sha2";
import { bytesToHex } from "@noble/hashes/utils";

/**
 * A UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, the rest random.
 * @param {number} now milliseconds since 1970
 * @param {Uint8Array} random ten bytes
 * @returns {string}
 */
export function uuidV7(now, random) {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(now) << 16n);
  bytes.set(random.subarray(0, 10), 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = bytesToHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** @returns {string} a new id of this moment */
export function newId() {
  return uuidV7(Date.now(), crypto.getRandomValues(new Uint8Array(10)));
}

/**
 * SHA-256 in lower-case hex. Browsers keep `crypto.subtle` to secure addresses; a school's own network may have none.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<string>}
 */
export async function hashOf(bytes) {
  const subtle = globalThis.crypto?.subtle;
  return bytesToHex(subtle ? new Uint8Array(await subtle.digest("SHA-256", bytes)) : sha256(bytes));
}
