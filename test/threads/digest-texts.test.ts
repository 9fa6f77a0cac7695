// Digests that are made four at a time are those that the runtime makes one by one.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { digestTexts, joinedTexts } from "../../src/threads/digest-texts.ts";
import { sha256 } from "../../src/threads/sha256.ts";

const FRAME = { before: '[["', after: '"],[0,1]]' };

/** Lengths at which a text takes one more block are among them. */
const text = fc
  .tuple(
    fc.constantFrom("x", "é", "€", "😀", "ab"),
    fc.oneof(fc.nat(140), fc.constantFrom(55, 56, 63, 64, 119, 120, 127, 128, 1000)),
  )
  .map(([letters, length]) => letters.repeat(length).slice(0, length).toWellFormed());

test("texts of any length have the digests that they have alone, each in its frame", () =>
  fc.assert(
    fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
      const found = digestTexts(bytesOf(texts), texts.length, FRAME);
      const expected = texts.map((each) => `${FRAME.before}${sha256(each)}${FRAME.after}`);
      assert.equal(found.slice(0, texts.length), expected.join("\0"));
      for (const [at, each] of expected.entries()) {
        assert.equal(found.lengthOf(at), each.length);
        assert.equal(found.slice(at, at + 1), each);
      }
    }),
    { numRuns: 300 },
  ));

test("a text of many blocks stands among short ones, and too much is done one by one", () => {
  const others = ["", "a", "b".repeat(5000)];
  for (const large of ["l".repeat(1_000_000), "l".repeat(9_000_000)]) {
    const texts = [...others, large, "end"];
    const found = digestTexts(bytesOf(texts), texts.length, FRAME);
    const expected = texts.map((each) => `${FRAME.before}${sha256(each)}${FRAME.after}`);
    assert.equal(found.slice(0, texts.length), expected.join("\0"));
  }
});

test("a frame that is no ASCII is one all the same", () => {
  const frame = { before: "«", after: "»" };
  const found = digestTexts(bytesOf(["a", "b"]), 2, frame);
  assert.equal(found.slice(0, 2), `«${sha256("a")}»\0«${sha256("b")}»`);
});

test("texts that are not as many as they are said to be are refused", () => {
  assert.throws(() => digestTexts(bytesOf(["a", "b"]), 3, FRAME), /as many/);
  assert.throws(() => joinedTexts("a\0b", 3), /as many/);
  assert.throws(() => joinedTexts("a\0b", 1), /as many/);
  assert.equal(joinedTexts("a\0b\0c", 3).slice(1, 3), "b\0c");
});

function bytesOf(texts: readonly string[]): Uint8Array {
  return new TextEncoder().encode(texts.map((each) => `${each}\0`).join(""));
}
