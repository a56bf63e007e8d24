// Homework that was taken along: whole or not at all, for one person, and no longer than it is needed.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Taken, partOf } from "../js/taken.js";

/** Cache Storage, as far as it is used here. */
class Caches {
  constructor() {
    this.shelves = new Map();
  }

  async has(name) {
    return this.shelves.has(name);
  }

  async delete(name) {
    return this.shelves.delete(name);
  }

  async open(name) {
    const files = this.shelves.get(name) ?? new Map();
    this.shelves.set(name, files);
    return {
      put: async (path, response) => void files.set(path, response),
      match: async (path) => files.get(path)?.clone(),
      delete: async (url) => files.delete(new URL(url, "http://x").pathname),
      keys: async () => [...files.keys()].map((path) => ({ url: `http://x${path}` })),
    };
  }

  paths() {
    return [...(this.shelves.get("taken")?.keys() ?? [])].sort();
  }
}

const DAY = 24 * 3600 * 1000;
const PAGES = {
  "/static/app-1.js": 'import{a}from"./chunk-2.js";import("./staff-3.js")',
  "/static/chunk-2.js": "export const a=1",
  "/homework/a/exercises/1": '<script src="/static/app-1.js"></script><link href="/static/app-1.css"><audio preload="none" src="/media/m1"></audio>',
  "/homework/a/exercises/2": '<link href="/static/app-1.css"><img src="/media/m2"><a href="/homework/b/exercises/1">',
  "/homework/b/exercises/1": '<audio src="/media/m1"></audio>',
};
const A = { assignment: "a", title: "Zoo", keepMs: 8 * DAY, pages: ["/homework/a/exercises/1", "/homework/a/exercises/2"] };
const B = { assignment: "b", title: "Food", keepMs: 18 * DAY, pages: ["/homework/b/exercises/1"] };

let caches, taken, asked, missing, now;

beforeEach(() => {
  caches = new Caches();
  asked = [];
  missing = new Set();
  now = 9 * DAY;
  const fetch = async (path, { headers }) => {
    asked.push([path, headers]);
    return missing.has(path) ? new Response("", { status: 404 }) : new Response(PAGES[path] ?? "bytes");
  };
  taken = new Taken({ caches, fetch, now: () => now });
});

test("pages come with what they load, and without what was scored", async () => {
  assert.equal(await taken.take("mei", A), true);
  assert.deepEqual(caches.paths(), ["/homework/a/exercises/1", "/homework/a/exercises/2", "/media/m1", "/media/m2", "/static/app-1.css", "/static/app-1.js", "/static/chunk-2.js", "/taken"]);
  for (const [path, headers] of asked) assert.deepEqual(headers, path.startsWith("/homework") ? { "X-Along": "1" } : {});
  assert.equal(await (await taken.find("/media/m2")).text(), "bytes");
  assert.equal(await taken.find("/homework/b/exercises/1"), undefined);
  assert.equal(await taken.find("/taken"), undefined, "the list is no page");
});

test("what cannot be fetched whole is not taken", async () => {
  missing.add("/media/m2");
  assert.equal(await taken.take("mei", A), false);
  assert.deepEqual(await taken.tasks(), []);
  assert.equal(await taken.find("/homework/a/exercises/1"), undefined);
});

test("what belongs to another, or to nobody any more, is thrown away", async () => {
  for (const comes of ["li", ""]) {
    await taken.take("mei", A);
    await taken.tidy(comes);
    assert.deepEqual(caches.paths(), []);
  }
  await taken.take("mei", A);
  await taken.take("li", B);
  assert.deepEqual((await taken.tasks()).map(({ assignment }) => assignment), ["b"], "never two people's");
  assert.equal(await taken.find("/homework/a/exercises/1"), undefined);
});

test("a homework stays until it is done, or a week after it was due", async () => {
  await taken.take("mei", A);
  await taken.take("mei", B);
  now = 17 * DAY;
  assert.equal((await taken.tasks()).length, 2);
  now += 1;
  assert.deepEqual((await taken.tasks()).map(({ assignment }) => assignment), ["b"]);
  assert.equal(await taken.find("/homework/a/exercises/2"), undefined, "long due");
  await taken.tidy("mei");
  assert.deepEqual(caches.paths(), ["/homework/b/exercises/1", "/media/m1", "/taken"], "what only it needed is gone");
  await taken.tidy("mei", new Set(["b"]));
  assert.equal((await taken.tasks()).length, 1);
  await taken.tidy("mei", new Set());
  assert.deepEqual(caches.paths(), [], "done");
});

test("one homework is dropped and the other stays", async () => {
  await taken.take("mei", A);
  await taken.take("mei", B);
  await taken.drop("a");
  assert.deepEqual((await taken.tasks()).map(({ assignment }) => assignment), ["b"]);
  await taken.drop("b");
  assert.deepEqual(caches.paths(), []);
});

test("players get the part that they ask for", async () => {
  const whole = () => new Response("0123456789", { headers: { "Content-Type": "audio/ogg" } });
  for (const [range, status, text, header] of [
    [null, 200, "0123456789", null],
    ["bytes=0-", 206, "0123456789", "bytes 0-9/10"],
    ["bytes=2-4", 206, "234", "bytes 2-4/10"],
    ["bytes=8-99", 206, "89", "bytes 8-9/10"],
    ["bytes=10-", 416, "", "bytes */10"],
    ["bytes=a-b", 200, "0123456789", null],
  ]) {
    const part = await partOf(whole(), range);
    assert.deepEqual([part.status, await part.text(), part.headers.get("Content-Range")], [status, text, header], range);
  }
});
