// A CSV file as records: its dialect found or declared, its cells as values, and records written
// with every byte kept that nobody changed.
import { SyncError } from "../../core/errors.ts";
import { holds } from "./encoding.ts";
import { cellsReader, csvRecords, firstRecords, spansOf } from "./csv-reader.ts";
import type { Dialect } from "./csv-reader.ts";
import { makeCsvSurvey } from "./csv-survey.ts";
import { COLUMNS_MAX } from "./records.ts";
import type { Layout } from "./records.ts";
import type { Encoding, FileRules } from "./settings.ts";
import type { NextText } from "./text.ts";
import { textReader, textToken } from "./values.ts";

/** What a CSV file is found to be by its beginning. */
export interface CsvBeginning {
  readonly rules: FileRules;
  readonly encoding: Encoding;
  /** The file as text from its beginning, as often as it is asked for. */
  readonly open: () => NextText;
  readonly path: string;
}

const DELIMITERS = [",", ";", "\t", "|"] as const;
/** Records by which a dialect is judged. */
const SAMPLE_RECORDS = 20;

/** Finds the form of a CSV file. undefined: it is empty. Throws LIST_FAILED for a bad header. */
export function csvLayout({ rules, encoding, open, path }: CsvBeginning): Layout | undefined {
  const sample = open()() ?? "";
  const isBare = rules.header === false && rules.columns === undefined;
  if (sample === "" && rules.columns === undefined && !isBare) return undefined;
  const dialect = dialectOf(rules, sample);
  // In a header there is no NULL.
  const { rows, head } = firstRecords(open(), { ...dialect, nothing: "" }, 1);
  const [first] = rows;
  if (first === undefined && dialect.header) return undefined;
  if (first === undefined && isBare) return withoutRows(dialect, { encoding, path });
  const columns = dialect.header
    ? (first ?? []).map((cell) => (typeof cell === "string" ? cell : ""))
    : unnamed(rules, first?.length ?? 0);
  checkColumns(columns, path);
  return layoutOf(columns, dialect, { encoding, head: dialect.header ? head : "" });
}

/** Without a header and without a row, a file has the columns that are asked of it. */
function withoutRows(
  dialect: Dialect,
  { encoding, path }: Pick<CsvBeginning, "encoding" | "path">,
): Layout {
  const form = { encoding, head: "" };
  return {
    ...layoutOf([], dialect, form),
    isUnshown: true,
    withColumns: (names) => {
      const widths = names.map((name) => Number(/^column ([1-9]\d{0,4})$/.exec(name)?.[1]));
      const width = Math.max(0, ...widths);
      if (Number.isNaN(width)) throw unplaced(names, widths, path);
      const columns = unnamed({ format: "csv" }, width);
      checkColumns(columns, path);
      return layoutOf(columns, dialect, form);
    },
  };
}

function unplaced(names: readonly string[], widths: readonly number[], path: string): SyncError {
  const name = names.find((_, at) => Number.isNaN(widths[at])) ?? "";
  return new SyncError("COLUMN_MISSING", `${path} does not say which column is '${name}'`, {
    where: path,
    hint: "Without a header, declare `columns` in their order, or call them 'column 1' and so on.",
  });
}

/** The form of a CSV file that is to be made with these columns. */
export function newCsv(columns: readonly string[], rules: FileRules, encoding: Encoding): Layout {
  const dialect = dialectOf(rules, "");
  const head = dialect.header
    ? columns.map((name) => quoted(name, dialect)).join(dialect.delimiter)
    : "";
  return layoutOf(columns, dialect, { encoding, head });
}

function layoutOf(
  columns: readonly string[],
  dialect: Dialect,
  { encoding, head }: { readonly encoding: Encoding; readonly head: string },
): Layout {
  return {
    columns,
    plainType: { kind: "text" },
    head,
    isSparse: false,
    records: (next, wanted) => csvRecords(next, dialect, columns.length, wanted),
    survey: (keyColumn, keyType) =>
      makeCsvSurvey({ dialect, width: columns.length, keyColumn, keyType }),
    cells: (wanted) => cellsReader(dialect, columns.length, wanted),
    reader: textReader,
    token: (type, value) => {
      if (value === null) return dialect.nothing;
      const text = textToken(type, value);
      return text !== undefined && holds(encoding, text) ? quoted(text, dialect) : undefined;
    },
    edit: (raw, tokens) => {
      const fields = (spansOf(raw, dialect) ?? []).map(({ from, to }) => raw.slice(from, to));
      for (const [column, token] of tokens) fields[column] = token;
      return fields.join(dialect.delimiter);
    },
    make: (tokens) => tokens.map((token) => token ?? dialect.nothing).join(dialect.delimiter),
    gap: (isFirst) => (isFirst && !dialect.header ? "" : dialect.newline),
    closing: (tail) => (tail === "" ? dialect.newline : tail),
  };
}

/** A field as it is written: in quotes where it would be read as something else. */
function quoted(text: string, { delimiter, quote, nothing }: Dialect): string {
  const isPlain =
    text !== nothing &&
    text !== "" &&
    !text.includes(delimiter) &&
    !text.includes(quote) &&
    !text.includes("\n") &&
    !text.includes("\r") &&
    // At the beginning of a file it would be taken for a byte order mark.
    !text.startsWith("\ufeff");
  return isPlain ? text : quote + text.replaceAll(quote, quote + quote) + quote;
}

function dialectOf(rules: FileRules, sample: string): Dialect {
  const { quote = '"', header = true, null: nothing = "" } = rules;
  const newline = rules.newline === undefined ? newlineIn(sample, quote) : NEWLINES[rules.newline];
  const base = { quote, header, nothing, newline };
  return { ...base, delimiter: rules.delimiter ?? delimiterIn(sample, base) };
}

const NEWLINES = { lf: "\n", crlf: "\r\n", cr: "\r" } as const;

/** The first line end outside of quotes. */
function newlineIn(sample: string, quote: string): Dialect["newline"] {
  let isInside = false;
  for (let at = 0; at < sample.length; at++) {
    const letter = sample[at];
    if (letter === quote) isInside = !isInside;
    if (isInside) continue;
    if (letter === "\n") return sample[at - 1] === "\r" ? "\r\n" : "\n";
    // Without a line feed anywhere, carriage returns end the lines.
    if (letter === "\r" && !sample.includes("\n", at)) return "\r";
  }
  return "\n";
}

/** The delimiter by which all records of a sample have the same number of fields, and most. */
function delimiterIn(sample: string, dialect: Omit<Dialect, "delimiter">): string {
  let best = { delimiter: ",", isEven: false, fields: 1 };
  for (const delimiter of DELIMITERS) {
    const counts = fieldCounts(sample, { ...dialect, delimiter });
    const fields = counts[0] ?? 1;
    const isEven = fields > 1 && counts.every((count) => count === fields);
    const isBetter = isEven === best.isEven ? fields > best.fields : isEven;
    if (isBetter) best = { delimiter, isEven, fields };
  }
  return best.delimiter;
}

function fieldCounts(sample: string, dialect: Dialect): readonly number[] {
  let isGiven = false;
  const next = (): string | undefined => (isGiven ? undefined : ((isGiven = true), sample));
  const { rows } = firstRecords(next, dialect, SAMPLE_RECORDS + 1);
  // The sample may end within its last record.
  const whole = rows.length > 1 && rows.length <= SAMPLE_RECORDS ? rows.slice(0, -1) : rows;
  return whole.map((row) => row.length);
}

function unnamed({ columns }: FileRules, width: number): readonly string[] {
  const names = Object.keys(columns ?? {});
  return Array.from({ length: Math.max(width, names.length) }, (_, at) => {
    return names[at] ?? `column ${at + 1}`;
  });
}

function checkColumns(columns: readonly string[], path: string): void {
  const hint = "Mend the first line, or say `header: false` and name the columns.";
  const details = { where: `${path}:1`, hint };
  if (columns.length > COLUMNS_MAX) {
    throw new SyncError("LIMIT_EXCEEDED", `${path} has more than ${COLUMNS_MAX} columns`, details);
  }
  const seen = new Set<string>();
  for (const [at, name] of columns.entries()) {
    const why =
      name === ""
        ? `column ${at + 1} of ${path} has no name`
        : seen.has(name)
          ? `two columns of ${path} are called '${clipped(name)}'`
          : name.includes("\0")
            ? `the first line of ${path} has characters U+0000: it may be UTF-16`
            : undefined;
    if (why !== undefined) throw new SyncError("LIST_FAILED", why, details);
    seen.add(name);
  }
}

function clipped(name: string): string {
  return name.length > 60 ? `${name.slice(0, 60)}…` : name;
}
