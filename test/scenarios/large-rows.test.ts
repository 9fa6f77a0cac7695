// Large rows: whatever they weigh together, a process holds a few pages of them.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { folderOf } from "../cli/world.ts";
import { within } from "./peak.ts";

/** Of each text: no two are alike. */
const CHARS = 1_000_000;
const NOTE = `printf('%08d', id) || printf('%.*c', ${CHARS}, 'x')`;

interface Files {
  readonly folder: string;
  /** Executes statements in one of the databases. */
  readonly sql: (file: "left" | "right", statements: string) => void;
  /** How many rows there are, and how many characters they have. */
  readonly sums: (file: "left" | "right") => unknown;
}

function filesOf(folder: string, settings: string): Files {
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  left: { type: sqlite, path: ./left.db }
  right: { type: sqlite, path: ./right.db }
pipelines:
  things: { source: left.things, target: right.things, ${settings} }
`,
  );
  const on = <Result>(file: string, run: (db: DatabaseSync) => Result): Result => {
    const db = new DatabaseSync(join(folder, `${file}.db`));
    try {
      return run(db);
    } finally {
      db.close();
    }
  };
  const files: Files = {
    folder,
    sql: (file, statements) => on(file, (db) => db.exec(statements)),
    sums: (file) => {
      const sql =
        "SELECT count(*) AS rows, sum(length(note)) AS chars, max(note) AS note FROM things";
      const sums = on(file, (db) => db.prepare(sql).get());
      return { ...sums, note: String(sums?.["note"]).slice(0, 20) };
    },
  };
  for (const file of ["left", "right"] as const) {
    files.sql(
      file,
      "PRAGMA journal_mode = WAL; CREATE TABLE things (id INTEGER PRIMARY KEY, note TEXT)",
    );
  }
  return files;
}

function fill({ sql }: Files, count: number): void {
  const next = `SELECT id + 1 FROM n WHERE id < ${count}`;
  const ids = `WITH RECURSIVE n (id) AS (VALUES (1) UNION ALL ${next})`;
  sql("left", `${ids} INSERT INTO things SELECT id, ${NOTE} FROM n`);
}

test("200 rows of a megabyte are planned, written, changed and proved in a small heap", (t) => {
  const files = filesOf(folderOf(t), "memory: digest");
  const { folder, sql, sums } = files;
  fill(files, 200);
  within(folder, "plan");
  within(folder, "apply");
  assert.deepEqual(sums("right"), sums("left"));
  within(folder, "verify", "--by-rows");
  sql("left", "UPDATE things SET note = 'new ' || note");
  within(folder, "run");
  assert.deepEqual(sums("right"), sums("left"));
  within(folder, "verify");
});

test("200 rows of a megabyte are loaded and wholly remembered in a small heap", (t) => {
  const files = filesOf(folderOf(t), "memory: full");
  fill(files, 200);
  within(files.folder, "run");
  assert.deepEqual(files.sums("right"), files.sums("left"));
  within(files.folder, "run");
});

test("both sides may hold large rows and change them, in a small heap", (t) => {
  const files = filesOf(folderOf(t), "direction: two-way");
  const { folder, sql, sums } = files;
  fill(files, 50);
  within(folder, "run");
  assert.deepEqual(sums("right"), sums("left"));
  sql("left", "UPDATE things SET note = 'left ' || note WHERE id % 2 = 0");
  sql("right", "UPDATE things SET note = 'right ' || note WHERE id % 2 = 1");
  within(folder, "plan");
  within(folder, "apply");
  assert.deepEqual(sums("right"), sums("left"));
  within(folder, "verify");
});
