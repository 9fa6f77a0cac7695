import assert from "node:assert/strict";
import { test } from "node:test";
import * as errors from "../../src/core/errors.ts";

const { ERROR_CODES, SyncError } = errors;

test("an error carries what to do about it: when to try again and how a command ends", () => {
  const cause = new Error("EBUSY");
  const error = new SyncError("JOURNAL_LOCKED", "journal.db is in use", {
    hint: "Wait for the other run.",
    where: "journal.db",
    cause,
  });
  assert.equal(error.message, "journal.db is in use");
  assert.equal(error.retry, "later");
  assert.equal(error.hint, "Wait for the other run.");
  assert.equal(error.where, "journal.db");
  assert.equal(error.cause, cause);
  assert.equal(errors.exitCodeOf(error), 3);
  assert.equal("cause" in new SyncError("ABORTED", "stopped"), false);
});

test("an unforeseen error ends a command with 1", () => {
  assert.equal(errors.exitCodeOf(new TypeError("oops")), 1);
  assert.equal(errors.exitCodeOf(undefined), 1);
});

test("errors are told apart by code, never by text", () => {
  const error: unknown = new SyncError("PLAN_STALE", "moved");
  assert.ok(errors.isSyncError(error));
  assert.ok(errors.isSyncError(error, "ABORTED", "PLAN_STALE"));
  assert.ok(!errors.isSyncError(error, "ABORTED"));
  assert.ok(!errors.isSyncError(new Error("PLAN_STALE"), "PLAN_STALE"));
  assert.ok(errors.isErrorCode("PLAN_STALE"));
  assert.ok(!errors.isErrorCode("constructor"));
});

test("codes are in capitals and explained by one sentence", () => {
  for (const [code, facts] of Object.entries(ERROR_CODES)) {
    assert.match(code, /^[A-Z]+(?:_[A-Z]+)*$/);
    assert.match(facts.summary, /^[A-Z].*\.$/, code);
  }
});

test("what is refused for safety ends with 5, a wrong configuration with 2", () => {
  const exits = Object.entries(ERROR_CODES).map(([code, { exit }]) => `${code} ${exit}`);
  for (const code of ["JOURNAL_REPLACED", "IDENTITY_CHANGED", "EPOCH_WENT_BACK", "PLAN_STALE"]) {
    assert.ok(exits.includes(`${code} 5`), code);
  }
  for (const code of [
    "CONFIG_INVALID",
    "CONFIG_UNKNOWN_KEY",
    "COLUMN_MISSING",
    "LENS_NO_INVERSE",
  ]) {
    assert.ok(exits.includes(`${code} 2`), code);
  }
});

test("what cannot be is an error of another class", () => {
  assert.doesNotThrow(() => errors.assert(true, "fine"));
  assert.throws(() => errors.assert(false, "a page goes back"), {
    name: "AssertionError",
    message: "a page goes back",
  });
  assert.ok(!errors.isSyncError(new errors.AssertionError("bug")));
});
