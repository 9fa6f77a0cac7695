import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { HASH_BLOCK_CHARS, makeRunningHash, rowDigest } from "../../src/core/hash.ts";
import { same } from "../../src/core/values.ts";
import { anyText, anyValue } from "./arbitraries.ts";

const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 32);

function digestOf(lines: readonly string[]): string {
  const running = makeRunningHash(hash);
  for (const line of lines) running.add(line);
  return running.digest();
}

test("rows have one digest exactly if they are the same", () => {
  assert.equal(rowDigest(hash, [{ a: 1, b: 2 }, null]), rowDigest(hash, [{ b: 2, a: 1 }, null]));
  assert.notEqual(rowDigest(hash, [null]), rowDigest(hash, [undefined]));
  fc.assert(
    fc.property(anyValue, anyValue, (a, b) => {
      if (!same(a, b)) assert.notEqual(rowDigest(hash, [a]), rowDigest(hash, [b]));
    }),
  );
});

test("lists of lines have one digest exactly if they are the same", () =>
  fc.assert(
    fc.property(fc.array(anyText), fc.array(anyText), (a, b) => {
      const isSame = a.length === b.length && a.every((line, i) => line === b[i]);
      assert.equal(digestOf(a) === digestOf(b), isSame);
    }),
  ));

test("lines are kept apart and in order", () => {
  const lists = [["ab"], ["a", "b"], ["b", "a"], ["", "ab"], ["ab", ""], [], [""], ["2:ab"]];
  assert.equal(new Set(lists.map(digestOf)).size, lists.length);
});

test("a digest may be asked on the way, and blocks change nothing that one can see", () => {
  const lines = Array.from({ length: 40 }, (_, i) => String(i).repeat(HASH_BLOCK_CHARS / 16));
  const running = makeRunningHash(hash);
  for (const [i, line] of lines.entries()) {
    assert.equal(running.digest(), digestOf(lines.slice(0, i)));
    running.add(line);
  }
  assert.equal(running.digest(), digestOf(lines));
  assert.notEqual(digestOf(lines), digestOf(lines.with(3, "x")));
});

test("a line's digest is stable between releases", () => {
  assert.equal(digestOf([]), hash("\n\nend"));
  assert.equal(digestOf(["a", "bc"]), hash("\n1:a2:bc\nend"));
  const long = "x".repeat(HASH_BLOCK_CHARS);
  const first = hash(`\n${HASH_BLOCK_CHARS}:${long}`);
  const second = hash(`${first}\n${HASH_BLOCK_CHARS}:${long}`);
  assert.equal(digestOf([long, long, "a"]), hash(`${second}\n1:a\nend`));
});
