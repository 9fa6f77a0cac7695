// A shape compiled against a table: SQL for its columns and its key, and the way of rows and keys
// between SQLite and the engine.
import type { DatabaseSync } from "node:sqlite";
import { SyncError } from "../../core/errors.ts";
import { decodeKey, makeKeyEncoder, showKey } from "../../core/key.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import type { Shape } from "../../engine/replica.ts";
import { columnOf, tableOf } from "./catalogue.ts";
import type { Column, Table } from "./catalogue.ts";
import type { Stored } from "./codec.ts";
import { RESULT, primaryCode } from "./failure.ts";
import { quote, quoteAll } from "./names.ts";

/** A table as one shape sees it. */
export interface Shaped {
  readonly table: Table;
  readonly columns: readonly Column[];
  readonly keyColumns: readonly Column[];
  /** Where the key's columns stand in a row. */
  readonly keyAt: readonly number[];
  /** The shape's columns as a list in SQL. */
  readonly select: string;
  /** Finds the rows of one key; takes the values of `bindKey`, each once. */
  readonly whereKey: string;
  /** A unique set is inside the key: two rows never have the same one. */
  readonly isUnique: boolean;
  /** A key's values as they are bound; undefined: this table cannot hold such a key. */
  bindKey(key: Key): readonly Stored[] | undefined;
  /** The key of a row that was read. undefined: a part of it names nothing. */
  keyOf(row: OwnRow): Key | undefined;
  /** A row as it comes from SQLite, made the engine's own; in place. */
  decode(row: Stored[]): OwnRow;
}

/** Compiles a shape. Throws COLLECTION_MISSING or COLUMN_MISSING. */
export function shapeTable(db: DatabaseSync, shape: Shape): Shaped {
  const table = tableOf(db, shape.collection);
  const columns = shape.columns.map((name) => columnOf(table, name));
  const keyColumns = shape.key.map((name) => columnOf(table, name));
  const keyAt = shape.key.map((name) => shape.columns.indexOf(name));
  const types = keyColumns.map((column) => column.type);
  const encode = makeKeyEncoder(types);
  const reads = columns.flatMap(({ codec: { read } }, at) =>
    read === undefined ? [] : { at, read },
  );
  const [onlyAt = 0] = keyAt;
  const one: Value[] = [null];
  return {
    table,
    columns,
    keyColumns,
    keyAt,
    select: quoteAll(shape.columns),
    whereKey: keyColumns.map((column, index) => equals(table, column, index + 1)).join(" AND "),
    isUnique: table.uniqueSets.some((set) => set.columns.every((name) => shape.key.includes(name))),
    bindKey: (key) => {
      const values = decodeKey(key, types);
      const bound = keyColumns.map((column, index) => column.codec.write(values[index] ?? null));
      return bound.includes(undefined) ? undefined : (bound as readonly Stored[]); // just tested
    },
    keyOf: (row) => {
      if (keyAt.length > 1) return encode(keyAt.map((at) => row[at] ?? null));
      one[0] = row[onlyAt] ?? null;
      return encode(one);
    },
    decode: (row) => {
      for (const { at, read } of reads) {
        // What the codec makes of it is what the row is from here on.
        (row as Value[])[at] = read(row[at] ?? null);
      }
      return row;
    },
  };
}

/** A column to be compared byte by byte. Numbers have no collation. */
export function exact(column: Column): string {
  const isText = column.affinity === "text" || column.affinity === "blob";
  return isText || column.affinity === "numeric"
    ? `${quote(column.name)} COLLATE BINARY`
    : quote(column.name);
}

/**
 * The key's columns as rows are ordered by them. An index is sought for several columns at once
 * only under their plain names, which mean the same where their own collation is BINARY.
 */
export function orderTerms(
  db: DatabaseSync,
  { table, keyColumns }: Pick<Shaped, "table" | "keyColumns">,
): readonly string[] {
  const isPlain = keyColumns.length > 1 && keyColumns.every((each) => isBinary(db, table, each));
  return keyColumns.map((column) => (isPlain ? quote(column.name) : exact(column)));
}

/** True if a column tells its values apart as bytes; one of an unknown collation does not. */
function isBinary(db: DatabaseSync, table: Table, column: Column): boolean {
  const name = quote(column.name);
  // A union has the collation of its first part.
  const from = `(SELECT ${name} FROM main.${quote(table.name)} WHERE 0 UNION ALL SELECT 'A')`;
  try {
    return db.prepare(`SELECT ${name} IN ('a', 'A ') AS folds FROM ${from}`).get()?.["folds"] === 0;
  } catch (error) {
    if (primaryCode(error) === RESULT.ERROR) return false;
    throw error;
  }
}

/** Two rows where there may be one. */
export function notUnique(
  { table, keyColumns }: Pick<Shaped, "table" | "keyColumns">,
  key: Key,
): SyncError {
  const names = keyColumns.map((column) => column.name).join(", ");
  const message = `two rows of ${table.name} have the same ${names}: ${showKey(key)}`;
  return new SyncError("KEY_NOT_UNIQUE", message, {
    where: table.name,
    hint: "Name columns under `key:` whose values tell every row apart, or mend the rows.",
  });
}

function equals(table: Table, column: Column, place: number): string {
  const name = quote(column.name);
  const isFolding = table.uniqueSets.some((set) =>
    set.columns.some((each, at) => each === column.name && set.collations[at] !== "BINARY"),
  );
  const test = `${exact(column)} = ?${place}`;
  // The folded comparison finds the row by its index, the other one is sure.
  return isFolding ? `${name} = ?${place} AND ${test}` : test;
}
