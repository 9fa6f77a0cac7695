// Mission scenarios 7 and 10 between a SQLite database and a PostgreSQL. What both hold is read by
// means outside the product, and triggers on both sides count every row that is written.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import { runKilled } from "../scenarios/run-killed.ts";
import { makeDatabase } from "./server.ts";

const ROWS = 12_000;
const KILLS = 20;

interface Scene {
  readonly folder: string;
  lite(...statements: readonly string[]): void;
  postgres(...statements: readonly string[]): Promise<void>;
  /** What both answer to a question, `lite` first. */
  rows(sql: string): Promise<readonly (readonly object[])[]>;
}

async function sceneOf(t: TestContext, pipelines: string): Promise<Scene> {
  const { url, client } = await makeDatabase(t);
  const folder = folderOf(t);
  const path = join(folder, "lite.db");
  writeFileSync(
    join(folder, "syncline.yaml"),
    `version: 1
systems:
  lite: { type: sqlite, path: ./lite.db }
  post: { type: postgres, url: "${url}" }
pipelines:
${pipelines}`,
  );
  const open = <T>(work: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(path);
    try {
      return work(database);
    } finally {
      database.close();
    }
  };
  return {
    folder,
    lite: (...statements) => open((database) => database.exec(statements.join(";\n"))),
    postgres: async (...statements) => void (await client.query(statements.join(";\n"))),
    rows: async (sql) => [
      open((database) => database.prepare(sql).all()).map((row) => ({ ...row })),
      (await client.query<object>(sql)).rows.map((row) => ({ ...row })),
    ],
  };
}

const TABLE = "CREATE TABLE things (id integer PRIMARY KEY, name text, n integer, score float)";
const LITE_COUNTING = [
  "CREATE TABLE writes (id integer, kind text)",
  ...["INSERT", "UPDATE", "DELETE"].map((kind) => {
    const row = kind === "DELETE" ? "old" : "new";
    return `CREATE TRIGGER count_${kind} AFTER ${kind} ON things
      BEGIN INSERT INTO writes VALUES (${row}.id, '${kind}'); END`;
  }),
];
const POSTGRES_COUNTING = `CREATE TABLE writes (id integer, kind text);
  CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO writes VALUES (coalesce(NEW.id, OLD.id), TG_OP); RETURN NULL; END $$;
  CREATE TRIGGER counted AFTER INSERT OR UPDATE OR DELETE ON things
    FOR EACH ROW EXECUTE FUNCTION count_write()`;

const fill = (from: number, to: number): string => `
  WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
  INSERT INTO things SELECT i, 'name ' || i, i % 97, i / 4.0 FROM n`;

/** Postgres takes it in another place. */
const fillPostgres = (from: number, to: number): string => `
  INSERT INTO things
    SELECT i, 'name ' || i, i % 97, i / 4.0 FROM generate_series(${from}, ${to}) i`;

/** Both sides agreed; then 10,000 entries have something to be written, on both sides. */
async function edited(t: TestContext): Promise<Scene> {
  const guard = "guard: { deletes: { cap: 10000, share: 1 } }";
  const sides = "source: lite.things, target: post.things, direction: two-way";
  const scene = await sceneOf(t, `  things: { ${sides}, ${guard} }\n`);
  scene.lite(TABLE, fill(1, ROWS));
  await scene.postgres(TABLE);
  const { exit, stderr } = await cli(scene.folder, "run");
  assert.equal(exit, 0, stderr);
  scene.lite(
    "UPDATE things SET name = 'lite ' || id WHERE id <= 4000",
    "DELETE FROM things WHERE id BETWEEN 4001 AND 4500",
    fill(20_001, 21_000),
    ...LITE_COUNTING,
  );
  await scene.postgres(
    "UPDATE things SET n = -id WHERE id BETWEEN 3001 AND 4000",
    "UPDATE things SET score = -1 WHERE id BETWEEN 5001 AND 8000",
    "DELETE FROM things WHERE id BETWEEN 4401 AND 5000",
    fillPostgres(30_001, 30_900),
    POSTGRES_COUNTING,
  );
  return scene;
}

const THINGS = "SELECT * FROM things ORDER BY id";
const WRITES = "SELECT id, kind FROM writes ORDER BY id, kind";

async function written(scene: Scene): Promise<number> {
  const all = await scene.rows("SELECT id FROM writes");
  return all.reduce((sum, rows) => sum + rows.length, 0);
}

test("7. killed 20 times in 10,000 actions, SQLite ⇄ PostgreSQL: as without", async (t) => {
  const calm = await edited(t);
  const killed = [await edited(t), await edited(t)];
  const began = Date.now();
  const { exit, stderr } = await cli(calm.folder, "run");
  assert.equal(exit, 0, stderr);
  const wholeMs = Date.now() - began;
  const total = await written(calm);
  assert.ok(total >= 10_000, String(total));
  let amidst = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const scene = killed[kill % killed.length] ?? calm;
    await runKilled(scene.folder, Math.random() * wholeMs * 0.4);
    const count = await written(scene);
    if (count > 0 && count < total) amidst += 1;
  }
  t.diagnostic(`${amidst} of ${KILLS} kills left a side half written`);
  assert.ok(amidst > 0, "no kill fell between two writes");
  for (const scene of killed) {
    const last = await cli(scene.folder, "run");
    assert.equal(last.exit, 0, last.stderr);
    for (const question of [THINGS, WRITES]) {
      assert.deepEqual(await scene.rows(question), await calm.rows(question));
    }
    const [lite, postgres] = await scene.rows(THINGS);
    assert.deepEqual(postgres, lite);
    assert.equal((await cli(scene.folder, "verify")).exit, 0);
  }
});

const FAMILY = [
  "CREATE TABLE parents (id integer PRIMARY KEY, name text)",
  `CREATE TABLE children (id integer PRIMARY KEY,
    parent integer NOT NULL REFERENCES parents(id), name text)`,
];
/** Children stand first, so that nothing comes right by the order of the file. */
const PIPELINES = ["children", "parents"].map((table) => {
  return `  ${table}: { source: lite.${table}, target: post.${table}, direction: two-way }\n`;
});

test("10. a child before its parent, SQLite ⇄ PostgreSQL: put in order, both ways", async (t) => {
  const scene = await sceneOf(t, PIPELINES.join(""));
  scene.lite(...FAMILY);
  await scene.postgres(...FAMILY);
  scene.lite("INSERT INTO parents VALUES (1, 'a')", "INSERT INTO children VALUES (10, 1, 'b')");
  await scene.postgres(
    "INSERT INTO parents VALUES (2, 'c')",
    "INSERT INTO children VALUES (20, 2, 'd')",
  );
  const made = await cli(scene.folder, "run");
  assert.equal(made.exit, 0, made.stderr);
  const ask = "SELECT c.id, p.name FROM children c JOIN parents p ON p.id = c.parent ORDER BY 1";
  const family = [
    { id: 10, name: "a" },
    { id: 20, name: "c" },
  ];
  assert.deepEqual(await scene.rows(ask), [family, family]);
  scene.lite("DELETE FROM children WHERE id = 10", "DELETE FROM parents WHERE id = 1");
  await scene.postgres("DELETE FROM children WHERE id = 20", "DELETE FROM parents WHERE id = 2");
  const gone = await cli(scene.folder, "run", "--allow-deletes");
  assert.equal(gone.exit, 0, gone.stderr);
  assert.deepEqual(await scene.rows("SELECT id FROM parents"), [[], []]);
  assert.deepEqual(await scene.rows("SELECT id FROM children"), [[], []]);
});

test("10. a child whose parent comes later waits, and ends present in PostgreSQL", async (t) => {
  const scene = await sceneOf(t, PIPELINES.join(""));
  scene.lite(...FAMILY);
  await scene.postgres(...FAMILY);
  scene.lite("PRAGMA foreign_keys = OFF", "INSERT INTO children VALUES (20, 7, 'orphan')");
  const { exit, stdout } = await cli(scene.folder, "run", "--json");
  assert.equal(exit, 4, stdout);
  const [left] = JSON.parse(stdout).result.runs[0].left;
  assert.deepEqual([left.shown, left.side, left.why], ["20", "target", "later"]);
  scene.lite("INSERT INTO parents VALUES (7, 'late')");
  await cli(scene.folder, "retry");
  const after = await cli(scene.folder, "run");
  assert.equal(after.exit, 0, after.stdout + after.stderr);
  const [lite, postgres] = await scene.rows("SELECT * FROM children");
  assert.deepEqual([lite?.length, postgres], [1, lite]);
});
