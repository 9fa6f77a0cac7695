// Filters on columns whose type is known: what a literal has to be, and in which order values are.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSyncError } from "../../src/core/errors.ts";
import { parseFilter } from "../../src/core/filter-parser.ts";
import { compileFilter } from "../../src/core/filter.ts";
import type { LogicalType } from "../../src/core/logical.ts";
import type { Value } from "../../src/core/state.ts";
import { toInstant } from "../../src/core/conversions.ts";

const TYPES: ReadonlyMap<string, LogicalType> = new Map<string, LogicalType>([
  ["n", { kind: "integer" }],
  ["r", { kind: "real" }],
  ["d", { kind: "decimal", precision: 10, scale: 2 }],
  ["t", { kind: "text", maxLength: 3 }],
  ["b", { kind: "boolean" }],
  ["i", { kind: "instant" }],
  ["day", { kind: "date" }],
  ["u", { kind: "uuid" }],
  ["raw", { kind: "bytes" }],
  ["j", { kind: "json" }],
  ["any", { kind: "any" }],
]);

/** One test on a typed column. */
function typed(field: string, operator: string, given: object, value: Value): boolean {
  return compileFilter(parseFilter({ field, operator, ...given }), [field], TYPES)([value]);
}

test("values of the wrong kind are refused where the column's type is known", () => {
  const bad: readonly (readonly [field: string, operator: string, given: object])[] = [
    ["n", "equals", { value: "5" }],
    ["n", "in", { values: [1, "2"] }],
    ["n", "greater_than", { value: "5" }],
    ["n", "equals", { value: true }],
    ["t", "equals", { value: 5 }],
    ["t", "less_than", { value: 5 }],
    ["t", "between", { values: ["a", 5] }],
    ["b", "equals", { value: 1 }],
    ["b", "equals", { value: "true" }],
    ["b", "greater_than", { value: 0 }],
    ["raw", "greater_than", { value: "a" }],
    ["raw", "equals", { value: "a" }],
    ["i", "equals", { value: 5 }],
    ["i", "greater_than", { value: "2024-01-01" }],
    ["day", "equals", { value: "2024-13-01" }],
    ["u", "equals", { value: "no uuid" }],
    ["d", "equals", { value: "much" }],
    ["n", "contains", { value: "5" }],
    ["n.x", "equals", { value: 5 }],
  ];
  for (const [field, operator, given] of bad) {
    const spec = parseFilter({ not: [{ field, operator, ...given }] });
    assert.throws(
      () => compileFilter(spec, [...TYPES.keys()], TYPES),
      (error) => isSyncError(error, "FILTER_INVALID") && error.message.includes(`'${field}'`),
      `${field} ${operator}`,
    );
  }
});

test("a column that is not there is refused with a suggestion", () => {
  const spec = parseFilter({ or: [{ field: "statsu", operator: "is_null" }] });
  assert.throws(
    () => compileFilter(spec, ["status"], new Map([["status", { kind: "text" }]])),
    (error) => isSyncError(error, "COLUMN_MISSING") && error.hint === "Did you mean 'status'?",
  );
});

test("literals are compared in the canonical form of their column", () => {
  assert.ok(typed("d", "equals", { value: 1.5 }, "1.5"));
  assert.ok(typed("d", "equals", { value: "1.50" }, "1.5"));
  assert.ok(typed("d", "in", { values: ["1.50", 7] }, "7"));
  assert.ok(typed("d", "equals", { value: 123456789012345678901n }, "123456789012345678901"));
  assert.ok(
    typed("i", "equals", { value: "2024-01-01T01:00:00.000+01:00" }, "2024-01-01T00:00:00Z"),
  );
  assert.ok(
    typed(
      "u",
      "equals",
      { value: "0B8E1C3A-0000-4000-8000-00000000000F" },
      "0b8e1c3a-0000-4000-8000-00000000000f",
    ),
  );
  assert.ok(typed("r", "equals", { value: 2n ** 60n }, 2 ** 60));
  assert.ok(
    typed("n", "greater_than", { value: 1.5 }, 2) && !typed("n", "greater_than", { value: 1.5 }, 1),
  );
  assert.ok(typed("n", "equals", { value: 2n ** 63n }, 2n ** 63n));
  assert.ok(!typed("t", "equals", { value: "longer than three" }, "x"));
  assert.ok(typed("j", "equals", { value: { a: [1, 2] } }, { a: [1, 2] }));
  assert.ok(
    typed("any", "greater_than", { value: 1 }, 2) &&
      !typed("any", "greater_than", { value: 1 }, "2"),
  );
  assert.ok(typed("b", "equals", { value: false }, false));
  assert.ok(typed("raw", "equals", { value: new Uint8Array([1]) }, new Uint8Array([1])));
});

test("decimals are ordered as numbers, dates by time, text by its UTF-8 bytes", () => {
  assert.ok(
    typed("d", "greater_than", { value: 9 }, "10") &&
      typed("d", "less_than", { value: "-1.05" }, "-1.1"),
  );
  assert.ok(
    typed("i", "greater_than", { value: "2024-01-01T00:00:00Z" }, "2024-01-01T00:00:00.5Z"),
  );
  assert.ok(!typed("i", "less_than", { value: "2024-01-01T00:00:00Z" }, "2024-01-01T00:00:00.5Z"));
  assert.ok(typed("i", "less_than", { value: "2024-01-01T00:00:00Z" }, "-000001-01-01T00:00:00Z"));
  assert.ok(
    typed("i", "greater_than", { value: "9999-01-01T00:00:00Z" }, "+010000-01-01T00:00:00Z"),
  );
  assert.ok(typed("day", "between", { values: ["2024-01-31", "2024-02-29"] }, "2024-02-01"));
  assert.ok(typed("t", "greater_than", { value: "\uFFFD" }, "\u{1F600}"));
  assert.ok(
    typed("t", "less_than", { value: "ab" }, "a") &&
      typed("t", "less_than", { value: "b" }, "a\u{10FFFF}"),
  );
  assert.ok(!typed("i", "greater_than", { value: "2024-01-01T00:00:00Z" }, "garbled"));
});

test("instants are ordered as their times", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: -9e13, max: 4e14 }),
      fc.integer({ min: -9e13, max: 4e14 }),
      (a, b) => {
        const text = (ms: number) => {
          const made = toInstant(ms);
          return made.kind === "value" ? made.value : assert.fail(made.reason);
        };
        assert.equal(typed("i", "less_than", { value: text(a) }, text(b)), b < a);
        assert.equal(typed("i", "greater_or_equal", { value: text(a) }, text(b)), b >= a);
      },
    ),
  ));
