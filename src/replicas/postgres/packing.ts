// New rows packed as COPY takes them, as many as come: a row that the table would not keep as it is
// told is not taken. It writes what tuples.ts writes, and most values without a call for each.
import { ABSENT } from "../../core/state.ts";
import type { OwnRow, Value } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import type { Codec } from "./codec.ts";
import { reserve } from "./out.ts";
import type { Out } from "./out.ts";

/** Appends the tuples of rows. False: one of them is left out, and so are all. */
export type PutRows = (out: Out, rows: readonly OwnRow[]) => boolean;

/** A column as far as packing goes. */
export interface PackedColumn {
  readonly codec: Codec;
  readonly notNull: boolean;
}

/** Prepares it for the columns of a table. */
export function makePutRows(columns: readonly PackedColumn[]): PutRows {
  const ways = Uint8Array.from(columns, ({ codec }) => wayOf(codec));
  const room = 2 + columns.length * FIXED_MAX;
  return (out, rows) => {
    const start = out.at;
    const on: On = { out, view: viewOf(out), room };
    for (let index = 0; index < rows.length; index++) {
      const row = rows[index] as OwnRow; // inside
      makeRoom(on);
      on.view.setInt16(out.at, ways.length);
      out.at += 2;
      for (let at = 0; at < ways.length; at++) {
        const value = row[at] ?? null;
        if (isPut(on, ways[at] as number, value)) continue; // inside
        if (!isPutPlainly(out, columns[at] as PackedColumn, value)) {
          out.at = start;
          return false;
        }
        makeRoom(on);
      }
    }
    return true;
  };
}

/** Where rows are put. */
interface On {
  readonly out: Out;
  view: DataView;
  /** What a row takes, texts aside. */
  readonly room: number;
}

function viewOf({ bytes }: Out): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function makeRoom(on: On): void {
  const { bytes } = on.out;
  reserve(on.out, on.room);
  if (on.out.bytes !== bytes || on.view.buffer !== bytes.buffer) on.view = viewOf(on.out);
}

/** A length, and what has a length of its own. */
const FIXED_MAX = 12;

const WAY = { other: 0, text: 1, int8: 2, int4: 3, double: 4 } as const;
const OID = { int8: 20, int4: 23, text: 25, double: 701, varchar: 1043 } as const;
const BOUNDS = ["maxLength", "maxBytes", "values"] as const;

function wayOf({ oid, type }: Codec): number {
  switch (oid) {
    case OID.int8:
      return WAY.int8;
    case OID.int4:
      return WAY.int4;
    case OID.double:
      return WAY.double;
    case OID.text:
    case OID.varchar: {
      const isBound = type.kind !== "text" || BOUNDS.some((bound) => type[bound] !== undefined);
      return isBound ? WAY.other : WAY.text;
    }
    default:
      return WAY.other;
  }
}

/**
 * What most values are, in columns that most tables are made of. False: nothing is written, and the
 * plain way is to be taken. For what has no length of its own there is room.
 */
function isPut(on: On, way: number, value: Value): boolean {
  if (typeof value === "string") return way === WAY.text && isTextPut(on, value);
  if (typeof value !== "number") return false;
  const { out, view } = on;
  const { at } = out;
  switch (way) {
    case WAY.int8: {
      if (!Number.isSafeInteger(value)) return false;
      const high = Math.floor(value / WORD);
      view.setInt32(at, 8);
      view.setInt32(at + 4, high);
      view.setUint32(at + 8, value - high * WORD);
      break;
    }
    case WAY.int4:
      if ((value | 0) !== value) return false;
      view.setInt32(at, 4);
      view.setInt32(at + 4, value);
      out.at = at + 8;
      return true;
    case WAY.double:
      view.setInt32(at, 8);
      view.setFloat64(at + 4, value + 0); // -0 is 0
      break;
    default:
      return false;
  }
  out.at = at + 12;
  return true;
}

const WORD = 0x1_0000_0000;

/** True: the value is written, and will be stored as it is. */
function isPutPlainly(out: Out, { codec, notNull }: PackedColumn, value: Value): boolean {
  if (value === ABSENT) return false;
  if (value === null) {
    if (notNull) return false;
    reserve(out, 4);
    out.bytes.writeInt32BE(-1, out.at);
    out.at += 4;
    return true;
  }
  return codec.write(value, out) === undefined && same(codec.store(value), value);
}

/** The driver's types do not know what its buffers can do quickest. */
interface Fast {
  utf8Write(text: string, at: number): number;
}

function isTextPut({ out, view, room }: On, text: string): boolean {
  const { length } = text;
  const { bytes, at } = out;
  // Three bytes for one unit of UTF-16 are the most that UTF-8 takes; the rest of the row follows.
  if (at + length * 3 + room > bytes.length || text.includes("\0")) return false;
  const size = (bytes as unknown as Fast).utf8Write(text, at + 4);
  // As many bytes as letters: all of it is ASCII, of which half a character is no part.
  if (size !== length && !text.isWellFormed()) return false;
  view.setInt32(at, size);
  out.at = at + 4 + size;
  return true;
}
