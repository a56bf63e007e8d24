// A course's audio goes the same way as a recording, for as long as the teacher waits.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { sendFile } from "../js/send_file.js";
import { Server, hurried, sha, sound } from "./world.js";

const WHOLE = sound(150_000);
let server, line, waits, shares;

beforeEach(() => {
  server = new Server();
  const time = hurried();
  waits = time.waits;
  line = { fetch: server.fetch, pause: time.pause, random: () => 0.5 };
  shares = [];
});

const send = () => {
  const parcel = { id: "u1", exercise: "e1", blob: new Blob([WHOLE], { type: "audio/wav" }) };
  return sendFile(parcel, line, (share) => shares.push(share));
};

test("it is announced as what it is, and its progress is told", async () => {
  assert.deepEqual(await send(), { kind: "sent", recording: "r-u1" });
  const announced = JSON.parse(server.requests[0].body);
  const expected = { id: "u1", kind: "course_audio", exercise: "e1", mime: "audio/wav", size: 150_000, sha256: sha(WHOLE) };
  assert.deepEqual(announced, expected);
  assert.equal(server.uploads.get("u1").stored, 1);
  assert.ok(shares.length === 3 && shares.every((share, at) => at === 0 || share > shares[at - 1]));
});

test("a network that comes back is waited for, and the file goes on where it stopped", async () => {
  server.fail("PATCH", () => undefined);
  server.fail("PATCH", () => {
    throw new TypeError("Failed to fetch");
  });
  assert.equal((await send()).kind, "sent");
  assert.deepEqual(waits, [750]);
  assert.equal(server.requests.filter(({ headers }) => headers["Upload-Offset"] === "0").length, 1);
});

test("after some tries the teacher is asked, and told why", async () => {
  for (let n = 0; n < 5; n += 1) server.fail("POST", () => new Response(null, { status: 507 }));
  assert.deepEqual(await send(), { kind: "later", why: "full" });
  assert.equal(waits.length, 4);
  assert.equal((await send()).kind, "sent", "sent again with the same id");
});

test("what the server does not want is not sent again", async () => {
  server.fail("POST", () => new Response(null, { status: 413 }));
  assert.deepEqual(await send(), { kind: "refused" });
  assert.equal(server.requests.length, 1);
});

test("what was heard of it comes with the acknowledgement, and why it was refused", async () => {
  const heard = { acknowledged: sha(WHOLE), recording: "r-u1", gain: 4.5, faults: ["clipped"] };
  // The last of three pieces.
  for (let n = 0; n < 2; n += 1) server.fail("PATCH", () => undefined);
  server.fail("PATCH", () => Response.json(heard));
  assert.deepEqual(await send(), { kind: "sent", recording: "r-u1", heard: { gain: 4.5, faults: ["clipped"] } });
  server.uploads.clear();
  server.fail("PATCH", () => Response.json({ refused: "silent" }, { status: 415 }));
  assert.deepEqual(await send(), { kind: "refused", heard: { gain: 0, faults: [], refused: "silent" } });
});

test("a spoken comment says which recording it is about", async () => {
  const parcel = { id: "u2", kind: "voice_comment", recording: "r1", blob: new Blob([WHOLE], { type: "audio/webm;codecs=opus" }) };
  assert.equal((await sendFile(parcel, line, () => undefined)).kind, "sent");
  const { kind, recording, exercise } = JSON.parse(server.requests[0].body);
  assert.deepEqual([kind, recording, exercise], ["voice_comment", "r1", undefined]);
});
