// What stands between the pages and the network: our own files are kept, and a page that says so when there is no network.
// Pages with anything of anybody are not kept, but for the homework that a learner has taken along. It also shows what is
// pushed to this browser.

import { tell } from "./push_address.js";
import { Taken, everythingOf, partOf } from "./taken.js";

/** @typedef {Event & { waitUntil(work: Promise<unknown>): void }} Waiting */
/** @typedef {Waiting & { data: { json(): { title: string, body: string, tag: string, lang: string, icon: string } } | null }} Pushed */
/** @typedef {Waiting & { notification: Notification }} Tapped */
/** @typedef {Waiting & { oldSubscription?: PushSubscription | null, newSubscription?: PushSubscription | null }} Moved */
/** @typedef {{ url: string, focus(): Promise<unknown>, navigate(url: string): Promise<unknown> }} Page */
/** @typedef {Waiting & { request: Request, respondWith(answer: Promise<Response>): void }} Asking */

const SHELF = "jiayin";
const OFFLINE = "/offline";
/** Forms after which somebody else may be signed in here, or nobody. */
const COMING_OR_GOING = /^\/(sign-in|sign-out|enter|join)(\/|$)/;

const taken = Taken.here();

/** Keeps the page without a network and what it loads, and throws away what an older version had kept. */
async function fill() {
  const page = await fetch(OFFLINE, { credentials: "omit", cache: "no-store" });
  if (!page.ok) return;
  const shelf = await caches.open(SHELF);
  const files = await everythingOf([OFFLINE], async (path) => {
    if (path === OFFLINE) return page;
    const kept = await shelf.match(path);
    if (kept) return kept;
    const file = await fetch(path);
    if (file.ok) await shelf.put(path, file.clone());
    return file;
  });
  await shelf.put(OFFLINE, page);
  for (const { url } of await shelf.keys()) {
    if (!files.has(new URL(url).pathname)) await shelf.delete(url);
  }
}

/** @param {Request} request */
async function visit(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const { pathname } = new URL(request.url);
    const kept = (await taken?.find(pathname).catch(() => undefined)) ?? (await caches.match(OFFLINE));
    if (kept) return kept;
    throw error;
  }
}

/** @param {Request} request */
async function file(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/**
 * Sound and pictures: what was taken along is not fetched again.
 * @param {Request} request
 */
async function media(request) {
  const kept = await taken?.find(new URL(request.url).pathname).catch(() => undefined);
  return kept ? partOf(kept, request.headers.get("Range")) : fetch(request);
}

self.addEventListener("install", (event) => {
  /** @type {Waiting} */ (event).waitUntil(fill());
});

let filled = false;
self.addEventListener("fetch", (event) => {
  const asking = /** @type {Asking} */ (event);
  const { request } = asking;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin) return;
  if (request.method === "POST" && COMING_OR_GOING.test(pathname)) asking.waitUntil(taken?.forget() ?? Promise.resolve());
  if (request.method !== "GET") return;
  if (request.mode === "navigate") {
    asking.respondWith(visit(request));
    // Once in a while, so that a new version of our files is there when it is needed.
    if (!filled) {
      filled = true;
      asking.waitUntil(fill().catch(() => (filled = false)));
    }
  } else if (pathname.startsWith("/static/")) {
    asking.respondWith(file(request));
  } else if (pathname.startsWith("/media/")) {
    asking.respondWith(media(request));
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

/**
 * The browser has given up its address: the new one, or one made for the same key, takes its place.
 * @param {Moved} moved
 */
async function follow({ oldSubscription, newSubscription }) {
  const applicationServerKey = oldSubscription?.options.applicationServerKey;
  if (!newSubscription && !applicationServerKey) return;
  const how = { userVisibleOnly: true, applicationServerKey };
  await tell(newSubscription ?? (await world.registration.pushManager.subscribe(how)));
}

self.addEventListener("pushsubscriptionchange", (event) => {
  const moved = /** @type {Moved} */ (event);
  moved.waitUntil(follow(moved));
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
