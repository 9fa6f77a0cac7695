// What a column is known to make of a value before it is written.
import { deepStrictEqual } from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import type { LogicalType } from "../../src/core/values.ts";
import { storeOf } from "../../src/replicas/postgres/built-in.ts";

const TYPES: readonly LogicalType[] = [
  { kind: "text" },
  { kind: "text", maxLength: 2, noZero: true },
  { kind: "integer", min: -100, max: 2n ** 63n - 1n },
  { kind: "real" },
  { kind: "real", single: true },
  { kind: "boolean" },
  { kind: "decimal" },
];

const value = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.boolean(),
  fc.uint8Array(),
  fc.constantFrom<Value>(null, JSON_NULL, -0, 0, 2 ** 60, 1e300, "", "7", "\ud800", "a\0"),
);

test("a value that is seen at once to be its own form is the one that a closer look gives", () =>
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), value, (type, one) => {
      const closely = storeOf(type, (form) => form);
      deepStrictEqual(storeOf(type, undefined)(one), closely(one));
    }),
    { numRuns: 2000 },
  ));
