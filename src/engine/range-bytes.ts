// The bytes that stand for a range of rows where its digest is made. Every replica that digests by
// itself makes the same ones. Column by column, in key order: whole numbers in 8 bytes, the most
// significant first (two's complement), doubles as IEEE 754 has them in 8 such bytes (NaN
// 7ff8000000000000, no negative zero), `t` and `f`, bytes as they are, all else as text in UTF-8.
// What has no fixed length is followed by the first half of the salt; NULL is its second half.
import { encodeValue } from "../core/json.ts";
import type { Value } from "../core/state.ts";
import type { LogicalType } from "../core/values.ts";
import { SALT_LENGTH } from "./digester.ts";

/** The form in which values of a type are digested. */
export type DigestForm = "integer" | "real" | "boolean" | "bytes" | "text" | "document";

/** How values of a logical type are digested. A `document` is text that only core can make. */
export function digestForm(type: LogicalType): DigestForm {
  switch (type.kind) {
    case "integer":
    case "real":
    case "boolean":
    case "bytes":
      return type.kind;
    case "any":
    case "json":
    case "list":
      return "document";
    case "text":
    case "decimal":
    case "instant":
    case "datetime":
    case "date":
    case "time":
    case "offset-time":
    case "duration":
    case "uuid":
    case "named":
      return "text";
  }
}

/** Rows in terms of their link, or of their own: `at` says where a field's value stands. */
export type RangeRows = readonly (readonly (Value | undefined)[])[];

/** One field of the rows to be digested. */
export interface RangeField {
  readonly at: number;
  readonly form: DigestForm;
}

/**
 * Makes what turns rows into bytes. It returns undefined where a value does not have the form of
 * its field: such rows cannot be compared by digests. What it returns is good until the next call.
 */
export function makeRangeBytes(
  fields: readonly RangeField[],
  salt: string,
): (rows: RangeRows) => Uint8Array | undefined {
  const marks: Marks = {
    end: salt.slice(0, SALT_LENGTH / 2),
    nothing: salt.slice(SALT_LENGTH / 2),
  };
  const out = makeBytes();
  const columns = fields.map((field) => columnOf(field, marks));
  return (rows) => {
    out.clear();
    return columns.every((put) => put(rows, out)) ? out.bytes() : undefined;
  };
}

interface Marks {
  readonly end: string;
  readonly nothing: string;
}

/** Appends one column of all rows; false: a value does not have its form. */
type Column = (rows: RangeRows, out: Bytes) => boolean;

function columnOf({ at, form }: RangeField, marks: Marks): Column {
  switch (form) {
    case "integer":
      return fixedColumn(at, putInteger, marks);
    case "real":
      return fixedColumn(at, putReal, marks);
    case "bytes":
      return bytesColumn(at, marks);
    case "boolean":
      return textColumn(at, booleanText, marks);
    case "document":
      return textColumn(at, documentText, marks);
    case "text":
      return ownTextColumn(at, marks);
  }
}

/** Puts a value into 8 bytes; false: it does not have the form. */
type Put = (view: DataView, at: number, value: Value | undefined) => boolean;

function fixedColumn(at: number, put: Put, { nothing }: Marks): Column {
  const [high = 0, low = 0] = [0, 4].map((from) => bigEndian(nothing.slice(from, from + 4)));
  return (rows, out) => {
    const room = out.room(rows.length * FIXED_BYTES);
    if (room === undefined) return false;
    const { view, start } = room;
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i]?.[at];
      const place = start + i * FIXED_BYTES;
      if (value === null) {
        view.setUint32(place, high);
        view.setUint32(place + 4, low);
      } else if (!put(view, place, value)) return false;
    }
    return true;
  };
}

const FIXED_BYTES = 8;
const WORD = 2 ** 32;
const INT64_END = 2n ** 63n;

/** Four letters of ASCII as the number that their bytes are. */
function bigEndian(letters: string): number {
  let number = 0;
  for (let i = 0; i < letters.length; i++) number = number * 256 + letters.charCodeAt(i);
  return number;
}

function putInteger(view: DataView, at: number, value: Value | undefined): boolean {
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) return false;
    view.setInt32(at, Math.floor(value / WORD));
    view.setUint32(at + 4, value % WORD); // taken modulo 2^32, whatever its sign
    return true;
  }
  if (typeof value !== "bigint" || value < -INT64_END || value >= INT64_END) return false;
  view.setBigInt64(at, value);
  return true;
}

function putReal(view: DataView, at: number, value: Value | undefined): boolean {
  if (typeof value !== "number") return false;
  if (Number.isNaN(value)) view.setBigUint64(at, NAN_BITS);
  else view.setFloat64(at, value + 0); // -0 + 0 is 0
  return true;
}

const NAN_BITS = 0x7ff8_0000_0000_0000n;

/** One loop for what is most: a call for each value would cost as much as the rest of it. */
function ownTextColumn(at: number, { end, nothing }: Marks): Column {
  return (rows, out) => {
    for (let start = 0; start < rows.length;) {
      let block = "";
      for (; start < rows.length && block.length < BLOCK_CHARS; start++) {
        const value = rows[start]?.[at];
        if (typeof value === "string") block += value;
        else if (value === null) block += nothing;
        else return false;
        block += end;
      }
      if (!putBlock(block, out)) return false;
    }
    return true;
  };
}

function textColumn(
  at: number,
  textOf: (value: Value | undefined) => string | undefined,
  { end, nothing }: Marks,
): Column {
  return (rows, out) => {
    for (const row of rows) {
      const value = row[at];
      const text = value === null ? nothing : textOf(value);
      if (text === undefined || !putBlock(text + end, out)) return false;
    }
    return true;
  };
}

function putBlock(block: string, out: Bytes): boolean {
  // UTF-8 has no half characters: two different ones would become the same bytes.
  return block.isWellFormed() && out.text(block);
}

/** Texts are put together up to so many characters before they are encoded. */
const BLOCK_CHARS = 1 << 18;

function documentText(value: Value | undefined): string | undefined {
  return value === undefined ? undefined : encodeValue(value);
}

function booleanText(value: Value | undefined): string | undefined {
  return value === true ? "t" : value === false ? "f" : undefined;
}

function bytesColumn(at: number, { end, nothing }: Marks): Column {
  return (rows, out) => {
    for (const row of rows) {
      const value = row[at];
      const isPut =
        value instanceof Uint8Array ? out.raw(value) : value === null && out.text(nothing);
      if (!isPut || !out.text(end)) return false;
    }
    return true;
  };
}

interface Bytes {
  clear(): void;
  /** Room for so many bytes, which count as written; undefined: there is none. */
  room(length: number): { readonly view: DataView; readonly start: number } | undefined;
  /** False: there is no room. */
  text(text: string): boolean;
  raw(bytes: Uint8Array): boolean;
  bytes(): Uint8Array;
}

/** What one range may come to; of more than that there is no digest (I9). */
export const RANGE_BYTES_MAX = 1 << 26;

const CAPACITY_MIN = 1 << 16;
/** Bytes of UTF-8 that one unit of UTF-16 becomes, at most. */
const UTF8_MAX = 3;

/** Bytes that grow and are used again. */
function makeBytes(): Bytes {
  const encoder = new TextEncoder();
  let buffer = new Uint8Array(CAPACITY_MIN);
  let view = new DataView(buffer.buffer);
  let used = 0;
  const reserve = (length: number): boolean => {
    if (used + length > RANGE_BYTES_MAX) return false;
    if (used + length <= buffer.length) return true;
    const grown = new Uint8Array(Math.max(buffer.length * 2, used + length));
    grown.set(buffer.subarray(0, used));
    buffer = grown;
    view = new DataView(buffer.buffer);
    return true;
  };
  return {
    clear: () => {
      used = 0;
    },
    room: (length) => {
      if (!reserve(length)) return undefined;
      const start = used;
      used += length;
      return { view, start };
    },
    text: (text) => {
      if (!reserve(text.length * UTF8_MAX)) return false;
      used += encoder.encodeInto(text, buffer.subarray(used)).written;
      return true;
    },
    raw: (bytes) => {
      if (!reserve(bytes.length)) return false;
      buffer.set(bytes, used);
      used += bytes.length;
      return true;
    },
    bytes: () => buffer.subarray(0, used),
  };
}
