import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { isSyncError } from "../../src/core/errors.ts";
import type { ErrorCode } from "../../src/core/errors.ts";
import {
  FILTER_DEPTH_MAX,
  FILTER_OPERATORS,
  FILTER_VALUES_MAX,
  parseFilter,
} from "../../src/core/filter-parser.ts";
import { compileFilter, filterColumns } from "../../src/core/filter.ts";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import type { LogicalType } from "../../src/core/logical.ts";
import type { Value } from "../../src/core/state.ts";

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

/** One test on column `x`, without types. */
function passes(operator: string, given: object, value: Value): boolean {
  return compileFilter(parseFilter({ field: "x", operator, ...given }), ["x"])([value]);
}

/** One test on a typed column. */
function typed(field: string, operator: string, given: object, value: Value): boolean {
  return compileFilter(parseFilter({ field, operator, ...given }), [field], TYPES)([value]);
}

const NOTHING: readonly Value[] = [null, ABSENT, JSON_NULL];

/** Per operator: what it is given, what passes, what does not. Null is in each of them below. */
const OPERATORS: {
  readonly [operator: string]: readonly [
    given: object,
    yes: readonly Value[],
    no: readonly Value[],
  ];
} = {
  equals: [{ value: 5 }, [5, 5n], ["5", 6, true, ...NOTHING]],
  not_equals: [{ value: 5 }, ["5", 6, true, ...NOTHING], [5, 5n]],
  in: [{ values: ["a", 1, [2]] }, ["a", 1, [2]], ["b", "1", [3], 2, ...NOTHING]],
  not_in: [{ values: ["a", 1, [2]] }, ["b", "1", [3], 2, ...NOTHING], ["a", 1, [2]]],
  is_null: [{}, NOTHING, [0, "", false, []]],
  not_null: [{}, [0, "", false, []], NOTHING],
  exists: [{}, [0, "", false, null, JSON_NULL], [ABSENT]],
  greater_than: [
    { value: 5 },
    [6, 5.1, 2n ** 70n, Infinity],
    [5, 4, "6", true, NaN, [6], ...NOTHING],
  ],
  greater_or_equal: [{ value: 5 }, [5, 6, 5n], [4, "6", NaN, ...NOTHING]],
  less_than: [{ value: 5 }, [4, -(2n ** 70n), -Infinity], [5, 6, "4", false, NaN, ...NOTHING]],
  less_or_equal: [{ value: 5 }, [5, 4], [6, "4", NaN, ...NOTHING]],
  between: [{ values: [2, 5] }, [2, 3, 5], [1, 6, "3", NaN, ...NOTHING]],
  contains: [
    { value: "b" },
    ["abc", "b", ["a", "b"]],
    ["B", "ac", ["abc"], { b: 1 }, 5, ...NOTHING],
  ],
  starts_with: [{ value: "ab" }, ["abc", "ab"], ["cab", "a", ["ab"], 5, ...NOTHING]],
  ends_with: [{ value: "bc" }, ["abc", "bc"], ["bca", "c", ["bc"], 5, ...NOTHING]],
};

for (const operator of FILTER_OPERATORS) {
  test(`the operator ${operator} lets pass what it says, and null as it says`, () => {
    const [given, yes, no] = OPERATORS[operator] ?? assert.fail("not in the table");
    for (const value of yes) assert.ok(passes(operator, given, value), inspect(value));
    for (const value of no) assert.ok(!passes(operator, given, value), inspect(value));
  });
}

test("null is equal to null, also among others", () => {
  for (const value of NOTHING) {
    assert.ok(passes("equals", { value: null }, value));
    assert.ok(!passes("not_equals", { value: null }, value));
    assert.ok(passes("in", { values: ["a", null] }, value));
  }
  assert.ok(passes("not_equals", { value: null }, 0));
});

test("an operator that is not known is refused with the nearest one, and lets nothing pass", () => {
  const cases: readonly (readonly [word: string, hint: string])[] = [
    ["greater_then", "Did you mean 'greater_than'?"],
    ["notEquals", "Did you mean 'not_equals'?"],
    ["startswith", "Did you mean 'starts_with'?"],
  ];
  for (const [operator, hint] of cases) {
    assert.throws(
      () => parseFilter({ field: "x", operator, value: 1 }),
      (error) =>
        isSyncError(error, "FILTER_INVALID") &&
        error.message.includes(operator) &&
        error.hint === hint,
    );
  }
});

test("what is no filter is refused", () => {
  const bad: readonly (readonly [raw: unknown, code: ErrorCode])[] = [
    ["status in [a]", "FILTER_INVALID"],
    [null, "FILTER_INVALID"],
    [{ operator: "equals", value: 1 }, "FILTER_INVALID"],
    [{ field: "x", value: 1 }, "FILTER_INVALID"],
    [{ field: "x", operator: "equals" }, "FILTER_INVALID"],
    [{ field: "x", operator: "equals", values: [1] }, "FILTER_INVALID"],
    [{ field: "x", operator: "equals", value: new Date(0) }, "FILTER_INVALID"],
    [{ field: "x", operator: "equals", value: undefined }, "FILTER_INVALID"],
    [{ field: "x", operator: "equals", value: 1, values: [1] }, "FILTER_INVALID"],
    [{ field: "x", operator: "in", values: "a" }, "FILTER_INVALID"],
    [{ field: "x", operator: "in", values: [] }, "FILTER_INVALID"],
    [{ field: "x", operator: "in", value: [1], values: [1] }, "FILTER_INVALID"],
    [{ field: "x", operator: "between", values: [1] }, "FILTER_INVALID"],
    [{ field: "x", operator: "between", values: [1, null] }, "FILTER_INVALID"],
    [{ field: "x", operator: "greater_than", value: null }, "FILTER_INVALID"],
    [{ field: "x", operator: "greater_than", value: NaN }, "FILTER_INVALID"],
    [{ field: "x", operator: "less_than", value: true }, "FILTER_INVALID"],
    [{ field: "x", operator: "contains", value: "" }, "FILTER_INVALID"],
    [{ field: "x", operator: "contains", value: null }, "FILTER_INVALID"],
    [{ field: "x", operator: "starts_with", value: 1 }, "FILTER_INVALID"],
    [{ field: "x", operator: "is_null", value: 1 }, "FILTER_INVALID"],
    [{ and: [] }, "FILTER_INVALID"],
    [{ or: {} }, "FILTER_INVALID"],
    [{ field: "x", operator: "equals", valeu: 1 }, "CONFIG_UNKNOWN_KEY"],
    [{ or: [{ field: "x", operator: "exists" }], field: "y" }, "CONFIG_UNKNOWN_KEY"],
    [{ field: "__proto__.x", operator: "exists" }, "CONFIG_INVALID"],
  ];
  for (const [raw, code] of bad) {
    assert.throws(
      () => parseFilter(raw),
      (error) => isSyncError(error, code),
      JSON.stringify(raw),
    );
  }
});

test("a list of values has a limit", () => {
  const values = Array.from({ length: FILTER_VALUES_MAX }, (_, i) => i);
  assert.ok(passes("in", { values }, FILTER_VALUES_MAX - 1));
  assert.throws(() => passes("in", { values: [...values, -1] }, 1), { code: "FILTER_INVALID" });
});

test("where a column has a type, null and garbled values are neither greater nor less", () => {
  const held: { readonly [field: string]: Value } = {
    d: "9",
    i: "2024-01-01T00:00:00Z",
    t: "a",
    n: 5,
  };
  for (const [field, value] of Object.entries(held)) {
    for (const operator of ["greater_than", "greater_or_equal", "less_than", "less_or_equal"]) {
      const others: readonly Value[] = [null, ABSENT, "NaN", [value], true];
      for (const other of others) {
        if (field === "t" && other === "NaN") continue;
        assert.ok(!typed(field, operator, { value }, other), `${field} ${operator}`);
      }
      const includesEqual = operator.endsWith("equal");
      assert.equal(typed(field, operator, { value }, value), includesEqual, `${field} ${operator}`);
    }
  }
});

test("text operators are for text columns, and objects are found among several", () => {
  assert.ok(
    typed("t", "contains", { value: "b" }, "abc") &&
      typed("day", "starts_with", { value: "2024-" }, "2024-02-01"),
  );
  assert.ok(passes("in", { values: [[1], { a: 1 }] }, { a: 1 }));
  assert.ok(!passes("in", { values: [[1], { a: 1 }] }, { a: 2 }));
});

test("groups nest up to a limit", () => {
  const nested = (depth: number): unknown =>
    depth === 0 ? { field: "x", operator: "exists" } : { not: nested(depth - 1) };
  assert.ok(compileFilter(parseFilter(nested(FILTER_DEPTH_MAX)), ["x"])([1]));
  assert.throws(() => parseFilter(nested(FILTER_DEPTH_MAX + 1)), { code: "FILTER_INVALID" });
  let listed: unknown = { field: "x", operator: "exists" };
  for (let depth = 0; depth <= FILTER_DEPTH_MAX; depth++) listed = { and: [listed] };
  assert.throws(() => parseFilter(listed), { code: "FILTER_INVALID" });
});

test("a list holds together, or and not say otherwise, an empty list lets all pass", () => {
  const filter = parseFilter([
    {
      or: [
        { field: "s", operator: "equals", value: "a" },
        { field: "s", operator: "is_null" },
      ],
    },
    { not: { field: "n", operator: "less_than", value: 3 } },
    { and: [{ field: "n", operator: "not_equals", value: 7 }] },
  ]);
  const matches = compileFilter(filter, ["s", "n"]);
  assert.ok(matches(["a", 3]) && matches([null, 4]) && matches(["a", null]));
  assert.ok(!matches(["b", 3]) && !matches(["a", 2]) && !matches(["a", 7]));
  assert.ok(compileFilter(parseFilter([]), [])([]));
  const two = compileFilter(
    parseFilter([
      { field: "s", operator: "not_null" },
      { field: "n", operator: "equals", value: 1 },
    ]),
    ["s", "n"],
  );
  assert.ok(two(["a", 1]) && !two(["a", 2]) && !two([null, 1]));
});

test("a filter names its columns once, and looks into documents", () => {
  const filter = parseFilter([
    { field: "profile.city", operator: "equals", value: "Bern" },
    { not: { field: "profile.tags", operator: "contains", value: "old" } },
    {
      or: [
        { field: "a.b", operator: "exists" },
        { field: "id", operator: "not_null" },
      ],
    },
  ]);
  assert.deepEqual(filterColumns(filter), ["profile", "a", "id"]);
  assert.deepEqual(
    filterColumns(filter, (name) => name === "a.b"),
    ["profile", "a.b", "id"],
  );
  const matches = compileFilter(filter, ["id", "profile", "a.b"]);
  assert.ok(matches([1, { city: "Bern", tags: ["new"] }, ABSENT]));
  assert.ok(matches([null, { city: "Bern" }, 0]));
  assert.ok(!matches([1, { city: "Bern", tags: ["old"] }, 0]));
  assert.ok(!matches([1, null, 0]) && !matches([null, { city: "Bern" }, ABSENT]));
});

test("not is exactly the complement, whatever the value", () => {
  const value = fc.constantFrom<Value>(
    null,
    ABSENT,
    JSON_NULL,
    1,
    "1",
    true,
    NaN,
    [1],
    { a: 1 },
    "abc",
  );
  fc.assert(
    fc.property(fc.constantFrom(...FILTER_OPERATORS), value, (operator, held) => {
      const [given] = OPERATORS[operator] ?? assert.fail("not in the table");
      const spec = parseFilter({ not: { field: "x", operator, ...given } });
      assert.equal(compileFilter(spec, ["x"])([held]), !passes(operator, given, held));
    }),
  );
});

test("text is ordered as its UTF-8 bytes", () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "é", "\uE000", "\uFFFD", "\u{10000}", "\u{10FFFF}"),
    maxLength: 4,
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(
        passes("less_than", { value: b }, a),
        Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0,
      );
    }),
  );
});
