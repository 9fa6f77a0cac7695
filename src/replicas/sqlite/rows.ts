// Rows as SQLite has them: big integers exactly, and what is no text never taken for one.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { SyncError } from "../../core/errors.ts";
import { smallest } from "../../core/numerals.ts";
import type { Stored } from "./codec.ts";
import { isOutOfRange } from "./failure.ts";

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
  statement.setReturnArrays(true);
  try {
    // `setReturnArrays` makes arrays of what the types call objects.
    return statement.all(...values) as unknown as Stored[][];
  } catch (error) {
    if (!isOutOfRange(error)) throw error;
  }
  statement.setReadBigInts(true);
  const rows = statement.all(...values) as unknown as Stored[][];
  statement.setReadBigInts(false);
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
  const bytes = fetch(db.prepare(sql), values);
  for (const [index, row] of rows.entries()) {
    for (const [at, value] of row.entries()) {
      if (typeof value !== "string" || !value.includes(REPLACEMENT)) continue;
      const stored = bytes[index]?.[at];
      if (!(stored instanceof Uint8Array) || new TextDecoder(...LITERALLY).decode(stored) !== value)
        throw changed();
      if (!Buffer.from(value).equals(stored)) row[at] = stored;
    }
  }
  return rows;
}

/** A mark at the beginning is a character like any other. */
const LITERALLY = ["utf-8", { ignoreBOM: true }] as const;

function changed(): SyncError {
  return new SyncError("LIST_FAILED", "a row was changed while it was being read", {
    hint: "Run again: another program began to write.",
  });
}
