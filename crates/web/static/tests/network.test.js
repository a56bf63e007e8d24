// How sparing the page is with the network, by what was chosen and what the browser tells.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { network, quiet, saving, tellsNetwork, waitsForWifi } from "../js/network.js";

/** A page with these choices, on a device that says this of its network. */
function page(dataset, connection, query = false) {
  globalThis.document = { documentElement: { dataset } };
  globalThis.matchMedia = () => ({ matches: query });
  Object.defineProperty(globalThis, "navigator", { value: { connection }, configurable: true });
}

afterEach(() => {
  delete globalThis.document;
  delete globalThis.matchMedia;
});

test("the network is one of four words", () => {
  for (const [type, word] of [["wifi", "wifi"], ["cellular", "cellular"], ["ethernet", "other"], ["bluetooth", "other"], ["none", "unknown"], ["unknown", "unknown"], [undefined, "unknown"]]) {
    page({}, { type });
    assert.equal(network(), word, type);
  }
  page({}, undefined);
  assert.equal(network(), "unknown");
  assert.equal(tellsNetwork(), false);
});

test("data is saved as chosen, and else as the device is set", () => {
  for (const [saver, connection, query, expected] of [
    ["always", { type: "wifi" }, false, true],
    ["never", { type: "cellular", saveData: true }, true, false],
    ["mobile", { type: "cellular" }, false, true],
    ["mobile", { type: "wifi" }, false, false],
    ["mobile", { type: "ethernet" }, false, false],
    // Where the browser does not tell, it is on.
    ["mobile", undefined, false, true],
    ["device", undefined, false, false],
    ["device", { saveData: true }, false, true],
    ["device", undefined, true, true],
  ]) {
    page({ saver }, connection, query);
    assert.equal(saving(), expected, JSON.stringify([saver, connection, query]));
  }
});

test("only mobile data makes recordings wait, and only if so wished", () => {
  for (const [dataset, type, expected] of [
    [{ wifi: "" }, "cellular", true],
    [{ wifi: "" }, "wifi", false],
    [{ wifi: "" }, undefined, false],
    [{}, "cellular", false],
  ]) {
    page(dataset, { type });
    assert.equal(waitsForWifi(), expected);
  }
  page({ quiet: "" }, undefined);
  assert.equal(quiet(), true);
});
