import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { compileTransform } from "../../src/core/mapping.ts";
import type { TransformSpec } from "../../src/core/mapping.ts";
import { isSyncError } from "../../src/core/errors.ts";
import { ABSENT } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { VALUE_TRANSFORMS } from "../../src/core/transforms-values.ts";
import type { TransformArgs } from "../../src/core/transform.ts";
import { same } from "../../src/core/values.ts";

const REFUSED = Symbol("refused");

type Line = readonly [
  name: string,
  args: TransformArgs,
  from: Value,
  to: Value | typeof REFUSED,
  back?: Value,
];

const ISO = { inputFormat: "ISO8601", outputFormat: "unix" };
const LARGE = "9007199254740993.125";

const TABLE: readonly Line[] = [
  ["timestamp", ISO, "2024-02-29T12:00:00Z", 1_709_208_000, "2024-02-29T12:00:00Z"],
  ["timestamp", ISO, "2024-02-29T13:00:00.9+01:00", 1_709_208_000, "2024-02-29T12:00:00Z"],
  ["timestamp", ISO, "2024-02-29", 1_709_164_800, "2024-02-29T00:00:00Z"],
  ["timestamp", ISO, "1969-12-31T23:59:59.5Z", -1, "1969-12-31T23:59:59Z"],
  ["timestamp", ISO, "2023-02-29", REFUSED],
  ["timestamp", ISO, "infinity", REFUSED],
  ["timestamp", ISO, 1_709_208_000, REFUSED],
  ["timestamp", { inputFormat: "unix" }, "1709208000", "2024-02-29T12:00:00Z", 1_709_208_000],
  ["timestamp", { inputFormat: "unix" }, 1.5, REFUSED],
  ["timestamp", { inputFormat: "unix" }, 10n ** 30n, REFUSED],
  ["timestamp", { inputFormat: "unix" }, true, REFUSED],
  [
    "timestamp",
    { outputFormat: "unixUs" },
    "2024-02-29T12:00:00.123456Z",
    1_709_208_000_123_456,
    "2024-02-29T12:00:00.123456Z",
  ],
  [
    "timestamp",
    { outputFormat: "unixMs" },
    "1970-01-01T00:00:00.0019Z",
    1,
    "1970-01-01T00:00:00.001Z",
  ],
  ["timestamp", { outputFormat: "date" }, "2024-02-29 23:59", "2024-02-29", "2024-02-29T00:00:00Z"],
  ["timestamp", { inputFormat: "unixUs" }, -1, "1969-12-31T23:59:59.999999Z", -1],
  ["decimal", { precision: 10, scale: 2 }, 12.345, "12.35", "12.35"],
  ["decimal", { precision: 2, scale: 2 }, "1234.5", "1234.5", "1234.5"],
  ["decimal", { precision: 4, scale: 2 }, "123", REFUSED],
  ["decimal", { precision: 4, scale: 2 }, "99.995", REFUSED],
  ["decimal", {}, "-0.005", "-0.01", "-0.01"],
  ["decimal", {}, "-0.004", "0", "0"],
  ["decimal", { scale: 0 }, "0.5", "1", "1"],
  ["decimal", { scale: 0, rounding: "half-even" }, "0.5", "0", "0"],
  ["decimal", { scale: 0, rounding: "half-even" }, "1.5", "2", "2"],
  ["decimal", { scale: 0, rounding: "down" }, "-1.9", "-1", "-1"],
  ["decimal", { scale: 2, rounding: "refuse" }, "1.005", REFUSED],
  ["decimal", { scale: 2 }, LARGE, "9007199254740993.13", "9007199254740993.13"],
  ["decimal", {}, " 1e3 ", "1000", "1000"],
  ["decimal", {}, "NaN", REFUSED],
  ["decimal", {}, true, REFUSED],
  ["decimal", {}, "12 €", REFUSED],
  ["truncate", { length: 3 }, "abcdef", "abc"],
  ["truncate", { length: 3 }, "😀😀😀😀", "😀😀😀"],
  ["truncate", { length: 3 }, 12345, REFUSED],
  ["replace", { from: ".", to: "$&" }, "a.b.c", "a$&b$&c"],
  ["replace", { from: " " }, "a b", "ab"],
  ["split", { separator: ";" }, "a;b", ["a", "b"], "a;b"],
  ["split", {}, "", [], ""],
  ["split", {}, 5, REFUSED],
  ["join", {}, ["a", "b"], "a,b", ["a", "b"]],
  ["join", {}, ["a,b"], REFUSED],
  ["join", {}, [""], REFUSED],
  ["join", {}, ["a", 1], REFUSED],
  ["join", {}, "a", REFUSED],
  ["emptyToNull", {}, "  ", null],
  ["emptyToNull", {}, " a", " a"],
  ["emptyToNull", {}, 0, 0],
];

for (const [name, args, from, to, back] of TABLE) {
  test(`${name} ${JSON.stringify(args)} of ${inspect(from)}`, () => {
    const converter = compileTransform({ name, args });
    const result = converter.over(from, {});
    if (to === REFUSED) return assert.equal(result.kind, "refused");
    const value = result.kind === "value" ? result.value : assert.fail(result.reason);
    assert.ok(same(value, to), inspect(value));
    if (back === undefined) return assert.equal(converter.back, undefined, "no way back");
    const returned = converter.back?.(value);
    assert.ok(returned?.kind === "value" && same(returned.value, back), inspect(returned));
  });
}

test("every transform of values is in the table, and leaves null and what is absent alone", () => {
  const names = VALUE_TRANSFORMS.map(({ name }) => name);
  assert.deepEqual(new Set(TABLE.map(([name]) => name)), new Set(names));
  for (const [name, args] of TABLE) {
    const { over } = compileTransform({ name, args });
    const nothings: readonly Value[] = [null, ABSENT];
    for (const nothing of nothings) {
      assert.deepEqual(over(nothing, {}), { kind: "value", value: nothing });
    }
  }
});

test("arguments that do not fit are refused", () => {
  const bad: readonly (readonly [string, TransformArgs])[] = [
    ["timestamp", { inputFormat: "iso" }],
    ["timestamp", { outputFormat: 5 }],
    ["decimal", { scale: -1 }],
    ["decimal", { scale: 1.5 }],
    ["decimal", { precision: 0 }],
    ["decimal", { rounding: "up" }],
    ["truncate", {}],
    ["truncate", { length: 0 }],
    ["replace", { to: "a" }],
    ["replace", { from: "a", to: 1 }],
    ["split", { separator: "" }],
    ["join", { separator: 1 }],
  ];
  for (const [name, args] of bad) {
    assert.throws(
      () => compileTransform({ name, args }),
      (error) => isSyncError(error, "CONFIG_INVALID") && error.message.includes(name),
    );
  }
});

test("a decimal is never further from its number than half a step", () => {
  const numeral = fc
    .tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat({ max: 12 }))
    .map(([digits, scale]) => ({ digits, scale, text: `${digits}e-${scale}` }));
  fc.assert(
    fc.property(numeral, fc.nat({ max: 8 }), ({ digits, scale: from, text }, scale) => {
      const result = compileTransform({ name: "decimal", args: { scale } }).over(text, {});
      assert.ok(result.kind === "value" && typeof result.value === "string");
      const [whole = "", fraction = ""] = result.value.split(".");
      assert.ok(fraction.length <= scale);
      const unit = 10n ** BigInt(20 - scale);
      const exact = digits * 10n ** BigInt(20 - from);
      const given = BigInt(whole + fraction.padEnd(20, "0"));
      const distance = given > exact ? given - exact : exact - given;
      assert.ok(distance * 2n <= unit);
    }),
  );
});

test("a moment comes back as it was from every format that has room for it", () => {
  const formats = ["ISO8601", "unix", "unixMs", "unixUs"] as const;
  fc.assert(
    fc.property(fc.constantFrom(...formats), fc.integer(), (format, seconds) => {
      const { over, back } = compileTransform({
        name: "timestamp",
        args: { inputFormat: "unix", outputFormat: format },
      });
      const there = over(seconds, {});
      assert.ok(there.kind === "value");
      assert.deepEqual(back?.(there.value), { kind: "value", value: seconds });
    }),
  );
});

test("several transforms work one after the other, and back in the other order", () => {
  const chain: TransformSpec = [{ name: "split", args: { separator: ";" } }, "stringifyJSON"];
  const { over, back } = compileTransform(chain);
  assert.deepEqual(over("a;b", {}), { kind: "value", value: '["a","b"]' });
  assert.deepEqual(back?.('["a","b"]'), { kind: "value", value: "a;b" });
  assert.equal(compileTransform(["number", "lower"]).back, undefined);
  const refusing = compileTransform(["number", "lower"]).over("5", {});
  assert.deepEqual(refusing, { kind: "refused", reason: "not text" });
  const long = Array.from({ length: 21 }, () => "trim");
  const wrong: readonly TransformSpec[] = [[], long, [["trim"]]];
  for (const bad of wrong) {
    assert.throws(
      () => compileTransform(bad),
      (error) => isSyncError(error, "CONFIG_INVALID"),
    );
  }
  const reading = compileTransform([{ name: "generateId", args: { field: "kind" } }, "upper"]);
  assert.deepEqual(reading.reads, ["kind"]);
  assert.deepEqual(reading.over("1", { kind: "a" }), { kind: "value", value: "A-1" });
});
