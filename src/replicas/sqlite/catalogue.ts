// What a database says of its own tables.
import type { DatabaseSync } from "node:sqlite";
import { SyncError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import type { Reference, Ripple } from "../../engine/replica.ts";
import { makeCodec } from "./codec.ts";
import type { Codec } from "./codec.ts";
import { isInternal } from "./names.ts";
import { columnType } from "./column-type.ts";
import type { ColumnType } from "./column-type.ts";
import { RESULT, primaryCode } from "./failure.ts";
import { readRipples } from "./ripples.ts";

/** One column, with everything that follows from how it was declared. */
export interface Column extends ColumnType {
  readonly name: string;
  readonly declared: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly generated: boolean;
  /** Place in the primary key, from 1; 0: not in it. */
  readonly primary: number;
  readonly codec: Codec;
}

/** Columns whose values are unique together, as far as these collations tell values apart. */
interface UniqueSet {
  readonly columns: readonly string[];
  readonly collations: readonly string[];
  readonly isPrimary: boolean;
}

/** A table or view. */
export interface Table {
  readonly name: string;
  readonly isWritable: boolean;
  readonly isStrict: boolean;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** The column that is the rowid, if one is. */
  readonly rowidColumn: string | undefined;
  /** Columns that address one row whatever its key is: the rowid, or the primary key. */
  readonly address: readonly string[];
  readonly uniqueSets: readonly UniqueSet[];
  readonly references: readonly Reference[];
  readonly triggers: readonly string[];
  readonly ripples: readonly Ripple[];
  /** Deletions elsewhere or here change its rows by foreign keys with actions. */
  readonly hasActions: boolean;
  /** Why nothing can be read from it. Absent: it can be read. */
  readonly broken?: string;
}

/** All tables and views of a database, without SQLite's and our own. */
export function readCatalogue(db: DatabaseSync): ReadonlyMap<string, Table> {
  const tables = new Map<string, Table>();
  for (const listed of listedTables(db)) {
    if (isInternal(listed.name)) continue;
    if (listed.type !== "table" && listed.type !== "view" && listed.type !== "virtual") continue;
    tables.set(listed.name, readable(db, listed));
  }
  return tables;
}

/** A view of what is gone, or a virtual table of an extension that is not there, is one by name. */
function readable(db: DatabaseSync, listed: Listed): Table {
  try {
    return readTable(db, listed);
  } catch (error) {
    if (listed.type === "table" || primaryCode(error) !== RESULT.ERROR) throw error;
    const why = error instanceof Error ? error.message : String(error);
    return { ...NOTHING_KNOWN, name: listed.name, broken: why };
  }
}

const NOTHING_KNOWN = {
  isWritable: false,
  isStrict: false,
  columns: [],
  key: [],
  rowidColumn: undefined,
  address: [],
  uniqueSets: [],
  references: [],
  triggers: [],
  ripples: [],
  hasActions: false,
} as const;

/** One table or view by its exact name. Throws COLLECTION_MISSING and suggests the nearest name. */
export function tableOf(db: DatabaseSync, name: string): Table {
  const all = listedTables(db).filter((each) => !isInternal(each.name) && each.type !== "shadow");
  const found = all.find((each) => each.name === name);
  if (found !== undefined) return readTable(db, found);
  const near = nearest(
    name,
    all.map((each) => each.name),
  );
  throw new SyncError("COLLECTION_MISSING", `there is no table ${JSON.stringify(name)}`, {
    where: name,
    ...(near === undefined ? {} : { hint: `Did you mean ${JSON.stringify(near)}?` }),
  });
}

/** A column by its exact name. Throws COLUMN_MISSING and suggests the nearest name. */
export function columnOf(table: Table, name: string): Column {
  const found = table.columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    table.columns.map((column) => column.name),
  );
  throw new SyncError("COLUMN_MISSING", `${table.name} has no column ${JSON.stringify(name)}`, {
    where: table.name,
    ...(near === undefined ? {} : { hint: `Did you mean ${JSON.stringify(near)}?` }),
  });
}

interface Listed {
  readonly name: string;
  readonly type: string;
  readonly hasRowid: boolean;
  readonly isStrict: boolean;
}

function listedTables(db: DatabaseSync): readonly Listed[] {
  const rows = db.prepare(
    "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'",
  );
  return rows.all().map((row) => ({
    name: String(row["name"]),
    type: String(row["type"]),
    hasRowid: row["wr"] === 0,
    isStrict: row["strict"] === 1,
  }));
}

function readTable(db: DatabaseSync, listed: Listed): Table {
  const { name, isStrict } = listed;
  const columns = readColumns(db, listed);
  const key = columns
    .filter((column) => column.primary > 0)
    .sort((a, b) => a.primary - b.primary)
    .map((column) => column.name);
  const indexes = readUniqueSets(db, name);
  const [only] = key;
  const isRowid =
    listed.type === "table" &&
    listed.hasRowid &&
    key.length === 1 &&
    !indexes.some((each) => each.isPrimary);
  const rowidColumn = isRowid ? only : undefined;
  return {
    name,
    isWritable: listed.type === "table",
    isStrict,
    columns,
    key,
    rowidColumn,
    address: addressOf(listed, columns, { key, rowidColumn }),
    uniqueSets:
      rowidColumn === undefined
        ? indexes
        : [{ columns: key, collations: ["BINARY"], isPrimary: true }, ...indexes],
    references: readReferences(db, name),
    triggers: namesOf(
      db,
      "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(?)",
      name,
    ),
    ripples: readRipples(db, { name, columns, key }),
    hasActions:
      namesOf(
        db,
        `SELECT m.name FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
          WHERE m.type = 'table' AND lower(m.name) = lower(?1)
            AND (f.on_delete NOT IN ('NO ACTION', 'RESTRICT')
              OR f.on_update NOT IN ('NO ACTION', 'RESTRICT'))`,
        name,
      ).length > 0,
  };
}

function readColumns(db: DatabaseSync, { name, isStrict, hasRowid }: Listed): readonly Column[] {
  const rows = db.prepare("SELECT * FROM pragma_table_xinfo(?) WHERE hidden <> 1").all(name);
  return rows.map((row) => {
    const declared = String(row["type"]);
    const type = columnType(declared, isStrict);
    const primary = Number(row["pk"]);
    return {
      ...type,
      name: String(row["name"]),
      declared,
      notNull: row["notnull"] === 1 || (primary > 0 && !hasRowid),
      hasDefault: row["dflt_value"] !== null,
      generated: row["hidden"] === 2 || row["hidden"] === 3,
      primary,
      codec: makeCodec(type, isStrict),
    };
  });
}

function addressOf(
  listed: Listed,
  columns: readonly Column[],
  by: { readonly key: readonly string[]; readonly rowidColumn: string | undefined },
): readonly string[] {
  if (by.rowidColumn !== undefined || !listed.hasRowid) return by.key;
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  const alias = ["rowid", "_rowid_", "oid"].find((name) => !taken.has(name));
  return alias === undefined || listed.type !== "table" ? by.key : [alias];
}

/** The primary key first. Partial indexes and those over expressions prove nothing. */
function readUniqueSets(db: DatabaseSync, table: string): readonly UniqueSet[] {
  const indexes = db
    .prepare(`SELECT name, origin FROM pragma_index_list(?) WHERE "unique" = 1 AND partial = 0`)
    .all(table);
  const sets = indexes.flatMap((index) => {
    const parts = db
      .prepare("SELECT name, coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno")
      .all(String(index["name"]));
    if (parts.some((part) => part["name"] === null)) return [];
    return [
      {
        columns: parts.map((part) => String(part["name"])),
        collations: parts.map((part) => String(part["coll"]).toUpperCase()),
        isPrimary: index["origin"] === "pk",
      },
    ];
  });
  return sets.sort((a, b) => Number(b.isPrimary) - Number(a.isPrimary));
}

function readReferences(db: DatabaseSync, table: string): readonly Reference[] {
  const rows = db.prepare("SELECT * FROM pragma_foreign_key_list(?) ORDER BY id, seq").all(table);
  const ids = [...new Set(rows.map((row) => row["id"]))];
  return ids.map((id) => {
    const parts = rows.filter((row) => row["id"] === id);
    const parent = exactName(db, String(parts[0]?.["table"]));
    const named = parts.map((part) => part["to"]).filter((to) => to !== null);
    return {
      columns: parts.map((part) => String(part["from"])),
      collection: parent,
      references: named.length > 0 ? named.map(String) : primaryKeyOf(db, parent),
      onDelete: onDeleteOf(String(parts[0]?.["on_delete"])),
    };
  });
}

function exactName(db: DatabaseSync, name: string): string {
  const sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND lower(name) = lower(?)";
  return namesOf(db, sql, name)[0] ?? name;
}

function primaryKeyOf(db: DatabaseSync, table: string): readonly string[] {
  return namesOf(db, "SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk", table);
}

function onDeleteOf(action: string): Reference["onDelete"] {
  switch (action) {
    case "CASCADE":
      return "cascade";
    case "SET NULL":
      return "set-null";
    case "SET DEFAULT":
      return "set-default";
    default:
      return "refuse";
  }
}

function namesOf(db: DatabaseSync, sql: string, argument: string): readonly string[] {
  return db
    .prepare(sql)
    .all(argument)
    .map((row) => String(row["name"]));
}
