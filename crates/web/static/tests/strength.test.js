// The meter beside a new password.

import assert from "node:assert/strict";
import { test } from "node:test";

import { bits } from "../js/strength.js";

test("longer and more varied looks stronger, repeats and rows of keys do not", () => {
  assert.equal(bits(""), 0);
  assert.ok(bits("aaaaaaaaaaaaaaaa") < bits("kfqzmwpx"));
  assert.ok(bits("12345678") < bits("83150742"));
  assert.ok(bits("correct horse battery") > bits("correct"));
  assert.ok(bits("小明每天骑自行车上学") > 55);
  assert.ok(bits("abcdefgh") < 35);
});
