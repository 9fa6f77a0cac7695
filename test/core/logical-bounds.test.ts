import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { makeCanonical, whyNot } from "../../src/core/logical.ts";
import { JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";

test("scales below zero and above the precision", () => {
  const thousands = makeCanonical({ kind: "decimal", precision: 2, scale: -3, nan: true });
  const amounts = ["99000", "100000", "1500", "-1000", "0", "NaN", "Infinity", "0.5"];
  assert.deepEqual(amounts.map(thousands), [
    "99000",
    undefined,
    undefined,
    "-1000",
    "0",
    "NaN",
    undefined,
    undefined,
  ]);
  const tiny = makeCanonical({ kind: "decimal", precision: 2, scale: 4 });
  const small = ["0.0099", "-0.0001", "0.01", "0.00001", "1", "0"];
  assert.deepEqual(small.map(tiny), ["0.0099", "-0.0001", undefined, undefined, undefined, "0"]);
});

test("numbers of 32 bits, texts of a choice, texts without U+0000", () => {
  const single = makeCanonical({ kind: "real", single: true });
  assert.deepEqual([3.5e38, -3.4e38, 1e-46, 0, NaN, -Infinity, 0.1].map(single), [
    undefined,
    -3.4e38,
    undefined,
    0,
    NaN,
    -Infinity,
    0.1,
  ]);
  const choice = makeCanonical({ kind: "text", values: ["on", "off"] });
  assert.deepEqual(["on", "off", "On", ""].map(choice), ["on", "off", undefined, undefined]);
  const text = makeCanonical({ kind: "text", noZero: true });
  assert.deepEqual(["a\0b", "ab"].map(text), [undefined, "ab"]);
  const document = makeCanonical({ kind: "json", noZero: true });
  assert.deepEqual(["\0", [{ "\0": 1 }], [["a\0"]]].map(document), [
    undefined,
    undefined,
    undefined,
  ]);
  assert.equal(
    whyNot({ kind: "text", noZero: true }, "\0"),
    whyNot({ kind: "json", noZero: true }, "\0"),
  );
});

test("lists keep their order, their holes, their dimensions and where they begin", () => {
  const numbers = makeCanonical({ kind: "list", of: { kind: "integer" } });
  const cases: readonly (readonly [Value, Value | undefined])[] = [
    [[], []],
    [
      ["1", null, 2n],
      [1, null, 2],
    ],
    ["[1,null]", [1, null]],
    [
      [["1"], [2]],
      [[1], [2]],
    ],
    [[[1], 2], undefined],
    [[1, [2]], undefined],
    [["x"], undefined],
    [[JSON_NULL], undefined],
    [
      { from: [0], items: ["5"] },
      { from: [0], items: [5] },
    ],
    [{ from: [1, 1], items: [[5]] }, [[5]]],
    [
      { from: [1, 0], items: [[5]] },
      { from: [1, 0], items: [[5]] },
    ],
    [{ from: [0], items: [[5]] }, undefined],
    [{ from: ["0"], items: [5] }, undefined],
    [{ from: [], items: [5] }, undefined],
    [{ from: [0], items: [5], more: 1 }, undefined],
    [[[[[[[[1]]]]]]], undefined],
  ];
  for (const [value, expected] of cases) assert.deepEqual(numbers(value), expected, inspect(value));
  const documents = makeCanonical({ kind: "list", of: { kind: "json" } });
  assert.deepEqual(documents([[1], JSON_NULL, null]), [[1], JSON_NULL, null]);
  assert.deepEqual(documents({ from: [1], items: [[1]] }), [[1]]);
  const square = { from: [1, 1], items: [[[1], { a: 1 }]] };
  assert.deepEqual(documents(square), square);
});
