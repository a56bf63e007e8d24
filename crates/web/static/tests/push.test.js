// A browser that gives up its address: the server is told of the new one, or it is given back.

import assert from "node:assert/strict";
import test from "node:test";

/** @typedef {{ waitUntil(work: Promise<unknown>): void, [name: string]: unknown }} Event */

/** @type {Map<string, (event: Event) => void>} */
const listeners = new Map();
/** @type {{ path: string, fields: Record<string, string> }[]} */
const told = [];
/** @type {unknown[]} */
const asked = [];
let answers = 204;

/** @param {string} endpoint */
function address(endpoint) {
  const made = {
    givenBack: false,
    options: { applicationServerKey: "the school's" },
    toJSON: () => ({ endpoint, keys: { p256dh: "public", auth: "secret" } }),
    unsubscribe: async () => (made.givenBack = true),
  };
  return made;
}

const fresh = address("https://push.example/fresh");
const pushManager = { subscribe: async (/** @type {unknown} */ how) => (asked.push(how), fresh) };
const worker = { addEventListener: listeners.set.bind(listeners), registration: { pushManager } };
Object.assign(globalThis, {
  self: worker,
  caches: {},
  fetch: async (/** @type {string} */ path, /** @type {{ body: URLSearchParams }} */ { body }) => {
    told.push({ path, fields: Object.fromEntries(body) });
    return { ok: answers < 300 };
  },
});
await import("../js/service_worker.js");

/** @param {Record<string, unknown>} event */
async function change(event) {
  /** @type {Promise<unknown>[]} */
  const work = [];
  listeners.get("pushsubscriptionchange")?.({ ...event, waitUntil: (part) => work.push(part) });
  assert.equal(work.length, 1, "the browser waits for it");
  await Promise.all(work);
}

const toldOf = (/** @type {string} */ endpoint) => [{ path: "/messages/push", fields: { endpoint, p256dh: "public", auth: "secret" } }];

test("the address that the browser has made takes the place of the old one", async () => {
  await change({ oldSubscription: address("https://push.example/old"), newSubscription: address("https://push.example/new") });
  assert.deepEqual([told.splice(0), asked], [toldOf("https://push.example/new"), []]);
});

test("where there is only the old one, a new one is made for the same key", async () => {
  await change({ oldSubscription: address("https://push.example/old") });
  assert.deepEqual(asked.splice(0), [{ userVisibleOnly: true, applicationServerKey: "the school's" }]);
  assert.deepEqual(told.splice(0), toldOf("https://push.example/fresh"));
  assert.equal(fresh.givenBack, false);
});

test("who is no longer signed in keeps no address", async () => {
  answers = 401;
  await change({ oldSubscription: address("https://push.example/old") });
  assert.equal(fresh.givenBack, true);
  told.splice(0);
});

test("nothing is made for nobody", async () => {
  asked.splice(0);
  await change({});
  assert.deepEqual([asked, told], [[], []]);
});
