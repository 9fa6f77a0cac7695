// The statement that puts new rows.
import { quote, quoteAll } from "./names.ts";

/** Rows put by one statement; more of them gain nothing. */
export const ROWS_AT_ONCE = 10;
/** Statements kept prepared for one shape. Updates have one for each set of changed columns. */
export const STATEMENTS_MAX = 200;

/** A table of the database itself, whatever else is attached. */
export function mainTable(name: string): string {
  return `main.${quote(name)}`;
}

/** Puts so many rows, or none of them. */
export function insertSql(into: string, names: readonly string[], rows: number): string {
  if (names.length === 0) return `INSERT OR ABORT INTO ${into} DEFAULT VALUES`;
  const tuple = `(${names.map(() => "?").join(", ")})`;
  const tuples = Array.from({ length: rows }, () => tuple).join(", ");
  return `INSERT OR ABORT INTO ${into} (${quoteAll(names)}) VALUES ${tuples}`;
}
