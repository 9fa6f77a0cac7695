import fc from "fast-check";
import { ABSENT, JSON_NULL, exactNumber } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";

/** Text with what breaks encodings: control bytes, both ends of the planes, escapes of our own. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.string({
    unit: fc.constantFrom("\0", "\u0001", "\u0002", "\u0003", "a", "~", "é", "\uffff", "😀", "|"),
    maxLength: 6,
  }),
);

/** Numbers of every size; many are near each other, so that an order can go wrong. */
export const anyNumber: fc.Arbitrary<number | bigint> = fc.oneof(
  fc.integer({ min: -20, max: 120 }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.constantFrom<number | bigint>(0, -0, 0.5, -0.5, 0.05, 1e-7, 1e-300, 5e-324, 1e300, 1e21, 1e25),
  fc.constantFrom<number | bigint>(
    2 ** 53,
    -(2 ** 53),
    2 ** 63,
    -(2 ** 63),
    2n ** 63n - 1n,
    10n ** 18n,
  ),
  fc.constantFrom<number | bigint>(9, 10, 99, 100, 101, 110, 999.5, -9, -10, -100, -101, -100.5),
  fc.constantFrom(Infinity, -Infinity),
  fc.tuple(fc.integer(), fc.integer({ min: -30, max: 30 })).map(([n, e]) => n * 10 ** e),
);

export const anyBytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 6 });

/** What names an entry. */
export const keyValue: fc.Arbitrary<Value> = fc.oneof(anyText, anyNumber, fc.boolean(), anyBytes);

const name: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "$b", "$", "a", "b", "1", "toString"),
  anyText,
);

/** Numbers of documents that no double holds; many have the same first digits. */
const anyExact: fc.Arbitrary<Value> = fc
  .tuple(fc.bigInt({ min: -20n, max: 20n }), fc.integer({ min: 1, max: 3 }), fc.integer({ max: 9 }))
  .map(([whole, zeros, digit]) => {
    const last = `${"0".repeat(zeros + 16)}${Math.abs(digit % 9) + 1}`;
    return exactNumber(`${whole < 0n ? "-" : ""}${whole < 0n ? -whole : whole}.1${last}`);
  });

const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  anyText,
  anyExact,
  anyNumber.filter((number) => typeof number === "bigint" || Number.isFinite(number)),
  // Beyond all integers of stores: a double, its digits, and whole numbers that no double stands
  // for.
  fc.constantFrom<number | bigint>(
    1e23,
    10n ** 23n,
    BigInt(1e23),
    2 ** 65,
    2n ** 65n,
    -(2n ** 64n),
  ),
);

/** JSON documents, not yet in canonical form. Their top is no null. */
export const anyDocument: fc.Arbitrary<Value> = fc
  .letrec<{ tree: Value }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.array(tie("tree"), { maxLength: 3 }),
      fc.array(fc.tuple(name, tie("tree")), { maxLength: 3 }).map(objectOf),
    ),
  }))
  .tree.filter((value) => value !== null);

/** Every value that a field can hold. */
export const anyValue: fc.Arbitrary<Value> = fc.oneof(
  leaf,
  anyNumber,
  fc.constant(NaN),
  anyBytes,
  anyDocument,
  fc.constantFrom<Value>(ABSENT, JSON_NULL, null),
);

/** An object of these pairs, in which every name is data. */
export function objectOf(pairs: readonly (readonly [string, Value])[]): Value {
  return Object.fromEntries(pairs);
}

/** Values one after the other. (In an array literal TypeScript forgets which symbol one is.) */
export function list(...values: readonly Value[]): readonly Value[] {
  return values;
}
