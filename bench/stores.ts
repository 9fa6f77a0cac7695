// The databases that the benchmarks work on: customers of ten columns, as a CRM would hold them.
import { copyFileSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Rows that pass both filters. */
export const FILTER_SQL = "status = 'active' AND visits < 76";
/** The source's columns that the pipeline maps, key first. */
export const MAPPED = ["id", "name", "email", "city", "status", "score", "visits"];
/** The same in the target. */
export const TARGET = ["id", "full_name", "mail", "city", "state", "points", "visits"];

const SOURCE_DDL = `CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT,
  city TEXT, country TEXT, status TEXT, score REAL, visits INTEGER, note TEXT, updated_at TEXT)`;
/** The target of a first load. */
export const TARGET_DDL = `CREATE TABLE customers (id INTEGER PRIMARY KEY, full_name TEXT,
  mail TEXT, city TEXT, state TEXT, points REAL, visits INTEGER)`;

/** 1 M rows make 140 MB. The same rows every time; 97 of 100 pass the filters. */
const ROWS_SQL = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
  INSERT INTO customers SELECT i, 'Customer number ' || i, 'customer' || i || '@example.com',
    'City ' || (i % 5000), 'C' || (i % 90), CASE WHEN i % 97 = 0 THEN 'closed' ELSE 'active' END,
    i % 800 / 8.0, i % 77 * 1, 'note ' || hex(i * 7919),
    '2026-' || printf('%02d', 1 + i % 12) || '-01T10:00:00Z' FROM n`;

/** Makes the source database. */
export function makeSource(path: string, rows: number): void {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; ${SOURCE_DDL}`);
  db.prepare(ROWS_SQL).run(rows);
  db.close();
}

/** Makes an empty database with one table, in the place of whatever was there. */
export function makeEmpty(path: string, ddl: string): void {
  removeDatabase(path);
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; ${ddl}`);
  db.close();
}

/** Copies a closed database. */
export function copyDatabase(from: string, to: string): void {
  removeDatabase(to);
  copyFileSync(from, to);
}

/** Takes a database away, with what SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal", "-lock"]) {
    if (existsSync(path + suffix)) rmSync(path + suffix);
  }
}

/** Changes one row in a hundred in one column; another hundredth for each `from`. */
export function changeOnePercent(path: string, column: string, from: number): void {
  const db = new DatabaseSync(path);
  db.prepare(`UPDATE customers SET ${column} = ${column} || '*' WHERE id % 100 = ?`).run(from);
  db.close();
}

/** How many rows there are, and one number that changes with what is in them. */
export function contentOf(path: string, columns: readonly string[], filter = "1"): string {
  const db = new DatabaseSync(path, { readOnly: true });
  const lengths = columns.map((name) => `length(${name})`).join(" + ");
  const sums = `count(*), sum((${lengths}) * (id % 1009)), total(${columns.at(-2)})`;
  const row = db.prepare(`SELECT ${sums} FROM customers WHERE ${filter}`).get();
  db.close();
  return Object.values(row ?? {}).join(" ");
}

/** The configuration of a first load: one-way, six fields and the key, two filters. */
export function writeLoadConfig(folder: string): void {
  const lines = MAPPED.map((name, i) => `      - { source: ${name}, target: ${TARGET[i]} }`);
  writeFileSync(
    join(folder, "syncline.yaml"),
    `version: 1
journal: ./journal.db
systems:
  a: { type: sqlite, path: ./source.db }
  b: { type: sqlite, path: ./target.db }
pipelines:
  customers:
    source: a.customers
    target: b.customers
    mapping:
${lines.join("\n")}
    filters:
      - { field: status, operator: equals, value: active }
      - { field: visits, operator: less_than, value: 76 }
`,
  );
}

/** The configuration of two equal copies. */
export function writeTwoWayConfig(folder: string): void {
  writeFileSync(
    join(folder, "syncline.yaml"),
    `version: 1
journal: ./journal.db
systems:
  a: { type: sqlite, path: ./source.db }
  b: { type: sqlite, path: ./target.db }
pipelines:
  customers:
    source: a.customers
    target: b.customers
    direction: two-way
`,
  );
}

/** The configuration of a database and a server that hold the same. */
export function writePostgresConfig(folder: string, url: string): void {
  writeFileSync(
    join(folder, "syncline.yaml"),
    `version: 1
journal: ./journal.db
systems:
  a: { type: sqlite, path: ./source.db }
  b: { type: postgres, url: "${url}", ssl: { mode: disable } }
pipelines:
  customers:
    source: a.customers
    target: b.customers
    direction: two-way
`,
  );
}
