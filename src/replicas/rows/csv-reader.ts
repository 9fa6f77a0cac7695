// CSV, read quickly: a line without quotes is cut at its delimiters, and only where a quote stands
// is it looked at closely. One semantics with the plain reader in the tests.
import type { Value } from "../../core/state.ts";
import { RECORDS_MAX, countOf, cursorOf, noRecords, refill } from "./records.ts";
import type { Cursor, Records, Wanted } from "./records.ts";
import type { NextText } from "./text.ts";

/** How a CSV file is written. */
export interface Dialect {
  readonly delimiter: string;
  readonly quote: string;
  readonly header: boolean;
  /** The unquoted text that stands for NULL. */
  readonly nothing: string;
  /** What ends a line of a new record. */
  readonly newline: "\n" | "\r\n" | "\r";
}

/** How a CSV file is taken apart. */
interface Cutting {
  readonly delimiter: string;
  readonly delimiterCode: number;
  readonly quote: string;
  readonly quoteCode: number;
  readonly nothing: string;
  /** The character that ends a line; before a line feed, a carriage return belongs to it. */
  readonly end: string;
  readonly endCode: number;
  /** By column, its place in a row, or -1. */
  readonly places: Int32Array;
  /** Columns of the file; undefined: every record may have its own number. */
  readonly width: number | undefined;
  readonly blank: readonly Value[];
}

/** A field as it lies in a text, its quotes included. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Rows of a file whose columns are known. The header is no record. */
export function* csvRecords(
  next: NextText,
  dialect: Dialect,
  width: number,
  wanted: Wanted,
): Generator<Records, string> {
  const cursor = cursorOf(next);
  if (dialect.header) skipHeader(cursor, dialect);
  return yield* cutAll(cursor, placed(dialect, width, wanted.columns), wanted.isRaw);
}

/** Reads the text of single records. */
export function cellsReader(
  dialect: Dialect,
  width: number,
  columns: readonly number[],
): (raw: string) => Value[] | undefined {
  const cutting = placed(dialect, width, columns);
  return (raw) => {
    const found = noRecords();
    const cursor: Cursor = { ...cursorOf(() => undefined), text: raw, isEnd: true };
    takeOne(cursor, cutting, found, false);
    return found.broken.size > 0 ? undefined : found.rows[0];
  };
}

function placed(dialect: Dialect, width: number, columns: readonly number[]): Cutting {
  const places = new Int32Array(width).fill(-1);
  for (const [place, column] of columns.entries()) places[column] = place;
  return { ...cuttingOf(dialect), places, width, blank: columns.map(() => null) };
}

/** The fields of the first records, and where the first one ends. Reads as much as it has to. */
export function firstRecords(
  next: NextText,
  dialect: Dialect,
  count: number,
): { readonly rows: readonly (readonly Value[])[]; readonly head: string } {
  const cursor = cursorOf(next);
  const cutting: Cutting = { ...cuttingOf(dialect), places: ANY, width: undefined, blank: [] };
  const rows: (readonly Value[])[] = [];
  let head = "";
  while (rows.length < count) {
    const found = noRecords();
    if (!takeOne(cursor, cutting, found, true)) break;
    if (rows.length === 0) head = `${found.gaps[0] ?? ""}${found.raws[0] ?? ""}`;
    if (found.broken.size === 0) rows.push(found.rows[0] ?? []);
    else rows.push([]);
  }
  return { rows, head };
}

/** Where the fields of one record's text lie; undefined: it is broken. */
export function spansOf(raw: string, dialect: Dialect): readonly Span[] | undefined {
  const cutting: Cutting = { ...cuttingOf(dialect), places: ANY, width: undefined, blank: [] };
  const spans: Span[] = [];
  const cursor: Cursor = { ...cursorOf(() => undefined), text: raw, isEnd: true };
  for (let from = 0; ;) {
    const field = fieldAt(cursor, cutting, from);
    if (typeof field === "string" || field.isTorn) return undefined;
    spans.push({ from, to: field.to });
    if (field.to >= raw.length) return spans;
    from = field.to + 1;
  }
}

const ANY = new Int32Array();

function cuttingOf({ delimiter, quote, nothing, newline }: Dialect) {
  const end = newline === "\r" ? "\r" : "\n";
  return {
    delimiter,
    delimiterCode: delimiter.charCodeAt(0),
    quote,
    quoteCode: quote.charCodeAt(0),
    nothing,
    end,
    endCode: end.charCodeAt(0),
  };
}

function skipHeader(cursor: Cursor, dialect: Dialect): void {
  const cutting: Cutting = { ...cuttingOf(dialect), places: ANY, width: undefined, blank: [] };
  takeOne(cursor, cutting, noRecords(), true);
}

function* cutAll(cursor: Cursor, cutting: Cutting, isRaw: boolean): Generator<Records, string> {
  for (;;) {
    const found = noRecords();
    while (found.rows.length < RECORDS_MAX && takeOne(cursor, cutting, found, isRaw));
    if (found.rows.length > 0) yield found;
    if (found.rows.length < RECORDS_MAX) return cursor.text.slice(cursor.gapFrom);
  }
}

/** Takes the next record; false: there is none. */
function takeOne(cursor: Cursor, cutting: Cutting, found: Records, isRaw: boolean): boolean {
  for (;;) {
    const { text, at } = cursor;
    let end = text.indexOf(cutting.end, at);
    if (end === -1) {
      if (!cursor.isEnd) {
        refill(cursor, isRaw);
        continue;
      }
      if (at >= text.length) return false;
      end = text.length;
    }
    if (cursor.quoteAt < at) {
      const quoteAt = text.indexOf(cutting.quote, at);
      cursor.quoteAt = quoteAt === -1 ? Infinity : quoteAt;
    }
    if (cursor.quoteAt < end) {
      const to = takeQuoted(cursor, cutting, found);
      if (to === -1) {
        refill(cursor, isRaw);
        continue;
      }
      const lineEnd = text.indexOf(cutting.end, to);
      const after = lineEnd === -1 ? text.length : lineEnd + 1;
      finish(cursor, found, { isRaw, to, after });
      cursor.line += countOf(text, cutting.end, at, after);
      return true;
    }
    const isReturn = cutting.endCode === LF && end < text.length && end > at;
    const to = isReturn && text.charCodeAt(end - 1) === CR ? end - 1 : end;
    const after = end === text.length ? end : end + 1;
    if (to > at) {
      const row = cut(cursor, to, cutting);
      if (typeof row === "number") found.broken.set(found.rows.length, ragged(row, cutting));
      found.rows.push(typeof row === "number" ? [] : row);
      finish(cursor, found, { isRaw, to, after });
      cursor.line += 1;
      return true;
    }
    // An empty line is no record, whatever it means elsewhere.
    cursor.at = after;
    cursor.line += 1;
  }
}

const LF = 10;
const CR = 13;

interface Ending {
  readonly isRaw: boolean;
  /** Where the record ends, and where its line does. */
  readonly to: number;
  readonly after: number;
}

/** Notes the record that ends here, and moves behind its line. */
function finish(cursor: Cursor, found: Records, { isRaw, to, after }: Ending): void {
  found.lines.push(cursor.line);
  if (isRaw) {
    found.raws.push(cursor.text.slice(cursor.at, to));
    found.gaps.push(cursor.text.slice(cursor.gapFrom, cursor.at));
  }
  cursor.gapFrom = to;
  cursor.at = after;
}

/** A line without quotes. A number: it has so many fields, and should not. */
function cut(cursor: Cursor, to: number, cutting: Cutting): Value[] | number {
  const { text } = cursor;
  const { delimiter, places, width, nothing } = cutting;
  const row = cutting.blank.slice();
  let column = 0;
  for (let start = cursor.at; ; column++) {
    // One that was found behind the line is not looked for again with every line before it.
    let at = cursor.delimiterAt;
    if (at < start) {
      at = text.indexOf(delimiter, start);
      if (at === -1) at = Infinity;
      if (at > to) cursor.delimiterAt = at;
    }
    if (at > to) at = to;
    const place = width === undefined ? column : (places[column] ?? -1);
    if (place !== -1) {
      const cell = at > start ? text.slice(start, at) : "";
      row[place] = cell === nothing ? null : cell;
    }
    if (at === to) break;
    start = at + 1;
  }
  column += 1;
  return width !== undefined && column !== width ? column : row;
}

function ragged(count: number, { width }: Cutting): string {
  return `has ${count} field${count === 1 ? "" : "s"} where there should be ${width}`;
}

/** A record with quotes in it; returns where it ends, or -1: more of the text is needed. */
function takeQuoted(cursor: Cursor, cutting: Cutting, found: Records): number {
  const { text } = cursor;
  const { places, width } = cutting;
  const row = cutting.blank.slice();
  let column = 0;
  for (let from = cursor.at; ;) {
    const field = fieldAt(cursor, cutting, from);
    if (field === "more") return -1;
    if (field === "open" || field.isTorn) {
      const end = field === "open" ? -1 : text.indexOf(cutting.end, field.to);
      if (field !== "open" && end === -1 && !cursor.isEnd) return -1;
      found.broken.set(found.rows.length, field === "open" ? NEVER_CLOSED : TORN);
      found.rows.push([]);
      return end === -1 ? text.length : end;
    }
    const place = width === undefined ? column : (places[column] ?? -1);
    if (place !== -1) row[place] = valueIn(text, from, field, cutting);
    column += 1;
    if (text.charCodeAt(field.to) === cutting.delimiterCode && field.to < text.length) {
      from = field.to + 1;
      continue;
    }
    if (width !== undefined && column !== width) {
      found.broken.set(found.rows.length, ragged(column, cutting));
      found.rows.push([]);
    } else found.rows.push(row);
    return field.to;
  }
}

const NEVER_CLOSED = "has a quote that is never closed";
const TORN = "has text behind a closing quote";

interface Field {
  /** Behind its last character. */
  readonly to: number;
  readonly isQuoted: boolean;
  readonly hasDoubled: boolean;
  /** Something stands behind its closing quote. */
  readonly isTorn: boolean;
}

/** The field that begins here. `more`: the text ends within it; `open`: so does the file. */
function fieldAt(cursor: Cursor, cutting: Cutting, from: number): Field | "more" | "open" {
  const { text, isEnd } = cursor;
  const { quote, quoteCode } = cutting;
  if (text.charCodeAt(from) !== quoteCode || from >= text.length) {
    return plainField(cursor, cutting, from);
  }
  let hasDoubled = false;
  for (let at = from + 1; ;) {
    const close = text.indexOf(quote, at);
    if (close === -1) return isEnd ? "open" : "more";
    const after = close + 1;
    if (after >= text.length && !isEnd) return "more";
    if (text.charCodeAt(after) === quoteCode && after < text.length) {
      hasDoubled = true;
      at = after + 1;
      continue;
    }
    if (after >= text.length || text.charCodeAt(after) === cutting.delimiterCode) {
      return { to: after, isQuoted: true, hasDoubled, isTorn: false };
    }
    const isEnding = isLineEnd(cursor, cutting, after);
    if (isEnding === "more") return "more";
    return { to: after, isQuoted: true, hasDoubled, isTorn: !isEnding };
  }
}

function isLineEnd({ text, isEnd }: Cursor, { endCode }: Cutting, at: number): boolean | "more" {
  const code = text.charCodeAt(at);
  if (code === endCode) return true;
  if (endCode !== LF || code !== CR) return false;
  if (at + 1 >= text.length) return isEnd ? false : "more";
  return text.charCodeAt(at + 1) === LF;
}

function plainField(cursor: Cursor, cutting: Cutting, from: number): Field | "more" {
  const { text } = cursor;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === cutting.delimiterCode || code === cutting.endCode) {
      const isReturn = code === LF && at > from && text.charCodeAt(at - 1) === CR;
      const to = code === cutting.endCode && isReturn ? at - 1 : at;
      return { to, isQuoted: false, hasDoubled: false, isTorn: false };
    }
  }
  if (!cursor.isEnd) return "more";
  return { to: text.length, isQuoted: false, hasDoubled: false, isTorn: false };
}

function valueIn(text: string, from: number, field: Field, { quote, nothing }: Cutting): Value {
  if (!field.isQuoted) {
    const cell = text.slice(from, field.to);
    return cell === nothing ? null : cell;
  }
  const cell = text.slice(from + 1, field.to - 1);
  return field.hasDoubled ? cell.replaceAll(quote + quote, quote) : cell;
}
