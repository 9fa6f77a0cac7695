// What every format makes of a file: records, with the text between them kept, so that what nobody
// changed is written again byte for byte.
import { SyncError } from "../../core/errors.ts";
import type { Value } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import type { CsvSurvey } from "./csv-survey.ts";
import type { NextText } from "./text.ts";

/** Some records, in the order of the file. */
export interface Records {
  /** Per record the wanted cells; empty where it is broken. */
  readonly rows: Value[][];
  /** Per record the line on which it begins, counted from 1. */
  readonly lines: number[];
  /** Per record its text, where it was asked for. */
  readonly raws: string[];
  /** Per record the text between the one before and it, where it was asked for. */
  readonly gaps: string[];
  /** Why a record cannot be read, by its position here. */
  readonly broken: Map<number, string>;
}

/** What is wanted of the records. */
export interface Wanted {
  /** Positions of columns, each once. */
  readonly columns: readonly number[];
  readonly isRaw: boolean;
}

/** A file's form, found by looking at it. */
export interface Layout {
  readonly columns: readonly string[];
  /** What a column holds when nobody says more. */
  readonly plainType: LogicalType;
  /** Everything before the first record's gap. */
  readonly head: string;
  /** A record may lack a column, which is not the same as NULL. */
  readonly isSparse: boolean;
  /** No record has shown a column yet, and none is declared. */
  readonly isUnshown?: true;
  /** The column without which no record can be written. */
  readonly needed?: string;
  /**
   * The same file with more columns: nothing declares those that it has, and a record may have any.
   * Absent: its columns are declared, and there are no others.
   */
  withColumns?(names: readonly string[]): Layout;
  /**
   * The same file with the columns of every record; a step for some of them. Absent: `columns` is
   * all of them.
   */
  whole?(next: NextText): Generator<undefined, Layout>;
  /** All records; at the end, the text after the last one. */
  records(next: NextText, wanted: Wanted): Generator<Records, string>;
  /** A quick look at a whole file, for a key of one column. Absent, undefined: there is none. */
  survey?(keyColumn: number, keyType: LogicalType): CsvSurvey | undefined;
  /** The wanted cells of one record's text; undefined: it is broken. */
  cells(columns: readonly number[]): (raw: string) => Value[] | undefined;
  /** A cell as a value of a type; undefined: it is none. Absent: cells are what they are. */
  reader(type: LogicalType): ((cell: Value) => Value | undefined) | undefined;
  /** A value as it stands in the file; undefined: the file cannot hold it. */
  token(type: LogicalType, value: Value): string | undefined;
  /** The text of a record with some columns changed. */
  edit(raw: string, tokens: ReadonlyMap<number, string>): string;
  /** The text of a new record, one token per column; undefined: nobody said. */
  make(tokens: readonly (string | undefined)[]): string;
  /** What stands before a new record. */
  gap(isFirst: boolean): string;
  /** The text after the last record, where there was none before. */
  closing(tail: string): string;
}

/** Records handed over in one go. */
export const RECORDS_MAX = 1000;
/** Characters of one record, at most: a quote that nobody closed must not take the whole file. */
export const RECORD_CHARS_MAX = 16 << 20;
/** Columns of one file, at most. */
export const COLUMNS_MAX = 10_000;

/** No records yet. */
export function noRecords(): Records {
  return { rows: [], lines: [], raws: [], gaps: [], broken: new Map() };
}

/** A stretch of the file, from a place where a record may begin. */
export interface Cursor {
  readonly next: NextText;
  text: string;
  /** Where the next record, or what is before it, begins. */
  at: number;
  /** Where the text begins that no record has taken yet. */
  gapFrom: number;
  /** The line at `at`. */
  line: number;
  /** Where the nearest quote stands from `at` on; behind it: not looked for yet. */
  quoteAt: number;
  /** The same of a delimiter that was found behind a line. */
  delimiterAt: number;
  isEnd: boolean;
}

/** A cursor at the beginning. */
export function cursorOf(next: NextText): Cursor {
  return { next, text: "", at: 0, gapFrom: 0, line: 1, quoteAt: -1, delimiterAt: -1, isEnd: false };
}

/** Adds what comes next, letting go of what was taken. Throws LIMIT_EXCEEDED for a huge record. */
export function refill(cursor: Cursor, isRaw: boolean): void {
  const from = isRaw ? cursor.gapFrom : cursor.at;
  const rest = cursor.text.slice(from);
  if (rest.length > RECORD_CHARS_MAX) {
    const message = `line ${cursor.line}: a record is longer than ${RECORD_CHARS_MAX} characters`;
    throw new SyncError("LIMIT_EXCEEDED", message, { hint: "Is a closing quote missing there?" });
  }
  let text = rest;
  // A long record is looked through anew after each of these: they grow with it.
  const wanted = Math.min(rest.length * 2, RECORD_CHARS_MAX);
  do {
    const more = cursor.next();
    if (more === undefined) cursor.isEnd = true;
    text += more ?? "";
  } while (!cursor.isEnd && text.length < wanted);
  cursor.text = text;
  cursor.at -= from;
  cursor.quoteAt = -1;
  cursor.delimiterAt = -1;
  cursor.gapFrom = isRaw ? 0 : cursor.at;
}

/** Counts how often one character stands in a stretch of text. */
export function countOf(text: string, letter: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf(letter, from); at !== -1 && at < to; count++) {
    at = text.indexOf(letter, at + 1);
  }
  return count;
}
