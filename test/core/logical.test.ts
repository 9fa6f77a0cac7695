import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { JSON_DEPTH_MAX } from "../../src/core/document.ts";
import { canonical, makeCanonical, typeName, whyNot } from "../../src/core/logical.ts";
import type { LogicalType } from "../../src/core/logical.ts";
import { decimalOf } from "../../src/core/numerals.ts";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { order, same } from "../../src/core/values.ts";
import { anyText, anyValue } from "./arbitraries.ts";

const TYPES: readonly LogicalType[] = [
  { kind: "any" },
  { kind: "boolean" },
  { kind: "integer" },
  { kind: "integer", min: -128, max: 127 },
  { kind: "integer", min: -(2n ** 63n), max: 2n ** 63n - 1n },
  { kind: "real" },
  { kind: "decimal" },
  { kind: "decimal", precision: 5, scale: 2 },
  { kind: "text" },
  { kind: "text", maxLength: 2 },
  { kind: "text", maxBytes: 4 },
  { kind: "bytes", maxLength: 2 },
  { kind: "instant" },
  { kind: "datetime" },
  { kind: "date" },
  { kind: "time" },
  { kind: "json" },
  { kind: "uuid" },
  { kind: "real", single: true },
  { kind: "decimal", precision: 3, scale: -2, nan: true },
  { kind: "decimal", precision: 2, scale: 4 },
  { kind: "text", noZero: true },
  { kind: "text", values: ["", "a"] },
  { kind: "json", noZero: true },
  { kind: "offset-time" },
  { kind: "duration" },
  { kind: "list", of: { kind: "integer", min: 0, max: 9 } },
  { kind: "list", of: { kind: "json" } },
  { kind: "list", of: { kind: "bytes" } },
  { kind: "named", name: "inet" },
];

/** What goes in, and its canonical form; undefined: refused. */
const TABLE: readonly [LogicalType["kind"], readonly (readonly [Value, Value | undefined])[]][] = [
  [
    "boolean",
    [
      [true, true],
      [0, false],
      [1n, true],
      ["f", false],
      ["yes", undefined],
      [2, undefined],
    ],
  ],
  [
    "integer",
    [
      ...([
        [7, 7],
        [-0, 0],
        [7n, 7],
        ["007", 7],
        ["-5", -5],
        ["1e3", 1000],
        ["2.0", 2],
      ] as const),
      ...([
        [2n ** 60n, 2n ** 60n],
        ["9007199254740993", 9007199254740993n],
      ] as const),
      ...([
        [2 ** 60, 2n ** 60n],
        [true, 1],
        [1.5, undefined],
        ["1.5", undefined],
      ] as const),
      ...([
        ["", undefined],
        ["0x10", undefined],
        [NaN, undefined],
        [" 1", undefined],
      ] as const),
    ],
  ],
  [
    "real",
    [
      ...([
        [1.5, 1.5],
        [-0, 0],
        [NaN, NaN],
        ["Infinity", Infinity],
        ["1.50", 1.5],
      ] as const),
      ...([
        [2n ** 60n, 2 ** 60],
        [2n ** 60n + 1n, undefined],
        ["0.1", 0.1],
      ] as const),
      ...([
        ["0.10000000000000001", undefined],
        ["1e400", undefined],
        [false, undefined],
      ] as const),
    ],
  ],
  [
    "decimal",
    [
      ...([
        ["1.50", "1.5"],
        ["+01.0", "1"],
        ["-0.00", "0"],
        [".5", "0.5"],
        ["5.", "5"],
      ] as const),
      ...([
        [1e21, "1000000000000000000000"],
        [1e-7, "0.0000001"],
        ["12e-1", "1.2"],
      ] as const),
      ...([
        [-0, "0"],
        [12n, "12"],
        ["1e3", "1000"],
        ["0.000120e3", "0.12"],
        ["NaN", "NaN"],
      ] as const),
      ...([
        [NaN, "NaN"],
        [".", undefined],
        ["1_000", undefined],
        ["1e999999999", undefined],
      ] as const),
    ],
  ],
  [
    "text",
    [
      ["é", "é"],
      [7, "7"],
      [1e21, "1000000000000000000000"],
      [true, "true"],
      ["\ud800", undefined],
    ],
  ],
  [
    "bytes",
    [
      [Uint8Array.of(1), Uint8Array.of(1)],
      ["AQ==", undefined],
    ],
  ],
  [
    "uuid",
    [
      ["6BA7B810-9DAD-11D1-80B4-00C04FD430C8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
      ["6ba7b8109dad11d180b400c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
      ["6ba7b810", undefined],
    ],
  ],
  [
    "json",
    [
      ...([
        [{ a: -0 }, { a: 0 }],
        [
          [1n, 2n ** 60n],
          [1, 2n ** 60n],
        ],
        [JSON_NULL, JSON_NULL],
      ] as const),
      ...([
        [[2 ** 60], [2n ** 60n]],
        [[10n ** 25n], [1e25]],
        [[10n ** 25n + 1n], [10n ** 25n + 1n]],
        [[null], [null]],
      ] as const),
      ...([
        [[NaN], undefined],
        [[ABSENT], undefined],
        [[Uint8Array.of()], undefined],
      ] as const),
      ...([
        [["\ud800"], undefined],
        [{ "\ud800": 1 }, undefined],
        ["a", "a"],
      ] as const),
    ],
  ],
  [
    "any",
    [
      [Uint8Array.of(1), Uint8Array.of(1)],
      ["007", "007"],
      [7n, 7],
      [-0, 0],
      [1e300, 1e300],
    ],
  ],
];

for (const [kind, cases] of TABLE) {
  test(`${kind}: what goes in, what it is`, () => {
    const type = { kind } as LogicalType; // without bounds every kind is a type
    for (const [value, expected] of cases) {
      const form = canonical(type, value);
      assert.deepEqual(form, expected, inspect(value));
      assert.ok(!Object.is(form, -0));
    }
  });
}

test("bounds are kept, at the bound exactly", () => {
  const tiny = makeCanonical({ kind: "integer", min: -128, max: 127n });
  assert.deepEqual([-129, -128, 127, 128].map(tiny), [undefined, -128, 127, undefined]);
  const money = makeCanonical({ kind: "decimal", precision: 5, scale: 2 });
  const amounts = ["999.99", "1000", "0.001", "-999.9900", "NaN", "0.99"];
  assert.deepEqual(amounts.map(money), [
    "999.99",
    undefined,
    undefined,
    "-999.99",
    undefined,
    "0.99",
  ]);
  const cents = makeCanonical({ kind: "decimal", precision: 2, scale: 2 });
  assert.deepEqual(["0.99", "1"].map(cents), ["0.99", undefined]);
  const two = makeCanonical({ kind: "text", maxLength: 2 });
  assert.deepEqual(["😀😀", "😀😀😀", "abc"].map(two), ["😀😀", undefined, undefined]);
  const four = makeCanonical({ kind: "text", maxBytes: 4 });
  assert.deepEqual(["éé", "ééa", "😀", "abcd"].map(four), ["éé", undefined, "😀", "abcd"]);
  const short = makeCanonical({ kind: "bytes", maxLength: 1 });
  assert.equal(short(new Uint8Array(2)), undefined);
});

test("a canonical form is its own canonical form, and the same value", () =>
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), fc.oneof(anyValue, anyText), (type, value) => {
      const form = canonical(type, value);
      if (form === undefined) return;
      assert.ok(same(canonical(type, form), form));
      if (type.kind === "any" || type.kind === "json") assert.ok(same(form, value));
    }),
    { numRuns: 3000 },
  ));

test("NULL and ABSENT are in every type, JSON's null only in documents", () => {
  for (const type of TYPES) {
    assert.equal(canonical(type, null), null);
    assert.equal(canonical(type, ABSENT), ABSENT);
    const hasDocuments = type.kind === "json" || type.kind === "any";
    assert.equal(canonical(type, JSON_NULL), hasDocuments ? JSON_NULL : undefined);
  }
});

test("why a value is refused is said exactly where it is refused, and without its data", () =>
  fc.assert(
    fc.property(fc.constantFrom(...TYPES), anyValue, (type, value) => {
      const why = whyNot(type, value);
      assert.equal(why === undefined, canonical(type, value) !== undefined);
      assert.match(why ?? "is", /^(?:is|has)[\w ,()-]*$/);
    }),
  ));

test("a person is told what does not fit", () => {
  const told = (type: LogicalType, value: Value): string | undefined => whyNot(type, value);
  assert.equal(told({ kind: "integer", min: 0, max: 255 }, 256), "is outside 0 to 255");
  assert.equal(told({ kind: "integer", min: 0 }, -1), "is below 0");
  assert.equal(told({ kind: "integer", max: 255n }, 256), "is above 255");
  assert.equal(told({ kind: "integer" }, "x"), "is not a whole number");
  assert.equal(
    told({ kind: "decimal", precision: 5, scale: 2 }, "1.001"),
    "has more digits than decimal(5,2) holds",
  );
  assert.equal(told({ kind: "text", maxLength: 2 }, "abc"), "is longer than text(2) holds");
  assert.equal(told({ kind: "text" }, "\udc00"), "has half a character");
  assert.equal(told({ kind: "instant" }, "2024-01-01 10:00:00"), "has no time zone");
});

test("types are named as people write them", () => {
  const names = TYPES.map(typeName);
  assert.ok(names.includes("decimal(5,2)") && names.includes("text(2)"));
  assert.ok(names.includes("text(4 bytes)") && names.includes("bytes(2)"));
});

test("equal numbers have one form in a document and in a loosely typed column", () =>
  fc.assert(
    fc.property(
      fc.oneof(
        fc.bigInt(),
        fc.constantFrom(10n ** 19n, 2n ** 63n, 2n ** 64n, 10n ** 23n, 10n ** 300n),
      ),
      (n) => {
        // Beyond 64 bits a double has the digits that everybody writes it with.
        const isInteger = n < 2n ** 64n && n > -(2n ** 64n);
        const real = Number(n);
        if (isInteger ? BigInt(real) !== n : decimalOf(String(real)) !== String(n)) return;
        const a = canonical({ kind: "any" }, n) ?? null;
        const b = canonical({ kind: "any" }, real) ?? null;
        assert.equal(typeof a, typeof b);
        assert.equal(order(a, b), 0);
      },
    ),
  ));

test("a document that is canonical is not copied", () => {
  const document = { a: [1, { b: "c" }] };
  assert.equal(canonical({ kind: "json" }, document), document);
});

test("a document is refused when it is too deep, before any stack is", () => {
  let deep: Value = [];
  for (let i = 1; i < JSON_DEPTH_MAX; i++) deep = [deep];
  assert.ok(canonical({ kind: "json" }, deep) !== undefined);
  assert.equal(canonical({ kind: "json" }, [deep]), undefined);
});

test("`__proto__` is a name like any other", () => {
  const form = canonical({ kind: "json" }, JSON.parse('{"__proto__":{"a":-0}}'));
  assert.ok(form !== undefined && form !== null && typeof form === "object");
  assert.deepEqual(Object.keys(form), ["__proto__"]);
  assert.equal(Object.hasOwn({}, "a"), false);
});
