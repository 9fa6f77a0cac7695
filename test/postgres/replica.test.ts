import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { replicaSuite } from "../../src/testing/replica-suite.ts";
import { openSubject } from "./subject.ts";

replicaSuite({
  test: (name, run) => test(`postgres: ${name}`, run),
  assert,
  sha256: (bytes) => createHash("sha256").update(bytes).digest("hex"),
  // A server that is not our own has other users.
  isShared: process.env["SYNCLINE_TEST_POSTGRES_URL"] !== undefined,
  open: openSubject,
});
