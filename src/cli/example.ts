// Two small databases for `init --example`: the same customers in two systems, with a difference.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

type Customer = readonly [id: string, name: string, email: string, city: string];

const CUSTOMERS: readonly Customer[] = [
  ["C-1", "Ada Lovelace", "ada@example.org", "London"],
  ["C-2", "Grace Hopper", "grace@example.org", "New York"],
  ["C-3", "Emmy Noether", "emmy@example.org", "Erlangen"],
  ["C-4", "Alan Turing", "alan@example.org", "Wilmslow"],
];

/** Billing misses one customer, has one of its own, and another address for Grace Hopper. */
const BILLED: readonly Customer[] = [
  ["C-1", "Ada Lovelace", "ada@example.org", "London"],
  ["C-2", "Grace Hopper", "hopper@example.org", "New York"],
  ["C-3", "Emmy Noether", "emmy@example.org", "Erlangen"],
  ["C-9", "Mary Somerville", "mary@example.org", "Jedburgh"],
];

/** Makes crm.db and billing.db in a folder. A file that is there is kept as it is. */
export function makeExample(folder: string): {
  readonly written: readonly string[];
  readonly kept: readonly string[];
} {
  const files: readonly (readonly [string, (path: string) => void])[] = [
    ["crm.db", (path) => makeDatabase(path, "name", CUSTOMERS)],
    ["billing.db", (path) => makeDatabase(path, "full_name", BILLED)],
  ];
  const written: string[] = [];
  const kept: string[] = [];
  for (const [name, make] of files) {
    const path = join(folder, name);
    if (existsSync(path)) kept.push(name);
    else {
      make(path);
      written.push(name);
    }
  }
  return { written, kept };
}

function makeDatabase(path: string, nameColumn: string, rows: readonly Customer[]): void {
  const database = new DatabaseSync(path);
  try {
    const columns = `id TEXT PRIMARY KEY NOT NULL, ${nameColumn} TEXT, email TEXT, city TEXT`;
    database.exec(`CREATE TABLE customers (${columns})`);
    const insert = database.prepare("INSERT INTO customers VALUES (?, ?, ?, ?)");
    for (const row of rows) insert.run(...row);
  } finally {
    database.close();
  }
}
