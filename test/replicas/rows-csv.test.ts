import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import type { Value } from "../../src/core/state.ts";
import { csvLayout, newCsv } from "../../src/replicas/rows/csv.ts";
import { csvRecords } from "../../src/replicas/rows/csv-reader.ts";
import type { Dialect } from "../../src/replicas/rows/csv-reader.ts";
import type { Wanted } from "../../src/replicas/rows/records.ts";
import type { FileRules } from "../../src/replicas/rows/settings.ts";
import { withRows, rowsOf } from "./rows-files.ts";
import { PLAIN, plainCsv } from "./rows-plain.ts";

const DIALECT: Dialect = {
  delimiter: ",",
  quote: '"',
  header: false,
  nothing: "",
  newline: "\n",
};

/** A text in pieces of these lengths, again and again. */
function inPieces(text: string, lengths: readonly number[]): () => string | undefined {
  let at = 0;
  let count = 0;
  return () => {
    if (at >= text.length) return undefined;
    const length = Math.max(1, lengths[count++ % Math.max(lengths.length, 1)] ?? 1);
    at += length;
    return text.slice(at - length, at);
  };
}

type Found = readonly Value[] | "broken";

function read(next: () => string | undefined, width: number, wanted: Wanted, dialect = DIALECT) {
  const found: Found[] = [];
  const lines: number[] = [];
  let text = "";
  const all = csvRecords(next, dialect, width, wanted);
  let step = all.next();
  for (; step.done !== true; step = all.next()) {
    const { rows, broken, raws, gaps, lines: at } = step.value;
    for (const [index, row] of rows.entries()) found.push(broken.has(index) ? "broken" : row);
    for (const [index, raw] of raws.entries()) text += (gaps[index] ?? "") + raw;
    lines.push(...at);
  }
  return { found, lines, text: text + step.value };
}

const pieces = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
const csvText = fc
  .array(
    fc.constantFrom("a", "bc", ",", '"', '""', "\n", "\r\n", "\r", "é", "😀", "\0", ";", " ", '",'),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

test("the quick reader reads what the plain one reads, wherever the text is cut", () => {
  for (const end of ["\n", "\r"] as const) {
    const dialect: Dialect = { ...DIALECT, newline: end };
    fc.assert(
      fc.property(csvText, pieces, fc.integer({ min: 1, max: 4 }), (text, lengths, width) => {
        const columns = Array.from({ length: width }, (_, at) => at);
        const plain = plainCsv(text, { ...PLAIN, end }).map((record): Found => {
          return typeof record === "string" || record.length !== width ? "broken" : record;
        });
        const wanted = { columns, isRaw: true };
        const quick = read(inPieces(text, lengths), width, wanted, dialect);
        assert.deepEqual(quick.found, plain);
        assert.equal(quick.text, text, "a character is lost between two records");
      }),
      { numRuns: 3000 },
    );
  }
});

test("only the wanted columns are read, in the order in which they are wanted", () => {
  fc.assert(
    fc.property(csvText, pieces, fc.shuffledSubarray([0, 1, 2]), (text, lengths, columns) => {
      const whole = read(inPieces(text, lengths), 3, { columns: [0, 1, 2], isRaw: false });
      const some = read(inPieces(text, lengths), 3, { columns, isRaw: false });
      const expected = whole.found.map((row) =>
        row === "broken" ? row : columns.map((at) => row[at] ?? null),
      );
      assert.deepEqual(some.found, expected);
      assert.deepEqual(some.lines, whole.lines);
    }),
  );
});

test("a record is named by the line on which it begins", () => {
  const text = 'a,b\n\n"x\ny",1\r\nshort\nc,"d"\n';
  const { found, lines } = read(inPieces(text, [3]), 2, { columns: [0, 1], isRaw: false });
  assert.deepEqual(found, [["a", "b"], ["x\ny", "1"], "broken", ["c", "d"]]);
  assert.deepEqual(lines, [1, 3, 5, 6]);
});

const RULES: FileRules = { format: "csv" };
const cell = fc.option(
  fc.string({
    unit: fc.constantFrom("a", ",", '"', "\n", "\r", ";", "|", " ", "é", "\ufeff", "N"),
  }),
);

test("what is written is read again, in every dialect", () => {
  const dialects = fc.record({
    delimiter: fc.constantFrom(",", ";", "\t", "|"),
    quote: fc.constantFrom('"', "'"),
    header: fc.boolean(),
    null: fc.constantFrom("", "NULL", "N", "\\N"),
    newline: fc.constantFrom("lf" as const, "crlf" as const, "cr" as const),
  });
  const rows = fc.array(fc.tuple(cell, cell), { maxLength: 5 });
  fc.assert(
    fc.property(dialects, rows, (dialect, rows) => {
      const rules: FileRules = { ...RULES, ...dialect };
      const layout = newCsv(["one", 'tw,"o'], rules, "utf-8");
      const raws = rows.map((row) =>
        layout.make(row.map((value) => layout.token({ kind: "text" }, value))),
      );
      const text = raws.map((raw, at) => layout.gap(at === 0) + raw).join("");
      const whole = layout.head + text + (raws.length > 0 ? layout.closing("") : "");
      const wanted = { columns: [0, 1], isRaw: false };
      const again = [...layout.records(inPieces(whole, [7]), wanted)].flatMap((each) => each.rows);
      // An empty line is no record: a row of nothing has a delimiter in it all the same.
      assert.deepEqual(again, rows);
    }),
  );
});

test("a change leaves every other field as it was written", () => {
  const layout = newCsv(["a", "b", "c"], RULES, "utf-8");
  const raw = '"x",  "y" ,"say ""hi"""';
  assert.equal(layout.edit(raw, new Map([[0, "z"]])), 'z,  "y" ,"say ""hi"""');
  assert.equal(layout.edit('1,"a\nb",', new Map([[2, "3"]])), '1,"a\nb",3');
});

const DIALECTS: readonly (readonly [string, string, Partial<Dialect>, readonly string[]])[] = [
  ["commas", "a,b\n1,2\n", { delimiter: ",", newline: "\n" }, ["a", "b"]],
  ["semicolons", "a;b\n1,5;2\n", { delimiter: ";" }, ["a", "b"]],
  ["tabs", "a\tb\r\n1\t2\r\n", { delimiter: "\t", newline: "\r\n" }, ["a", "b"]],
  ["bars", "a|b\n1|2\n", { delimiter: "|" }, ["a", "b"]],
  ["a delimiter in quotes", '"a;b",c\n1,2\n', { delimiter: "," }, ["a;b", "c"]],
  ["one column", "name\nAda, Countess\nBob\n", { delimiter: "," }, ["name"]],
  ["carriage returns", "a,b\r1,2\r", { newline: "\r" }, ["a", "b"]],
  ["quoted line ends", '"a\r\nb",c\n1,2\n', { newline: "\n" }, ["a\r\nb", "c"]],
  ["a header alone", "a,b", { delimiter: ",", newline: "\n" }, ["a", "b"]],
];

for (const [name, text, expected, columns] of DIALECTS) {
  test(`the dialect is found: ${name}`, () => {
    const open = () => inPieces(text, [text.length]);
    const layout = csvLayout({ rules: RULES, encoding: "utf-8", open, path: "a.csv" });
    assert.deepEqual(layout?.columns, columns);
    if (expected.newline !== undefined) assert.equal(layout.gap(false), expected.newline);
    const joined = layout.make(["1", "2"].slice(0, columns.length));
    if (expected.delimiter !== undefined && columns.length > 1) {
      assert.equal(joined, `1${expected.delimiter}2`);
    }
  });
}

type Named = { readonly [column: string]: string };

/** Where the suite's JSON contradicts its CSV. */
const CORRECTED: ReadonlyMap<string, Named> = new Map([
  ["location_coordinates.csv", { "Contact Phone Number": "2095257564" }],
]);

const spectrum = dirname(createRequire(import.meta.url).resolve("csv-spectrum/package.json"));
for (const file of readdirSync(join(spectrum, "csvs"))) {
  test(`csv-spectrum: ${file}`, async () => {
    const said: unknown = JSON.parse(
      readFileSync(join(spectrum, "json", file.replace(/csv$/, "json")), "utf8"),
    );
    const list = Array.isArray(said) ? said : [said];
    const expected = (list as Named[]).map((row) => ({ ...row, ...CORRECTED.get(file) }));
    const bytes = readFileSync(join(spectrum, "csvs", file));
    await withRows({ "it.csv": bytes }, async (replica) => {
      const { collections } = await replica.describe(new AbortController().signal);
      const columns = (collections.get("it")?.fields ?? []).map((field) => field.name);
      assert.deepEqual(columns, Object.keys(expected[0] ?? {}));
      const key = columns.slice(0, 1);
      const rows = await rowsOf(replica, { collection: "it", key, columns });
      // The suite knows no NULL.
      const texts = rows.map((row) => row?.map((value) => value ?? ""));
      const wanted = expected.map((row) => columns.map((column) => row[column] ?? ""));
      const byFirst = (a: readonly unknown[] = [], b: readonly unknown[] = []): number =>
        String(a[0]) < String(b[0]) ? -1 : 1;
      assert.deepEqual(texts.toSorted(byFirst), wanted.toSorted(byFirst));
    });
  });
}
