// Two databases and a configuration, to break things in; and dumps to prove that nothing was lost.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TestContext } from "node:test";
import { cli, folderOf } from "./world.ts";
import type { Ran } from "./world.ts";

const CUSTOMERS = "CREATE TABLE customers (id TEXT PRIMARY KEY NOT NULL, name TEXT, email TEXT)";

/** A folder with crm.db, billing.db and syncline.yaml. */
export interface Scene {
  readonly folder: string;
  /** Runs a command line there. */
  readonly run: (...words: readonly string[]) => Promise<Ran>;
  /** Works on one of the databases by SQL. */
  readonly sql: (file: string, ...statements: readonly string[]) => void;
  /** Everything in both databases, our own tables included. */
  readonly dumps: () => string;
  readonly configure: (yaml: string) => void;
}

/** Both tables are there, and so many customers in each. */
export function sceneOf(t: TestContext, customers = 3, pipeline = PIPELINE): Scene {
  const folder = folderOf(t);
  const scene: Scene = {
    folder,
    run: (...words) => cli(folder, ...words),
    sql: (file, ...statements) => execute(join(folder, file), statements),
    dumps: () => dump(join(folder, "crm.db")) + dump(join(folder, "billing.db")),
    configure: (yaml) => writeFileSync(join(folder, "syncline.yaml"), yaml),
  };
  for (const file of ["crm.db", "billing.db"]) {
    scene.sql(file, CUSTOMERS, ...inserts(customers));
  }
  scene.configure(configWith(pipeline));
  return scene;
}

/** A configuration with this text under `customers:`. */
export function configWith(pipeline: string): string {
  return `version: 1
systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: sqlite, path: ./billing.db }
pipelines:
  customers:
${pipeline}`;
}

const PIPELINE = `    source: crm.customers
    target: billing.customers
    direction: two-way
`;

/** Statements that put customers number 1 to `count` into a table. */
export function inserts(count: number, from = 1): readonly string[] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i;
    return `INSERT INTO customers VALUES ('C-${n}', 'Customer ${n}', 'c${n}@example.org')`;
  });
}

/** Every row of every table of a database, by means outside the product. */
export function dump(path: string): string {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database
      .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name")
      .all();
    return tables
      .map(({ name, sql }) => {
        const rows = database.prepare(`SELECT * FROM "${String(name).replaceAll('"', '""')}"`);
        rows.setReadBigInts(true);
        return [
          sql,
          ...rows
            .all()
            .map((row) => printed(row))
            .toSorted(),
        ].join("\n");
      })
      .join("\n");
  } finally {
    database.close();
  }
}

/** The rows of one table, by its key. */
export function rowsOf(path: string, table = "customers"): readonly string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = database
      .prepare(`SELECT * FROM "${table.replaceAll('"', '""')}" ORDER BY 1`)
      .all();
    return rows.map((row) => printed(row));
  } finally {
    database.close();
  }
}

/** Both tables hold the same rows. */
export function assertEqualSides(scene: Scene): void {
  const [crm, billing] = ["crm.db", "billing.db"].map((file) => rowsOf(join(scene.folder, file)));
  assert.deepEqual(crm, billing);
}

/** A command line failed as a whole: exit code, code, words; and no side was touched. */
export async function assertRefused(
  scene: Scene,
  words: readonly string[],
  expected: { readonly exit: number; readonly code: string; readonly says: readonly RegExp[] },
): Promise<void> {
  const before = scene.dumps();
  const { exit, stdout, stderr } = await scene.run(...words);
  assert.equal(stdout, "");
  assert.match(stderr, new RegExp(`^✗ ${expected.code}\\b`, "m"), stderr);
  for (const each of expected.says) assert.match(stderr, each);
  assert.equal(exit, expected.exit, stderr);
  assert.equal(scene.dumps(), before, "a refused command wrote to a side");
}

function execute(path: string, statements: readonly string[]): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("BEGIN");
    for (const statement of statements) database.exec(statement);
    database.exec("COMMIT");
  } finally {
    database.close();
  }
}

function printed(row: { readonly [column: string]: unknown }): string {
  return JSON.stringify(row, (_, value: unknown) => {
    if (typeof value === "bigint") return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value;
  });
}
