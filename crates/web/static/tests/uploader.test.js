// What is sent: whole, once, and not forgotten before the server has it.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { Outbox } from "../js/outbox.js";
import { Uploader, awaitResult } from "../js/uploader.js";
import { Locks, Server, hurried, sha, sound } from "./world.js";

const PURPOSE = { owner: "mei", assignment: "a1", exercise: "e1", mime: "audio/webm" };
const WHOLE = sound(150_000);
const failed = () => {
  throw new TypeError("Failed to fetch");
};
let factory, server, locks;

beforeEach(() => {
  factory = new IDBFactory();
  server = new Server();
  locks = new Locks();
});

/** A tab with one recording to send, or none. */
async function tab(bytes) {
  const outbox = await Outbox.open(factory, locks);
  const entry = bytes && (await outbox.add(PURPOSE, new Blob([bytes])));
  const { waits, pause } = hurried();
  const outcomes = [];
  const world = { fetch: server.fetch, locks, pause, random: () => 0.5 };
  const uploader = new Uploader(outbox, "mei", world, (_, outcome) => outcomes.push(outcome));
  return { outbox, entry, waits, outcomes, uploader };
}

async function arrivedOnce({ outbox, entry, outcomes }) {
  const upload = server.uploads.get(entry.id);
  assert.equal(sha(upload.bytes), entry.sha256);
  assert.equal(upload.stored, 1);
  assert.deepEqual(outcomes.at(-1), { kind: "sent", recording: `r-${entry.id}` });
  assert.deepEqual(await outbox.all("mei"), []);
}

test("a recording goes out in pieces and leaves the outbox when its hash comes back", async () => {
  const here = await tab(WHOLE);
  await here.uploader.wake();
  await arrivedOnce(here);
  assert.deepEqual(server.requests.map(({ method }) => method), ["POST", "PATCH", "PATCH", "PATCH"]);
  assert.ok(server.requests.slice(1).every(({ body }) => body.byteLength <= 65_536));
  const announced = JSON.parse(server.requests[0].body);
  assert.deepEqual(announced, { id: here.entry.id, kind: "recording", ...PURPOSE, size: 150_000, sha256: sha(WHOLE) });
});

test("what was recorded for practice says so", async () => {
  const here = await tab();
  await here.outbox.add({ ...PURPOSE, practice: true }, new Blob([sound(500)]));
  await here.uploader.wake();
  assert.equal(JSON.parse(server.requests[0].body).kind, "practice");
});

test("a connection lost in mid-piece goes on from what the server has", async () => {
  const here = await tab(WHOLE);
  server.fail("PATCH", () => undefined);
  server.fail("PATCH", ({ path, body }) => {
    // Half of the piece reached the server's disk.
    const upload = server.uploads.get(path.split("/").pop());
    upload.bytes = Uint8Array.from([...upload.bytes, ...body.subarray(0, 1000)]);
    failed();
  });
  await here.uploader.wake();
  await arrivedOnce(here);
  assert.equal(here.waits.length, 1);
  const resumed = server.requests.filter(({ method }) => method === "PATCH")[2];
  assert.equal(resumed.headers["Upload-Offset"], "66536");
  assert.equal(resumed.body.byteLength, 32_768, "a smaller piece after a failure");
});

test("the answer is lost after all has arrived: it is not stored twice", async () => {
  const here = await tab(sound(500));
  server.fail("PATCH", ({ path, headers, body }) => {
    server.append(path.split("/").pop(), Number(headers["Upload-Offset"]), body);
    failed();
  });
  await here.uploader.wake();
  await arrivedOnce(here);
  assert.equal(server.requests.filter(({ method }) => method === "PATCH").length, 1);
});

test("the server is elsewhere in the file: 409 says where", async () => {
  const here = await tab(WHOLE);
  server.fail("POST", ({ body }) => {
    server.announce(JSON.parse(body));
    server.uploads.get(here.entry.id).bytes = WHOLE.slice(0, 40_000);
    return Response.json({ offset: 0, acknowledged: null }, { status: 201 });
  });
  await here.uploader.wake();
  await arrivedOnce(here);
});

test("a hash mismatch starts anew", async () => {
  const here = await tab(sound(500));
  server.fail("PATCH", ({ path }) => server.append(path.split("/").pop(), 0, sound(500, 3)));
  await here.uploader.wake();
  await arrivedOnce(here);
  assert.equal(here.waits.length, 0);
});

test("mismatch after mismatch backs off and keeps the recording", async () => {
  const here = await tab(sound(500));
  for (let n = 0; n < 8; n += 1) server.fail("PATCH", () => new Response(null, { status: 422 }));
  await here.uploader.wake();
  assert.equal(here.waits.length, 2);
  await arrivedOnce(here);
});

test("an acknowledgement of something else is not believed", async () => {
  const here = await tab(sound(500));
  server.fail("PATCH", () => Response.json({ acknowledged: sha(sound(5)), recording: "x" }));
  const round = await here.uploader.round();
  assert.ok(round > 0);
  assert.equal((await here.outbox.all("mei")).length, 1);
});

test("a busy server is given its time", async () => {
  const here = await tab(sound(500));
  server.fail("POST", () => new Response(null, { status: 503, headers: { "Retry-After": "7" } }));
  server.fail("POST", () => new Response(null, { status: 429, headers: { "Retry-After": "9" } }));
  await here.uploader.wake();
  assert.deepEqual(here.waits, [7000, 9000]);
  assert.deepEqual(here.outcomes[0], { kind: "later", why: "busy", afterMs: 7000 });
  await arrivedOnce(here);
});

test("without a network the waits grow, to a minute at most", async () => {
  const here = await tab(sound(500));
  for (let n = 0; n < 9; n += 1) server.fail("POST", failed);
  await here.uploader.wake();
  assert.deepEqual(here.waits, [750, 1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000, 45_000]);
  assert.deepEqual(here.outcomes[0], { kind: "later" });
  await arrivedOnce(here);
});

test("signed out: it is kept, and the tries end until someone signs in", async () => {
  const here = await tab(sound(500));
  server.fail("POST", () => new Response(null, { status: 401 }));
  await here.uploader.wake();
  assert.deepEqual(here.outcomes, [{ kind: "sign-in" }]);
  assert.equal((await here.outbox.get(here.entry.id)).state, "ready");
  await here.uploader.wake();
  await arrivedOnce(here);
});

test("homework that is gone and files that are too large are kept, and not sent again", async () => {
  for (const [status, state] of [[404, "homeless"], [410, "homeless"], [413, "refused"]]) {
    const here = await tab(sound(500));
    server.fail("POST", () => new Response(null, { status }));
    await here.uploader.wake();
    assert.equal((await here.outbox.get(here.entry.id)).state, state);
    const before = server.requests.length;
    await here.uploader.wake();
    assert.equal(server.requests.length, before);
    await here.outbox.remove(here.entry.id);
  }
});

test("two tabs send it once", async () => {
  const first = await tab(WHOLE);
  const second = await tab();
  await Promise.all([first.uploader.wake(), second.uploader.wake()]);
  const outcomes = [...first.outcomes, ...second.outcomes].map(({ kind }) => kind);
  assert.deepEqual(outcomes.sort(), ["elsewhere", "sent"]);
  assert.equal(server.requests.filter(({ method }) => method === "POST").length, 1);
  assert.equal(server.uploads.get(first.entry.id).stored, 1);
});

test("a tab closed in mid-upload: the next one finishes it", async () => {
  const first = await tab(WHOLE);
  server.fail("PATCH", () => undefined);
  server.fail("PATCH", failed);
  await first.uploader.round();
  const second = await tab();
  await second.uploader.wake();
  await arrivedOnce({ ...second, entry: first.entry });
  const resumed = server.requests.filter(({ method }) => method === "PATCH").at(-2);
  assert.equal(resumed.headers["Upload-Offset"], "65536");
});

test("what was broken off is not sent unasked", async () => {
  const here = await tab();
  const writing = here.outbox.begin(PURPOSE);
  writing.append(new Blob([sound(700)]));
  await writing.last;
  await here.uploader.wake();
  assert.equal(server.requests.length, 0);
});

test("a server without room, or with a fault of its own: the recording stays, it is said why, and it is sent later", async () => {
  for (const [method, status, why] of [["POST", 507, "full"], ["PATCH", 507, "full"], ["POST", 500, "broken"], ["PATCH", 500, "broken"], ["PATCH", 503, "busy"]]) {
    const here = await tab(sound(500));
    server.fail(method, () => new Response("…", { status }));
    assert.ok((await here.uploader.round()) > 0);
    assert.deepEqual(here.outcomes, [{ kind: "later", why }]);
    const [kept] = await here.outbox.all("mei");
    assert.deepEqual([kept.state, await here.outbox.bytes(kept.id)], ["ready", sound(500)]);
    await here.uploader.wake();
    await arrivedOnce(here);
  }
});

test("the server had no room for the whole: its parts are not sent again", async () => {
  const here = await tab(WHOLE);
  server.fail("PATCH", () => undefined);
  server.fail("PATCH", () => undefined);
  server.fail("PATCH", ({ path, body }) => {
    const upload = server.uploads.get(path.split("/").pop());
    upload.bytes = Uint8Array.from([...upload.bytes, ...body]);
    return new Response(null, { status: 507 });
  });
  await here.uploader.wake();
  await arrivedOnce(here);
  const last = server.requests.at(-1);
  assert.deepEqual([last.headers["Upload-Offset"], last.body.byteLength], ["150000", 0]);
});

test("a lost part: the server asks for all of it again", async () => {
  const here = await tab(WHOLE);
  for (const answer of [undefined, undefined, new Response(null, { status: 422 })]) {
    server.fail("PATCH", ({ path }) => {
      if (answer) server.uploads.get(path.split("/").pop()).bytes = new Uint8Array();
      return answer;
    });
  }
  await here.uploader.wake();
  await arrivedOnce(here);
  assert.equal(here.waits.length, 0);
});

test("a device whose clock is a day off sends like any other", async (context) => {
  const now = 1_772_438_400_000;
  for (const off of [-86_400_000, 86_400_000]) {
    context.mock.timers.enable({ apis: ["Date"], now: now + off });
    const here = await tab(sound(500));
    assert.equal(parseInt(here.entry.id.slice(0, 13).replace("-", ""), 16), now + off);
    await here.uploader.wake();
    await arrivedOnce(here);
    context.mock.timers.reset();
  }
});

test("the result is waited for through waiting answers and failures", async () => {
  const answers = [
    () => new Response("waiting", { headers: { "x-waiting": "1" } }),
    failed,
    () => new Response(null, { status: 503 }),
    () => new Response("<section>"),
  ];
  const { waits, pause } = hurried();
  const world = { fetch: async () => answers.shift()(), pause, random: () => 0.5 };
  assert.equal(await awaitResult("r1", world, new AbortController().signal), "<section>");
  assert.equal(waits.length, 3);
  world.fetch = async () => new Response(null, { status: 404 });
  assert.equal(await awaitResult("r1", world, new AbortController().signal), undefined);
});

test("a result that does not come, and a server that cannot answer, end the wait: the learner goes on", async () => {
  const { waits, pause } = hurried();
  const trouble = [
    () => new Response(null, { status: 500 }),
    () => new Response(null, { status: 507 }),
    () => new Response(null, { status: 503 }),
    () => new Response("waiting", { headers: { "x-waiting": "1" } }),
  ];
  let asked = 0;
  const world = { fetch: async () => trouble[(asked += 1) % 4](), pause, random: () => 0.5 };
  let waiting = 0;
  assert.equal(await awaitResult("r1", world, new AbortController().signal, () => (waiting += 1)), undefined);
  assert.deepEqual([asked, waiting, waits.length], [12, 12, 12]);
});

test("what is to wait for another network waits without asking, and goes when it is there", async () => {
  const here = await tab(WHOLE);
  let waits = true;
  here.uploader.world.waits = () => waits;
  await here.uploader.wake();
  assert.deepEqual(here.outcomes, [{ kind: "later", why: "wifi" }]);
  assert.deepEqual(server.requests, [], "nothing has left the device");
  assert.equal((await here.outbox.all("mei")).length, 1);
  waits = false;
  await here.uploader.wake();
  await arrivedOnce(here);
});
