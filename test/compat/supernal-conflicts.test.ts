import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ConflictDetector,
  CustomRuleStrategy,
  LastWriterWinsStrategy,
  MergeArrayStrategy,
} from "../../src/compat/supernal/index.ts";
import type { DataConflict } from "../../src/compat/supernal/index.ts";
import { templateIn } from "../../src/compat/supernal/template.ts";

const detector = new ConflictDetector();
const early = { localTimestamp: 1, remoteTimestamp: 2 };
const late = { localTimestamp: new Date(3), remoteTimestamp: "1970-01-01T00:00:00.002Z" };

const typesOf = (conflicts: readonly DataConflict[]) =>
  conflicts.map(({ field, type }) => `${field} ${type}`);

test("0D1: fields that differ are found, each with its type", () => {
  const local = { a: 1, b: [1], c: { x: 1 }, d: "1", e: "same", f: null };
  const remote = { a: 2, b: [2], c: { x: 2 }, d: 1, e: "same", g: 1 };
  assert.deepEqual(typesOf(detector.detectConflicts(local, remote)), [
    "a value_conflict",
    "b array_conflict",
    "c object_conflict",
    "d type_mismatch",
    "f type_mismatch",
    "g type_mismatch",
  ]);
  const [first] = detector.detectConflicts(local, remote);
  assert.deepEqual(first, { field: "a", localValue: 1, remoteValue: 2, type: "value_conflict" });
});

test("what is the same in another order of names is no conflict", () => {
  const local = { a: { x: 1, y: [{ b: 1, c: 2 }] }, at: new Date(0) };
  const remote = { a: { y: [{ c: 2, b: 1 }], x: 1 }, at: "1970-01-01T00:00:00.000Z" };
  assert.deepEqual(detector.detectConflicts(local, remote), []);
});

test("with a base, only what both sides changed is a conflict", () => {
  const base = { a: 1, b: 1, c: 1 };
  const found = detector.detectConflicts({ a: 2, b: 1, c: 2 }, { a: 1, b: 2, c: 3 }, base);
  assert.deepEqual(typesOf(found), ["c value_conflict"]);
  assert.equal(found[0]?.baseValue, 1);
});

test("0D2: who wrote last wins, whatever form the moments have", () => {
  const conflict = conflictOf("mine", "theirs");
  const strategy = new LastWriterWinsStrategy();
  assert.equal(strategy.resolve(conflict, early), "theirs");
  assert.equal(strategy.resolve(conflict, late), "mine");
  assert.throws(
    () => strategy.resolve(conflict, { ...early, remoteTimestamp: "soon" }),
    /remoteTimestamp is no moment/,
  );
});

test("of two that wrote at once, both places choose the same", () => {
  const strategy = new LastWriterWinsStrategy();
  const at = { localTimestamp: 5, remoteTimestamp: 5 };
  assert.equal(strategy.resolve(conflictOf("a", "b"), at), "b");
  assert.equal(strategy.resolve(conflictOf("b", "a"), at), "b");
});

test("0D2: lists are united by their values, equal objects once", () => {
  const strategy = new MergeArrayStrategy();
  const united = strategy.resolve(conflictOf([{ id: 1 }, "b"], ["a", { id: 1 }]));
  assert.deepEqual(JSON.parse(JSON.stringify(united)), ["a", "b", { id: 1 }]);
  assert.throws(
    () => strategy.resolve(conflictOf([1], "x")),
    /^SyncError: Merge array strategy requires array values$/,
  );
});

test("F0-14: with a base, what one side removed does not come back", () => {
  const strategy = new MergeArrayStrategy();
  const conflict = { ...conflictOf(["a", "c"], ["a", "b", "d"]), baseValue: ["a", "b"] };
  assert.deepEqual(strategy.resolve(conflict), ["a", "c", "d"]);
});

test("with a key, a changed element takes the place of the old one", () => {
  const strategy = new MergeArrayStrategy({ key: "id" });
  const was = { id: 1, n: 1 };
  const conflict = { ...conflictOf([{ id: 1, n: 2 }], [was, { id: 2 }]), baseValue: [was] };
  const united = JSON.parse(JSON.stringify(strategy.resolve(conflict))) as unknown;
  assert.deepEqual(united, [{ id: 1, n: 2 }, { id: 2 }]);
  const both = { ...conflictOf([{ id: 1, n: 2 }], [{ id: 1, n: 3 }]), baseValue: [was] };
  assert.throws(() => strategy.resolve(both), /both sides changed one of its elements/);
});

test("0D2: the first rule that is meant settles it, else who wrote last", () => {
  const strategy = new CustomRuleStrategy([
    { condition: ({ field }) => field === "other", resolution: () => "never" },
    { condition: ({ localValue }) => localValue === "keep", resolution: () => undefined },
    { condition: ({ localValue }) => localValue === "mine", resolution: () => "ruled" },
    { condition: () => false, resolution: () => "never" },
  ]);
  assert.equal(strategy.resolve(conflictOf("mine", "theirs"), early), "ruled");
  assert.equal(strategy.resolve(conflictOf("keep", "theirs"), early), undefined);
  assert.equal(strategy.resolve(conflictOf("else", "theirs"), early), "theirs");
});

/** Functions, and the templates that they are. */
const TEMPLATES: readonly (readonly [
  claim: string,
  given: Parameters<typeof templateIn>[0],
  template: string | undefined,
])[] = [
  ["a text before", (value: string) => `req-${value}`, "req-${value}"],
  ["texts around", (value: string) => `<${value}>`, "<${value}>"],
  ["by adding", (value: string) => "r" + value, "r${value}"],
  ["nothing at all", (value: string | number) => String(value), "${value}"],
  ["not in lower case", (value: string) => `req-${value.toLowerCase()}`, undefined],
  ["not trimmed", (value: string | number) => `req-${String(value).trim()}`, undefined],
  ["not padded", (value: string | number) => `req-${String(value).padStart(4, "0")}`, undefined],
  ["not as a number", (value: string) => `req-${Number(value)}`, undefined],
  ["not twice", (value: string) => `${value}-${value}`, undefined],
  [
    "not of the record",
    (value: string, record: { type: string }) => `${record.type}-${value}`,
    undefined,
  ],
  [
    "not of the record by the back door",
    (...all: [string, { type: string }]) => `${all[1].type}-${all[0]}`,
    undefined,
  ],
  ["no constant", () => "req-1", undefined],
  ["no number", (value: number) => value + 1, undefined],
  ["not where it throws", (value: string) => `req-${value.slice(0)}`, undefined],
  ["no other hole", (value: string) => `\${x}${value}`, undefined],
];

for (const [claim, given, template] of TEMPLATES) {
  test(`a function as a template: ${claim}`, () => assert.equal(templateIn(given), template));
}

function conflictOf(localValue: unknown, remoteValue: unknown): DataConflict {
  return { field: "field", localValue, remoteValue, type: "value_conflict" };
}
