// A side of the demonstration in a SQLite database of its own.
import { basename } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Dataset } from "./entries.ts";
import { byKey, positionOf, quoted } from "./place.ts";
import type { Changes, Place, Row } from "./place.ts";

/** A database file, which is made with its first table. */
export function filePlace(path: string): Place {
  const file = basename(path);
  return {
    title: file,
    system: `{ type: sqlite, path: ./${file} }`,
    makeTable: async (dataset, version) =>
      within(path, (database) => {
        const { table, columns, key } = dataset;
        const definitions = columns.map(({ name, type }) => {
          return `${quoted(name)} ${type}${key.includes(name) ? " NOT NULL" : ""}`;
        });
        definitions.push(`PRIMARY KEY (${key.map(quoted).join(", ")})`);
        database.exec(`CREATE TABLE ${quoted(table)} (${definitions.join(", ")})`);
        insert(database, dataset, [...(version?.rows.values() ?? [])]);
      }),
    change: async (dataset, changes) =>
      within(path, (database) => change(database, dataset, changes)),
    rows: async (dataset) => within(path, (database) => byKey(dataset, read(database, dataset))),
  };
}

function change(database: DatabaseSync, dataset: Dataset, changes: Changes): void {
  const { deleted, inserted, updated } = changes;
  const table = quoted(dataset.table);
  const where = dataset.key.map((name) => `${quoted(name)} = ?`).join(" AND ");
  const cellsOf = (row: Row, names: readonly string[]) =>
    names.map((name) => row[positionOf(dataset, name)] ?? null);
  const remove = database.prepare(`DELETE FROM ${table} WHERE ${where}`);
  for (const row of deleted) remove.run(...cellsOf(row, dataset.key));
  insert(database, dataset, inserted);
  if (updated.length === 0) return;
  const names = dataset.columns.map(({ name }) => name);
  const rest = names.filter((name) => !dataset.key.includes(name));
  const sets = rest.map((name) => `${quoted(name)} = ?`).join(", ");
  const update = database.prepare(`UPDATE ${table} SET ${sets} WHERE ${where}`);
  for (const row of updated) update.run(...cellsOf(row, rest), ...cellsOf(row, dataset.key));
}

function insert(database: DatabaseSync, { table, columns }: Dataset, rows: readonly Row[]): void {
  const names = columns.map(({ name }) => quoted(name)).join(", ");
  const marks = columns.map(() => "?").join(", ");
  const statement = database.prepare(`INSERT INTO ${quoted(table)} (${names}) VALUES (${marks})`);
  for (const row of rows) statement.run(...row);
}

function read(database: DatabaseSync, { table, columns, key }: Dataset): readonly Row[] {
  const names = columns.map(({ name }) => quoted(name)).join(", ");
  const order = key.map(quoted).join(", ");
  const select = database.prepare(`SELECT ${names} FROM ${quoted(table)} ORDER BY ${order}`);
  select.setReturnArrays(true);
  // Every cell was written by the demonstration: text, numbers and NULL.
  return select.all() as unknown as readonly Row[];
}

/** Works on a database in one transaction. */
function within<T>(path: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(path);
  try {
    database.exec("BEGIN IMMEDIATE");
    const result = work(database);
    database.exec("COMMIT");
    return result;
  } finally {
    database.close();
  }
}
