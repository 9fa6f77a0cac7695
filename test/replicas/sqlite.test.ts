import assert from "node:assert/strict";
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { columnType } from "../../src/replicas/sqlite/column-type.ts";
import { makeCodec } from "../../src/replicas/sqlite/codec.ts";
import type { Stored } from "../../src/replicas/sqlite/codec.ts";
import { smallest } from "../../src/core/numerals.ts";
import type { OwnRow, Value } from "../../src/core/state.ts";
import { sqliteReplica } from "../../src/replicas/sqlite/index.ts";
import { ddlOf } from "../../src/replicas/sqlite/describe.ts";
import { replicaSuite } from "../../src/testing/replica-suite.ts";
import type { Subject, SuiteCollection } from "../../src/testing/replica-suite.ts";
import { temporaryFolder } from "./sqlite-files.ts";

for (const journal of ["WAL", "DELETE"] as const) {
  replicaSuite({
    test: (name, run) => test(`sqlite ${journal}: ${name}`, run),
    assert,
    open: (collections) => open(collections, journal),
  });
}

/** A database of the suite's own making, looked at and edited by a connection of its own. */
async function open(
  collections: readonly SuiteCollection[],
  journal: "WAL" | "DELETE",
): Promise<Subject> {
  const folder = temporaryFolder();
  const path = join(folder, "data.db");
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = ${journal}; PRAGMA synchronous = OFF`);
  for (const collection of collections) db.exec(statementOf(collection));
  db.close();
  const replicas = [await sqliteReplica({ name: "data", path })];
  const [replica] = replicas;
  assert.ok(replica !== undefined);
  const byName = new Map(collections.map((each) => [each.name, each]));
  return {
    replica,
    edit: async (collection, key, row) => edit(path, byName.get(collection), key, row),
    look: async (collection) => look(path, byName.get(collection)),
    reopen: async () => {
      const again = await sqliteReplica({ name: "data", path });
      replicas.push(again);
      return again;
    },
    copy: async () => {
      copyFileSync(path, `${path}.copy`);
      return async () => {
        for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
        copyFileSync(`${path}.copy`, path);
      };
    },
    close: async () => {
      for (const each of replicas) await each.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const ON_DELETE = {
  refuse: "NO ACTION",
  cascade: "CASCADE",
  "set-null": "SET NULL",
  "set-default": "SET DEFAULT",
};

function statementOf(collection: SuiteCollection): string {
  const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
  const list = (names: readonly string[]) => names.map(quote).join(", ");
  const parts = [
    ...(collection.uniqueSets ?? []).map((set) => `UNIQUE (${list(set)})`),
    ...(collection.references ?? []).map(
      (each) =>
        `FOREIGN KEY (${list(each.columns)})
         REFERENCES ${quote(each.collection)} (${list(each.references)})
         ON DELETE ${ON_DELETE[each.onDelete]}`,
    ),
  ];
  return ddlOf(collection).replace(/\n\)$/, parts.map((part) => `,\n${part}`).join("") + "\n)");
}

type Edited = { readonly [column: string]: Value } | null;

function edit(
  path: string,
  collection: SuiteCollection | undefined,
  key: readonly Value[],
  row: Edited,
): void {
  assert.ok(collection !== undefined);
  const db = new DatabaseSync(path);
  const name = `"${collection.name}"`;
  try {
    if (row === null) {
      const test = collection.key.map((column) => `"${column}" IS ?`).join(" AND ");
      db.prepare(`DELETE FROM ${name} WHERE ${test}`).run(...key.map(plain));
      return;
    }
    const columns = collection.fields.map((field) => field.name);
    const places = columns.map(() => "?").join(", ");
    const others = columns.filter((column) => !collection.key.includes(column));
    const sets = others.map((column) => `"${column}" = excluded."${column}"`).join(", ");
    const conflict = collection.key.map((column) => `"${column}"`).join(", ");
    const names = columns.map((column) => `"${column}"`).join(", ");
    const action = sets === "" ? "NOTHING" : `UPDATE SET ${sets}`;
    const put = db.prepare(
      `INSERT INTO ${name} (${names}) VALUES (${places}) ON CONFLICT (${conflict}) DO ${action}`,
    );
    put.setReadBigInts(true);
    put.run(...columns.map((column) => plain(row[column] ?? null)));
  } finally {
    db.close();
  }
}

function plain(value: Value): Stored {
  assert.ok(
    value === null ||
      typeof value === "string" ||
      typeof value === "number" ||
      typeof value === "bigint" ||
      value instanceof Uint8Array,
  );
  return value;
}

function look(path: string, collection: SuiteCollection | undefined): readonly OwnRow[] {
  assert.ok(collection !== undefined);
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const statement = db.prepare(`SELECT * FROM "${collection.name}"`);
    statement.setReadBigInts(true);
    return statement.all().map((row) =>
      collection.fields.map((field): Value => {
        const value = row[field.name] ?? null;
        const small = typeof value === "bigint" ? smallest(value) : value;
        const { read } = makeCodec(columnType(field.type.kind, false), false);
        return read === undefined ? small : read(small);
      }),
    );
  } finally {
    db.close();
  }
}
