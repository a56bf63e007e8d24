// What stands between the pages and the network: our own files are kept, and a page that says so when there is no network.
// Pages with anything of anybody are never kept. It also shows what is pushed to this browser.

/** @typedef {Event & { waitUntil(work: Promise<unknown>): void }} Waiting */
/** @typedef {Waiting & { data: { json(): { title: string, body: string, tag: string, lang: string, icon: string } } | null }} Pushed */
/** @typedef {Waiting & { notification: Notification }} Tapped */
/** @typedef {{ url: string, focus(): Promise<unknown>, navigate(url: string): Promise<unknown> }} Page */
/** @typedef {Waiting & { request: Request, respondWith(answer: Promise<Response>): void }} Asking */

const SHELF = "jiayin";
const OFFLINE = "/offline";

/** Keeps the page without a network and what it loads, and throws away what an older version had kept. */
async function fill() {
  const page = await fetch(OFFLINE, { credentials: "omit", cache: "no-store" });
  if (!page.ok) return;
  const files = new Set((await page.clone().text()).match(/\/static\/[\w.-]+/g));
  const shelf = await caches.open(SHELF);
  await Promise.all([...files].map(async (file) => (await shelf.match(file)) ?? shelf.add(file)));
  await shelf.put(OFFLINE, page);
  for (const { url } of await shelf.keys()) {
    const { pathname } = new URL(url);
    if (pathname !== OFFLINE && !files.has(pathname)) await shelf.delete(url);
  }
}

/** @param {Request} request */
async function visit(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(OFFLINE);
    if (kept) return kept;
    throw error;
  }
}

/** @param {Request} request */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

self.addEventListener("install", (event) => {
  /** @type {Waiting} */ (event).waitUntil(fill());
});

let filled = false;
self.addEventListener("fetch", (event) => {
  const asking = /** @type {Asking} */ (event);
  const { request } = asking;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    asking.respondWith(visit(request));
    // Once in a while, so that a new version of our files is there when it is needed.
    if (!filled) {
      filled = true;
      asking.waitUntil(fill().catch(() => (filled = false)));
    }
  } else if (pathname.startsWith("/static/")) {
    asking.respondWith(file(request));
  }
});

/** Where what is shown leads. */
const MESSAGES = "/messages";

/** What the worker's own world has, which the types of pages know nothing of. */
const world = /** @type {any} */ (self);

self.addEventListener("push", (event) => {
  const pushed = /** @type {Pushed} */ (event);
  if (!pushed.data) return;
  const { title, ...shown } = pushed.data.json();
  pushed.waitUntil(world.registration.showNotification(title, shown));
});

/** Goes to a page of ours that is open, or opens one. */
async function showMessages() {
  /** @type {Page[]} */
  const pages = await world.clients.matchAll({ type: "window" });
  const [page] = pages;
  if (!page) return world.clients.openWindow(MESSAGES);
  await page.focus();
  return page.navigate(MESSAGES);
}

self.addEventListener("notificationclick", (event) => {
  const tapped = /** @type {Tapped} */ (event);
  tapped.notification.close();
  tapped.waitUntil(showMessages());
});
