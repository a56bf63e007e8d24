// What is kept: from the first half second, through a closed tab, on a full disk.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { uuidV7 } from "../js/ids.js";
import { Outbox } from "../js/outbox.js";
import { Locks, sha, sound } from "./world.js";

const PURPOSE = { owner: "mei", assignment: "a1", exercise: "e1", mime: "audio/webm" };
const blob = (bytes) => new Blob([bytes]);
let factory;

beforeEach(() => {
  factory = new IDBFactory();
});

test("chunks become one recording, in their order, with its hash", async () => {
  const outbox = await Outbox.open(factory, new Locks());
  const whole = sound(3000);
  const writing = outbox.begin(PURPOSE);
  for (const at of [0, 1000, 2000]) writing.append(blob(whole.subarray(at, at + 1000)));
  const entry = await writing.finish();
  assert.equal(writing.lasting, true);
  assert.deepEqual([entry.size, entry.sha256, entry.state], [3000, sha(whole), "ready"]);
  // As another page finds it.
  const later = await Outbox.open(factory, new Locks());
  assert.deepEqual(await later.all("mei"), [entry]);
  assert.deepEqual(await later.bytes(entry.id), whole);
});

test("many chunks keep their order", async () => {
  const outbox = await Outbox.open(factory, new Locks());
  const whole = sound(130);
  const writing = outbox.begin(PURPOSE);
  for (const byte of whole) writing.append(blob(Uint8Array.of(byte)));
  const entry = await writing.finish();
  assert.deepEqual(await (await Outbox.open(factory, undefined)).bytes(entry.id), whole);
});

test("a tab closed in mid-recording leaves what came so far, to be used or thrown away", async () => {
  const locks = new Locks();
  const outbox = await Outbox.open(factory, locks);
  const writing = outbox.begin(PURPOSE);
  writing.append(blob(sound(800)));
  await writing.last;
  const later = await Outbox.open(factory, locks);
  assert.deepEqual(await later.brokenOff("mei"), [], "it is still being recorded");
  locks.release(`outbox-recording-${writing.id}`);
  const [found] = await later.brokenOff("mei");
  assert.equal(found.id, writing.id);
  const ready = await later.finish(found.id);
  assert.deepEqual([ready.size, ready.sha256, ready.state], [800, sha(sound(800)), "ready"]);
  await later.remove(found.id);
  assert.deepEqual(await later.all("mei"), []);
});

test("a tab closed before anything came leaves nothing to ask about", async () => {
  const locks = new Locks();
  const writing = (await Outbox.open(factory, locks)).begin(PURPOSE);
  await writing.last;
  locks.release(`outbox-recording-${writing.id}`);
  const later = await Outbox.open(factory, locks);
  assert.equal(await later.finish(writing.id), undefined);
  assert.deepEqual(await later.all("mei"), []);
});

test("a sister's recordings are not shown to her brother", async () => {
  const outbox = await Outbox.open(factory, new Locks());
  await outbox.add(PURPOSE, blob(sound(10)));
  assert.equal((await outbox.all("mei")).length, 1);
  assert.deepEqual(await outbox.all("lei"), []);
});

test("a full disk: memory takes over, and says so", async () => {
  const outbox = await Outbox.open(factory, new Locks());
  const { putChunk } = outbox.shelf;
  let writes = 0;
  outbox.shelf.putChunk = async function full(...chunk) {
    if ((writes += 1) > 2) throw new DOMException("full", "QuotaExceededError");
    return putChunk.apply(this, chunk);
  };
  const whole = sound(5000);
  const writing = outbox.begin(PURPOSE);
  for (let at = 0; at < 5000; at += 1000) writing.append(blob(whole.subarray(at, at + 1000)));
  const entry = await writing.finish();
  assert.equal(writing.lasting, false);
  assert.equal(entry.sha256, sha(whole));
  assert.deepEqual(await outbox.bytes(entry.id), whole);
  assert.equal((await outbox.all("mei")).length, 1);
  await outbox.remove(entry.id);
  assert.deepEqual(await outbox.all("mei"), []);
});

test("without a database memory has to do", async () => {
  const outbox = await Outbox.open(undefined, undefined);
  const entry = await outbox.add(PURPOSE, blob(sound(10)));
  assert.deepEqual(await outbox.all("mei"), [entry]);
  assert.deepEqual(await outbox.bytes(entry.id), sound(10));
});

test("ids are version 7 and sort by time", () => {
  const nines = new Uint8Array(10).fill(9);
  const early = uuidV7(1_700_000_000_000, nines);
  assert.match(early, /^018bcfe5-6800-7909-8909-090909090909$/);
  assert.ok(early < uuidV7(1_700_000_000_001, nines));
});

test("a database that goes away in mid-recording loses nothing of it", async () => {
  const outbox = await Outbox.open(factory, new Locks());
  const writing = outbox.begin(PURPOSE);
  writing.append(blob(sound(100)));
  await writing.last;
  outbox.shelf.database.close();
  writing.append(blob(sound(100, 3)));
  const entry = await writing.finish();
  assert.equal(entry.size, 200);
  assert.equal(writing.lasting, false);
  assert.deepEqual(await outbox.all("mei"), [entry]);
  assert.equal((await outbox.bytes(entry.id)).length, 200);
});
