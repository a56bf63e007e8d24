// One try to bring a file to the server: announced, sent in pieces from where the server has it, until the server answers
// with the file's own hash. The outbox's recordings and the courses' audio go this way.

import { network } from "./network.js";

/**
 * What the server has heard of a sound: by how many decibels it is to be played louder, and what is wrong with it; or why
 * it was not kept.
 * @typedef {{ gain: number, faults: string[], refused?: string }} Verdict
 */

/**
 * What came of one try. `sent`: acknowledged; `later`: the network or the server fails, or is busy; `sign-in`: nobody,
 * or somebody else, is signed in; `homeless` and `refused`: no use to try again; `elsewhere`: another tab has it.
 * @typedef {object} Outcome
 * @property {"sent" | "elsewhere" | "later" | "sign-in" | "homeless" | "refused"} kind
 * @property {string} [recording] its id, once sent
 * @property {number} [afterMs] not before
 * @property {Verdict} [heard] of what is listened to before it is kept: what was heard
 * @property {"busy" | "full" | "broken" | "wifi"} [why] later, because the server said so: it has too much to do, it has no
 * room, something is wrong with it; or because the person wants it sent on Wi-Fi; without a reason there was no way through
 */

/**
 * @typedef {object} Announcement
 * @property {string} id
 * @property {string} kind
 * @property {string} mime
 * @property {number} size
 * @property {string} sha256
 */

/**
 * @typedef {object} Line the way to the server
 * @property {typeof fetch} fetch
 * @property {(ms: number, signal: AbortSignal) => Promise<void>} pause ends early when the signal says so; never fails
 * @property {() => number} random 0–1
 */

/** Largest piece; the server takes no larger body. */
const PIECE_MAX = 64 * 1024;
const PIECE_MIN = 4 * 1024;
/** Longest that one request may take. */
const PATIENCE_MS = 30_000;
/** Shortest and longest wait between tries. */
const WAIT_MIN_MS = 1_000;
const WAIT_MAX_MS = 60_000;
/** So often in one try may the server say that the bytes differ, or that it is elsewhere in the file. */
const TURNS_MAX = 4;

export const LATER = /** @type {Outcome} */ ({ kind: "later" });
const BROKEN = /** @type {Outcome} */ ({ kind: "later", why: "broken" });

/** @type {Record<number, Outcome["kind"]>} */
const FINAL = { 401: "sign-in", 403: "sign-in", 404: "homeless", 410: "homeless", 413: "refused", 415: "refused" };
/** @type {Record<number, Outcome["why"]>} */
const REASON = { 408: "busy", 429: "busy", 503: "busy", 507: "full" };

export class Transfer {
  /** @param {Line} line */
  constructor(line) {
    this.line = line;
    this.piece = PIECE_MAX;
  }

  /**
   * @param {Announcement} announcement
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {(share: number) => void} [onProgress] called with 0–1
   * @returns {Promise<Outcome>} never fails
   */
  async send(announcement, bytes, onProgress = () => undefined) {
    try {
      const response = await this.request("/uploads", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(announcement),
      });
      if (!response.ok) return meaning(response);
      const answer = await response.json();
      if (answer.acknowledged === announcement.sha256) return sent(answer);
      return await this.pieces(announcement, bytes, Number(answer.offset) || 0, onProgress);
    } catch {
      return LATER;
    }
  }

  /**
   * @param {Announcement} announcement
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {number} offset where the server wants to go on
   * @param {(share: number) => void} onProgress
   * @returns {Promise<Outcome>}
   */
  async pieces({ id, sha256 }, bytes, offset, onProgress) {
    for (let turns = 0; turns < TURNS_MAX; ) {
      onProgress(offset / bytes.length);
      const end = Math.min(bytes.length, offset + this.piece);
      const response = await this.patch(id, offset, bytes.subarray(offset, end));
      if (response.status === 200) {
        const answer = await response.json();
        if (answer.acknowledged === sha256) return sent(answer);
        // The server has something else than we have: not to be believed, and not to be deleted.
        return BROKEN;
      }
      if (response.status === 204) {
        // By the header rather than by sum: the server knows what it has on its disk.
        const next = offsetOf(response) ?? end;
        if (next <= offset) turns += 1;
        offset = next;
        this.piece = Math.min(PIECE_MAX, this.piece * 2);
      } else if (response.status === 409) {
        turns += 1;
        offset = offsetOf(response) ?? 0;
      } else if (response.status === 422) {
        turns += 1;
        offset = 0;
      } else if (response.status === 415) {
        return refused(response);
      } else {
        return meaning(response);
      }
      if (offset > bytes.length) return BROKEN;
    }
    return BROKEN;
  }

  /**
   * @param {string} id
   * @param {number} offset
   * @param {Uint8Array<ArrayBuffer>} piece
   */
  async patch(id, offset, piece) {
    try {
      return await this.request(`/uploads/${id}`, {
        method: "PATCH",
        headers: { "Content-Type": "application/octet-stream", "Upload-Offset": String(offset) },
        body: piece,
      });
    } catch (error) {
      // On a bad line a small piece gets through where a large one does not.
      this.piece = Math.max(PIECE_MIN, this.piece / 2);
      throw error;
    }
  }

  /**
   * @param {string} path
   * @param {RequestInit} options
   */
  request(path, options) {
    const headers = { ...options.headers, "X-Partial": "1", "X-Network": network() };
    return this.line.fetch(path, { ...options, headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  }
}

/**
 * How long to wait after so many failures: twice as long after each, and spread out, so that a class does not come back
 * at the same moment.
 * @param {number} failures
 * @param {() => number} random
 */
export function backOff(failures, random) {
  return Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** failures) * (0.5 + random() / 2);
}

/**
 * @param {Response} response
 * @returns {number | undefined}
 */
function offsetOf(response) {
  const header = response.headers.get("Upload-Offset");
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined;
}

/**
 * What an acknowledgement says.
 * @param {{ recording: string, gain?: number | null, faults?: string[] }} answer
 * @returns {Outcome}
 */
function sent({ recording, gain, faults }) {
  return typeof gain === "number" ? { kind: "sent", recording, heard: { gain, faults: faults ?? [] } } : { kind: "sent", recording };
}

/**
 * The whole was listened to, and is not kept.
 * @param {Response} response
 * @returns {Promise<Outcome>}
 */
async function refused(response) {
  const answer = await response.json().catch(() => undefined);
  return { kind: "refused", heard: { gain: 0, faults: [], refused: answer?.refused } };
}

/**
 * What an answer means that is no success.
 * @param {Response} response
 * @returns {Outcome}
 */
function meaning(response) {
  const kind = FINAL[response.status];
  if (kind) return { kind };
  /** @type {Outcome} */
  const later = { kind: "later", why: REASON[response.status] ?? "broken" };
  const seconds = Number(response.headers.get("Retry-After"));
  return seconds > 0 ? { ...later, afterMs: seconds * 1000 } : later;
}
