import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { decodeBase64, encodeBase64 } from "../../src/core/base64.ts";
import { canonicalDocument } from "../../src/core/document.ts";
import * as json from "../../src/core/json.ts";
import { canonical } from "../../src/core/logical.ts";
import { ABSENT, JSON_NULL, exactNumber } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { same, sameAll } from "../../src/core/values.ts";
import {
  anyBytes,
  anyDocument,
  anyNumber,
  anyText,
  anyValue,
  list,
  objectOf,
} from "./arbitraries.ts";

const { decodeValue, decodeValues, encodeValue, encodeValues, formatJson, parseJson } = json;
const invalid = { name: "SyncError", code: "JSON_INVALID" };

test("a value is the same after its text", () =>
  fc.assert(
    fc.property(fc.oneof(anyValue, fc.constant(undefined)), (value) => {
      const back = decodeValue(encodeValue(value));
      assert.ok(same(back, value));
    }),
    { numRuns: 3000 },
  ));

test("a row is the same after its text, and what is not carried is not null", () =>
  fc.assert(
    fc.property(fc.array(fc.option(anyValue, { nil: undefined })), (values) => {
      assert.ok(sameAll(decodeValues(encodeValues(values)), values));
    }),
    { numRuns: 2000 },
  ));

test("a row is the same when it was parsed as part of a larger text", () =>
  fc.assert(
    fc.property(fc.array(fc.option(anyValue, { nil: undefined })), (values) => {
      const [row, first] = JSON.parse(`[${encodeValues(values)},${encodeValue(values[0])}]`);
      assert.ok(sameAll(json.reviveValues(row), values));
      assert.ok(same(json.reviveValue(first), values[0]));
    }),
    { numRuns: 1000 },
  ));

test("a value's text does not depend on what stands next to it", () =>
  fc.assert(
    fc.property(fc.array(anyValue), (values) => {
      assert.equal(encodeValues(values), `[${values.map(encodeValue).join(",")}]`);
    }),
  ));

test("different values have different texts, and equal ones the same", () =>
  fc.assert(
    fc.property(anyValue, anyValue, (a, b) => {
      const x = canonical({ kind: "any" }, a) ?? a;
      const y = canonical({ kind: "any" }, b) ?? b;
      assert.equal(encodeValue(x) === encodeValue(y), same(x, y));
    }),
    { numRuns: 2000 },
  ));

test("the order of an object's names is not in its text", () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(anyText, anyDocument)), (pairs) => {
      const unique = [...new Map(pairs)];
      const there = objectOf(unique);
      const back = objectOf(unique.toReversed());
      assert.equal(encodeValue(there), encodeValue(back));
      const form = canonicalDocument(there);
      if (form !== undefined) assert.equal(formatJson(there), formatJson(back));
    }),
  ));

test("plain values are plain JSON", () => {
  const row = ["a", 1.5, true, null, '{"$i":"1"}', "\ud800"];
  assert.equal(encodeValues(row), JSON.stringify(row));
  assert.deepEqual(decodeValues(encodeValues(row)), row);
  assert.deepEqual(decodeValues("[]"), []);
});

test("the form of stored values is that of the golden file", () => {
  const golden = readFileSync(new URL("golden/values.txt", import.meta.url), "utf8");
  const values: readonly (Value | undefined)[] = [
    ...list(null, true, false, 0, -0, 1.5, 1e21, 1e-7, 5n, 2n ** 63n, -(2n ** 63n), NaN, Infinity),
    ...list(-Infinity, "", "é😀\0\n", "$i", ABSENT, JSON_NULL),
    undefined,
    ...list(
      new Uint8Array(),
      Uint8Array.of(0, 255, 16),
      Uint8Array.of(1, 2),
      [],
      [null, [2n ** 70n]],
    ),
    ...list({}, { b: 1, a: { c: null } }, { $i: "x", z: 1 }, { a: { $: Uint8Array.of(7) } }),
    ...list(objectOf([["__proto__", 1]]), { 10: 1, 9: 2, "": 3 }),
  ];
  assert.equal(values.map((value) => `${encodeValue(value)}\n`).join(""), golden);
  const lines = golden.trimEnd().split("\n");
  for (const [i, line] of lines.entries()) assert.ok(same(decodeValue(line), values[i]), line);
});

test("a text that no encoder wrote is refused by code", () => {
  const texts = ["", "{", '{"$x":1}', '{"$i":"1.5"}', '{"$i":1}', '{"$b":"A"}', '{"$n":"1"}'];
  texts.push(
    '{"$o":[["a"]]}',
    '{"$o":1}',
    '[{"$u":0}]',
    '{"a":{"$u":0}}',
    '{"$o":[[1,2]]}',
    '{"$i":"1","a":1}',
  );
  for (const text of texts) assert.throws(() => decodeValue(text), invalid, text);
  assert.throws(() => decodeValues('{"a":1}'), invalid);
  assert.throws(() => json.reviveValues("a"), invalid);
});

test("`__proto__` from outside is data and reaches no prototype", () => {
  const value = decodeValue('{"__proto__":{"$i":"9007199254740993"},"a":1}');
  assert.ok(typeof value === "object" && value !== null);
  assert.deepEqual(Object.keys(value), ["__proto__", "a"]);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
  const parsed = parseJson('{"__proto__":{"polluted":9007199254740993}}');
  assert.equal(formatJson(parsed ?? null), '{"__proto__":{"polluted":9007199254740993}}');
  assert.equal("polluted" in {}, false);
});

test("a document from outside keeps the digits of its numbers", () => {
  const cases: readonly (readonly [string, Value | undefined])[] = [
    ["9007199254740993", 9007199254740993n],
    ["-9007199254740993", -9007199254740993n],
    ["[18446744073709551615]", [18446744073709551615n]],
    ["100000000000000000000000001", 100000000000000000000000001n],
    ["1e300", 1e300],
    ["1e23", 1e23],
    [`1${"0".repeat(23)}`, 1e23],
    ["36893488147419103232", 2n ** 65n],
    ["3.6893488147419103e+19", 2 ** 65],
    ["1.23456789012345e19", 12345678901234500000n],
    ["[123456789012345e5,1]", [12345678901234500000n, 1]],
    ["9.223372036854776E+18", 9223372036854776000n],
    ["9007199254740993.0", 9007199254740993n],
    ["9007199254740993e0", 9007199254740993n],
    ["0.1234567890123456789", exactNumber("0.1234567890123456789")],
    ["-0.12345678901234567890e1", exactNumber("-1.234567890123456789")],
    ["0.10000000000000001", exactNumber("0.10000000000000001")],
    ["0.30000000000000004", 0.30000000000000004],
    ["1.10000000000000000000", 1.1],
    ["1e-400", exactNumber(`0.${"0".repeat(399)}1`)],
    ["1e-9999", undefined],
    ["1e400", 10n ** 400n],
    ['{"a":1,"a":2}', { a: 2 }],
    ["-0", 0],
    ["null", JSON_NULL],
    ["[null]", [null]],
    ["nul", undefined],
    ["", undefined],
    ["1e999", undefined],
    ['"\\ud800"', undefined],
    ['"1234567890123456789"', "1234567890123456789"],
  ];
  for (const [text, expected] of cases) assert.deepEqual(parseJson(text), expected, text);
});

test("a document that nests endlessly is refused", () => {
  assert.equal(parseJson("[".repeat(100_000) + "]".repeat(100_000)), undefined);
});

test("a document is the same after its JSON", () =>
  fc.assert(
    fc.property(anyDocument, (document) => {
      const form = canonicalDocument(document);
      if (form === undefined) return;
      const text = formatJson(form);
      assert.doesNotThrow(() => JSON.parse(text));
      assert.ok(same(parseJson(text), form));
      assert.equal(formatJson(parseJson(text) ?? null), text);
    }),
    { numRuns: 2000 },
  ));

test("JSON is not written of what JSON cannot hold", () => {
  for (const value of list(NaN, Infinity, ABSENT, new Uint8Array(), list(ABSENT))) {
    assert.throws(() => formatJson(value), { name: "AssertionError" });
  }
});

test("numbers and bytes of all sizes survive", () =>
  fc.assert(
    fc.property(anyNumber, anyBytes, (number, bytes) => {
      const [a, b] = decodeValues(encodeValues([number, bytes]));
      assert.ok(same(a, number) && same(b, bytes));
    }),
  ));

test("base64 is that of the standard, and only that is read", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = encodeBase64(bytes);
      assert.equal(text, Buffer.from(bytes).toString("base64"));
      assert.deepEqual(decodeBase64(text), bytes);
    }),
  );
  for (const text of [
    "A",
    "AAA",
    "AA=",
    "A===",
    "AB==",
    "AA-_",
    "AAAA=",
    "AA==AA==",
    "=",
    "====",
    "A=A=",
  ]) {
    assert.equal(decodeBase64(text), undefined, text);
  }
});
