// The bytes of a range are a format: databases make the same ones. No two lists of rows that
// differ have the same bytes, as long as no value holds the salt.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { sameAll } from "../../src/core/values.ts";
import type { Value } from "../../src/core/state.ts";
import { makeRangeBytes, RANGE_BYTES_MAX } from "../../src/engine/index.ts";
import type { DigestForm } from "../../src/engine/index.ts";
import { anyBytes, anyText, anyValue } from "../core/arbitraries.ts";

const SALT = "endsheregonehere";

const bytesOf = (forms: readonly DigestForm[], rows: readonly (readonly Value[])[]) => {
  const made = makeRangeBytes(
    forms.map((form, at) => ({ at, form })),
    SALT,
  )(rows);
  return made === undefined ? undefined : Buffer.from(made);
};

/** One column as `latin1`, fixed-length values in hexadecimal. */
const CASES: readonly (readonly [DigestForm, readonly Value[], string])[] = [
  ["integer", [1, -1, 0], `${"0".repeat(15)}1${"f".repeat(16)}${"0".repeat(16)}`],
  ["integer", [2 ** 32, -(2 ** 32), null], "0000000100000000ffffffff00000000676f6e6568657265"],
  ["integer", [2 ** 53 - 1, 1 - 2 ** 53], "001fffffffffffffffe0000000000001"],
  ["integer", [2n ** 63n - 1n, -(2n ** 63n)], "7fffffffffffffff8000000000000000"],
  ["real", [1, -0.5, null], "3ff0000000000000bfe0000000000000676f6e6568657265"],
  ["real", [0, -0, Infinity], "000000000000000000000000000000007ff0000000000000"],
  ["real", [NaN, 5e-324], "7ff80000000000000000000000000001"],
  ["boolean", [true, false, null], "tendsherefendsheregonehereendshere"],
  ["text", ["a", "", null, "é"], "aendshereendsheregonehereendshereÃ©endshere"],
  ["bytes", [Uint8Array.of(0, 255), null], "\0ÿendsheregonehereendshere"],
  ["document", ["1", 1, null, { b: [null], a: true }], '"1"endshere1endsheregonehereendshere'],
];

test("every form has its bytes", () => {
  for (const [form, values, expected] of CASES) {
    const bytes = bytesOf(
      [form],
      values.map((value) => [value]),
    );
    const isFixed = form === "integer" || form === "real";
    const text = bytes?.toString(isFixed ? "hex" : "latin1");
    assert.equal(form === "document" ? text?.slice(0, expected.length) : text, expected);
  }
});

test("columns stand one after the other", () => {
  const rows = [
    ["a", 1, "b"],
    ["c", 2, null],
  ] as const;
  const bytes = bytesOf(["text", "integer", "text"], rows);
  const fixed = "\0\0\0\0\0\0\0\u0001\0\0\0\0\0\0\0\u0002";
  assert.equal(bytes?.toString("latin1"), `aendsherecendshere${fixed}bendsheregonehereendshere`);
});

test("what has not the form of its column has no bytes", () => {
  const misfits: readonly (readonly [DigestForm, Value | undefined])[] = [
    ["integer", "1"],
    ["integer", 1.5],
    ["integer", 2n ** 63n],
    ["integer", undefined],
    ["real", 1n],
    ["boolean", 1],
    ["text", 1],
    ["text", "half \ud800"],
    ["text", Uint8Array.of(97)],
    ["bytes", "a"],
    ["document", undefined],
  ];
  for (const [at, [form, value]] of misfits.entries()) {
    const make = makeRangeBytes([{ at: 0, form }], SALT);
    assert.equal(make([[value]]), undefined, `${form}, case ${at}`);
    assert.notEqual(make([[null]]), undefined, "the next rows are not held up by that");
  }
});

test("a range of more bytes than may be has none", () => {
  const row = ["x".repeat(RANGE_BYTES_MAX / 4)];
  assert.equal(bytesOf(["text"], [row, row, row, row, row]), undefined);
  assert.notEqual(bytesOf(["text"], [["x"]]), undefined);
});

const FORMS: readonly DigestForm[] = ["integer", "real", "boolean", "bytes", "text", "document"];

/** Values that are near each other: the same letters on both sides of a border. */
const near: fc.Arbitrary<Value> = fc.oneof(
  fc.constantFrom<Value>(null, "", "a", "aa", "ends", "here", "gone", 0, 1, -1, 2 ** 32, true),
  anyText,
  anyBytes,
  anyValue,
);

test("rows that differ have other bytes", () => {
  let compared = 0;
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...FORMS), { minLength: 1, maxLength: 3 }).chain((forms) => {
        const rows = fc.array(fc.tuple(...forms.map(() => near)), { minLength: 1, maxLength: 3 });
        return fc.tuple(fc.constant(forms), rows, rows);
      }),
      ([forms, one, other]) => {
        const [left, right] = [bytesOf(forms, one), bytesOf(forms, other)];
        if (left === undefined || right === undefined || one.length !== other.length) return;
        compared += 1;
        const isSame = one.every((row, at) => sameAll(row, other[at] ?? []));
        assert.equal(left.equals(right), isSame);
      },
    ),
    { numRuns: 5_000 },
  );
  assert.ok(compared > 50, `only ${compared} pairs had bytes`);
});
