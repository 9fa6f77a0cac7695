import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { decodeKey, encodeKey, keyFromText, makeKeyEncoder, showKey } from "../../src/core/key.ts";
import { canonical } from "../../src/core/logical.ts";
import type { LogicalType } from "../../src/core/logical.ts";
import { decimalOf } from "../../src/core/numerals.ts";
import { encodeDecimal } from "../../src/core/ordered-number.ts";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { same } from "../../src/core/values.ts";
import { anyBytes, anyNumber, anyText, keyValue, list } from "./arbitraries.ts";

/** Text that is made of whole characters: other text has no key. */
const wholeText = anyText.filter((text) => text.isWellFormed());
const keyable = keyValue.filter((value) => typeof value !== "string" || value.isWellFormed());

function keyOf(...values: Value[]): string {
  const key = encodeKey(values);
  assert.ok(key !== undefined);
  return key;
}

/** Fills a table without types, and reads it back in SQLite's own order. */
function sortedBySqlite(rows: readonly (readonly [Value, Value])[], by: string): string[] {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE t (a, b, key TEXT)");
  const insert = db.prepare("INSERT INTO t VALUES (?, ?, ?)");
  const bound = (value: Value): Value => (typeof value === "boolean" ? Number(value) : value);
  for (const [a, b] of rows) {
    insert.run(...([bound(a), bound(b), keyOf(a, b)] as [string, string, string])); // all bindable
  }
  const keys = db.prepare(`SELECT key FROM t ORDER BY ${by}`).all();
  db.close();
  return keys.map((row) => String(row["key"]));
}

test("keys sort as SQLite sorts their values, in JavaScript and as stored text", () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(keyable, keyable), { maxLength: 60 }), (rows) => {
      const bySqlite = sortedBySqlite(rows, "a, b");
      assert.deepEqual(bySqlite, bySqlite.toSorted(compare));
      assert.deepEqual(bySqlite, sortedBySqlite(rows, "key"));
    }),
    { numRuns: 200 },
  ));

test("the same keys are the same values, to SQLite too", () => {
  const db = new DatabaseSync(":memory:");
  const equal = db.prepare("SELECT ? IS ? AS equal");
  const bound = (value: Value): string =>
    (typeof value === "boolean" ? Number(value) : value) as string;
  fc.assert(
    fc.property(keyable, keyable, (a, b) => {
      const isEqual = equal.get(bound(a), bound(b))?.["equal"] === 1;
      assert.equal(encodeKey([a]) === encodeKey([b]), isEqual);
    }),
    { numRuns: 2000 },
  );
});

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

test("values that are hard to tell apart are in order", () => {
  const ascending: readonly Value[] = [
    ...list(-Infinity, -1e300, -(2n ** 63n), -(2n ** 63n) + 1n, -(2 ** 53), -1000, -999.5, -110),
    ...list(-109, -101, -100.5, -100, -99, -10, -9.5, -9, -1, -0.5, -0.05, -0.01, -1e-7, -1e-300),
    ...list(-5e-324, 0, 5e-324, 1e-300, 1e-7, 0.01, 0.05, 0.5, 1, 1.5, 9, 10, 99, 100, 100.5, 101),
    ...list(109, 110, 1000, 2 ** 53, 2n ** 53n + 1n, 9223372036854774700n, 9223372036854774784),
    ...list(9223372036854774900n, 2n ** 63n - 1n, 2 ** 63, 1e24, 1e25, 1e26, 1e99, 1e100, 1e300),
    ...list(Infinity, "", "\0", "\0\0", "\0a", "\u0001", "\u0001\0", "\u0002", "\u0003", "0", "A"),
    ...list("a", "a\0", "a\u0001", "a\u0002", "aa", "é", "\u07ff", "\u0800", "\uffff", "😀"),
    ...list(
      "\u{10ffff}",
      new Uint8Array(),
      Uint8Array.of(0),
      Uint8Array.of(0, 0),
      Uint8Array.of(1),
    ),
    ...list(Uint8Array.of(2), Uint8Array.of(3), Uint8Array.of(255), Uint8Array.of(255, 0)),
  ];
  const keys = ascending.map((value) => keyOf(value));
  for (const [i, key] of keys.slice(1).entries()) {
    assert.ok((keys[i] ?? "") < key, inspect(ascending.slice(i, i + 2)));
  }
});

test("a key gives its values back", () =>
  fc.assert(
    fc.property(fc.array(keyable, { minLength: 1, maxLength: 4 }), (values) => {
      const expected = values.map((value) =>
        typeof value === "boolean" ? Number(value) : canonical({ kind: "any" }, value),
      );
      assert.deepEqual(decodeKey(keyOf(...values)), expected);
    }),
    { numRuns: 2000 },
  ));

test("no key is the beginning of another with as many values", () =>
  fc.assert(
    fc.property(keyable, keyable, (a, b) => {
      const [x, y] = [keyOf(a), keyOf(b)];
      if (x !== y) assert.ok(!x.startsWith(y) && !y.startsWith(x));
    }),
    { numRuns: 2000 },
  ));

test("a key is made of characters that every store keeps and sorts", () =>
  fc.assert(
    fc.property(fc.array(keyable, { minLength: 1, maxLength: 3 }), (values) => {
      // eslint-disable-next-line no-control-regex
      assert.match(keyOf(...values), /^[\u0001-\u00ff]+$/);
    }),
  ));

/** Where a character begins to need another byte. */
const edges = fc.string({
  unit: fc.constantFrom(
    "\u007f",
    "\u0080",
    "\u07ff",
    "\u0800",
    "\uffff",
    "\u{10000}",
    "\u{10ffff}",
  ),
});

test("text is its bytes in UTF-8", () =>
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "binary" }), edges), (text) => {
      if (!text.isWellFormed() || [...text].some((character) => character <= "\u0002")) return;
      assert.equal(keyOf(text), `|${Buffer.from(text).toString("latin1")}\u0001`);
    }),
  ));

test("the form of keys is that of the golden file, for journals keep them", () => {
  const golden = readFileSync(new URL("golden/keys.txt", import.meta.url), "utf8");
  const rows: readonly (readonly Value[])[] = [
    ...list(0, 7, 100, -7, -100, 1.5, -1.5, 0.05, -0.05, 1e-20, 1e24, 1e25, -1e25, 2n ** 63n),
    ...list(
      true,
      Infinity,
      -Infinity,
      "",
      "de",
      "é",
      "\0\u0001\u0002\u0003",
      Uint8Array.of(0, 65, 255),
    ),
  ].map((value) => [value]);
  const lines = [...rows, ["de", "Berlin", 52.5, 13.4], [Uint8Array.of(1), 10]];
  assert.equal(lines.map((row) => `${JSON.stringify(encodeKey(row))}\n`).join(""), golden);
});

test("a row without a key has none", () => {
  const values = list(null, ABSENT, JSON_NULL, NaN, "\ud800", "a\udc00b", [], {}, [1]);
  for (const value of values) {
    assert.equal(encodeKey([value]), undefined);
    assert.equal(encodeKey(["a", value]), undefined);
    assert.equal(encodeKey([value, "a"]), undefined);
    assert.equal(makeKeyEncoder([{ kind: "text" }, { kind: "decimal" }])(["a", value]), undefined);
  }
  assert.equal(encodeKey([]), undefined);
});

test("equal numbers have one key, in whatever form they come", () => {
  assert.equal(keyOf(1), keyOf(1n));
  assert.equal(keyOf(true), keyOf(1));
  assert.equal(keyOf(-0), keyOf(0));
  assert.equal(keyOf(2 ** 60), keyOf(2n ** 60n));
  assert.equal(encodeDecimal("1.50"), keyOf(1.5));
  assert.equal(encodeDecimal("-Infinity"), keyOf(-Infinity));
  assert.equal(encodeDecimal("x"), undefined);
});

test("decimals of any size sort as numbers where the type says decimal", () => {
  const encode = makeKeyEncoder([{ kind: "decimal" }, { kind: "text" }]);
  const digits = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
  const decimal = fc
    .tuple(digits, fc.integer({ min: -140, max: 140 }))
    .map(([d, e]) => ({ d, e, text: decimalOf(`${d}e${e}`) ?? "" }));
  fc.assert(
    fc.property(decimal, decimal, (a, b) => {
      const exact = (x: typeof a): bigint => x.d * 10n ** BigInt(x.e + 140);
      const [x, y] = [encode([a.text, "t"]) ?? "", encode([b.text, "t"]) ?? ""];
      assert.equal(compare(x, y), exact(a) < exact(b) ? -1 : exact(a) > exact(b) ? 1 : 0);
      assert.deepEqual(decodeKey(x, [{ kind: "decimal" }, { kind: "text" }]), [a.text, "t"]);
    }),
    { numRuns: 1000 },
  );
});

test("with types a key gives canonical values back", () => {
  assert.deepEqual(decodeKey(keyOf(true, 7, "a"), [{ kind: "boolean" }, { kind: "integer" }]), [
    true,
    7,
    "a",
  ]);
});

test("a key is shown to people as they would write it", () => {
  const cases: readonly (readonly [Value[], string])[] = [
    [["de"], "de"],
    [["de", "Berlin"], "de, Berlin"],
    [["New York, NY"], "New York, NY"],
    [["us", "New York, NY"], '["us","New York, NY"]'],
    [[7, 1.5, 2n ** 60n], "7, 1.5, 1152921504606846976"],
    [[-(2n ** 64n), 2n ** 80n], "-18446744073709551616, 1208925819614629174706176"],
    [[Uint8Array.of(0xde, 0xad)], "0xdead"],
    [[""], '[""]'],
    [[" a"], '[" a"]'],
    [["[a]"], '["[a]"]'],
    [["a\u001b[31m"], '["a\\u001b[31m"]'],
    [[Infinity], "Infinity"],
  ];
  for (const [values, expected] of cases) assert.equal(showKey(keyOf(...values)), expected);
});

const typed: fc.Arbitrary<readonly [LogicalType, Value]> = fc.oneof(
  wholeText.map((value) => [{ kind: "text" }, value] as const),
  anyBytes.map((value) => [{ kind: "bytes" }, value] as const),
  fc.boolean().map((value) => [{ kind: "boolean" }, value] as const),
  anyNumber.map((value) => [{ kind: "real" }, Number(value)] as const),
  fc.bigInt().map((value) => [{ kind: "integer" }, value] as const),
  fc.bigInt().map((value) => [{ kind: "decimal" }, decimalOf(`${value}e-5`) ?? ""] as const),
);

test("a key that was shown is understood", () =>
  fc.assert(
    fc.property(fc.array(typed, { minLength: 1, maxLength: 3 }), (columns) => {
      const types = columns.map(([type]) => type);
      const key = makeKeyEncoder(types)(columns.map(([, value]) => value)) ?? "";
      assert.equal(keyFromText(showKey(key), types), key);
    }),
    { numRuns: 2000 },
  ));

test("what a person types is a key if it fits the types", () => {
  const place: LogicalType[] = [{ kind: "text" }, { kind: "integer" }];
  assert.equal(keyFromText("de,7", place), keyOf("de", 7));
  assert.equal(keyFromText(" de , 7 ", place), keyOf("de", 7));
  assert.equal(keyFromText('["de",7]', place), keyOf("de", 7));
  assert.equal(keyFromText('["de","7"]', place), keyOf("de", 7));
  for (const text of ["de", "de,x", "de,7,8", '["de"]', '["de",null]', "", "[de,7"]) {
    assert.equal(keyFromText(text, place), text === "[de,7" ? keyOf("[de", 7) : undefined, text);
  }
  assert.equal(keyFromText("a,b", [{ kind: "text" }]), keyOf("a,b"));
  assert.equal(keyFromText("0xzz", [{ kind: "bytes" }]), undefined);
  assert.equal(keyFromText("7", [{ kind: "any" }]), keyOf(7));
  assert.equal(keyFromText('["7"]', [{ kind: "any" }]), keyOf("7"));
  assert.equal(keyFromText("x7", [{ kind: "any" }]), keyOf("x7"));
  assert.ok(
    same(decodeKey(keyFromText("dead", [{ kind: "bytes" }]) ?? "")[0], Uint8Array.of(0xde, 0xad)),
  );
});
