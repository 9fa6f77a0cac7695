// Columns that PostgreSQL computes by itself, as those of a source and of a target.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import { execute, rowsIn } from "../scenarios/tables.ts";
import { makeSchema } from "./server.ts";

async function sceneOf(t: TestContext, pipeline: string) {
  const folder = folderOf(t);
  const schema = await makeSchema();
  t.after(() => schema.drop());
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  db: { type: sqlite, path: ./db.db }
  pg: { type: postgres, url: "${schema.url}", schema: ${schema.name}, markers: ${schema.ours} }
pipelines:
  t: { ${pipeline} }
`,
  );
  new DatabaseSync(join(folder, "db.db")).close();
  await schema.client.query(
    `CREATE TABLE t (id integer PRIMARY KEY, n integer,
       twice integer GENERATED ALWAYS AS (n * 2) STORED)`,
  );
  return {
    client: schema.client,
    sql: (...statements: readonly string[]) => execute(join(folder, "db.db"), ...statements),
    rows: () => rowsIn(join(folder, "db.db"), "SELECT * FROM t ORDER BY id"),
    run: async (word = "run") => {
      const { exit, stdout, stderr } = await cli(folder, word);
      assert.equal(exit, 0, stdout + stderr);
      return stdout + stderr;
    },
  };
}

for (const making of [true, false]) {
  const kind = making ? "a table that is made" : "a table that has such a column";
  test(`what a one-way source in PostgreSQL computes is carried to ${kind}`, async (t) => {
    const scene = await sceneOf(t, `source: pg.t, target: db.t, createMissing: ${making}`);
    if (!making) scene.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, twice INTEGER)");
    await scene.client.query("INSERT INTO t (id, n) VALUES (1, 5), (2, NULL)");
    assert.doesNotMatch(await scene.run(), /leaves out/);
    const second = { id: 2, n: null, twice: null };
    assert.deepEqual(scene.rows(), [{ id: 1, n: 5, twice: 10 }, second]);
    await scene.client.query("UPDATE t SET n = 6 WHERE id = 1");
    await scene.run();
    assert.deepEqual(scene.rows(), [{ id: 1, n: 6, twice: 12 }, second]);
    await scene.run("verify");
  });
}

test("what PostgreSQL computes as a target is not written, and that is told", async (t) => {
  const scene = await sceneOf(t, "source: db.t, target: pg.t");
  scene.sql(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, twice INTEGER)",
    "INSERT INTO t VALUES (1, 5, 77)",
  );
  assert.match(await scene.run(), /t leaves out twice: pg\.\w+\.t computes it, and takes no value/);
  const { rows } = await scene.client.query("SELECT twice FROM t");
  assert.deepEqual(rows, [{ twice: 10 }]);
});
