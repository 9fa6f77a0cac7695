// Names with escapes, which V8 takes for others that it knows (nodejs/node#63785).
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isMisread } from "../../src/core/json-names.ts";
import { decodeValue, encodeValue, parseJson } from "../../src/core/json.ts";
import { same } from "../../src/core/values.ts";

const unit = fc.constantFrom("a", '"', "\\", "\n", "\u0001", ":", " ", "é");
const name = fc.string({ unit, maxLength: 3 });
const documents = fc.array(
  fc.dictionary(name, fc.oneof(fc.dictionary(name, name), name, fc.constant(null))),
  { minLength: 1, maxLength: 4 },
);
/** Every character as an escape of four digits. */
const digits = (text: string): string =>
  `"${[...text].map((each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`;

test("names of a document are those that were written, in either spelling of an escape", () =>
  fc.assert(
    fc.property(documents, fc.boolean(), fc.constantFrom("", " ", "\n\t"), (all, isLong, blank) => {
      const spell = isLong ? digits : (text: string): string => JSON.stringify(text);
      const text = (value: unknown): string => {
        if (Array.isArray(value)) return `[${value.map(text).join(`${blank},`)}]`;
        if (typeof value === "string") return spell(value);
        const members = Object.entries(value ?? {}).map(
          ([each, item]) => `${blank}${spell(each)}${blank}:${blank}${text(item)}`,
        );
        return value === null ? "null" : `{${members.join(",")}${blank}}`;
      };
      assert.ok(same(parseJson(text(all)), all));
    }),
    { numRuns: 2000 },
  ));

test("what we keep is the same after its text, whatever its names", () =>
  fc.assert(
    fc.property(documents, (all) => {
      const text = encodeValue(all);
      assert.ok(same(decodeValue(text), all));
      assert.doesNotMatch(text, /"(?:[^"\\]|\\.)*\\.(?:[^"\\]|\\.)*":/);
    }),
    { numRuns: 2000 },
  ));

test("a name in question does not lift the limit of depth, nor make JSON of what is none", () => {
  const deep = `${"[".repeat(9999)}${"]".repeat(9999)}`;
  assert.equal(parseJson(`{"\\n":${deep}}`), undefined);
  assert.equal(parseJson(`{"\\n":1,}`), undefined);
  assert.equal(parseJson(`{"\\n":01}`), undefined);
});

test("names that JSON writes as they are can stand as they are", () => {
  assert.deepEqual(["a", "é", ":", "ab", ""].filter(isMisread), []);
  assert.deepEqual(
    ['"', "a\\", "\n", "\u001f", '"a'].filter((each) => !isMisread(each)),
    [],
  );
});
