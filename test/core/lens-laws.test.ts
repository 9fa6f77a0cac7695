import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { MappingSpec } from "../../src/core/mapping.ts";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { sameAll } from "../../src/core/values.ts";
import { ID, seen, source } from "./lens-sketch.ts";

// Lines that go both ways, each with values that its source may well hold.
const anything = fc.constantFrom<Value>(
  null,
  ABSENT,
  JSON_NULL,
  true,
  0,
  7,
  10n ** 20n,
  "",
  "a",
  [1],
  { n: "a" },
  { n: null, m: 1 },
);
const LINES: readonly (readonly [line: MappingSpec, values: readonly Value[]])[] = [
  [{ source: "a", target: "t1" }, ["a", 1, null]],
  [
    { source: "b.n", target: "t2.deep.n" },
    [{ n: "a" }, { n: null }, {}, { m: 1 }, null, JSON_NULL],
  ],
  [{ source: "c", target: "t3", transform: "x-${value}-y" }, ["a", "", null, ABSENT, 7]],
  [
    { source: "d", target: "t4", lookup: { table: { a: "b", b: "a", "7": 7 } } },
    ["a", "b", "7", 7, null],
  ],
  [
    { source: "e", target: "t5", lookup: { table: { a: "b" }, otherwise: "keep" } },
    ["a", "b", "c", 1],
  ],
  [{ source: "f", target: "t6", transform: "number", default: 0 }, ["1.50", "7", 7, ABSENT, null]],
  [
    { source: "g", target: "t7", transform: "parseJSON" },
    ["{bad", '{ "x": 1 }', "null", null, "[]"],
  ],
  [
    { source: "h", target: "t8", transform: "boolean", default: false, defaultForNull: true },
    ["t", true, 0, null],
  ],
  [{ source: "i.n", target: "t9", required: true }, [{ n: "a" }, { n: 0, m: [] }]],
];
const lines = LINES.map(([line]) => line);
const both = source([ID, ...lines]);
const ownRow = fc.tuple(
  fc.integer(),
  ...LINES.map(([, values]) =>
    fc.oneof(
      { weight: 30, arbitrary: fc.constantFrom(...values) },
      { weight: 1, arbitrary: anything },
    ),
  ),
);

test("a mapping that is undone is the identity", () =>
  fc.assert(
    fc.property(ownRow, (own) => {
      const row = both.over(own);
      if ("kind" in row) return;
      assert.ok(sameAll(seen(both.back(row, own)), own));
    }),
    { numRuns: 2000 },
  ));

test("what was written back is seen as it was meant, or not written", () =>
  fc.assert(
    fc.property(ownRow, fc.option(ownRow, { nil: null }), (there, own) => {
      const row = [there[0], ...lines.map((_, i) => there[i + 1] ?? null)];
      const to = both.back(row, own);
      if ("kind" in to) return;
      // ABSENT at a place inside a document is null in the link.
      assert.ok(sameAll(seen(both.over(to)), row));
    }),
    { numRuns: 2000 },
  ));

test("rows that were seen through the lens can be written to an empty row", () => {
  let readable = 0;
  fc.assert(
    fc.property(ownRow, (own) => {
      const row = both.over(own);
      if ("kind" in row) return;
      readable++;
      const to = both.back(row, null);
      // Only a lookup that keeps what it does not know loses the way (b stays b, and a becomes b).
      if (!("kind" in to)) assert.ok(sameAll(seen(both.over(to)), row));
      else
        assert.deepEqual(
          to.errors.filter((error) => !error.includes("'t5'")),
          [],
        );
    }),
    { numRuns: 2000 },
  );
  assert.ok(readable > 20, `${readable} rows were readable`);
});
