// Two teachers are heard equally loud, and a page that may not change a sound plays it as it is.

import assert from "node:assert/strict";
import { test } from "node:test";

/** The part of the Web Audio interface that is used; `runs` says whether the browser lets it make sound. */
class Context {
  static made = [];
  static runs = true;
  constructor() {
    this.state = "suspended";
    this.destination = {};
    this.led = [];
    Context.made.push(this);
  }
  async resume() {
    if (Context.runs) this.state = "running";
  }
  createGain() {
    return { gain: { value: 1 }, connect: (to) => to };
  }
  createMediaElementSource(audio) {
    return { connect: (node) => (this.led.push([audio, node]), node) };
  }
}
globalThis.window = { AudioContext: Context };
globalThis.AudioContext = Context;
const { factor, level } = await import("../js/loudness.js");

const sound = (gain) => ({ dataset: { gain } });

test("decibels are a factor", () => {
  assert.deepEqual([0, 20, -20, NaN].map(factor), [1, 10, 0.1, 1]);
  assert.ok(Math.abs(factor(6) - 1.995) < 0.001);
});

test("a sound is led through a gain once, however often it plays, and not before there is sound", async () => {
  Context.runs = false;
  const audio = sound("6");
  await level(audio);
  assert.deepEqual(Context.made[0].led, [], "it plays as it is");
  Context.runs = true;
  await level(audio);
  await level(audio);
  assert.equal(Context.made.length, 1);
  assert.deepEqual(Context.made[0].led.map(([led]) => led), [audio]);
  assert.ok(Math.abs(Context.made[0].led[0][1].gain.value - 1.995) < 0.001);
  audio.dataset.gain = "-20";
  await level(audio);
  assert.equal(Context.made[0].led[0][1].gain.value, 0.1, "another sound in the same element");
});

test("what has no gain, or needs none, is left alone", async () => {
  const before = Context.made[0].led.length;
  await Promise.all([undefined, "", "0"].map((gain) => level(sound(gain))));
  assert.equal(Context.made[0].led.length, before);
});
