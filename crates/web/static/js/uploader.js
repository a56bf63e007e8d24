// Sends what is in the outbox: in pieces, from where the server has it, again and again until the server answers with
// the recording's own hash. Only then does the entry leave the outbox.

/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./outbox.js").Entry} Entry */

/**
 * What came of one try. `sent`: acknowledged; `later`: the network or the server fails, or is busy; `sign-in`: nobody,
 * or somebody else, is signed in; `homeless` and `refused`: no use to try again.
 * @typedef {object} Outcome
 * @property {"sent" | "elsewhere" | "later" | "sign-in" | "homeless" | "refused"} kind
 * @property {string} [recording] its id, once sent
 * @property {number} [afterMs] not before
 * @property {boolean} [answered] later, because the server said so; else there was no way through to it
 */

/**
 * @typedef {object} World what the uploader touches, so that a test can hold it in its hands
 * @property {typeof fetch} fetch
 * @property {LockManager | undefined} locks
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

const LATER = /** @type {Outcome} */ ({ kind: "later" });
const ANSWERED = /** @type {Outcome} */ ({ kind: "later", answered: true });

/** @type {Record<number, Outcome["kind"]>} */
const MEANING = { 401: "sign-in", 403: "sign-in", 404: "homeless", 410: "homeless", 413: "refused", 415: "refused" };

export class Uploader {
  /**
   * @param {Outbox} outbox
   * @param {string} owner id of the person who is signed in
   * @param {World} world
   * @param {(entry: Entry, outcome: Outcome) => void} onOutcome
   */
  constructor(outbox, owner, world, onOutcome) {
    this.outbox = outbox;
    this.owner = owner;
    this.world = world;
    this.onOutcome = onOutcome;
    this.piece = PIECE_MAX;
    this.failures = 0;
    this.alarm = new AbortController();
    /** @type {Promise<void> | undefined} */
    this.running = undefined;
    this.asked = false;
  }

  /**
   * Sends all that is ready; wakes up if it sleeps. Ends when nothing is left that time alone could help.
   * @returns {Promise<void>}
   */
  wake() {
    this.asked = true;
    this.failures = 0;
    this.alarm.abort();
    this.running ??= this.run().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  async run() {
    while (this.asked) {
      this.asked = false;
      this.alarm = new AbortController();
      const wait = await this.round();
      if (wait === undefined) continue;
      await this.world.pause(wait, this.alarm.signal);
      this.asked = true;
    }
  }

  /** @returns {Promise<number | undefined>} how long to wait before the next round, if one is needed */
  async round() {
    /** @type {number | undefined} */
    let wait;
    for (const entry of await this.outbox.all(this.owner)) {
      if (entry.state !== "ready") continue;
      const outcome = await this.locked(entry.id);
      this.onOutcome(entry, outcome);
      if (outcome.kind === "sign-in") return undefined;
      if (outcome.kind === "sent") this.failures = 0;
      if (outcome.kind === "later") {
        wait = Math.max(wait ?? 0, outcome.afterMs ?? 0, this.backOff());
        // Where one has no way through, the next has none either.
        break;
      }
    }
    return wait;
  }

  /** Twice as long after each failure, and spread out, so that a class does not come back at the same moment. */
  backOff() {
    const longest = Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** this.failures);
    this.failures += 1;
    return longest * (0.5 + this.world.random() / 2);
  }

  /**
   * One tab at a time sends an entry; who comes second finds it gone.
   * @param {string} id
   * @returns {Promise<Outcome>}
   */
  async locked(id) {
    const work = async () => {
      const entry = await this.outbox.get(id);
      return entry?.state === "ready" ? this.attempt(entry) : /** @type {Outcome} */ ({ kind: "elsewhere" });
    };
    return this.world.locks ? this.world.locks.request(`outbox-upload-${id}`, work) : work();
  }

  /**
   * @param {Entry} entry
   * @returns {Promise<Outcome>}
   */
  async attempt(entry) {
    try {
      const bytes = await this.outbox.bytes(entry.id);
      const outcome = await this.send(entry, bytes);
      if (outcome.kind === "sent") {
        await this.outbox.remove(entry.id);
      } else if (outcome.kind === "homeless" || outcome.kind === "refused") {
        await this.outbox.update({ ...entry, state: outcome.kind });
      }
      return outcome;
    } catch {
      return LATER;
    }
  }

  /**
   * @param {Entry} entry
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @returns {Promise<Outcome>}
   */
  async send(entry, bytes) {
    const { id, owner, assignment, exercise, mime, size, sha256 } = entry;
    const announcement = { id, kind: "recording", owner, assignment, exercise, mime, size, sha256 };
    const response = await this.request("/uploads", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(announcement),
    });
    if (!response.ok) return meaning(response);
    const answer = await response.json();
    if (answer.acknowledged === sha256) return { kind: "sent", recording: answer.recording };
    return this.pieces(entry, bytes, Number(answer.offset) || 0);
  }

  /**
   * @param {Entry} entry
   * @param {Uint8Array<ArrayBuffer>} bytes
   * @param {number} offset where the server wants to go on
   * @returns {Promise<Outcome>}
   */
  async pieces(entry, bytes, offset) {
    for (let turns = 0; turns < TURNS_MAX; ) {
      const end = Math.min(bytes.length, offset + this.piece);
      const response = await this.patch(entry.id, offset, bytes.subarray(offset, end));
      if (response.status === 200) {
        const answer = await response.json();
        if (answer.acknowledged === entry.sha256) return { kind: "sent", recording: answer.recording };
        // The server has something else than we have: not to be believed, and not to be deleted.
        return ANSWERED;
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
      } else {
        return meaning(response);
      }
      if (offset > bytes.length) return ANSWERED;
    }
    return ANSWERED;
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
    const headers = { ...options.headers, "X-Partial": "1" };
    return this.world.fetch(path, { ...options, headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  }
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
 * What an answer means that is no success.
 * @param {Response} response
 * @returns {Outcome}
 */
function meaning(response) {
  const kind = MEANING[response.status];
  if (kind) return { kind };
  const seconds = Number(response.headers.get("Retry-After"));
  return seconds > 0 ? { ...ANSWERED, afterMs: seconds * 1000 } : ANSWERED;
}

/**
 * Waits until a recording is heard: the server holds each request for some seconds, and answers with the part of the
 * page that there is.
 * @param {string} recording
 * @param {Pick<World, "fetch" | "pause" | "random">} world
 * @param {AbortSignal} signal
 * @param {() => void} [onWaiting] called each time there is nothing yet
 * @returns {Promise<string | undefined>} the result; nothing if there will be none to see here
 */
export async function awaitResult(recording, world, signal, onWaiting) {
  for (let failures = 0; !signal.aborted; ) {
    const began = performance.now();
    try {
      const options = { headers: { "X-Partial": "1" }, signal: AbortSignal.timeout(PATIENCE_MS) };
      const response = await world.fetch(`/recordings/${recording}/result`, options);
      if (response.ok && !response.headers.has("x-waiting")) return await response.text();
      if (response.status === 401 || response.status === 404) return undefined;
      failures = response.ok ? 0 : failures + 1;
    } catch {
      failures += 1;
    }
    onWaiting?.();
    // Never more often than once a second, even if the server does not hold the request.
    const least = Math.max(0, 1000 - (performance.now() - began));
    await world.pause(least + Math.min(30_000, failures * 1000) * (0.5 + world.random() / 2), signal);
  }
  return undefined;
}
