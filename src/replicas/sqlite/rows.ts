// Rows as SQLite has them: big integers exactly, and what is no text never taken for one.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { SyncError } from "../../core/errors.ts";
import { smallest } from "../../core/numerals.ts";
import { weightOf } from "../../core/weight.ts";
import type { Stored } from "./codec.ts";
import { RESULT, isOutOfRange, primaryCode } from "./failure.ts";

/**
 * All rows of a statement as arrays. Integers beyond 2^53 are exact bigints, others numbers; texts
 * whose bytes are no UTF-8 are those bytes.
 */
export function allRows(
  db: DatabaseSync,
  statement: StatementSync,
  ...values: readonly Stored[]
): Stored[][] {
  const rows = fetch(statement, values);
  return rows.some(isDoubtful) ? withBytes(db, statement, values, rows) : rows;
}

/** Rows of a statement as far as a page holds them. */
export interface SomeRows {
  /** One more than the page holds, where there is one. */
  readonly rows: Stored[][];
  /** How many of them the page holds. */
  readonly held: number;
  /** How much those weigh. */
  readonly bytes: number;
}

/** A statement that is read up to a page's end. It has so many rows at most, and one more. */
export interface Wanted {
  readonly db: DatabaseSync;
  readonly statement: StatementSync;
  readonly rowsMax: number;
  readonly bytesMax: number;
  readonly columns: number;
}

/**
 * The first rows of a statement, in the same way: up to `rowsMax`, or up to the one with which they
 * weigh `bytesMax`.
 */
export function someRows(from: Wanted, ...values: readonly Stored[]): SomeRows {
  const { db, statement } = from;
  const rows = lightRows(from, values) ?? rowByRow(from, values);
  let [held, bytes, isOdd] = [0, 0, false];
  for (const row of rows) {
    const weight = weightOf(row);
    isOdd ||= isDoubtful(row);
    if (held === from.rowsMax || bytes >= from.bytesMax) {
      rows.length = held + 1;
      break;
    }
    held += 1;
    bytes += weight;
  }
  return { rows: isOdd ? withBytes(db, statement, values, rows) : rows, held, bytes };
}

/** What rows without a large value weigh together at most, but for what lies in a page each. */
const LIGHT_BYTES_MAX = 32 << 20;
/** The least limit that SQLite knows. */
const LIMIT_MIN = 30;

/**
 * All rows in one go, which is the fastest way. undefined: a value among them is so large that this
 * would not be bounded; SQLite itself looks for that, and only where a row spans pages of the file.
 */
function lightRows(
  { db, statement, rowsMax, columns }: Wanted,
  values: readonly Stored[],
): Stored[][] | undefined {
  // Programs that have an older Node read row by row.
  const { limits } = db as { readonly limits?: DatabaseSync["limits"] };
  if (limits === undefined) return undefined;
  const usual = limits.length;
  limits.length = Math.max(LIMIT_MIN, Math.floor(LIGHT_BYTES_MAX / rowsMax / columns));
  try {
    return fetch(statement, values);
  } catch (error) {
    if (primaryCode(error) !== RESULT.TOOBIG) throw error;
    return undefined;
  } finally {
    limits.length = usual;
  }
}

function rowByRow({ statement, rowsMax, bytesMax }: Wanted, values: readonly Stored[]) {
  const take = (): Stored[][] => {
    const rows: Stored[][] = [];
    let bytes = 0;
    for (const row of statement.iterate(...values) as Iterable<unknown>) {
      const taken = row as Stored[]; // arrays, as said
      rows.push(taken);
      // The row behind the page's end is wanted as well.
      if (rows.length > rowsMax || bytes >= bytesMax) break;
      bytes += weightOf(taken);
    }
    return rows;
  };
  return exactly(statement, take);
}

/** The only row of a statement, in the same way. */
export function oneRow(
  db: DatabaseSync,
  statement: StatementSync,
  ...values: readonly Stored[]
): Stored[] | undefined {
  statement.setReturnArrays(true);
  try {
    const row = statement.get(...values) as unknown as Stored[] | undefined; // arrays, as said
    if (row === undefined || !isDoubtful(row)) return row;
  } catch (error) {
    if (!isOutOfRange(error)) throw error;
  }
  return allRows(db, statement, ...values)[0];
}

function fetch(statement: StatementSync, values: readonly Stored[]): Stored[][] {
  // `setReturnArrays` makes arrays of what the types call objects.
  return exactly(statement, () => statement.all(...values) as unknown as Stored[][]);
}

/** Reads arrays, and once more where an integer among them is no number. */
function exactly(statement: StatementSync, take: () => Stored[][]): Stored[][] {
  statement.setReturnArrays(true);
  try {
    return take();
  } catch (error) {
    if (!isOutOfRange(error)) throw error;
  }
  statement.setReadBigInts(true);
  let rows: Stored[][];
  try {
    rows = take();
  } finally {
    statement.setReadBigInts(false);
  }
  for (const row of rows) {
    for (const [at, value] of row.entries()) {
      if (typeof value === "bigint") row[at] = smallest(value);
    }
  }
  return rows;
}

/** What stands in a text for bytes that are none; it may also be meant. */
const REPLACEMENT = "\uFFFD";

function isDoubtful(row: readonly Stored[]): boolean {
  for (let at = 0; at < row.length; at++) {
    const value = row[at];
    if (typeof value === "string" && value.includes(REPLACEMENT)) return true;
  }
  return false;
}

/** Two different values must not look the same: what is no text is shown as its bytes (I8). */
function withBytes(
  db: DatabaseSync,
  statement: StatementSync,
  values: readonly Stored[],
  rows: Stored[][],
): Stored[][] {
  // There bytes are not UTF-8, and whatever is stored is made well-formed by SQLite itself.
  if (db.prepare("PRAGMA encoding").get()?.["encoding"] !== "UTF-8") return rows;
  const names = statement.columns().map((_, at) => `c${at}`);
  const casts = names.map((name) => `CAST(${name} AS BLOB)`).join(", ");
  const sql = `WITH r (${names.join(", ")}) AS (${statement.sourceSQL}) SELECT ${casts} FROM r`;
  const read = db.prepare(sql);
  read.setReturnArrays(true);
  const all = read.iterate(...values) as Iterable<unknown>;
  let index = 0;
  for (const bytes of all) {
    const row = rows[index++];
    if (row === undefined) break;
    for (const [at, value] of row.entries()) {
      if (typeof value !== "string" || !value.includes(REPLACEMENT)) continue;
      const stored = (bytes as Stored[])[at]; // arrays, as said
      if (!(stored instanceof Uint8Array) || new TextDecoder(...LITERALLY).decode(stored) !== value)
        throw changed();
      if (!Buffer.from(value).equals(stored)) row[at] = stored;
    }
    if (index === rows.length) break;
  }
  if (index < rows.length) throw changed();
  return rows;
}

/** A mark at the beginning is a character like any other. */
const LITERALLY = ["utf-8", { ignoreBOM: true }] as const;

function changed(): SyncError {
  return new SyncError("LIST_FAILED", "a row was changed while it was being read", {
    hint: "Run again: another program began to write.",
  });
}
