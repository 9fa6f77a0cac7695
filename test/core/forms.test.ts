import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { makeIsForm, makeIsHeld } from "../../src/core/forms.ts";
import { canonical, type LogicalType } from "../../src/core/logical.ts";
import { ABSENT } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";

const TYPES: readonly LogicalType[] = [
  { kind: "any" },
  { kind: "boolean" },
  { kind: "integer" },
  { kind: "integer", min: -10, max: 10 },
  { kind: "integer", min: -(2n ** 63n), max: 2n ** 63n - 1n },
  { kind: "integer", min: 0 },
  { kind: "real" },
  { kind: "real", single: true },
  { kind: "decimal", precision: 4, scale: 2 },
  { kind: "text" },
  { kind: "text", noZero: true },
  { kind: "text", maxLength: 3 },
  { kind: "text", maxBytes: 3 },
  { kind: "text", values: ["a", "b"] },
  { kind: "bytes" },
  { kind: "instant" },
  { kind: "json" },
  { kind: "list", of: { kind: "integer" } },
];

const value: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, ABSENT, true, -0, 0, NaN, Infinity, 10, 11, -11, 2 ** 53, 5n),
  fc.constantFrom<Value>("", "a", "a\0b", "\ud800", "😀😀", "7", "1.50", "2026-01-01T00:00:00Z"),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  fc.string({ maxLength: 5 }),
  fc.uint8Array({ maxLength: 4 }),
  fc.array(fc.integer(), { maxLength: 2 }),
);

test("a quick yes is a value that is its own form, and what a type holds has one", () =>
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), value, (type, each) => {
      const form = canonical(type, each);
      if (makeIsForm(type)(each)) assert.ok(Object.is(form, each));
      assert.equal(makeIsHeld(type)(each), form !== undefined);
    }),
    { numRuns: 5000 },
  ));

test("most values of most columns get a quick yes", () => {
  const usual: readonly (readonly [LogicalType, Value])[] = [
    [{ kind: "text", noZero: true, maxLength: 20 }, "a name"],
    [{ kind: "integer", min: -(2n ** 63n), max: 2n ** 63n - 1n }, 12],
    [{ kind: "real" }, 0.5],
    [{ kind: "boolean" }, false],
  ];
  for (const [type, each] of usual) assert.ok(makeIsForm(type)(each), type.kind);
});
