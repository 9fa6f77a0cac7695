import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { kindOf, order, same, sameAll } from "../../src/core/values.ts";
import { anyValue, list, objectOf } from "./arbitraries.ts";

const bytes = (...of: number[]): Uint8Array => Uint8Array.from(of);

test("values are the same by content", () => {
  const pairs: [Value | undefined, Value | undefined][] = [
    [NaN, NaN],
    [0, -0],
    [1, 1n],
    [2 ** 60, 2n ** 60n],
    [bytes(1, 2), bytes(1, 2)],
    [
      [1, [null, "a"]],
      [1, [null, "a"]],
    ],
    [
      { a: 1, b: { c: [2] } },
      { b: { c: [2] }, a: 1 },
    ],
    [objectOf([["__proto__", 1]]), JSON.parse('{"__proto__":1}')],
    [undefined, undefined],
    [ABSENT, ABSENT],
  ];
  for (const [a, b] of pairs) {
    assert.ok(same(a, b), kindOf(a ?? null));
    assert.ok(same(b, a));
  }
});

test("values of another kind or content are not the same", () => {
  const values: (Value | undefined)[] = [
    undefined,
    ...list(null, ABSENT, JSON_NULL, false, true, 0, 1, NaN, "", "0", "1", "null"),
    ...list(
      bytes(),
      bytes(0),
      bytes(1),
      [],
      [0],
      [null],
      [[]],
      {},
      { a: 0 },
      { a: null },
      { b: 0 },
    ),
    ...list({ a: 0, b: 0 }, 2n ** 64n, 2n ** 64n + 1n, objectOf([["__proto__", null]]), { 0: 0 }),
    ...list(objectOf([["constructor", 1]]), objectOf([["toString", 1]])),
  ];
  for (const [i, a] of values.entries()) {
    for (const [j, b] of values.entries()) assert.equal(same(a, b), i === j, `${i} and ${j}`);
  }
});

test("a name on a prototype is not in an object", () => {
  assert.ok(!same(objectOf([["constructor", 1]]), { other: 1 }));
  // What stands behind `__proto__` of any object is an object without names of its own.
  assert.ok(!same(objectOf([["__proto__", {}]]), { other: 1 }));
});

test("a big integer is not the same as the double next to it", () => {
  assert.ok(!same(2n ** 60n + 1n, 2 ** 60) && !same(2 ** 60, 2n ** 60n + 1n));
  assert.ok(order(2n ** 60n + 1n, 2 ** 60) > 0 && order(2 ** 60, 2n ** 60n + 1n) < 0);
  // Beyond 64 bits a double stands for the digits that it is written with.
  assert.ok(same(10n ** 23n, 1e23) && order(1e23, 10n ** 23n) === 0);
  assert.ok(!same(2 ** 65, 2n ** 65n) && order(2 ** 65, 2n ** 65n) < 0);
  assert.ok(order(2n ** 65n, 2 ** 65) > 0 && order(Infinity, 10n ** 400n) > 0);
});

test("rows are the same position by position", () => {
  assert.ok(sameAll([1, undefined, "a"], [1, undefined, "a"]));
  assert.ok(!sameAll([1, undefined], [1, null]));
  assert.ok(!sameAll([1], [1, 2]));
});

test("the order of values is total and agrees with equality", () =>
  fc.assert(
    fc.property(anyValue, anyValue, anyValue, (a, b, c) => {
      assert.equal(Math.sign(order(a, b)), -Math.sign(order(b, a)) + 0 || 0);
      assert.equal(order(a, b) === 0, same(a, b));
      assert.equal(order(a, a), 0);
      if (order(a, b) <= 0 && order(b, c) <= 0) assert.ok(order(a, c) <= 0);
    }),
    { numRuns: 3000 },
  ));

test("whole numbers from zero on are in the order of the model", () => {
  const model = (a: number, b: number): number =>
    String(a).length - String(b).length ||
    (String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0);
  fc.assert(
    fc.property(fc.nat(200), fc.nat(200), (a, b) =>
      assert.equal(Math.sign(order(a, b)), Math.sign(model(a, b))),
    ),
  );
});

test("kinds are ordered among each other, NaN is the greatest number", () => {
  const ascending: Value[] = [
    ...list(
      ABSENT,
      null,
      JSON_NULL,
      false,
      true,
      -Infinity,
      -1,
      0,
      0.5,
      1,
      2n ** 70n,
      Infinity,
      NaN,
    ),
    ...list("", "A", "a", bytes(), bytes(0), bytes(0, 1), bytes(1), [], [1], [1, 2], [2]),
    ...list({}, { a: 1 }, { a: 2 }, { a: 1, b: 1 }, { b: 0 }),
  ];
  for (const [i, a] of ascending.entries()) {
    for (const [j, b] of ascending.entries()) {
      assert.equal(Math.sign(order(a, b)), Math.sign(i - j), `${i} and ${j}`);
    }
  }
});
