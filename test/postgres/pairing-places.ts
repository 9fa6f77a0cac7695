// Systems in which tables of many columns are made, and read back outside the product.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import {
  CSV_COLUMNS,
  JSON_COLUMNS,
  PAIRING_TYPES,
  POSTGRES_COLUMNS,
  SQLITE_COLUMNS,
  STRICT_COLUMNS,
} from "./pairing-columns.ts";
import type { PairingColumn } from "./pairing-columns.ts";
import type { TestSchema } from "./server.ts";

/** A table whose columns are called c0, c1, …; a row has a value in one of them, or in none. */
export interface PairingTable {
  readonly name: string;
  readonly columns: readonly PairingColumn[];
  readonly rows: readonly {
    readonly id: string;
    readonly at?: number;
    readonly value?: string;
  }[];
}

/** What each row of a table shows, column by column. */
export type Dump = ReadonlyMap<string, readonly unknown[]>;

/** A system under test. */
export interface Place {
  readonly kind: PlaceKind;
  readonly columns: readonly PairingColumn[];
  /** As a configuration has it, with these tables. */
  system(tables: readonly PairingTable[]): object;
  make(tables: readonly PairingTable[]): Promise<void>;
  dump(table: PairingTable): Promise<Dump>;
}

export type PlaceKind = "PostgreSQL" | "SQLite" | "STRICT" | "CSV" | "NDJSON" | "JSON";

/** A place of a kind, in a folder and a schema. */
export function placeOf(kind: PlaceKind, folder: string, schema: TestSchema): Place {
  if (kind === "PostgreSQL") return postgresPlace(schema);
  if (kind === "SQLite" || kind === "STRICT") return sqlitePlace(kind, folder);
  return filesPlace(kind, join(folder, kind));
}

function postgresPlace({ client, url, name: schema, ours }: TestSchema): Place {
  return {
    kind: "PostgreSQL",
    columns: POSTGRES_COLUMNS,
    system: () => ({ type: "postgres", url, schema, markers: ours }),
    make: async (tables) => {
      const { rows } = await client.query("SELECT to_regtype('mood') AS mood");
      if ((rows[0] as { mood: string | null }).mood === null) await client.query(PAIRING_TYPES);
      const statements = tables.map((table) => statementsFor(table));
      await client.query(statements.join(";\n"));
    },
    dump: async ({ name, columns }) => {
      const shown = columns.map(({ declared }, at) => {
        const column = `c${at}`;
        // Of json the same document may have many texts.
        if (declared === "json") return `${column}::jsonb::text`;
        return declared === "numeric" ? `trim_scale(${column})::text` : `${column}::text`;
      });
      const sql = `SELECT id, ${shown.join(", ")} FROM ${name}`;
      const { rows } = await client.query({ text: sql, rowMode: "array" });
      return dumpOf(rows as readonly (readonly unknown[])[]);
    },
  };
}

function sqlitePlace(kind: "SQLite" | "STRICT", folder: string): Place {
  const path = join(folder, `${kind}.db`);
  const end = kind === "STRICT" ? " STRICT" : "";
  const execute = (run: (db: DatabaseSync) => readonly (readonly unknown[])[]) => {
    const db = new DatabaseSync(path);
    try {
      return run(db);
    } finally {
      db.close();
    }
  };
  return {
    kind,
    columns: kind === "STRICT" ? STRICT_COLUMNS : SQLITE_COLUMNS,
    system: () => ({ type: "sqlite", path }),
    make: async (tables) => {
      execute((db) => {
        db.exec("BEGIN");
        for (const table of tables) db.exec(statementsFor(table, end));
        db.exec("COMMIT");
        return [];
      });
    },
    dump: async ({ name, columns }) => {
      const shown = columns.map((_, at) => `CASE WHEN c${at} NOT NULL THEN quote(c${at}) END`);
      return dumpOf(
        execute((db) => {
          const select = db.prepare(`SELECT id, ${shown.join(", ")} FROM ${name}`);
          select.setReturnArrays(true);
          return select.all() as unknown as readonly (readonly unknown[])[];
        }),
      );
    },
  };
}

function statementsFor({ name, columns, rows }: PairingTable, end = ""): string {
  const declared = columns.map((column, at) => `c${at} ${column.declared}`);
  const make = `CREATE TABLE ${name} (id text PRIMARY KEY, ${declared.join(", ")})`;
  const inserts = rows.map(({ id, at, value }) =>
    value === undefined
      ? `INSERT INTO ${name} (id) VALUES ('${id}')`
      : `INSERT INTO ${name} (id, c${at}) VALUES ('${id}', ${value})`,
  );
  return [make + end, ...inserts].join(";\n");
}

function filesPlace(kind: "CSV" | "NDJSON" | "JSON", folder: string): Place {
  const format = kind.toLowerCase();
  const isCsv = kind === "CSV";
  return {
    kind,
    columns: isCsv ? CSV_COLUMNS : JSON_COLUMNS,
    system: (tables) => {
      const collections = tables.map(({ name, columns }) => {
        const declared = columns.flatMap((column, at) =>
          column.declared === "" ? [] : [[`c${at}`, column.declared]],
        );
        return [name, { columns: { id: "text", ...Object.fromEntries(declared) } }];
      });
      const all = Object.fromEntries(collections);
      return { type: "rows", path: folder, format, collections: all };
    },
    make: async (tables) => {
      mkdirSync(folder, { recursive: true });
      for (const table of tables) {
        const path = join(folder, `${table.name}.${format}`);
        writeFileSync(path, isCsv ? csvOf(table) : jsonOf(table, kind === "JSON"));
      }
    },
    dump: async ({ name, columns }) => {
      const path = join(folder, `${name}.${format}`);
      const text = existsSync(path) ? readFileSync(path, "utf8") : "";
      const names = ["id", ...columns.map((_, at) => `c${at}`)];
      return dumpOf(isCsv ? csvRows(text) : jsonRows(text, names));
    },
  };
}

function csvOf({ columns, rows }: PairingTable): string {
  const header = ["id", ...columns.map((_, at) => `c${at}`)].join(",");
  const lines = rows.map(({ id, at, value }) =>
    [id, ...columns.map((_, place) => (place === at ? value : ""))].join(","),
  );
  return [header, ...lines].map((line) => `${line}\n`).join("");
}

/** What is NULL is no member: in a JSON column `null` would be a document. */
function jsonOf({ columns, rows }: PairingTable, isArray: boolean): string {
  // A column of which nothing is said is there where a row has it.
  const unsaid = columns.flatMap(({ declared }, at) => (declared === "" ? [`,"c${at}":null`] : []));
  const first = unsaid.length === 0 ? [] : [`{"id":"unsaid"${unsaid.join("")}}`];
  const others = rows.map(({ id, at, value }) => {
    const member = value === undefined ? "" : `,"c${at}":${value}`;
    return `{"id":${JSON.stringify(id)}${member}}`;
  });
  const objects = [...first, ...others];
  return isArray ? `[\n${objects.join(",\n")}\n]\n` : objects.map((each) => `${each}\n`).join("");
}

const FIELD = /("(?:[^"]|"")*"|[^",\n]*)(,|\n)/g;

/** Fields as they are written; an empty one without quotes is NULL. */
function csvRows(text: string): readonly (readonly unknown[])[] {
  const rows: unknown[][] = [[]];
  for (const [, field = "", end] of text.matchAll(FIELD)) {
    const plain = /^"[^",\n]+"$/.test(field) ? field.slice(1, -1) : field;
    rows.at(-1)?.push(plain === "" ? null : plain);
    if (end === "\n") rows.push([]);
  }
  return rows.slice(1, -1);
}

/** JSON's null is kept apart from no member, and numbers keep their digits. */
function jsonRows(text: string, names: readonly string[]): readonly (readonly unknown[])[] {
  const exactly = (_: string, value: unknown, context?: { readonly source?: string }) =>
    typeof value === "number" ? { number: context?.source } : value;
  const array = text.startsWith("[") ? text : `[${text.trim().replaceAll("\n", ",")}]`;
  const objects: readonly { readonly [name: string]: unknown }[] = JSON.parse(array, exactly);
  return objects.map((object) =>
    names.map((name) => {
      if (!Object.hasOwn(object, name)) return null;
      const value = object[name];
      return name === "id" ? value : JSON.stringify(value);
    }),
  );
}

function dumpOf(rows: readonly (readonly unknown[])[]): Dump {
  return new Map(rows.map(([id, ...values]) => [String(id), values]));
}
