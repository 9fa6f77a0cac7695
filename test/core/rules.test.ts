import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { isSyncError } from "../../src/core/errors.ts";
import type { ErrorCode } from "../../src/core/errors.ts";
import type { LogicalType } from "../../src/core/logical.ts";
import { problemsOf } from "../../src/core/problems.ts";
import { parseRules } from "../../src/core/rules-parser.ts";
import { compileRules, EXPECTED_TYPES } from "../../src/core/rules.ts";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";

const NOTHING: readonly Value[] = [null, ABSENT, JSON_NULL];
const FIELDS = [{ name: "email" }, { name: "age" }, { name: "status" }, { name: "name" }];
const EMAIL = 0;
const AGE = 1;
const STATUS = 2;
const NAME = 3;

// The documented example of the system that these rules come from, without its regular expression.
const EXAMPLE = parseRules([
  { field: "email", type: "required", config: { errorMessage: "Email is required" } },
  { field: "age", type: "range", config: { min: 0, max: 150, errorMessage: "Age is 0 to 150" } },
  { field: "name", type: "type", config: { expectedType: "string", errorMessage: "Name is text" } },
  {
    field: "status",
    type: "custom",
    config: { allowedValues: ["active", "inactive", "pending"], errorMessage: "Unknown status" },
  },
]);

function holds(type: string, config: object, value: Value, logical?: LogicalType): boolean {
  const field = logical === undefined ? { name: "x" } : { name: "x", type: logical };
  const rules = compileRules(parseRules([{ field: "x", type, config }]), [field]);
  return !rules.rejects(0, value);
}

test("scenario 21: all three broken rules of a row are reported with their messages", () => {
  const { check } = compileRules(EXAMPLE, FIELDS);
  assert.deepEqual(check([null, 151, "archived", null]), [
    { field: EMAIL, rule: "required", message: "Email is required" },
    { field: AGE, rule: "range", message: "Age is 0 to 150" },
    { field: STATUS, rule: "allowed", message: "Unknown status" },
  ]);
});

test("what is not there breaks only required; what a side does not carry, nothing", () => {
  const { check, broken, rejects } = compileRules(EXAMPLE, FIELDS);
  assert.deepEqual(check([undefined, null, ABSENT, JSON_NULL]), []);
  assert.deepEqual(check([undefined, undefined, undefined, undefined]), []);
  assert.deepEqual(check(["a@b.c", 0, "active", "Ada"]), []);
  for (const nothing of NOTHING) {
    assert.deepEqual(broken(EMAIL, nothing), ["Email is required"]);
    assert.ok(rejects(EMAIL, nothing) && !rejects(AGE, nothing));
  }
  assert.ok(!rejects(EMAIL, "") && !rejects(EMAIL, 0) && !rejects(EMAIL, false));
});

test("one value reports every rule of its field that it breaks", () => {
  const specs = parseRules([
    { field: "age", type: "type", config: { expectedType: "integer" } },
    { field: "age", type: "range", config: { max: 10 } },
    {
      field: "age",
      type: "allowedValues",
      config: { allowedValues: [1, 2], errorMessage: "1 or 2" },
    },
    { field: "age", type: "required" },
  ]);
  const { broken, rejects } = compileRules(specs, FIELDS);
  assert.deepEqual(broken(AGE, 10.5), [
    "Field 'age' has to be of type integer",
    "Field 'age' is out of range",
    "1 or 2",
  ]);
  assert.deepEqual(broken(AGE, null), ["Field 'age' is required"]);
  assert.deepEqual(broken(NAME, 10.5), []);
  assert.ok(rejects(AGE, 3) && !rejects(AGE, 2) && !rejects(NAME, 3) && !rejects(9, 3));
});

const SAMPLES: readonly (readonly [value: Value, types: string])[] = [
  ["text", "string"],
  ["", "string"],
  ["2024-02-29", "string date"],
  ["2024-02-29T10:00:00", "string date"],
  ["2024-02-29T10:00:00Z", "string date"],
  ["2023-02-29", "string"],
  [1, "number integer"],
  [2n ** 60n, "number integer"],
  [1.5, "number"],
  [NaN, "number"],
  [false, "boolean"],
  [{ a: 1 }, "object"],
  [[1], "array"],
  [new Uint8Array(1), ""],
];

for (const [value, types] of SAMPLES) {
  test(`${typeof value} ${inspect(value)} is of type ${types || "none"}`, () => {
    const held = EXPECTED_TYPES.filter((expectedType) => holds("type", { expectedType }, value));
    assert.deepEqual(new Set(held), new Set(types === "" ? [] : types.split(" ")));
  });
}

test("decimals are numbers that are kept as text", () => {
  const decimal = { kind: "decimal" } as const;
  assert.ok(holds("type", { expectedType: "number" }, "1.5", decimal));
  assert.ok(!holds("type", { expectedType: "string" }, "1.5", decimal));
  assert.ok(!holds("type", { expectedType: "integer" }, "1.5", decimal));
  assert.ok(holds("type", { expectedType: "integer" }, "15", decimal));
  assert.ok(!holds("type", { expectedType: "integer" }, "NaN", decimal));
  assert.ok(holds("range", { min: 9, max: "10.0" }, "10", decimal));
  assert.ok(!holds("range", { min: 9, max: 10 }, "10.01", decimal));
  assert.ok(holds("allowedValues", { allowedValues: ["1.50"] }, "1.5", decimal));
});

test("a range includes its ends, may have one end, and rejects what it cannot compare", () => {
  assert.ok(holds("range", { min: 0, max: 2 }, 0) && holds("range", { min: 0, max: 2 }, 2));
  assert.ok(!holds("range", { min: 0, max: 2 }, -1) && !holds("range", { min: 0, max: 2 }, 3));
  assert.ok(holds("range", { min: 1, max: 1 }, 1) && !holds("range", { min: 1, max: 1 }, 2));
  assert.ok(holds("range", { min: 0 }, 2n ** 80n) && holds("range", { max: 0 }, -5));
  assert.ok(!holds("range", { min: 0 }, "5") && !holds("range", { max: 9 }, NaN));
  const instant = { kind: "instant" } as const;
  const config = { min: "2024-01-01T01:00:00+01:00" };
  assert.ok(holds("range", config, "2024-01-01T00:00:00.5Z", instant));
  assert.ok(!holds("range", config, "2023-12-31T23:59:59.9Z", instant));
});

test("allowed values are compared by content, never coerced", () => {
  assert.ok(holds("allowedValues", { allowedValues: [1, "a", false, [1]] }, [1]));
  assert.ok(!holds("allowedValues", { allowedValues: [1, "a", false] }, "1"));
  assert.ok(!holds("allowedValues", { allowedValues: ["toString"] }, "constructor"));
});

test("rules that are not understood are refused", () => {
  const bad: readonly (readonly [raw: unknown, code: ErrorCode])[] = [
    ["required", "RULE_INVALID"],
    [["required"], "RULE_INVALID"],
    [[{ type: "required" }], "RULE_INVALID"],
    [[{ field: "x" }], "RULE_INVALID"],
    [[{ field: "x", type: "requierd" }], "RULE_INVALID"],
    [[{ field: "x", type: "type" }], "RULE_INVALID"],
    [[{ field: "x", type: "required", config: "yes" }], "RULE_INVALID"],
    [[{ field: "x", type: "type", config: { expectedType: "strin" } }], "RULE_INVALID"],
    [[{ field: "x", type: "range", config: {} }], "RULE_INVALID"],
    [[{ field: "x", type: "range", config: { min: 5, max: 1 } }], "RULE_INVALID"],
    [[{ field: "x", type: "range", config: { min: NaN } }], "RULE_INVALID"],
    [[{ field: "x", type: "range", config: { min: true } }], "RULE_INVALID"],
    [[{ field: "x", type: "custom", config: {} }], "RULE_INVALID"],
    [[{ field: "x", type: "custom", config: { allowedValues: [] } }], "RULE_INVALID"],
    [[{ field: "x", type: "custom", config: { allowedValues: [new Date(0)] } }], "RULE_INVALID"],
    [[{ field: "x", type: "required", config: { errorMessage: 5 } }], "RULE_INVALID"],
    [[{ field: "x", type: "required", config: { erorMessage: "m" } }], "CONFIG_UNKNOWN_KEY"],
    [[{ field: "x", type: "required", message: "m" }], "CONFIG_UNKNOWN_KEY"],
    [[{ field: "x", type: "custom", config: { validator: "f" } }], "CONFIG_UNKNOWN_KEY"],
    // Without anybody who reads patterns and expressions.
    [[{ field: "x", type: "format", config: { pattern: "a" } }], "RULE_INVALID"],
    [[{ field: "x", type: "custom", config: { expression: "true" } }], "RULE_INVALID"],
  ];
  for (const [raw, code] of bad) {
    assert.throws(
      () => parseRules(raw),
      (error) => isSyncError(error, code),
      JSON.stringify(raw),
    );
  }
});

test("every rule that is wrong is named at once", () => {
  const raw = [
    { field: "a", type: "formt" },
    { field: "b", type: "range" },
    { field: "c", type: "required" },
  ];
  assert.throws(
    () => parseRules(raw),
    (error) =>
      isSyncError(error) && problemsOf(error).length === 2 && error.message.includes("'format'"),
  );
});

test("rules about unknown fields, or with values that the field cannot have, are refused", () => {
  const compile = (type: string, config: object, logical: LogicalType) =>
    compileRules(parseRules([{ field: "age", type, config }]), [{ name: "age", type: logical }]);
  assert.throws(
    () => compileRules(parseRules([{ field: "aeg", type: "required" }]), FIELDS),
    (error) => isSyncError(error, "RULE_INVALID") && error.hint === "Did you mean 'age'?",
  );
  const integer = { kind: "integer" } as const;
  assert.throws(() => compile("range", { min: "0" }, integer), { code: "RULE_INVALID" });
  assert.throws(() => compile("allowedValues", { allowedValues: ["1"] }, integer), {
    code: "RULE_INVALID",
  });
  assert.throws(() => compile("allowedValues", { allowedValues: [1] }, { kind: "text" }), {
    code: "RULE_INVALID",
  });
  const decimal = { kind: "decimal" } as const;
  assert.throws(() => compile("allowedValues", { allowedValues: ["much"] }, decimal), {
    code: "RULE_INVALID",
  });
  assert.ok(!compile("allowedValues", { allowedValues: [[1]] }, { kind: "json" }).rejects(0, [1]));
  assert.throws(() => compile("range", { max: "soon" }, { kind: "instant" }), {
    code: "RULE_INVALID",
  });
  assert.ok(!compile("range", { max: 1.5 }, integer).rejects(0, 1));
});

test("messages of ours hold nothing of the row", () => {
  const specs = parseRules([
    { field: "name", type: "type", config: { expectedType: "number" } },
    { field: "name", type: "range", config: { min: 1 } },
    { field: "name", type: "allowedValues", config: { allowedValues: [1] } },
  ]);
  const messages = compileRules(specs, FIELDS).broken(NAME, "s3cret");
  assert.equal(messages.length, 3);
  assert.ok(messages.every((message) => !message.includes("s3cret")));
});
