import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compileLens, isSyncError } from "../../src/core/index.ts";
import type { MappingSpec } from "../../src/core/index.ts";
import { ABSENT } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { CustomTransformations, DataTransformer } from "../../src/compat/supernal/index.ts";
import type { FieldMapping } from "../../src/compat/supernal/index.ts";

const transformer = new DataTransformer();

const throwsAt = (): never => {
  throw new Error("no such thing");
};

/** What goes in, by which lines, and what comes out. */
const TABLE: readonly (readonly [
  claim: string,
  data: { readonly [field: string]: unknown },
  lines: readonly FieldMapping[],
  made: object | string,
])[] = [
  ["0C1: what is not mapped is dropped", { a: 1, b: 2 }, [{ source: "a", target: "x" }], { x: 1 }],
  [
    "paths are read and made",
    { a: { b: [{ c: 7 }] } },
    [{ source: "a.b.0.c", target: "x.y" }],
    { x: { y: 7 } },
  ],
  ["a field may have a dot in its name", { "a.b": 1 }, [{ source: "a.b", target: "x" }], { x: 1 }],
  ["what is missing is not made", {}, [{ source: "a", target: "x" }], {}],
  ["null stays null", { a: null }, [{ source: "a", target: "x", defaultValue: 1 }], { x: null }],
  ["a default stands in", {}, [{ source: "a", target: "x", defaultValue: "d" }], { x: "d" }],
  [
    "the default goes through the transform",
    {},
    [{ source: "a", target: "x", defaultValue: "D", transform: "lower" }],
    { x: "d" },
  ],
  [
    "a transform gets the value and the record",
    { a: "x", type: "req" },
    [{ source: "a", target: "x", transform: (v: string, r: { type: string }) => `${r.type}-${v}` }],
    { x: "req-x" },
  ],
  [
    "a template is a transform",
    { a: 7 },
    [{ source: "a", target: "x", transform: "r-${value}" }],
    { x: "r-7" },
  ],
  [
    "F0-14: a moment of JavaScript's is its text",
    { a: new Date(0) },
    [{ source: "a", target: "x", transform: CustomTransformations.dateToISO }],
    { x: "1970-01-01T00:00:00Z" },
  ],
  [
    "0C2: everything that is wrong is told at once",
    { b: "B", c: "C" },
    [
      { source: "a", target: "x", required: true },
      { source: "b", target: "y", validate: (value) => value === "b" },
      { source: "c", target: "z", transform: throwsAt },
    ],
    "Transformation errors: Required field 'x' is missing, Validation failed for field 'y', " +
      "Error transforming field 'c': no such thing",
  ],
  [
    "F0-13: what is required is looked at after the transform as well",
    { a: " " },
    [{ source: "a", target: "x", required: true, transform: "emptyToNull" }],
    "Transformation errors: Required field 'x' is missing",
  ],
  [
    "F0-13: a bad date is refused, and makes no error of JavaScript's",
    { a: "yesterday" },
    [{ source: "a", target: "x", transform: "dateToISO" }],
    "Transformation errors: Error transforming field 'a': not an ISO 8601 date",
  ],
  [
    "F0-12: a value in the way is left alone",
    { a: 0, b: 1 },
    [
      { source: "a", target: "x" },
      { source: "b", target: "x.y" },
    ],
    "Transformation errors: Error transforming field 'b': another line has a value in its way",
  ],
  [
    "what is no value is refused",
    { a: new Map() },
    [{ source: "a", target: "x" }],
    "Transformation errors: Error transforming field 'a': it holds an object of class Map, " +
      "which is no value",
  ],
];

for (const [claim, data, lines, made] of TABLE) {
  test(claim, () => {
    if (typeof made === "object") assert.deepEqual(transformer.transform(data, lines), made);
    else {
      assert.throws(
        () => transformer.transform(data, lines),
        (error: Error) => {
          assert.equal(error.message, made);
          return isSyncError(error, "VALUE_UNREADABLE");
        },
      );
    }
  });
}

test("F0-13: nothing is not validated, and a check that gives no answer finds nothing good", () => {
  const made = (a: unknown, validate: NonNullable<FieldMapping["validate"]>) =>
    transformer.transform({ a }, [{ source: "a", target: "x", validate }]);
  assert.deepEqual(made(null, throwsAt), { x: null });
  const wrong = /Validation failed for field 'x'$/;
  assert.throws(() => made(1, throwsAt), wrong);
  assert.throws(() => made(1, (() => Promise.resolve(true)) as never), wrong);
});

test("F0-12: no mapping reaches what every object inherits", () => {
  for (const target of ["__proto__.polluted", "__proto__", "constructor.prototype.polluted"]) {
    const lines = [{ source: "a", target }];
    assert.throws(
      () => transformer.transform({ a: 1 }, lines),
      (error) => isSyncError(error, "CONFIG_INVALID"),
    );
  }
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  const own = JSON.parse('{"__proto__": {"a": 1}}') as { [field: string]: unknown };
  assert.throws(() => transformer.transform(own, [{ source: "__proto__.a", target: "x" }]));
});

/** Lines of every kind, over the columns a, b and c. */
const LINES: readonly FieldMapping[] = [
  { source: "a", target: "plain" },
  { source: "a", target: "low", transform: "lower" },
  { source: "b", target: "wanted", required: true },
  { source: "b", target: "given", defaultValue: "d" },
  {
    source: "c",
    target: "called",
    transform: (value: string, record: { a: string }) => `${record.a}${value}`,
  },
  { source: "c", target: "good", validate: (value) => value !== "x" },
  { source: "c", target: "id", transform: "r-${value}" },
];

const COLUMNS = new Map(["a", "b", "c"].map((name) => [name, { kind: "any" }] as const));

test("it makes of a record what a run makes of it", () => {
  const value = fc.constantFrom<Value>("x", "Ab", "", null, ABSENT, 7, true);
  fc.assert(
    fc.property(
      value,
      value,
      value,
      fc.subarray([...LINES], { minLength: 1 }),
      (a, b, c, lines) => {
        const mapping = lines.map(({ defaultValue, ...line }): MappingSpec => {
          return defaultValue === undefined ? line : { ...line, default: defaultValue };
        });
        const spec = { side: "source", direction: "one-way", key: ["a"], mapping } as const;
        const lens = compileLens({ ...spec, columns: COLUMNS });
        const held = new Map<string, Value>([
          ["a", a],
          ["b", b],
          ["c", c],
        ]);
        const row = lens.over(lens.columns.map((column): Value => held.get(column) ?? null));
        const data = Object.fromEntries([...held].filter(([, each]) => each !== ABSENT));
        let made: unknown;
        try {
          made = transformer.transform(data, lines);
        } catch (error) {
          made = (error as Error).message;
        }
        if ("kind" in row) {
          assert.equal(typeof made, "string");
          assert.equal(String(made).split(", ").length, row.errors.length, String(made));
        } else {
          const seen = lines.flatMap(({ target }, at) =>
            row[at] === ABSENT || row[at] === undefined ? [] : [[target, row[at]]],
          );
          assert.deepEqual(made, Object.fromEntries(seen));
        }
      },
    ),
  );
});

test("0C3: the transforms of 000 are functions too, and refuse what they cannot take", () => {
  const { dateToISO, normalizeFramework, parseJSON, generateId } = CustomTransformations;
  assert.equal(dateToISO(""), "");
  assert.equal(dateToISO("2026-01-31"), "2026-01-31T00:00:00Z");
  assert.throws(() => dateToISO("soon"), /^SyncError: dateToISO: not an ISO 8601 date$/);
  const frameworks = ["iso-13485", "ISO_13485", "FDA_21_CFR_11", "gdpr", "SOC_2", "HIPAA"];
  assert.deepEqual(
    frameworks.map((each) => normalizeFramework(each)),
    ["iso13485", "iso13485", "fda21cfr11", "gdpr", "soc2", "hipaa"],
  );
  assert.deepEqual(parseJSON('{"a":[1]}'), { a: [1] });
  assert.equal(parseJSON("{"), null);
  assert.equal(generateId(7, { type: "req" }), "req-7");
  assert.throws(() => generateId(7, {}), /'type' has no text to begin with/);
  const name = CustomTransformations.concatenateFields(["first", "middle", "last"]);
  assert.equal(name(null, { first: "Ada", middle: "", last: "L" }), "Ada L");
  assert.equal(normalizeFramework(undefined), undefined);
});
