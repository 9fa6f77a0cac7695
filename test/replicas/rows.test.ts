import assert from "node:assert/strict";
import { test } from "node:test";
import { replicaSuite } from "../../src/testing/replica-suite.ts";
import { rowsSubject } from "./rows-files.ts";

for (const format of ["csv", "ndjson", "json"] as const) {
  replicaSuite({
    test: (name, run) => test(`${format}: ${name}`, run),
    assert,
    open: (collections) => rowsSubject(format, collections),
  });
}
