import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Rival } from "../../src/core/policy.ts";
import { unite } from "../../src/core/union.ts";
import type { Value } from "../../src/core/state.ts";

type List = readonly Value[];

function rivalsOf(base: Value | undefined, ...values: readonly Value[]): readonly Rival[] {
  return values.map((value, side): Rival => ({ side, value, base, stamp: 0, first: false }));
}

const CASES: readonly (readonly [string, List | undefined, readonly Value[], Value | undefined])[] =
  [
    [
      "what both added is there once",
      [1],
      [
        [1, 2],
        [1, 2, 3],
      ],
      [1, 2, 3],
    ],
    ["what one removed is gone, although another still has it", [1, 2], [[1], [1, 2, 3]], [1, 3]],
    ["what one removed and another removed is gone", [1, 2], [[1], [1]], [1]],
    ["lists without a base are put together", undefined, [[2], [1]], [1, 2]],
    ["an element that stands twice stands once", [], [[5, 5], [5]], [5]],
    [
      "elements are told apart by content",
      [{ a: 1, b: 2 }],
      [[{ b: 2, a: 1 }], [{ a: 1, b: 2 }, 3]],
      [3, { a: 1, b: 2 }],
    ],
    ["a rival that is no list is asked about", [1], [null, [1, 2]], undefined],
  ];

for (const [name, base, values, united] of CASES) {
  test(`union: ${name}`, () => {
    assert.deepEqual(unite(base, rivalsOf(base, ...values), undefined), united);
  });
}

const A = { id: 1, tag: "a" };
const B = { id: 2, tag: "b" };
const KEYED: readonly (readonly [string, List, readonly Value[], Value | undefined])[] = [
  [
    "a changed object takes the place of the old",
    [A, B],
    [
      [{ ...A, tag: "x" }, B],
      [A, B],
    ],
    [{ ...A, tag: "x" }, B],
  ],
  [
    "both changed it alike",
    [A],
    [[{ ...A, tag: "x" }], [{ ...A, tag: "x" }]],
    [{ ...A, tag: "x" }],
  ],
  ["both changed it apart: asked", [A], [[{ ...A, tag: "x" }], [{ ...A, tag: "y" }]], undefined],
  ["one changed what the other removed: asked", [A, B], [[{ ...A, tag: "x" }, B], [B]], undefined],
  ["added here, removed there, each another", [A], [[A, B], []], [B]],
  ["objects without the key are elements", [], [[{ tag: "q" }, A], [1]], [1, A, { tag: "q" }]],
  ["a key is not taken for an element", [], [[{ id: 1 }], [1]], [1, { id: 1 }]],
];

for (const [name, base, values, united] of KEYED) {
  test(`union with a key: ${name}`, () => {
    assert.deepEqual(unite(base, rivalsOf(base, ...values), "id"), united);
  });
}

const list = fc.uniqueArray(fc.integer({ min: 0, max: 9 }));

test("union: three sides, each against its own base, in any order of rivals", () => {
  fc.assert(
    fc.property(
      list,
      fc.array(fc.tuple(list, list), { minLength: 1, maxLength: 4 }),
      (agreed, moves) => {
        const rivals = moves.map(([base, value], side) => ({
          side,
          value,
          base,
          stamp: 0,
          first: false,
        }));
        const united = unite(agreed, rivals, undefined);
        const added = moves.flatMap(([base, value]) => value.filter((x) => !base.includes(x)));
        const removed = moves.flatMap(([base, value]) => base.filter((x) => !value.includes(x)));
        const kept = agreed.filter((x) => !removed.includes(x));
        assert.deepEqual(
          united,
          [...new Set([...kept, ...added])].sort((x, y) => x - y),
        );
        assert.deepEqual(unite(agreed, rivals.toReversed(), undefined), united);
      },
    ),
  );
});
