// Rows in the binary form of COPY: a header, the tuples, an end. A tuple is a count of fields, each
// with its length before it.
import { SyncError } from "../../core/errors.ts";
import type { OwnRow, Value } from "../../core/state.ts";
import type { Wire } from "./codec.ts";
import { putInt16, putLength, reserve } from "./out.ts";
import type { Out } from "./out.ts";
import { int32At } from "./wire-number.ts";

const SIGNATURE = Buffer.from("PGCOPY\n\xff\r\n\0", "latin1");
/** After the signature: flags, and the length of what later versions may add. */
const HEADER_LENGTH = SIGNATURE.length + 8;
const END = -1;

/**
 * Rows out of what COPY sends, as many at once as a piece of it holds. A value that comes in many
 * pieces is put together once, when all of it is there.
 */
export async function* rowsIn(
  pieces: AsyncIterable<Buffer>,
  wires: readonly Wire[],
): AsyncGenerator<OwnRow[]> {
  const reader = makeReader(wires);
  const held: Buffer[] = [];
  let size = 0;
  let wanted = HEADER_LENGTH;
  let isBegun = false;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < wanted) continue;
    let bytes = held.length === 1 ? piece : Buffer.concat(held, size);
    if (!isBegun) {
      isBegun = true;
      bytes = afterHeader(bytes);
    }
    const rows: OwnRow[] = [];
    const at = reader.read(bytes, rows);
    held.length = 0;
    size = bytes.length - at;
    wanted = reader.wanted;
    if (size > 0) held.push(bytes.subarray(at));
    if (rows.length > 0) yield rows;
  }
  // I15: what has no end is no listing.
  if (size > 0 || !reader.isEnded) throw brokenOff();
}

/** The rows of a copy that is whole. */
export function readAll(bytes: Buffer, wires: readonly Wire[]): readonly OwnRow[] {
  const rows: OwnRow[] = [];
  makeReader(wires).read(afterHeader(bytes), rows);
  return rows;
}

/** The row of a record as `record_send` gives it, in hexadecimal after `\x`. */
export function rowOfRecord(text: string, wires: readonly Wire[]): OwnRow {
  const bytes = Buffer.from(text.slice(2), "hex");
  let at = 4;
  return wires.map((wire): Value => {
    // The type of each field is before its length.
    const length = int32At(bytes, at + 4);
    at += 8;
    if (length === -1) return null;
    at += length;
    return wire.read(bytes, at - length, length);
  });
}

/** What comes before the first tuple. */
export function putHeader(out: Out): void {
  reserve(out, HEADER_LENGTH);
  SIGNATURE.copy(out.bytes, out.at);
  out.bytes.fill(0, out.at + SIGNATURE.length, out.at + HEADER_LENGTH);
  out.at += HEADER_LENGTH;
}

/** What comes after the last one. */
export function putEnd(out: Out): void {
  putInt16(out, END);
}

/** Why a row cannot be sent: which of its values, and what to say of it. */
export interface Misfit {
  readonly column: number;
  readonly why: string;
}

/** Appends a row; every value has its wire. Otherwise appends nothing and says why. */
export function putTuple(
  out: Out,
  row: readonly Value[],
  wires: readonly Wire[],
): Misfit | undefined {
  const start = out.at;
  putInt16(out, wires.length);
  for (let column = 0; column < wires.length; column++) {
    const value = row[column] ?? null;
    if (value === null) {
      putLength(out, -1);
      continue;
    }
    const why = wires[column]?.write(value, out);
    if (why === undefined) continue;
    out.at = start;
    return { column, why };
  }
  return undefined;
}

interface Reader {
  /**
   * Appends to `rows` all that are whole; returns where what is left begins. It goes on in the
   * middle of a row: no value is read twice.
   */
  readonly read: (bytes: Buffer, rows: OwnRow[]) => number;
  /** How many bytes from there on are needed before it can go on. */
  wanted: number;
  isEnded: boolean;
}

function makeReader(wires: readonly Wire[]): Reader {
  const reads = wires.map((wire) => wire.read);
  const count = reads.length;
  // A copy has its length from the beginning; an array that grows takes more than it needs.
  const empty: readonly Value[] = reads.map(() => null);
  let open: Value[] | undefined;
  let next = 0;
  const read: Reader["read"] = (bytes, rows) => {
    const end = bytes.length;
    let at = 0;
    const wait = (row: Value[] | undefined, column: number, wanted: number): number => {
      [open, next, reader.wanted] = [row, column, wanted];
      return at;
    };
    for (;;) {
      let row = open;
      let column = next;
      if (row === undefined) {
        if (at + 2 > end) return wait(undefined, 0, 2);
        const fields = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
        if (fields === 0xffff) {
          reader.isEnded = true;
          return at + 2;
        }
        at += 2;
        row = empty.slice();
        column = 0;
      }
      for (; column < count; column++) {
        if (at + 4 > end) return wait(row, column, 4);
        const length = int32At(bytes, at);
        if (length < 0) {
          at += 4;
          continue;
        }
        if (at + 4 + length > end) return wait(row, column, 4 + length);
        row[column] = (reads[column] as Wire["read"])(bytes, at + 4, length);
        at += 4 + length;
      }
      open = undefined;
      rows.push(row);
    }
  };
  const reader: Reader = { read, wanted: 0, isEnded: false };
  return reader;
}

function afterHeader(bytes: Buffer): Buffer {
  if (!bytes.subarray(0, SIGNATURE.length).equals(SIGNATURE)) throw brokenOff();
  return bytes.subarray(HEADER_LENGTH + int32At(bytes, HEADER_LENGTH - 4));
}

function brokenOff(): SyncError {
  return new SyncError("LIST_FAILED", "the server's rows broke off in the middle", {
    hint: "Run again.",
  });
}
