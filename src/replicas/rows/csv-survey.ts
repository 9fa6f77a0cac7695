// A quick look at a whole CSV file: are its records what they should be, in the order of their key?
// Bytes are passed by and nothing is made of them. A yes is sure; after a no the plain way looks at
// every record (list.ts), and says what there is to say.
import type { LogicalType } from "../../core/values.ts";
import type { Dialect } from "./csv-reader.ts";
import { RECORD_CHARS_MAX } from "./records.ts";

/** Looks at a file of UTF-8, piece by piece. */
export interface CsvSurvey {
  /** False: it is not known to be plain; the rest need not be looked at. */
  piece(bytes: Uint8Array): boolean;
  /** True: every record has its fields and a key, and no key is below the one before it. */
  end(): boolean;
}

/** What is looked for. */
export interface Surveyed {
  readonly dialect: Dialect;
  readonly width: number;
  /** The only column of the key. */
  readonly keyColumn: number;
  readonly keyType: LogicalType;
}

/** undefined: in such a file it cannot be seen quickly. */
export function makeCsvSurvey({
  dialect,
  width,
  keyColumn,
  keyType,
}: Surveyed): CsvSurvey | undefined {
  const { delimiter, quote, nothing, newline, header } = dialect;
  const isPlain = isAscii(delimiter) && isAscii(quote);
  if (!isPlain || !isWide(keyType) || /^\d/.test(nothing)) return undefined;
  const state: State = {
    at: "record",
    column: 0,
    key: 0,
    digits: 0,
    before: -1,
    length: 0,
    isHeader: header,
  };
  const signs: Signs = {
    delimiter: delimiter.charCodeAt(0),
    quote: quote.charCodeAt(0),
    end: newline === "\r" ? CR : LF,
    keyColumn,
    width,
  };
  return {
    piece: (bytes) => {
      state.length += bytes.length;
      return pass(bytes, state, signs);
    },
    end: () => {
      if (state.at === "record") return true;
      return ENDS.has(state.at) && isEnded(state, signs);
    },
  };
}

/**
 * `quote`: behind a quote within quotes; `return`: behind a carriage return where only the end of a
 * line may follow; `blank`: the same at the beginning of a line.
 */
type At = "record" | "field" | "plain" | "quoted" | "quote" | "return" | "blank";
/** Where the last record may end without a line's end. */
const ENDS: ReadonlySet<At> = new Set(["field", "plain", "quote"]);

interface State {
  at: At;
  column: number;
  /** The key as far as it goes, and how many digits it has; -1: it is none. */
  key: number;
  digits: number;
  before: number;
  /** Bytes since the last record that ended. */
  length: number;
  isHeader: boolean;
}

interface Signs {
  readonly delimiter: number;
  readonly quote: number;
  readonly end: number;
  readonly keyColumn: number;
  readonly width: number;
}

const LF = 10;
const CR = 13;
const ZERO = 0x30;
/** Every whole number of so many digits is safe. */
const DIGITS_MAX = 15;

function isAscii(sign: string): boolean {
  return sign.length === 1 && sign.charCodeAt(0) < 0x80;
}

function isWide(type: LogicalType): boolean {
  if (type.kind !== "integer") return false;
  const { min, max } = type;
  return (min === undefined || min <= 0) && (max === undefined || max >= 10 ** DIGITS_MAX);
}

function pass(bytes: Uint8Array, state: State, signs: Signs): boolean {
  const { delimiter, quote, end, keyColumn } = signs;
  for (let i = 0; i < bytes.length;) {
    const byte = bytes[i] as number; // inside
    switch (state.at) {
      case "record":
        if (byte === end) i += 1;
        else if (byte === CR && end === LF) {
          state.at = "blank";
          i += 1;
        } else state.at = "field";
        break;
      case "blank":
        if (byte !== LF) return false;
        state.at = "record";
        i += 1;
        break;
      case "field":
        state.at = byte === quote ? "quoted" : "plain";
        if (byte === quote) i += 1;
        break;
      case "plain":
        i = isKey(state, keyColumn)
          ? digitsFrom(bytes, i, state)
          : passTo(bytes, i, delimiter, end);
        if (i === bytes.length) break;
        if (bytes[i] === delimiter) nextField(state);
        else if (bytes[i] === CR && end === LF) state.at = "return";
        else if (bytes[i] !== end || !isEnded(state, signs)) return false;
        i += 1;
        break;
      case "quoted":
        i = isKey(state, keyColumn) ? digitsFrom(bytes, i, state) : passTo(bytes, i, quote, quote);
        if (i === bytes.length) break;
        if (bytes[i] !== quote) return false;
        state.at = "quote";
        i += 1;
        break;
      case "quote":
        if (byte === delimiter) nextField(state);
        else if (byte === end) {
          if (!isEnded(state, signs)) return false;
        } else if (byte === quote && !isKey(state, keyColumn)) state.at = "quoted";
        else if (byte === CR && end === LF) state.at = "return";
        else return false;
        i += 1;
        break;
      case "return":
        if (byte !== LF || !isEnded(state, signs)) return false;
        i += 1;
    }
  }
  return state.length <= RECORD_CHARS_MAX;
}

/** A header has names. */
function isKey({ column, isHeader }: State, keyColumn: number): boolean {
  return column === keyColumn && !isHeader;
}

/** The first of two signs from here on, or the end. */
function passTo(bytes: Uint8Array, from: number, one: number, other: number): number {
  let i = from;
  for (; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === one || byte === other) break;
  }
  return i;
}

/** Adds digits to the key; returns where there is none. */
function digitsFrom(bytes: Uint8Array, from: number, state: State): number {
  let i = from;
  for (; i < bytes.length; i++) {
    const digit = (bytes[i] as number) - ZERO; // inside
    if (digit < 0 || digit > 9) break;
    // A zero in front is another text for the same number, which the plain way knows.
    state.digits = state.digits === 1 && state.key === 0 ? DIGITS_MAX + 1 : state.digits + 1;
    state.key = state.key * 10 + digit;
  }
  return i;
}

function nextField(state: State): void {
  state.column += 1;
  state.at = "field";
}

/** Ends a record; true: it is as it should be. */
function isEnded(state: State, { width }: Signs): boolean {
  const { column, key, digits, before, isHeader, length } = state;
  state.at = "record";
  state.column = 0;
  state.key = 0;
  state.digits = 0;
  state.isHeader = false;
  if (isHeader) return true;
  state.before = key;
  state.length = 0;
  const isNamed = digits > 0 && digits <= DIGITS_MAX && key >= before;
  return column + 1 === width && isNamed && length <= RECORD_CHARS_MAX;
}
