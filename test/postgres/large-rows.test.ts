// Large rows between SQLite and PostgreSQL: whatever they weigh together, a process holds a few
// pages of them.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { folderOf } from "../cli/world.ts";
import { within } from "../scenarios/peak.ts";
import { makeSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

const CHARS = 1_000_000;

interface Scene {
  readonly folder: string;
  readonly schema: TestSchema;
  /** Executes statements in the SQLite database. */
  readonly here: (statements: string) => void;
  /** Rows and characters on both sides are the same, and so many rows. */
  readonly holdsSame: (rows: number) => Promise<void>;
}

async function sceneOf(t: TestContext, settings: string): Promise<Scene> {
  const folder = folderOf(t);
  const schema = await makeSchema();
  t.after(() => schema.drop());
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  here: { type: sqlite, path: ./here.db }
  there: { type: postgres, url: "${schema.url}", schema: ${schema.name}, markers: ${schema.ours} }
pipelines:
  things: { source: here.things, target: there.things, ${settings} }
`,
  );
  const on = <Result>(run: (db: DatabaseSync) => Result): Result => {
    const db = new DatabaseSync(join(folder, "here.db"));
    try {
      return run(db);
    } finally {
      db.close();
    }
  };
  const here = (statements: string): void => on((db) => db.exec(statements));
  here("PRAGMA journal_mode = WAL; CREATE TABLE things (id INTEGER PRIMARY KEY, note TEXT)");
  await schema.client.query("CREATE TABLE things (id bigint PRIMARY KEY, note text)");
  const sums = "SELECT count(*) || ' ' || sum(length(note)) AS sums FROM things";
  return {
    folder,
    schema,
    here,
    holdsSame: async (rows) => {
      const there: unknown = (await schema.client.query(sums)).rows[0]?.sums;
      assert.equal(on((db) => db.prepare(sums).get())?.["sums"], there);
      assert.ok(String(there).startsWith(`${rows} `), String(there));
    },
  };
}

function fill({ here }: Scene, count: number): void {
  const next = `SELECT id + 1 FROM n WHERE id < ${count}`;
  const ids = `WITH RECURSIVE n (id) AS (VALUES (1) UNION ALL ${next})`;
  const note = `printf('%08d', id) || printf('%.*c', ${CHARS}, 'x')`;
  here(`${ids} INSERT INTO things SELECT id, ${note} FROM n`);
}

test("200 rows of a megabyte go to PostgreSQL and are proved in a small heap", async (t) => {
  const scene = await sceneOf(t, "memory: digest");
  const { folder, here, holdsSame } = scene;
  fill(scene, 200);
  within(folder, "run");
  await holdsSame(200);
  within(folder, "verify", "--by-rows");
  here("UPDATE things SET note = 'new ' || note WHERE id <= 40");
  within(folder, "plan");
  within(folder, "apply");
  await holdsSame(200);
  within(folder, "verify");
});

test("PostgreSQL and SQLite may both change large rows, in a small heap", async (t) => {
  const scene = await sceneOf(t, "direction: two-way");
  const { folder, here, schema, holdsSame } = scene;
  fill(scene, 50);
  within(folder, "run");
  here("UPDATE things SET note = 'here ' || note WHERE id % 2 = 0");
  await schema.client.query("UPDATE things SET note = 'there ' || note WHERE id % 2 = 1");
  within(folder, "run");
  await holdsSame(50);
  within(folder, "verify");
});
