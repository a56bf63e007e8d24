// Sends what is in the outbox, again and again until the server answers with the recording's own hash. Only then does the
// entry leave the outbox.

import { LATER, Transfer, backOff } from "./transfer.js";

/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./outbox.js").Entry} Entry */
/** @typedef {import("./transfer.js").Outcome} Outcome */

/**
 * @typedef {import("./transfer.js").Line & { locks: LockManager | undefined, waits?: () => boolean }} World what the uploader
 * touches, so that a test can hold it in its hands; `waits` says whether recordings are to wait for another network
 */

/** Longest that one question for a result may take. */
const PATIENCE_MS = 30_000;
/** So often is the result asked for; the server holds each question for some seconds. */
const QUESTIONS = 12;

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
    this.transfer = new Transfer(world);
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
      if (this.world.waits?.()) {
        this.onOutcome(entry, { kind: "later", why: "wifi" });
        // Time alone does not help: who waits is woken when the network changes.
        return undefined;
      }
      const outcome = await this.locked(entry.id);
      this.onOutcome(entry, outcome);
      if (outcome.kind === "sign-in") return undefined;
      if (outcome.kind === "sent") this.failures = 0;
      if (outcome.kind === "later") {
        wait = Math.max(wait ?? 0, outcome.afterMs ?? 0, backOff(this.failures, this.world.random));
        this.failures += 1;
        // Where one has no way through, the next has none either.
        break;
      }
    }
    return wait;
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
      const { id, owner, assignment, exercise, practice, mime, size, sha256 } = entry;
      const kind = practice ? "practice" : "recording";
      const announcement = { id, kind, owner, assignment, exercise, mime, size, sha256 };
      const outcome = await this.transfer.send(announcement, await this.outbox.bytes(id));
      if (outcome.kind === "sent") {
        await this.outbox.remove(entry.id);
      } else if (outcome.kind === "homeless" || outcome.kind === "refused") {
        await this.outbox.update({ ...entry, state: outcome.kind });
      }
      return outcome;
    } catch {
      // The outbox itself does not answer.
      return LATER;
    }
  }
}

/**
 * Waits until a recording is heard: the server holds each request for some seconds, and answers with the part of the
 * page that there is.
 * @param {string} recording
 * @param {import("./transfer.js").Line} world
 * @param {AbortSignal} signal
 * @param {() => void} [onWaiting] called each time there is nothing yet
 * @returns {Promise<string | undefined>} the result; nothing if there will be none to see here, or not soon
 */
export async function awaitResult(recording, world, signal, onWaiting) {
  for (let asked = 0, failures = 0; asked < QUESTIONS && !signal.aborted; asked += 1) {
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
