import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { isSyncError } from "../../src/core/errors.ts";
import { LOOKUP_ENTRIES_MAX } from "../../src/core/lookup.ts";
import { compileTransform } from "../../src/core/mapping.ts";
import type { TransformSpec } from "../../src/core/mapping.ts";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import type { RecordView } from "../../src/core/transform.ts";
import { VALUE_TRANSFORMS } from "../../src/core/transforms-values.ts";
import { TRANSFORMS } from "../../src/core/transforms.ts";
import { same } from "../../src/core/values.ts";

const NOTHING: readonly Value[] = [null, ABSENT];
const REFUSED = Symbol("refused");

interface Row {
  readonly spec: TransformSpec;
  readonly from: Value;
  readonly to: Value | typeof REFUSED;
  readonly record?: RecordView;
  /** What the way back makes of `to`; absent: there is none. */
  readonly back?: Value;
}

const generateId = "generateId";
const concatenate = { name: "concatenateFields", args: { fields: ["first", "last"] } };
const template = "req-${value}";
const map = { name: "map", args: { table: { a: 1, b: "x" } } };
const keeping = { name: "map", args: { table: { a: "b" }, otherwise: "keep" } };
const rest = { name: "map", args: { table: { a: "b" }, otherwise: "other" } };

const TABLE: readonly Row[] = [
  { spec: "trim", from: "  a b \n", to: "a b" },
  { spec: "lower", from: "ÄBC", to: "äbc" },
  { spec: "upper", from: "äbc", to: "ÄBC" },
  { spec: "lower", from: 7, to: REFUSED },
  { spec: "normalizeFramework", from: "iso-13485", to: "iso13485" },
  { spec: "normalizeFramework", from: "ISO_13485", to: "iso13485" },
  { spec: "normalizeFramework", from: "fda-21-cfr-11", to: "fda21cfr11" },
  { spec: "normalizeFramework", from: "FDA_21_CFR_11", to: "fda21cfr11" },
  { spec: "normalizeFramework", from: "gdpr", to: "gdpr" },
  { spec: "normalizeFramework", from: "GDPR", to: "gdpr" },
  { spec: "normalizeFramework", from: "soc-2", to: "soc2" },
  { spec: "normalizeFramework", from: "SOC_2", to: "soc2" },
  { spec: "normalizeFramework", from: "HIPAA", to: "hipaa" },
  { spec: "number", from: "7", to: 7, back: 7 },
  { spec: "number", from: " 1.50 ", to: 1.5, back: 1.5 },
  { spec: "number", from: "1e3", to: 1000, back: 1000 },
  { spec: "number", from: "9007199254740993", to: 9007199254740993n, back: 9007199254740993n },
  { spec: "number", from: 3, to: 3, back: 3 },
  { spec: "number", from: "", to: REFUSED },
  { spec: "number", from: "7 apples", to: REFUSED },
  { spec: "number", from: "0.1234567890123456789", to: REFUSED },
  { spec: "number", from: true, to: REFUSED },
  { spec: "string", from: 7, to: "7", back: "7" },
  { spec: "string", from: 10n ** 20n, to: "100000000000000000000", back: "100000000000000000000" },
  { spec: "string", from: false, to: "false", back: "false" },
  { spec: "string", from: { a: 1 }, to: REFUSED },
  { spec: "boolean", from: "TRUE", to: true, back: true },
  { spec: "boolean", from: 0, to: false, back: false },
  { spec: "boolean", from: "f", to: false, back: false },
  { spec: "boolean", from: "", to: REFUSED },
  { spec: "boolean", from: "maybe", to: REFUSED },
  { spec: "dateToISO", from: "", to: "" },
  { spec: "dateToISO", from: "2024-02-29", to: "2024-02-29T00:00:00Z" },
  { spec: "dateToISO", from: "2024-01-15 10:30", to: "2024-01-15T10:30:00Z" },
  { spec: "dateToISO", from: "2024-01-15T10:30:00.250+02:00", to: "2024-01-15T08:30:00.25Z" },
  { spec: "dateToISO", from: 1705314600250, to: "2024-01-15T10:30:00.25Z" },
  { spec: "dateToISO", from: 0, to: "1970-01-01T00:00:00Z" },
  { spec: "dateToISO", from: "2023-02-29", to: REFUSED },
  { spec: "dateToISO", from: "yesterday", to: REFUSED },
  { spec: "dateToISO", from: 8.65e15, to: REFUSED },
  { spec: "dateToISO", from: NaN, to: REFUSED },
  { spec: "dateToISO", from: true, to: REFUSED },
  {
    spec: "parseJSON",
    from: '{"b":[1,null],"a":true}',
    to: { a: true, b: [1, null] },
    back: '{"a":true,"b":[1,null]}',
  },
  { spec: "parseJSON", from: "9007199254740993", to: 9007199254740993n, back: "9007199254740993" },
  { spec: "parseJSON", from: "null", to: JSON_NULL, back: "null" },
  { spec: "stringifyJSON", from: [1, null], to: "[1,null]", back: [1, null] },
  { spec: "stringifyJSON", from: JSON_NULL, to: "null", back: JSON_NULL },
  { spec: "parseJSON", from: "{bad", to: null, back: null },
  { spec: "parseJSON", from: { a: 1 }, to: { a: 1 }, back: '{"a":1}' },
  { spec: generateId, from: 7, record: { type: "req" }, to: "req-7" },
  { spec: generateId, from: "7", record: { type: 3 }, to: "3-7" },
  { spec: generateId, from: 7, record: {}, to: REFUSED },
  { spec: generateId, from: 7, record: { type: null }, to: REFUSED },
  { spec: generateId, from: 7, record: { type: "" }, to: REFUSED },
  { spec: generateId, from: 7, record: { type: ["a"] }, to: REFUSED },
  { spec: generateId, from: null, record: { type: "req" }, to: REFUSED },
  { spec: generateId, from: "", record: { type: "req" }, to: REFUSED },
  {
    spec: { name: generateId, args: { field: "a.kind" } },
    from: 7,
    record: { a: { kind: "k" } },
    to: "k-7",
  },
  {
    spec: { name: generateId, args: { field: "a.kind" } },
    from: 7,
    record: { "a.kind": "k" },
    to: "k-7",
  },
  { spec: concatenate, from: null, record: { first: "Ada", last: "Byron" }, to: "Ada Byron" },
  { spec: concatenate, from: null, record: { first: "Ada", last: "" }, to: "Ada" },
  { spec: concatenate, from: null, record: { last: null }, to: "" },
  { spec: concatenate, from: null, record: { first: 0, last: false }, to: "0 false" },
  { spec: concatenate, from: null, record: { first: { a: 1 } }, to: REFUSED },
  {
    spec: { name: "concatenateFields", args: { fields: ["a", "b"], separator: ", " } },
    from: 1,
    record: { a: "x", b: "y" },
    to: "x, y",
  },
  { spec: template, from: 7, to: "req-7", back: "7" },
  { spec: template, from: "", to: "req-", back: "" },
  { spec: "<${value}>", from: "a>", to: "<a>>", back: "a>" },
  { spec: template, from: [1], to: REFUSED },
  { spec: map, from: "a", to: 1, back: "a" },
  { spec: map, from: "b", to: "x", back: "b" },
  { spec: map, from: "c", to: REFUSED },
  { spec: map, from: "toString", to: REFUSED },
  {
    spec: { name: "map", args: { table: { "1": "one", true: "yes" } } },
    from: 1,
    to: "one",
    back: "1",
  },
  {
    spec: { name: "map", args: { table: { "1": "one", true: "yes" } } },
    from: true,
    to: "yes",
    back: "true",
  },
  {
    spec: { name: "map", args: { table: { a: [1, { b: 2 }] } } },
    from: "a",
    to: [1, { b: 2 }],
    back: "a",
  },
  { spec: keeping, from: "a", to: "b", back: "a" },
  { spec: keeping, from: "c", to: "c", back: "c" },
  { spec: rest, from: "a", to: "b" },
  { spec: rest, from: "zzz", to: "other" },
];

for (const { spec, from, to, record = {}, back } of TABLE) {
  const shown = typeof spec === "string" ? spec : JSON.stringify(spec);
  test(`${shown} of ${typeof from === "object" ? JSON.stringify(from) : String(from)}`, () => {
    const converter = compileTransform(spec);
    const result = converter.over(from, record);
    if (to === REFUSED) {
      assert.equal(result.kind, "refused");
      return;
    }
    const value = result.kind === "value" ? result.value : assert.fail(result.reason);
    assert.ok(same(value, to), inspect(value));
    if (back === undefined) {
      assert.equal(converter.back, undefined, "there is no way back");
      return;
    }
    const returned = converter.back?.(value);
    assert.ok(returned?.kind === "value" && same(returned.value, back));
  });
}

test("every named transform is in this table or in that of values", () => {
  const tested = TABLE.map(({ spec }) =>
    typeof spec === "string"
      ? TRANSFORMS.has(spec)
        ? spec
        : "template"
      : "name" in spec
        ? spec.name
        : "",
  );
  const others = VALUE_TRANSFORMS.map(({ name }) => name);
  assert.deepEqual(new Set([...tested, ...others]), new Set(TRANSFORMS.keys()));
});

test("null and ABSENT pass through every transform that does not say otherwise", () => {
  const specs: readonly TransformSpec[] = [
    ..."trim lower upper normalizeFramework number string boolean".split(" "),
    ..."dateToISO parseJSON stringifyJSON".split(" "),
    template,
    map,
    rest,
  ];
  for (const spec of specs) {
    const { over, back } = compileTransform(spec);
    for (const value of NOTHING) {
      assert.deepEqual(over(value, {}), { kind: "value", value });
      if (back !== undefined) assert.deepEqual(back(value), { kind: "value", value });
    }
  }
});

test("a refused value is not in the reason", () => {
  for (const { spec, to, record = {} } of TABLE) {
    if (to !== REFUSED) continue;
    const result = compileTransform(spec).over("s3cret", {
      ...record,
      type: ["s3cret"],
      first: ["s3cret"],
    });
    assert.ok(result.kind === "value" || !result.reason.includes("s3cret"));
  }
});

test("what a template did not make does not lead back", () => {
  const { back } = compileTransform("ab-${value}-ba");
  for (const text of ["ab-ba", "ab-", "x", "ab-7", 7]) assert.equal(back?.(text).kind, "refused");
  assert.deepEqual(back?.("ab--ba"), { kind: "value", value: "" });
});

test("a table whose values are not in it does not lead back", () => {
  assert.equal(compileTransform(map).back?.("zzz").kind, "refused");
  assert.equal(compileTransform(map).back?.(2).kind, "refused");
});

test("a table with one value for two has no way back", () => {
  const twice = { name: "map", args: { table: { a: 1, b: 1n } } };
  assert.equal(compileTransform(twice).back, undefined);
  assert.ok(compileTransform({ name: "map", args: { table: { a: 1, b: "1" } } }).back);
});

test("an unknown transform or argument is refused with a suggestion, bad arguments by name", () => {
  assert.throws(
    () => compileTransform("normaliseFramework"),
    (error) =>
      isSyncError(error, "CONFIG_INVALID") && error.hint === "Did you mean 'normalizeFramework'?",
  );
  assert.throws(
    () => compileTransform({ name: "concatenateFields", args: { field: "a" } }),
    (error) => isSyncError(error, "CONFIG_UNKNOWN_KEY") && error.hint === "Did you mean 'fields'?",
  );
  const bad: readonly TransformSpec[] = [
    "concatenateFields",
    { name: "concatenateFields", args: { fields: [] } },
    { name: "concatenateFields", args: { fields: ["a", 1] } },
    { name: "concatenateFields", args: { fields: ["a"], separator: 1 } },
    { name: "concatenateFields", args: { fields: ["__proto__.x"] } },
    { name: "generateId", args: { field: 1 } },
    "template",
    "${value}${value}",
    "${value}-${other}",
    { name: "template", args: { template: "nothing" } },
    "map",
    { name: "map", args: { table: ["a"] } },
  ];
  for (const spec of bad) assert.throws(() => compileTransform(spec), { code: "CONFIG_INVALID" });
});

test("functions are called with the row, and what they give has to be a value", () => {
  const { over } = compileTransform(
    (value: unknown, record: RecordView) => [value, record["a"] ?? null] as unknown,
  );
  assert.deepEqual(over(1, { a: 2 }), { kind: "value", value: [1, 2] });
  assert.deepEqual(compileTransform((value: unknown) => value).over(ABSENT, {}), {
    kind: "value",
    value: ABSENT,
  });
  const given = (result: unknown) => compileTransform(() => result).over(1, {});
  assert.deepEqual(given(undefined), { kind: "value", value: ABSENT });
  assert.deepEqual(given(2n ** 60n), { kind: "value", value: 2n ** 60n });
  assert.deepEqual(given(5n), { kind: "value", value: 5 });
  assert.deepEqual(given(null), { kind: "value", value: null });
  const loop: unknown[] = [];
  loop.push(loop);
  for (const none of [
    new Date(0),
    Promise.resolve(1),
    new Map(),
    () => 1,
    Symbol("x"),
    loop,
    { a: { b: new Date(0) } },
    "\uD800",
    [undefined],
  ]) {
    assert.equal(given(none).kind, "refused");
  }
});

test("a function that throws refuses its value", () => {
  const { over, back } = compileTransform({
    over: () => {
      throw new Error("no such framework");
    },
    back: () => {
      throw Object.create(null) as Error;
    },
  });
  assert.deepEqual(over(1, {}), { kind: "refused", reason: "no such framework" });
  assert.equal(back?.(1).kind, "refused");
});

test("a function that takes a record reads all columns unless it says which", () => {
  assert.equal(compileTransform((_value: unknown, record: RecordView) => record["a"]).reads, "all");
  assert.deepEqual(compileTransform((value: unknown) => value).reads, []);
  const over = (_value: unknown, record: RecordView) => record["a"];
  assert.deepEqual(compileTransform({ over, reads: ["a"] }).reads, ["a"]);
});

test("tables and arguments hold plain values, up to a limit", () => {
  const table = Object.fromEntries(
    Array.from({ length: LOOKUP_ENTRIES_MAX }, (_, i) => [`k${i}`, i]),
  );
  assert.equal(compileTransform({ name: "map", args: { table } }).over("k7", {}).kind, "value");
  const long = { name: "map", args: { table: { ...table, more: 1 } } };
  assert.throws(() => compileTransform(long), { code: "CONFIG_INVALID" });
  const dated = { name: "map", args: { table: { a: new Date(0) as unknown as Value } } };
  assert.throws(() => compileTransform(dated), { code: "CONFIG_INVALID" });
});

test("a date in ms reaches as far as JavaScript's own dates", () => {
  const { over } = compileTransform("dateToISO");
  assert.deepEqual(over(8.64e15, {}), { kind: "value", value: "+275760-09-13T00:00:00Z" });
  assert.equal(over(8.64e15 + 1, {}).kind, "refused");
  assert.equal(over(1.5, {}).kind, "refused");
});

test("what a function gives is named when it is no value, and JSON's null is one", () => {
  const given = (result: unknown) => compileTransform(() => result).over(1, {});
  const reason = (result: unknown) => {
    const made = given(result);
    return made.kind === "refused" ? made.reason : assert.fail("it was a value");
  };
  assert.match(reason(new Date(0)), /class Date/);
  assert.match(reason(Promise.resolve()), /class Promise/);
  assert.match(
    reason(() => 1),
    /a function/,
  );
  assert.deepEqual(given(JSON_NULL), { kind: "value", value: JSON_NULL });
  assert.equal(given(Object.assign(Object.create(null) as object, { a: null })).kind, "value");
});
