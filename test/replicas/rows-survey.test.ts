// The quick look at a CSV file: where it says yes, a close look has nothing to say.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { csvRecords } from "../../src/replicas/rows/csv-reader.ts";
import type { Dialect } from "../../src/replicas/rows/csv-reader.ts";
import { makeCsvSurvey } from "../../src/replicas/rows/csv-survey.ts";
import { textReader } from "../../src/replicas/rows/values.ts";

const PLAIN: Dialect = { delimiter: ",", quote: '"', header: true, nothing: "", newline: "\n" };
const DIALECTS: readonly Dialect[] = [
  PLAIN,
  { ...PLAIN, header: false },
  { ...PLAIN, delimiter: ";", newline: "\r\n" },
  { ...PLAIN, delimiter: "\t", quote: "'", newline: "\r" },
];
const WIDTH = 3;
const INTEGER = { kind: "integer" } as const;

const odd = fc.constantFrom(
  '"',
  "'",
  '""',
  ",",
  ";",
  "\n",
  "\r",
  "\r\n",
  "x",
  "é",
  "0",
  "07",
  "-1",
);
const cell = (dialect: Dialect): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 6, arbitrary: fc.stringMatching(/^[a-z 0-9é]{0,6}$/) },
    {
      weight: 3,
      arbitrary: fc
        .array(fc.constantFrom("a", dialect.quote.repeat(2), dialect.delimiter, "\n", "\r\n", "é"))
        .map((parts) => dialect.quote + parts.join("") + dialect.quote),
    },
  );

/** Files that mostly are as they should be, with now and then something in them that is not. */
function fileOf(dialect: Dialect, keyColumn: number): fc.Arbitrary<string> {
  const record = fc.tuple(fc.nat(3), fc.array(cell(dialect), { minLength: 2, maxLength: 2 }));
  const isQuoted = fc.nat(9).map((n) => n === 0);
  return fc
    .tuple(
      fc.array(fc.tuple(record, isQuoted), { maxLength: 12 }),
      fc.option(fc.tuple(fc.nat(200), odd), { nil: undefined, freq: 3 }),
      fc.boolean(),
    )
    .map(([records, planted, isEnded]) => {
      let key = 0;
      const lines = records.map(([[step, cells], quoted]) => {
        key += step;
        const name = quoted ? `${dialect.quote}${key}${dialect.quote}` : String(key);
        return cells.toSpliced(keyColumn, 0, name).join(dialect.delimiter);
      });
      const head = dialect.header ? [["a", "b", "c"].join(dialect.delimiter)] : [];
      const text = [...head, ...lines].join(dialect.newline) + (isEnded ? dialect.newline : "");
      if (planted === undefined) return text;
      const [at, what] = planted;
      return text.slice(0, at) + what + text.slice(at);
    });
}

for (const [index, dialect] of DIALECTS.entries()) {
  test(`a quick yes is a file without anything to say of it (dialect ${index + 1})`, () => {
    let yes = 0;
    let no = 0;
    const files = fc
      .nat(WIDTH - 1)
      .chain((keyColumn) => fc.tuple(fc.constant(keyColumn), fileOf(dialect, keyColumn)));
    fc.assert(
      fc.property(files, fc.integer({ min: 1, max: 40 }), ([keyColumn, text], step) => {
        const isYes = surveyed(dialect, keyColumn, Buffer.from(text), step);
        const isPlain = isInOrder(dialect, keyColumn, text);
        if (isYes) assert.ok(isPlain, JSON.stringify(text));
        if (isYes) yes += 1;
        else if (isPlain) no += 1;
      }),
      { numRuns: 600 },
    );
    assert.ok(yes > 10 * no, `${yes} yes, ${no} times a no that need not be`);
  });
}

test("only keys that are whole numbers are seen quickly, and files of plain signs", () => {
  const of = (more: object) =>
    makeCsvSurvey({ dialect: PLAIN, width: 3, keyColumn: 0, keyType: INTEGER, ...more });
  assert.ok(of({}) !== undefined);
  assert.equal(of({ keyType: { kind: "text" } }), undefined);
  assert.equal(of({ keyType: { kind: "integer", min: 0, max: 99 } }), undefined);
  assert.equal(of({ dialect: { ...PLAIN, delimiter: "§" } }), undefined);
  assert.equal(of({ dialect: { ...PLAIN, nothing: "0" } }), undefined);
});

function surveyed(dialect: Dialect, keyColumn: number, bytes: Buffer, step: number): boolean {
  const survey = makeCsvSurvey({ dialect, width: WIDTH, keyColumn, keyType: INTEGER });
  assert.ok(survey !== undefined);
  for (let at = 0; at < bytes.length; at += step) {
    if (!survey.piece(bytes.subarray(at, at + step))) return false;
  }
  return survey.end();
}

function isInOrder(dialect: Dialect, keyColumn: number, text: string): boolean {
  let isGiven = false;
  const next = (): string | undefined => (isGiven ? undefined : ((isGiven = true), text));
  const read = textReader(INTEGER);
  let before = -Infinity;
  for (const found of csvRecords(next, dialect, WIDTH, { columns: [keyColumn], isRaw: false })) {
    if (found.broken.size > 0) return false;
    for (const [name] of found.rows) {
      const key = name === null || name === undefined ? null : read?.(name);
      if (typeof key !== "number" || key < before) return false;
      before = key;
    }
  }
  return true;
}
