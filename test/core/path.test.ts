import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isSyncError } from "../../src/core/errors.ts";
import { overlap, parsePath, PATH_STEPS_MAX, valueAt, withValueAt } from "../../src/core/path.ts";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { same } from "../../src/core/values.ts";

const NOTHING: readonly Value[] = [null, ABSENT, JSON_NULL];

test("a path is a column and steps, with dots or as a JSON pointer", () => {
  assert.deepEqual(parsePath("name"), { text: "name", column: "name", steps: [] });
  assert.deepEqual(parsePath("a.b.0").steps, ["b", "0"]);
  assert.deepEqual(parsePath("/a.b/c~1d/e~0f~01"), {
    text: "/a.b/c~1d/e~0f~01",
    column: "a.b",
    steps: ["c/d", "e~f~1"],
  });
});

test("a column that has dots in its name is that column", () => {
  assert.deepEqual(parsePath("a.b", (name) => name === "a.b").steps, []);
  assert.deepEqual(parsePath("a.b", (name) => name === "a").steps, ["b"]);
});

// Scenario 30: names that reach a prototype are refused before any row is seen.
for (const text of [
  "__proto__.x",
  "/__proto__/x",
  "a.__proto__.x",
  "/a/__proto__/x",
  "constructor.prototype.x",
  "a.constructor",
  "prototype.x",
]) {
  test(`the path ${text} is refused by name`, () => {
    assert.throws(
      () => parsePath(text),
      (error) => isSyncError(error, "CONFIG_INVALID") && error.message.includes(`'${text}'`),
    );
  });
}

test("a column may have any name: it is a position, and no way into anything", () => {
  for (const name of ["constructor", "prototype", "__proto__"]) {
    assert.deepEqual(parsePath(name), { text: name, column: name, steps: [] });
    assert.deepEqual(parsePath(name, () => true).steps, []);
  }
  assert.deepEqual(parsePath("a.__proto__", (name) => name === "a.__proto__").steps, []);
});

test("paths with empty names or too many steps are refused", () => {
  for (const text of ["", "a..b", ".a", "a.", "/", "/a/"]) {
    assert.throws(() => parsePath(text), { code: "CONFIG_INVALID" });
  }
  assert.equal(parsePath(`a${".b".repeat(PATH_STEPS_MAX)}`).steps.length, PATH_STEPS_MAX);
  assert.throws(() => parsePath(`a${".b".repeat(PATH_STEPS_MAX + 1)}`), { code: "CONFIG_INVALID" });
});

test("only own properties and positions are found", () => {
  const document: Value = { a: { b: null, list: [1, null, { c: 0 }] }, e: "", f: false };
  const found: readonly (readonly [steps: readonly string[], value: Value])[] = [
    [[], document],
    [["a", "b"], null],
    [["a", "list", "0"], 1],
    [["a", "list", "1"], null],
    [["a", "list", "2", "c"], 0],
    [["a", "list", "3"], ABSENT],
    [["a", "list", "01"], ABSENT],
    [["a", "list", "-1"], ABSENT],
    [["a", "list", "length"], ABSENT],
    [["a", "toString"], ABSENT],
    [["e"], ""],
    [["f"], false],
    [["e", "length"], ABSENT],
    [["missing", "x"], ABSENT],
  ];
  for (const [steps, value] of found) assert.equal(valueAt(document, steps), value);
  for (const nothing of [...NOTHING, 7, "text"]) {
    assert.equal(valueAt(nothing, ["a"]), ABSENT);
  }
});

test("a place is changed and everything else is kept, falsy parents never clobbered", () => {
  const check = (document: Value, steps: readonly string[], value: Value, expected: Value) => {
    const before = structuredClone(typeof document === "symbol" ? null : document);
    const changed = withValueAt(document, steps, value);
    assert.ok(same(changed, expected), JSON.stringify(changed));
    if (typeof document !== "symbol") assert.deepEqual(document, before);
  };
  check({ a: { b: 1, c: 2 } }, ["a", "b"], 9, { a: { b: 9, c: 2 } });
  check({ a: [1, 2] }, ["a", "1"], 9, { a: [1, 9] });
  check({ a: [1, 2] }, ["a", "2"], 9, { a: [1, 2, 9] });
  check({ a: [1, 2] }, ["a", "1"], ABSENT, { a: [1] });
  check({ a: [1, 2] }, ["a", "2"], ABSENT, { a: [1, 2] });
  check({ a: { b: 1 } }, ["a", "b"], ABSENT, { a: {} });
  check({ a: 1 }, ["b", "c"], ABSENT, { a: 1 });
  check({ a: { b: 1 } }, ["a", "b"], JSON_NULL, { a: { b: null } });
  for (const nothing of NOTHING) {
    check(nothing, ["a", "b"], 1, { a: { b: 1 } });
    check(nothing, ["a", "b"], ABSENT, nothing);
  }
  check({ a: null }, ["a", "b"], 1, { a: { b: 1 } });
});

test("a parent that is a value is not replaced, and lists get no holes", () => {
  assert.equal(withValueAt({ a: 0 }, ["a", "b"], 1), undefined);
  assert.equal(withValueAt({ a: "" }, ["a", "b"], 1), undefined);
  assert.equal(withValueAt({ a: false }, ["a", "b"], 1), undefined);
  assert.equal(withValueAt(7, ["a"], 1), undefined);
  assert.equal(withValueAt([1], ["2"], 1), undefined);
  assert.equal(withValueAt([1], ["x"], 1), undefined);
  assert.equal(withValueAt([1, 2, 3], ["1"], ABSENT), undefined);
});

test("a document's own __proto__ stays a property of it", () => {
  const document: Value = JSON.parse('{"__proto__":{"polluted":true},"a":1}');
  const changed = withValueAt(document, ["a"], 2);
  assert.equal(JSON.stringify(changed), '{"__proto__":{"polluted":true},"a":2}');
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

test("what was put at a place is found there, and only there", () =>
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(fc.constantFrom("a", "b", "0", "1"), { minLength: 1, maxLength: 3 }),
      fc.jsonValue({ maxDepth: 1 }),
      (json, steps, put) => {
        const [document, value] = [json as Value, put as Value]; // JSON is a Value
        const changed = withValueAt(document, steps, value);
        if (changed === undefined) return;
        assert.ok(same(valueAt(changed, steps), value));
        assert.ok(same(valueAt(changed, ["other"]), valueAt(document, ["other"])));
      },
    ),
  ));

test("places overlap where one is inside the other", () => {
  const inside = (a: string, b: string) => overlap(parsePath(a), parsePath(b));
  assert.ok(inside("a", "a") && inside("a", "a.b") && inside("a.b.c", "a.b"));
  assert.ok(!inside("a.b", "a.c") && !inside("a.b", "b.b") && !inside("a.b", "a.bc"));
});
