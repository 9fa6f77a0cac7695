// Rules of every kind over values and rows: formats, lengths, dates, fields beside each other.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { isSyncError } from "../../src/core/errors.ts";
import { PATTERN_TEXT_MAX } from "../../src/core/expression.ts";
import type { Languages } from "../../src/core/expression.ts";
import { FORMATS } from "../../src/core/formats.ts";
import type { LogicalType } from "../../src/core/logical.ts";
import { parseRules, RULE_TYPES } from "../../src/core/rules-parser.ts";
import { compileRules } from "../../src/core/rules.ts";
import type { RuledField } from "../../src/core/rules.ts";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import type { Row, Value } from "../../src/core/state.ts";
import { loadLanguages } from "../../src/config/languages.ts";

const LANGUAGES: Languages = await loadLanguages();

function rulesOf(raw: readonly object[], fields: readonly RuledField[]) {
  return compileRules(parseRules(raw, { languages: LANGUAGES }), fields);
}

function holds(type: string, config: object, value: Value, logical?: LogicalType): boolean {
  const field = logical === undefined ? { name: "x" } : { name: "x", type: logical };
  const rules = rulesOf([{ field: "x", type, config }], [field]);
  assert.equal(rules.check([value]).length === 0, !rules.rejects(0, value));
  return !rules.rejects(0, value);
}

type Case = readonly [type: string, config: object, good: readonly Value[], bad: readonly Value[]];

const EMAIL = "^[^@]+@[^@]+\\.[^@]+$";

const CASES: readonly Case[] = [
  ["format", { pattern: EMAIL }, ["a@b.c", "ä@ö.ü"], ["a@b", "", "a@b@c.d", [], true]],
  ["format", { pattern: "^\\d{5}$" }, ["01234", 12345, 12345n], [1234, "1234a", { a: 1 }]],
  ["format", { pattern: "b" }, ["abc"], ["ac", "undefined", new Uint8Array([98])]],
  ["format", { format: "email" }, ["ada@example.org", "a+b@c.d.e"], ["ada@example", "a b@c.d"]],
  ["format", { format: "url" }, ["https://a.b/c?d#e", "HTTP://x"], ["ftp://a", "http://", "a"]],
  ["format", { format: "phone" }, ["+49 30 123456", "(030) 1234"], ["12", "phone", "+"]],
  ["format", { format: "hostname" }, ["a-b.example"], ["-a", "a..b", "a_b"]],
  ["format", { format: "ipv4" }, ["10.0.0.255"], ["10.0.0.256", "10.0.0", "01.2.3.4.5"]],
  ["format", { format: "digits" }, ["007", 7], ["7a", "", -7]],
  [
    "format",
    { format: "uuid" },
    ["6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
    ["6ba7b8109dad11d180b400c04fd430c8"],
  ],
  ["length", { min: 2, max: 3 }, ["ab", "😀😀😀", [1, 2]], ["a", "abcd", "😀😀😀😀", [], 12]],
  ["length", { max: 1 }, ["", "😀", new Uint8Array(1)], ["ab", new Uint8Array(2), true]],
  ["length", { min: 1 }, ["a"], ["", {}]],
  ["date", {}, ["2024-02-29", "2024-02-29T10:00", "2024-02-29T10:00Z"], ["2023-02-29", "x", 5]],
  ["date", { min: "2024-01-01" }, ["2024-01-01"], ["2023-12-31T23:59:59Z", "infinity"]],
  [
    "date",
    { max: "2024-01-31" },
    ["2024-01-31T23:59:59.999999Z", "-000044-03-15"],
    ["2024-02-01", "2024-01-31T23:59:59-01:00"],
  ],
];

for (const [type, config, good, bad] of CASES) {
  test(`${type} ${JSON.stringify(config)}`, () => {
    for (const value of good) assert.ok(holds(type, config, value), inspect(value));
    for (const value of bad) assert.ok(!holds(type, config, value), inspect(value));
    for (const nothing of [null, ABSENT, JSON_NULL] as readonly Value[]) {
      assert.ok(holds(type, config, nothing), "what is not there breaks only `required`");
    }
  });
}

test("every known format has a case", () => {
  const named = CASES.flatMap(([, config]) => ("format" in config ? [config.format] : []));
  assert.deepEqual(new Set(named), new Set(FORMATS.keys()));
});

test("a text that is too long for a pattern does not match it, whatever it is", () => {
  assert.ok(holds("format", { pattern: "a" }, "a".repeat(PATTERN_TEXT_MAX)));
  assert.ok(!holds("format", { pattern: "a" }, "a".repeat(PATTERN_TEXT_MAX + 1)));
});

test("fields beside each other compare by their types, and nothing beside nothing passes", () => {
  type Pair = readonly [LogicalType, LogicalType, Value, Value, string, boolean];
  const date = { kind: "date" } as const;
  const integer = { kind: "integer" } as const;
  const decimal = { kind: "decimal" } as const;
  const instant = { kind: "instant" } as const;
  const pairs: readonly Pair[] = [
    [date, date, "2024-02-01", "2024-01-31", "greater_than", true],
    [date, date, "2024-01-31", "2024-01-31", "greater_than", false],
    [date, date, "2024-01-31", "2024-01-31", "greater_or_equal", true],
    [integer, decimal, 10, "9.5", "greater_than", true],
    [decimal, integer, "9.5", 10, "less_than", true],
    [decimal, decimal, "100", "20", "less_or_equal", false],
    [integer, integer, 2n ** 60n, 5, "greater_than", true],
    [instant, instant, "2024-01-01T00:00:00.5Z", "2024-01-01T00:00:00Z", "greater_than", true],
    [integer, integer, 5, 5, "equals", true],
    [integer, decimal, 5, "5", "equals", true],
    [integer, integer, 5, 6, "not_equals", true],
    [integer, integer, 5, 5, "not_equals", false],
  ];
  for (const [type, other, a, b, operator, isFine] of pairs) {
    const fields = [
      { name: "a", type },
      { name: "b", type: other },
    ];
    const rule = { field: "a", type: "crossField", config: { operator, other: "b" } };
    const { across, rejects, check } = rulesOf([rule], fields);
    assert.equal(across?.([a, b]).length === 0, isFine, inspect([a, operator, b]));
    assert.deepEqual(check([null, b]), []);
    assert.deepEqual(check([a, null]), []);
    assert.deepEqual(check([a, ABSENT]), []);
    assert.deepEqual(check([a, undefined]), [], "a side that does not carry it says nothing");
    assert.ok(!rejects(0, a), "no single value is to blame");
  }
});

test("a rule of one's own is an expression or a function, over the value or the row", () => {
  const fields = [{ name: "net" }, { name: "tax" }, { name: "constructor" }];
  const rules = compileRules(
    parseRules(
      [
        { field: "net", type: "custom", config: { expression: "value > 0" } },
        { field: "net", type: "custom", config: { expression: "value > row.tax" } },
        { field: "net", type: "custom", config: { validate: (value: Value) => value !== 13 } },
        { field: "net", type: "custom", config: { validate: "even", errorMessage: "Odd" } },
        { field: "tax", type: "custom", config: { validate: "written" } },
        {
          field: "tax",
          type: "custom",
          config: {
            validate: (value: Value, row: { readonly [name: string]: Value }) =>
              Object.hasOwn(row, "constructor") || `no constructor beside ${typeof value}`,
          },
        },
      ],
      {
        languages: LANGUAGES,
        validators: new Map<string, never>([
          ["even", ((value: number) => value % 2 === 0 || "it is not even") as never],
          ["written", LANGUAGES.expression("value < 100.0") as never],
        ]),
      },
    ),
    fields,
  );
  const errors = (row: Row) => rules.check(row).map(({ message }) => message);
  assert.deepEqual(errors([2, 1, 0]), []);
  assert.deepEqual(errors([13, 200, ABSENT]), [
    "Field 'net' breaks the rule `value > row.tax`",
    "Field 'net' breaks its rule",
    "Odd: it is not even",
    "Field 'tax' breaks the rule `value < 100.0`",
    "Field 'tax' breaks its rule: no constructor beside number",
  ]);
  assert.deepEqual(rules.broken(0, 13).length, 2, "only what one value breaks by itself");
  assert.deepEqual(errors(["x", 1, 0]).slice(0, 1), [
    "Field 'net' breaks the rule `value > 0`: it cannot be worked out: there is no 'string > int'",
  ]);
});

test("a function that throws, or answers neither true nor false, breaks its rule by itself", () => {
  const answers: readonly (() => unknown)[] = [
    () => {
      throw new Error("boom");
    },
    () => undefined,
    () => Promise.resolve(true),
    () => 1,
  ];
  for (const validate of answers) {
    const rule = { field: "x", type: "custom", config: { validate } };
    const { broken } = compileRules(parseRules([rule]), [{ name: "x" }]);
    assert.equal(broken(0, 1).length, 1);
    assert.match(broken(0, 1)[0] ?? "", /: (boom|it answers neither true nor false)$/);
  }
});

test("what has to be unique is told by its fields, and judged over all rows elsewhere", () => {
  const fields = [{ name: "a" }, { name: "b" }];
  const rules = rulesOf([{ field: "b", type: "unique", config: { with: ["a"] } }], fields);
  assert.deepEqual(rules.unique, [
    { fields: [1, 0], message: "Field 'b' has to be unique together with 'a'" },
  ]);
  assert.deepEqual(rules.check([1, 1]), []);
});

// One broken rule of each kind that a row can break by itself; `bad` breaks exactly that one.
const PLANTS: readonly (readonly [name: string, rule: object, good: Value, bad: Value])[] = [
  ["a", { type: "required" }, 1, null],
  ["b", { type: "type", config: { expectedType: "string" } }, "x", 5],
  ["c", { type: "format", config: { format: "email" } }, "a@b.c", "a"],
  ["d", { type: "range", config: { min: 0, max: 9 } }, 5, 10],
  ["e", { type: "length", config: { max: 2 } }, "ab", "abc"],
  ["f", { type: "date", config: { min: "2024-01-01" } }, "2024-01-01", "2023-12-31"],
  ["g", { type: "allowedValues", config: { allowedValues: ["x"] } }, "x", "y"],
  ["h", { type: "crossField", config: { operator: "greater_than", other: "pivot" } }, 3, 1],
  ["i", { type: "custom", config: { expression: "value + row.pivot > 3.0" } }, 2, 1],
  ["j", { type: "custom", config: { validate: (value: Value) => value === 1 } }, 1, 2],
  ["k", { type: "custom", config: { expression: "value.matches('^x+$')" } }, "xx", "xy"],
];

test("all broken rules of a row are reported, and no other", () => {
  const kinds = new Set(PLANTS.map(([, rule]) => (rule as { type: string }).type));
  assert.deepEqual(new Set([...kinds, "unique"]), new Set(RULE_TYPES));
  const fields = [...PLANTS.map(([name]) => ({ name })), { name: "pivot" }];
  const raw = PLANTS.map(([field, rule]) => {
    const { config = {}, ...rest } = rule as { type: string; config?: object };
    return { field, ...rest, config: { ...config, errorMessage: `${field} is broken` } };
  });
  const { check, broken, rejects, across } = rulesOf(raw, fields);
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 11, maxLength: 11 }), (plan) => {
      const row: Value[] = PLANTS.map(([, , good, bad], i) => (plan[i] === true ? bad : good));
      row.push(2);
      const expected = PLANTS.flatMap(([name], i) => (plan[i] ? [`${name} is broken`] : []));
      assert.deepEqual(
        check(row).map(({ message }) => message),
        expected,
      );
      // The same, taken apart as the engine takes it: by value, and over several fields.
      const parts = row.flatMap((value, field) => broken(field, value));
      assert.deepEqual(new Set([...parts, ...(across?.(row) ?? [])]), new Set(expected));
      for (const [field, value] of row.entries()) {
        assert.equal(rejects(field, value), broken(field, value).length > 0);
      }
    }),
  );
});

test("names that reach a prototype are names of fields, or refused", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    const about = [
      { field: name, type: "custom", config: { expression: `row["${name}"] == 1.0` } },
    ];
    assert.throws(
      () => rulesOf(about, [{ name: "x" }]),
      (error) => isSyncError(error, "RULE_INVALID", "EXPRESSION_INVALID"),
    );
    const { check } = rulesOf(about, [{ name }]);
    assert.equal(check([1]).length, 0);
    assert.equal(check([2]).length, 1);
  }
});
