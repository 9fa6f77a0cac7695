// Keys inside text templates: one to one, there and back, and nothing else is called so.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { nameableType, makeKeyNames, templateText } from "../../src/core/key-template.ts";
import type { KeyTemplate, KeyTemplates } from "../../src/core/key-template.ts";
import { decodeKey, encodeKey, keyParts } from "../../src/core/key.ts";
import { canonical } from "../../src/core/logical.ts";
import { compileTransform } from "../../src/core/mapping.ts";
import type { Key, Value } from "../../src/core/state.ts";
import { anyText, keyValue } from "./arbitraries.ts";

const wholeText = anyText.filter((text) => text.isWellFormed());
const outside = wholeText.filter((text) => !text.includes("$"));

interface Typed {
  readonly kind: KeyTemplate["type"]["kind"];
  readonly value: Value;
}

/** A type, and a value of it in canonical form. */
const typed: fc.Arbitrary<Typed> = fc.oneof(
  fc.bigInt().map((number): Typed => valueOfKind("integer", number)),
  wholeText.map((text): Typed => valueOfKind("text", text)),
  fc.uuid().map((text): Typed => valueOfKind("uuid", text)),
);

function valueOfKind(kind: Typed["kind"], of: Value): Typed {
  const value = canonical({ kind }, of);
  assert.ok(value !== undefined);
  return { kind, value };
}
const parts = fc.array(keyValue, { maxLength: 2 });
interface TwoInside {
  readonly template: KeyTemplate;
  readonly one: Value;
  readonly other: Value;
}

/** A template with two values that it may take. */
const templateAndTwo: fc.Arbitrary<TwoInside> = fc
  .tuple(outside, outside, typed, typed)
  .filter(([, , a, b]) => a.kind === b.kind)
  .map(([prefix, suffix, { kind, value: one }, { value: other }]): TwoInside => {
    return { template: { prefix, suffix, type: { kind } }, one, other };
  });

function keyOf(...values: readonly Value[]): Key {
  const key = encodeKey(values);
  assert.ok(key !== undefined);
  return key;
}

test("a key comes back from its name, and two keys never have one name", () =>
  fc.assert(
    fc.property(templateAndTwo, ({ template, one, other }) => {
      const { ownOf, keyOf: back } = makeKeyNames([template]);
      const [a, b] = [keyOf(one), keyOf(other)];
      const [nameA, nameB] = [ownOf(a), ownOf(b)];
      assert.ok(nameA !== undefined && nameB !== undefined);
      assert.equal(back(nameA), a);
      assert.equal(nameA === nameB, a === b);
    }),
  ));

test("the name is the text that the mapping makes", () =>
  fc.assert(
    fc.property(templateAndTwo, ({ template, one }) => {
      const made = compileTransform(templateText(template)).over(one, {});
      assert.ok(made.kind === "value");
      assert.equal(makeKeyNames([template]).ownOf(keyOf(one)), keyOf(made.value));
    }),
  ));

test("whatever a side calls a row, it is one entry's name or nobody's", () =>
  fc.assert(
    fc.property(templateAndTwo, keyValue, wholeText, ({ template }, value, text) => {
      const { prefix, suffix } = template;
      const { ownOf, keyOf: back } = makeKeyNames([template]);
      const names: readonly Value[] = [value, text, prefix + text + suffix, ` ${prefix}1${suffix}`];
      for (const called of names) {
        const own = encodeKey([called]);
        const key = own === undefined ? undefined : back(own);
        if (own !== undefined && key !== undefined) assert.equal(ownOf(key), own);
      }
    }),
  ));

test("parts of a key without a template stay as they are", () =>
  fc.assert(
    fc.property(parts, templateAndTwo, parts, (before, of, after) => {
      const values: readonly Value[] = [...before, of.one, ...after];
      const whole = values.map((value): Value =>
        typeof value === "string" ? value.toWellFormed() : value,
      );
      const templates: KeyTemplates = whole.map((_, at) =>
        at === before.length ? of.template : null,
      );
      const { ownOf, keyOf: back } = makeKeyNames(templates);
      const key = keyOf(...whole);
      assert.equal(keyParts(key).join(""), key);
      const own = ownOf(key);
      assert.ok(own !== undefined);
      assert.equal(back(own), key);
      const same = (of: Key) => keyParts(of).toSpliced(before.length, 1);
      assert.deepEqual(same(own), same(key));
    }),
  ));

const INTEGER: KeyTemplate = { prefix: "req-", suffix: "", type: { kind: "integer" } };

test("only the canonical text inside a template is a name", () => {
  const { keyOf: back } = makeKeyNames([INTEGER]);
  const valueOf = (called: Value): Value | undefined => {
    const key = back(keyOf(called));
    return key === undefined ? undefined : decodeKey(key)[0];
  };
  assert.deepEqual(valueOf("req-1"), 1);
  assert.deepEqual(valueOf("req--7"), -7);
  assert.deepEqual(valueOf("req-9007199254740993"), 9007199254740993n);
  for (const called of [
    "foo",
    "req-",
    "req-01",
    "req-x",
    "req-1 ",
    "req- 1",
    "req-+1",
    "req-1.0",
    "req-1e3",
    "req--0",
    "REQ-1",
    "xreq-1",
    "",
    1,
    true,
    Uint8Array.of(1),
  ]) {
    assert.equal(valueOf(called), undefined, String(called));
  }
});

test("prefix and suffix do not overlap, and a key of another length is nobody's", () => {
  const { keyOf: back } = makeKeyNames([{ prefix: "aba", suffix: "aba", type: { kind: "text" } }]);
  assert.equal(back(keyOf("aba")), undefined);
  assert.equal(back(keyOf("ababa")), undefined);
  assert.equal(back(keyOf("abaaba")), keyOf(""));
  assert.equal(back(keyOf("abaaba", 1)), undefined);
});

test("a key that is not of the source's type has no name", () => {
  const { ownOf } = makeKeyNames([INTEGER]);
  for (const value of ["1", "x", 1.5, Uint8Array.of(1)]) {
    assert.equal(ownOf(keyOf(value)), undefined);
  }
  assert.equal(ownOf(keyOf(1, 2)), undefined);
});

test("only types whose texts tell their values apart are named", () => {
  for (const kind of ["integer", "text", "uuid"] as const) {
    assert.deepEqual(nameableType({ kind }), { kind });
  }
  for (const kind of ["real", "decimal", "boolean", "bytes", "json", "any"] as const) {
    assert.equal(nameableType({ kind }), undefined, kind);
  }
});
