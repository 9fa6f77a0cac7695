// Patterns go through a text once, whatever is in them: counted in characters read, not in time.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { RE2JS } from "re2js";
import { isSyncError } from "../../src/core/errors.ts";
import { FORMATS } from "../../src/core/formats.ts";
import { makePattern, PATTERN_LENGTH_MAX } from "../../src/config/languages/patterns.ts";

/** Patterns that take an engine that goes back for ever, with what they take it for. */
const CATASTROPHIC: readonly (readonly [pattern: string, part: string, end: string])[] = [
  ["^(a+)+$", "a", "!"],
  ["^(a|a)*$", "a", "!"],
  ["^(a|aa)+$", "a", "!"],
  ["(x+x+)+y", "x", ""],
  ["^(.*a){12}$", "a", "b"],
  ["^([a-zA-Z]+)*$", "a", "1"],
  ["^((ab)*)*$", "ab", "c"],
  ["^[^@]+@[^@]+\\.[^@]+$", "@a", ""],
  ["^\\s*(\\s+)*$", " ", "x"],
  ["(a?){30}a{30}", "a", ""],
  ...[...FORMATS.values()].map((pattern) => [pattern, "a.", "\u0000"] as const),
];

const CLAIM = `${CATASTROPHIC.length} patterns read a text once, times a constant`;

test(CLAIM, () => {
  for (const [pattern, part, end] of CATASTROPHIC) {
    const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern));
    const readFor = (length: number): number => {
      const text = part.repeat(length) + end;
      let read = 0;
      const counted = new Proxy([...new TextEncoder().encode(text)], {
        get(bytes, name, receiver): unknown {
          if (typeof name === "string" && /^\d+$/.test(name)) read += 1;
          return Reflect.get(bytes, name, receiver);
        },
      });
      compiled.test(counted);
      return read / text.length;
    };
    readFor(10); // whatever is made once
    assert.ok(readFor(2000) <= 12, `${pattern} reads every character ${readFor(2000)} times`);
    assert.ok(readFor(4000) <= 12, pattern);
  }
});

test("what cannot be read in one go is refused, with what can be", () => {
  const bad = ["(?=a)b", "(?<=a)b", "(a)\\1", "a{1001}", "(a{1000}){1000}", "[", "(", "*"];
  for (const pattern of [...bad, "a".repeat(PATTERN_LENGTH_MAX + 1)]) {
    assert.throws(
      () => makePattern(pattern),
      (error) => isSyncError(error, "RULE_INVALID"),
      pattern,
    );
  }
  // How JavaScript writes it is understood.
  for (const pattern of ["^\\d+\\/\\d+$", "(?<year>\\d{4})", "\\u0041", "[\\w.]+"]) {
    assert.equal(makePattern(pattern).asWritten, pattern);
  }
});

test("a pattern that both engines read means the same to both", () => {
  const atoms = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "\\d", "(a|b)", "(ab)", "\\w", "x");
  const times = fc.constantFrom("", "*", "+", "?", "{2}");
  const pattern = fc
    .tuple(fc.constantFrom("", "^"), fc.array(fc.tuple(atoms, times), { maxLength: 5 }))
    .map(([start, parts]) => start + parts.map(([atom, count]) => atom + count).join(""));
  const text = fc.string({ unit: fc.constantFrom("a", "b", "1", "x", "é", "\n"), maxLength: 8 });
  fc.assert(
    fc.property(pattern, text, (written, given) => {
      assert.equal(makePattern(written).test(given), new RegExp(written).test(given));
    }),
    { numRuns: 2000 },
  );
});

test("nothing that reads a configuration makes a pattern of the language's own from a text", () => {
  const folders = ["config", "config/languages", "core", "engine", "engine/compile"];
  const written = folders.flatMap((folder) => {
    const path = join(import.meta.dirname, "../../src", folder);
    const files = readdirSync(path).filter((name) => name.endsWith(".ts"));
    return files.flatMap((name) => {
      const text = readFileSync(join(path, name), "utf8");
      return [...text.matchAll(/new RegExp\(([a-z]\w*)/g)].map(([, of]) => `${name}: ${of}`);
    });
  });
  assert.deepEqual(written, []);
});
