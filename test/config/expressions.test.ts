// Expressions over rows: what they give, where they are refused, and what attacks them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { isSyncError } from "../../src/core/errors.ts";
import type { ExpressionScope } from "../../src/core/expression.ts";
import type { LogicalType } from "../../src/core/logical.ts";
import { ABSENT, exactNumber, JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { same } from "../../src/core/values.ts";
import { EXPRESSION_LENGTH_MAX, makeExpression } from "../../src/config/languages/cel.ts";
import {
  EXPRESSION_ITEMS_MAX,
  EXPRESSION_STEPS_MAX,
} from "../../src/config/languages/cel-budget.ts";

const TYPES = new Map<string, LogicalType>([
  ["id", { kind: "integer" }],
  ["name", { kind: "text" }],
  ["price", { kind: "decimal" }],
  ["rate", { kind: "real" }],
  ["at", { kind: "instant" }],
  ["local", { kind: "datetime" }],
  ["day", { kind: "date" }],
  ["ok", { kind: "boolean" }],
  ["doc", { kind: "json" }],
  ["any", { kind: "any" }],
  ["odd name", { kind: "text" }],
  ["type", { kind: "text" }],
  ["list", { kind: "json" }],
]);
const COLUMNS = [...TYPES.keys()];
const ROW: readonly Value[] = [
  5,
  "Ada",
  "12.50",
  0.5,
  "2024-02-29T10:00:00.25Z",
  "2024-02-29T10:00:00",
  "2024-02-29",
  true,
  { a: { b: 3 }, constructor: "own", tags: ["x", "y"], n: null, long: exactNumber("0.1") },
  2.5,
  "odd",
  "t",
  [1, 2, 3],
];
const ANY: ExpressionScope["gives"] = { type: undefined };

function evaluate(
  text: string,
  row: readonly Value[] = ROW,
  gives: ExpressionScope["gives"] = ANY,
) {
  const scope = { columns: COLUMNS, types: TYPES, value: { type: TYPES.get("name") }, gives };
  return makeExpression(text).bind(scope)(row, "val");
}

const GIVES: readonly (readonly [text: string, value: Value])[] = [
  ["id > 3 && name == 'Ada'", true],
  ["id / 2", 2],
  ["id * 2.5", 12.5],
  ["price * 2", 25],
  ["rate + id", 5.5],
  ["row.name + '!'", "Ada!"],
  ['row["odd name"]', "odd"],
  ["type == 't'", true],
  ["value + '-' + string(id)", "val-5"],
  ["doc.a.b == 3", true],
  ["doc.constructor", "own"],
  ["doc.tags.join(',')", "x,y"],
  ["doc.?zz.orValue('none')", "none"],
  ["doc.?a", { b: 3 }],
  ["has(doc.zz)", false],
  ["doc.n == null", true],
  ["doc.long", 0.1],
  ["at > timestamp('2024-01-01T00:00:00Z')", true],
  ["at + duration('1h')", "2024-02-29T11:00:00.250Z"],
  ["at - at", "PT0S"],
  ["at - timestamp('2024-03-01T00:00:00Z')", "PT-50399.75S"],
  ["local.getHours()", 10],
  ["day < '2024-03-01'", true],
  ["list.map(x, x * 2)", [2, 4, 6]],
  ["list.all(name, name > 0)", true],
  ["list.exists(x, x == 2)", true],
  ["list.filter(x, x > 1)", [2, 3]],
  ["[id, 6]", [5, 6]],
  ['{"a": id, "b": name}', { a: 5, b: "Ada" }],
  ["name.matches('^A')", true],
  ["name.matches('^(a+)+$')", false],
  ["ok ? 1 : 2", 1],
  ["name in ['Ada', 'Eve']", true],
  ["9223372036854775807", 9_223_372_036_854_775_807n],
];

test("expressions give values of ours", () => {
  for (const [text, expected] of GIVES) {
    const result = evaluate(text);
    const value = result.kind === "value" ? result.value : assert.fail(`${text}: ${result.reason}`);
    assert.ok(same(value, expected), `${text}: ${inspect(value)}`);
  }
});

test("a moment is given as the column that it goes to writes it", () => {
  const forms: readonly (readonly [LogicalType["kind"], string, Value])[] = [
    ["datetime", "at", "2024-02-29T10:00:00.250"],
    ["date", "timestamp('2024-02-29T00:00:00Z')", "2024-02-29"],
    ["instant", "local", "2024-02-29T10:00:00.000Z"],
  ];
  for (const [kind, text, value] of forms) {
    const type = { kind } as LogicalType; // each of these needs no more
    assert.deepEqual(evaluate(text, ROW, { type }), { kind: "value", value });
  }
});

test("null is equal to null only, never greater or less, and in no sum", () => {
  const nothings: readonly Value[] = [null, ABSENT, JSON_NULL];
  for (const nothing of nothings) {
    const row = COLUMNS.map(() => nothing);
    for (const text of ["id", "name", "price", "rate", "at", "ok", "doc", "any"]) {
      assert.deepEqual(evaluate(`${text} == null`, row), { kind: "value", value: true });
      assert.deepEqual(evaluate(`${text} != null`, row), { kind: "value", value: false });
    }
    for (const text of ["id > 3", "id <= 3", "name < 'x'", "price >= 0", "rate < id", "any > 1"]) {
      assert.deepEqual(evaluate(text, row), { kind: "value", value: false }, text);
    }
    for (const text of ["id + 1", "name + 'x'", "size(name)", "doc.a", "-id", "name.trim()"]) {
      assert.equal(evaluate(text, row).kind, "refused", text);
    }
    assert.equal(evaluate("ok", row, "answer").kind, "refused", "no answer is none");
  }
});

test("what an expression reads is known before any row is", () => {
  const reads: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["a > b.c && row.d == row['e f']", ["a", "b", "d", "e f"], ["a", "b", "d", "e f"]],
    ["value > row.value", ["value"], ["value"]],
    ["value > 3", ["value"], []],
    ["a.map(x, x + y).all(z, z > x)", ["a", "y", "x"], ["a", "y", "x"]],
    ["timestamp('2024-01-01T00:00:00Z') < at", ["at"], ["at"]],
  ];
  for (const [text, aboutRow, aboutValue] of reads) {
    const expression = makeExpression(text);
    assert.deepEqual(expression.reads("row").toSorted(), [...aboutRow].sort(), text);
    assert.deepEqual(expression.reads("value").toSorted(), [...aboutValue].sort(), text);
  }
});

const REFUSED: readonly (readonly [text: string, character: number])[] = [
  ["id >", 4],
  ["id > 'x'", 0],
  ["name + id", 0],
  ["name == 'Ada' && nmae == 'x'", 17],
  ["name.startWith('A')", 0],
  ["row", 0],
  ["row[name]", 0],
  ["has(row.name)", 0],
  ["name.matches(name)", 0],
  ["name.matches('(?=a)')", 13],
  ["true || 'x'", 0],
];

test("what can never be worked out is refused at load, with its character", () => {
  for (const [text, character] of REFUSED) {
    assert.throws(
      () => evaluate(text),
      (error) => isSyncError(error, "EXPRESSION_INVALID") && error.character === character,
      text,
    );
  }
  for (const text of ["id", "name", "price + 1", "[true]"]) {
    assert.throws(
      () => evaluate(text, ROW, "answer"),
      (error) => isSyncError(error, "EXPRESSION_INVALID") && error.message.includes("yes or no"),
    );
  }
});

// reliability: 28 (prototypes), 31 (no host objects, cost and size caps).
const ATTACKS: readonly string[] = [
  ..."process globalThis global require module console Function eval this self".split(" "),
  ..."constructor __proto__ prototype toString hasOwnProperty valueOf arguments".split(" "),
  "this.constructor.constructor('return process')()",
  "name.constructor",
  "name.constructor('return process')()",
  "[].constructor.constructor('return process')()",
  "''.__proto__",
  "row.__proto__",
  "row.constructor",
  'row["__proto__"]',
  "process.getBuiltinModule('fs')",
  "globalThis['process'].exit()",
  "cel.bind(a, name + name, a + a)",
  "bytes(name).json()",
  "type(name)",
  "optional.of(1)",
  "google.protobuf.Timestamp",
  "_column0",
  "_value",
  "name.holdsPattern('a')",
  "import('fs')",
  "`${1}`",
  "name => name",
  "new Date()",
  "(".repeat(200) + "1" + ")".repeat(200),
  "[".repeat(200) + "]".repeat(200),
  "1 + ".repeat(3000) + "1",
  "a".repeat(EXPRESSION_LENGTH_MAX + 1),
  "!".repeat(5000) + "true",
];

test(`${ATTACKS.length} expressions that reach for what is no row are refused at load`, () => {
  for (const text of ATTACKS) {
    assert.throws(
      () => evaluate(text),
      (error) => isSyncError(error, "EXPRESSION_INVALID"),
      text.slice(0, 60),
    );
  }
  assert.equal((Object.prototype as { polluted?: unknown }).polluted, undefined);
});

test("a document's own names are only names, whatever they are", () => {
  const doc = JSON.parse('{"__proto__":{"a":1},"constructor":{"name":"x"}}') as Value;
  const row = COLUMNS.map((name) => (name === "doc" ? doc : null));
  assert.deepEqual(evaluate('doc["__proto__"].a', row), { kind: "value", value: 1 });
  assert.deepEqual(evaluate("doc.constructor.name", row), { kind: "value", value: "x" });
  for (const text of ["doc.toString", "doc.prototype", "doc.a.__proto__"]) {
    assert.equal(evaluate(text, row).kind, "refused", text);
  }
  assert.equal(evaluate("doc.__proto__.polluted").kind, "refused", "it has no such name");
  const made = evaluate('{"__proto__": {"polluted": 1}, "a": 1}');
  assert.ok(made.kind === "value" && same(made.value, { a: 1 }));
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test("the same steps are too many on every machine, also where failing is passed over", () => {
  const loops = [
    "list.map(x, list.map(y, list.map(z, 1)))",
    "list.all(x, list.all(y, list.all(z, true)))",
    "list.exists(x, list.exists(y, list.exists(z, false)))",
    "list.exists(x, list.all(y, list.all(z, true)) && false)",
    "list.filter(x, list.exists_one(y, list.all(z, z > -1)))",
  ];
  const reason = `it takes more than ${EXPRESSION_STEPS_MAX} steps`;
  const rowOf = (length: number): readonly Value[] =>
    COLUMNS.map((name) => (name === "list" ? Array.from({ length }, (_, i) => i) : null));
  for (const text of loops) {
    assert.equal(evaluate(text, rowOf(5)).kind, "value", text);
    assert.deepEqual(evaluate(text, rowOf(120)), { kind: "refused", reason }, text);
    assert.deepEqual(evaluate(text, rowOf(120)), evaluate(text, rowOf(120)));
  }
  const long = rowOf(EXPRESSION_ITEMS_MAX + 1);
  assert.deepEqual(evaluate("list.all(x, x > -1)", long), { kind: "refused", reason });
  const growing = "list.map(x, name).join('').split('').map(x, name).join('').size() > 0";
  const big = rowOf(2000).map((value, i) => (COLUMNS[i] === "name" ? "x".repeat(5000) : value));
  assert.deepEqual(evaluate(growing, big), { kind: "refused", reason });
  // One row that is over the limit takes nothing from the next.
  const program = makeExpression(loops[0] ?? "").bind({
    columns: COLUMNS,
    types: TYPES,
    gives: ANY,
  });
  assert.equal(program(rowOf(120)).kind, "refused");
  assert.equal(program(rowOf(3)).kind, "value");
});

test("why a row cannot be worked out says nothing of what it holds", () => {
  const row = COLUMNS.map((name): Value => {
    if (name === "doc") return { other: "s3cret" };
    return TYPES.get(name)?.kind === "text" || name === "any" ? "s3cret" : null;
  });
  const texts = ["int(name)", "bool(name)", "double(type)", "doc[name]", "name.substring(99)"];
  for (const text of [...texts, "duration(name)", "timestamp(name)", "doc.a", "any + 1"]) {
    const result = evaluate(text, row);
    assert.ok(result.kind === "refused", text);
    assert.doesNotMatch(result.reason, /s3cret/, text);
  }
});

test("no text whatever does anything but give a value or be refused", (t) => {
  const words = fc.constantFrom(
    ..."id name price at doc list value row . , ( ) [ ] { } + - * / % == != < > && || ! ? :".split(
      " ",
    ),
    ..."in true null 1 2.5 'a' has( map( all( x matches(".split(" "),
    ...'size( string( int( duration( .? [? " \\'.split(" "),
  );
  const noise = fc.array(words, { maxLength: 14 }).map((parts) => parts.join(" "));
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(..."id name price rate at doc any list value true null 3 2.5 'a'".split(" ")),
      fc
        .tuple(
          tie("tree"),
          fc.constantFrom(..."+ - * / % == != < >= && || in".split(" ")),
          tie("tree"),
        )
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      fc
        .tuple(fc.constantFrom("size", "string", "int", "!", "-"), tie("tree"))
        .map(([name, inner]) => `${name}(${inner})`),
      fc
        .tuple(tie("tree"), fc.constantFrom("all", "map", "exists", "filter"), tie("tree"))
        .map(([list, name, inner]) => `${list}.${name}(x, ${inner} == x)`),
      fc
        .tuple(tie("tree"), tie("tree"), tie("tree"))
        .map(([test, yes, no]) => `(${test} ? ${yes} : ${no})`),
      tie("tree").map((inner) => `${inner}.a`),
    ),
  }));
  const text = fc.oneof(noise, { arbitrary: tree, weight: 4 });
  let read = 0;
  const seen = { value: 0, refused: 0 };
  fc.assert(
    fc.property(fc.oneof({ arbitrary: text, weight: 9 }, fc.string()), (each) => {
      read += 1;
      try {
        seen[evaluate(each).kind] += 1;
      } catch (error) {
        assert.ok(isSyncError(error, "EXPRESSION_INVALID"), inspect(error));
      }
    }),
    { numRuns: 10_000 },
  );
  t.diagnostic(`${read} texts: ${seen.value} gave a value, ${seen.refused} were refused by a row`);
});
