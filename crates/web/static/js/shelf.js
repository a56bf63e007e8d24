// Where the outbox keeps its things: IndexedDB, which outlives the tab; or memory, which does not, where a browser has
// no room or no database.

/** @typedef {import("./outbox.js").Entry} Entry */

/**
 * What an outbox needs of its shelf.
 * @typedef {object} Shelf
 * @property {boolean} lasting whether it outlives the tab
 * @property {(entry: Entry) => Promise<void>} put
 * @property {(id: string) => Promise<Entry | undefined>} get
 * @property {() => Promise<Entry[]>} all
 * @property {(id: string, n: number, bytes: ArrayBuffer) => Promise<void>} putChunk
 * @property {(id: string) => Promise<ArrayBuffer[]>} chunks in their order
 * @property {(id: string) => Promise<void>} remove the entry and its chunks
 */

/** Name of the database; in `docs/data-map.md`. */
export const DATABASE = "outbox";

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A shelf in IndexedDB: one store for entries, one for their chunks, so that a chunk is appended without rewriting. */
export class LastingShelf {
  lasting = true;

  /** @param {IDBDatabase} database */
  constructor(database) {
    this.database = database;
    // Another tab with a newer page may change the database; this one then opens it anew when it is loaded again.
    database.onversionchange = () => database.close();
  }

  /**
   * @param {IDBFactory} factory
   * @returns {Promise<LastingShelf>}
   */
  static async open(factory) {
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("entries", { keyPath: "id" });
      request.result.createObjectStore("chunks");
    };
    return new LastingShelf(await answer(request));
  }

  /**
   * Runs requests in one transaction, and resolves when it is on the disk.
   * @template T
   * @param {IDBTransactionMode} mode
   * @param {(entries: IDBObjectStore, chunks: IDBObjectStore) => IDBRequest<T> | undefined} work
   * @returns {Promise<T | undefined>}
   */
  run(mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(["entries", "chunks"], mode, { durability: "strict" });
      const request = work(transaction.objectStore("entries"), transaction.objectStore("chunks"));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onabort = () => reject(transaction.error ?? new Error("the transaction was aborted"));
    });
  }

  /** @param {Entry} entry */
  async put(entry) {
    await this.run("readwrite", (entries) => entries.put(entry));
  }

  /** @param {string} id */
  get(id) {
    return this.run("readonly", (entries) => /** @type {IDBRequest<Entry | undefined>} */ (entries.get(id)));
  }

  async all() {
    return (await this.run("readonly", (entries) => /** @type {IDBRequest<Entry[]>} */ (entries.getAll()))) ?? [];
  }

  /**
   * @param {string} id
   * @param {number} n
   * @param {ArrayBuffer} bytes
   */
  async putChunk(id, n, bytes) {
    await this.run("readwrite", (_, chunks) => chunks.put(bytes, [id, n]));
  }

  /** @param {string} id */
  async chunks(id) {
    const range = IDBKeyRange.bound([id, 0], [id, Infinity]);
    return (await this.run("readonly", (_, chunks) => /** @type {IDBRequest<ArrayBuffer[]>} */ (chunks.getAll(range)))) ?? [];
  }

  /** @param {string} id */
  async remove(id) {
    await this.run("readwrite", (entries, chunks) => {
      entries.delete(id);
      return chunks.delete(IDBKeyRange.bound([id, 0], [id, Infinity]));
    });
  }
}

/** A shelf in memory. */
export class FleetingShelf {
  lasting = false;

  constructor() {
    /** @type {Map<string, {entry: Entry, chunks: ArrayBuffer[]}>} */
    this.kept = new Map();
  }

  /** @param {Entry} entry */
  async put(entry) {
    this.kept.set(entry.id, { entry: { ...entry }, chunks: this.kept.get(entry.id)?.chunks ?? [] });
  }

  /** @param {string} id */
  async get(id) {
    const entry = this.kept.get(id)?.entry;
    return entry && { ...entry };
  }

  async all() {
    return [...this.kept.values()].map(({ entry }) => ({ ...entry }));
  }

  /**
   * @param {string} id
   * @param {number} n
   * @param {ArrayBuffer} bytes
   */
  async putChunk(id, n, bytes) {
    const kept = this.kept.get(id);
    if (kept) kept.chunks[n] = bytes;
  }

  /** @param {string} id */
  async chunks(id) {
    return [...(this.kept.get(id)?.chunks ?? [])];
  }

  /** @param {string} id */
  async remove(id) {
    this.kept.delete(id);
  }
}
