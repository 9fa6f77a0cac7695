import assert from "node:assert/strict";
import { test } from "node:test";
import * as core from "../../src/core/index.ts";

test("the entry of core loads by itself and is made of functions and plain data", () => {
  const names = Object.keys(core);
  for (const name of ["fold", "owed", "canonical", "encodeKey", "compileLens", "SyncError"]) {
    assert.ok(names.includes(name), name);
  }
  assert.ok(!names.includes("default"));
});
