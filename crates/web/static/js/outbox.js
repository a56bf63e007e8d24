// The outbox: a recording is here from its first half second until the server has acknowledged it by its hash.
//
// Several children may share a device: an entry belongs to a person, and is shown and sent only while that person is
// signed in.

import { hashOf, newId } from "./ids.js";
import { FleetingShelf, LastingShelf } from "./shelf.js";

/** @typedef {import("./shelf.js").Shelf} Shelf */

/**
 * `recording`: under way, or broken off; `ready`: to be sent; `homeless`: its homework is gone; `refused`: the server
 * does not take it. The last two wait for the learner to save or delete them.
 * @typedef {"recording" | "ready" | "homeless" | "refused"} EntryState
 */

/**
 * @typedef {object} Entry
 * @property {string} id UUIDv7, made here
 * @property {string} owner id of the person who was signed in
 * @property {string} assignment
 * @property {string} exercise
 * @property {boolean} [practice] made for practice, and no homework
 * @property {string} mime
 * @property {number} createdAt milliseconds since 1970, by this device's clock
 * @property {number} size bytes; 0 until it is done
 * @property {string} sha256 hex; empty until it is done
 * @property {EntryState} state
 */

/** @typedef {Pick<Entry, "owner" | "assignment" | "exercise" | "practice" | "mime">} Purpose */

/** Name of the lock that a tab holds while it records; who finds it free finds a recording that was broken off. */
const recordingLock = (/** @type {string} */ id) => `outbox-recording-${id}`;

export class Outbox {
  /**
   * @param {Shelf} shelf
   * @param {LockManager | undefined} locks
   */
  constructor(shelf, locks) {
    this.shelf = shelf;
    this.locks = locks;
    /** Where things go that the lasting shelf has no room for. */
    this.spill = new FleetingShelf();
    /** @type {Map<string, Writing>} */
    this.writing = new Map();
  }

  /**
   * @param {IDBFactory | undefined} factory
   * @param {LockManager | undefined} locks
   * @returns {Promise<Outbox>}
   */
  static async open(factory, locks) {
    try {
      if (factory) return new Outbox(await LastingShelf.open(factory), locks);
    } catch {
      // No database in this browser, or none for this page: memory is better than nothing.
    }
    return new Outbox(new FleetingShelf(), locks);
  }

  /**
   * Begins a recording; its chunks are kept as they come.
   * @param {Purpose} purpose
   * @returns {Writing}
   */
  begin(purpose) {
    /** @type {Entry} */
    const entry = { ...purpose, id: newId(), createdAt: Date.now(), size: 0, sha256: "", state: "recording" };
    const writing = new Writing(this, entry);
    this.writing.set(entry.id, writing);
    return writing;
  }

  /**
   * Keeps a whole file.
   * @param {Purpose} purpose
   * @param {Blob} blob
   * @returns {Promise<Entry>}
   */
  async add(purpose, blob) {
    const writing = this.begin(purpose);
    writing.append(blob);
    return writing.finish();
  }

  /** @param {string} id */
  async shelfOf(id) {
    return (await this.spill.get(id)) ? this.spill : this.shelf;
  }

  /**
   * @param {string} id
   * @returns {Promise<Entry | undefined>}
   */
  async get(id) {
    return (await this.shelfOf(id)).get(id).catch(() => undefined);
  }

  /**
   * Everything of a person, oldest first.
   * @param {string} owner
   * @returns {Promise<Entry[]>}
   */
  async all(owner) {
    const all = [...(await this.spill.all()), ...(await this.shelf.all().catch(() => []))];
    const seen = new Set();
    const once = all.filter(({ id }) => !seen.has(id) && seen.add(id));
    return once.filter((entry) => entry.owner === owner).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /**
   * Recordings of a person that were broken off: no tab is recording them any more.
   * @param {string} owner
   * @returns {Promise<Entry[]>}
   */
  async brokenOff(owner) {
    const found = [];
    for (const entry of await this.all(owner)) {
      if (entry.state === "recording" && (await this.isFree(entry.id))) found.push(entry);
    }
    return found;
  }

  /** @param {string} id */
  async isFree(id) {
    if (this.writing.has(id)) return false;
    if (!this.locks) return true;
    return this.locks.request(recordingLock(id), { ifAvailable: true }, async (lock) => lock !== null);
  }

  /**
   * @param {string} id
   * @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  async bytes(id) {
    return joined(await (await this.shelfOf(id)).chunks(id));
  }

  /**
   * The recording as a file, to be played or saved.
   * @param {Entry} entry
   */
  async blob(entry) {
    return new Blob([await this.bytes(entry.id)], { type: entry.mime });
  }

  /**
   * Makes what there is of a recording ready to be sent.
   * @param {string} id
   * @returns {Promise<Entry | undefined>} nothing if there is nothing in it
   */
  async finish(id) {
    const entry = await this.get(id);
    if (!entry) return undefined;
    const bytes = await this.bytes(id);
    if (bytes.length === 0) {
      await this.remove(id);
      return undefined;
    }
    return this.update({ ...entry, size: bytes.length, sha256: await hashOf(bytes), state: "ready" });
  }

  /**
   * @param {Entry} entry
   * @returns {Promise<Entry>}
   */
  async update(entry) {
    const shelf = await this.shelfOf(entry.id);
    try {
      await shelf.put(entry);
    } catch {
      await this.moveToMemory(entry);
    }
    return entry;
  }

  /** @param {string} id */
  async remove(id) {
    await this.spill.remove(id);
    await this.shelf.remove(id);
  }

  /**
   * No room on the disk: what was kept there so far comes along into memory.
   * @param {Entry} entry
   * @param {ArrayBuffer[]} [chunks]
   */
  async moveToMemory(entry, chunks) {
    const kept = chunks ?? (await this.shelf.chunks(entry.id).catch(() => []));
    await this.spill.put(entry);
    for (const [n, chunk] of kept.entries()) await this.spill.putChunk(entry.id, n, chunk);
  }
}

/** A recording that is coming in. */
export class Writing {
  /**
   * @param {Outbox} outbox
   * @param {Entry} entry
   */
  constructor(outbox, entry) {
    this.outbox = outbox;
    this.entry = entry;
    /** A copy of what came, until it is finished: the disk may turn out to be full. */
    /** @type {Promise<ArrayBuffer>[]} */
    this.chunks = [];
    /** Whether a closed tab would lose nothing. */
    this.lasting = outbox.shelf.lasting;
    this.letGo = () => {};
    this.hold();
    this.last = this.keep(() => outbox.shelf.put(entry));
  }

  get id() {
    return this.entry.id;
  }

  hold() {
    const held = new Promise((resolve) => {
      this.letGo = () => resolve(undefined);
    });
    void this.outbox.locks?.request(recordingLock(this.id), () => held);
  }

  /**
   * One write after the other; after the first that fails, memory takes over.
   * @param {() => Promise<void>} write
   */
  async keep(write) {
    if (!this.lasting && this.outbox.shelf.lasting) return;
    try {
      await write();
    } catch {
      this.lasting = false;
    }
  }

  /** @param {Blob} blob */
  append(blob) {
    if (blob.size === 0) return;
    const n = this.chunks.length;
    const bytes = blob.arrayBuffer();
    this.chunks.push(bytes);
    this.last = this.last.then(() => this.keep(async () => this.outbox.shelf.putChunk(this.id, n, await bytes)));
  }

  /**
   * Ends it, once all that came is kept.
   * @returns {Promise<Entry>}
   */
  async finish() {
    await this.last;
    const chunks = await Promise.all(this.chunks);
    const bytes = joined(chunks);
    const entry = { ...this.entry, size: bytes.length, sha256: await hashOf(bytes), state: /** @type {const} */ ("ready") };
    if (this.lasting || !this.outbox.shelf.lasting) {
      await this.outbox.update(entry);
    } else {
      await this.outbox.moveToMemory(entry, chunks);
    }
    this.lasting &&= (await this.outbox.shelfOf(this.id)).lasting;
    this.close();
    return entry;
  }

  /** Throws it away. */
  async discard() {
    await this.last;
    await this.outbox.remove(this.id);
    this.close();
  }

  close() {
    this.outbox.writing.delete(this.id);
    this.letGo();
  }
}

/**
 * @param {ArrayBuffer[]} chunks
 * @returns {Uint8Array<ArrayBuffer>}
 */
function joined(chunks) {
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(new Uint8Array(chunk), at);
    at += chunk.byteLength;
  }
  return whole;
}
