// Homework that a learner has taken along: the pages of its exercises with their sound and pictures, kept by this browser
// until the homework is done, somebody signs out or in, or it is long due. Pages and the service worker both use this.
//
// What is kept belongs to one person. A browser that is signed in as somebody else, or as nobody, throws it all away.

/**
 * @typedef {object} Task
 * @property {string} assignment
 * @property {string} title
 * @property {number} until milliseconds since 1970 by this device's clock: not shown after that
 * @property {string[]} pages paths of its exercises, in their order
 */

/** @typedef {{ owner: string, tasks: Task[] }} Index */

/**
 * What it touches, so that a test can hold it in its hands.
 * @typedef {{ caches: CacheStorage, fetch: typeof fetch, now: () => number }} World
 */

/** Name of the shelf in Cache Storage; in the data map. */
export const SHELF = "taken";
/** Where on the shelf it is written what lies there; no page has this address. */
const INDEX = "/taken";
/** Asks the server for a page without anything that was scored or said. */
const ALONG = { "X-Along": "1" };

/** Files in which no others are named. */
const LEAF = /^\/media\/|^\/static\/.*(?<!\.js)$/;

/**
 * What a page loads, its sound and pictures; of a script the ones that it cannot do without.
 * @param {string} path
 * @param {string} text
 */
function partsOf(path, text) {
  if (path.endsWith(".js")) return [...text.matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g)].map(([, name]) => `/static/${name}`);
  return text.match(/(?<=(?:src|href)=")\/(?:static|media)\/[\w.-]+(?=")/g) ?? [];
}

/**
 * Pages with all that they need.
 * @param {string[]} pages paths
 * @param {(path: string) => Promise<Response>} get
 * @returns {Promise<Set<string>>} paths
 */
export async function everythingOf(pages, get) {
  const all = new Set(pages);
  // It grows while it is walked through.
  for (const path of all) {
    const response = await get(path);
    if (LEAF.test(path)) continue;
    for (const part of partsOf(path, await response.clone().text())) all.add(part);
  }
  return all;
}

export class Taken {
  /** @param {World} world */
  constructor(world) {
    this.world = world;
  }

  /** In a page or a service worker; nothing where the browser keeps no shelves. */
  static here() {
    if (!("caches" in globalThis)) return undefined;
    return new Taken({ caches: globalThis.caches, fetch: (...request) => globalThis.fetch(...request), now: Date.now });
  }

  /** @returns {Promise<Index | undefined>} */
  async index() {
    if (!(await this.world.caches.has(SHELF))) return undefined;
    const shelf = await this.world.caches.open(SHELF);
    return (await shelf.match(INDEX))?.json();
  }

  /** What there is and may still be shown. @returns {Promise<Task[]>} */
  async tasks() {
    const tasks = (await this.index())?.tasks ?? [];
    return tasks.filter(({ until }) => this.world.now() <= until);
  }

  /**
   * Fetches a homework and keeps it. All of it, or nothing.
   * @param {string} owner id of the person who is signed in
   * @param {{ assignment: string, title: string, keepMs: number, pages: string[] }} task how long it may be kept from now, in
   * milliseconds
   * @returns {Promise<boolean>} whether it is there
   */
  async take(owner, { assignment, title, keepMs, pages }) {
    try {
      const files = new Map();
      await everythingOf(pages, async (path) => {
        const response = await this.fetched(path, pages.includes(path) ? ALONG : {});
        files.set(path, response);
        return response;
      });
      await this.tidy(owner);
      const shelf = await this.world.caches.open(SHELF);
      for (const [path, response] of files) await shelf.put(path, response);
      const others = ((await this.index())?.tasks ?? []).filter((other) => other.assignment !== assignment);
      await this.write(owner, [...others, { assignment, title, until: this.world.now() + keepMs, pages }]);
      return true;
    } catch {
      // No network half way, or no room: what was written before lies there unlisted, and nothing unlisted is shown.
      return false;
    }
  }

  /**
   * @param {string} path
   * @param {Record<string, string>} headers
   */
  async fetched(path, headers) {
    const response = await this.world.fetch(path, { headers });
    // Who is led elsewhere is not signed in any more.
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    return response;
  }

  /**
   * @param {string} owner
   * @param {Task[]} tasks
   */
  async write(owner, tasks) {
    const shelf = await this.world.caches.open(SHELF);
    await shelf.put(INDEX, Response.json({ owner, tasks }));
    const pages = tasks.flatMap((task) => task.pages);
    const files = await everythingOf(pages, async (path) => (await shelf.match(path)) ?? new Response(""));
    files.add(INDEX);
    for (const { url } of await shelf.keys()) {
      if (!files.has(new URL(url, "http://x").pathname)) await shelf.delete(url);
    }
  }

  /** @param {string} assignment */
  async drop(assignment) {
    const index = await this.index();
    if (!index) return;
    await this.keepOnly(index, ({ assignment: other }) => other !== assignment);
  }

  /**
   * @param {Index} index
   * @param {(task: Task) => boolean} wanted
   */
  async keepOnly({ owner, tasks }, wanted) {
    const left = tasks.filter(wanted);
    if (left.length === 0) await this.forget();
    else if (left.length < tasks.length) await this.write(owner, left);
  }

  /** Throws everything away. */
  async forget() {
    await this.world.caches.delete(SHELF);
  }

  /**
   * Throws away what is another person's, what is long due, and, where the page knows, what is done.
   * @param {string} owner id of who is signed in; empty for nobody
   * @param {Set<string>} [open] the homework that is still to be done
   */
  async tidy(owner, open) {
    const index = await this.index();
    if (!index) return this.world.caches.delete(SHELF);
    if (index.owner !== owner) return this.forget();
    return this.keepOnly(index, ({ until, assignment }) => this.world.now() <= until && (open?.has(assignment) ?? true));
  }

  /**
   * What is kept of an address, if it may be shown.
   * @param {string} path
   * @returns {Promise<Response | undefined>}
   */
  async find(path) {
    const tasks = await this.tasks();
    if (tasks.length === 0) return undefined;
    const isPage = !path.startsWith("/media/");
    if (isPage && !tasks.some(({ pages }) => pages.includes(path))) return undefined;
    return (await this.world.caches.open(SHELF)).match(path);
  }
}

/**
 * The part of a kept file that a player asks for: some ask for nothing but parts.
 * @param {Response} whole
 * @param {string | null} range header of the request: `bytes=first-last` or `bytes=first-`
 * @returns {Promise<Response>}
 */
export async function partOf(whole, range) {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? "");
  if (!asked) return whole;
  const bytes = await whole.arrayBuffer();
  const first = Number(asked[1]);
  const last = Math.min(asked[2] ? Number(asked[2]) : Infinity, bytes.byteLength - 1);
  if (first > last) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${bytes.byteLength}` } });
  const headers = {
    "Content-Type": whole.headers.get("Content-Type") ?? "",
    "Content-Range": `bytes ${first}-${last}/${bytes.byteLength}`,
    "Accept-Ranges": "bytes",
  };
  return new Response(bytes.slice(first, last + 1), { status: 206, headers });
}
