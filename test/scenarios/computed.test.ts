// Columns that a store computes by itself: read like any other, written by nobody, and never left
// out in silence.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import { execute, rowsIn } from "./tables.ts";

const COMPUTED = `CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER,
  twice INTEGER GENERATED ALWAYS AS (n * 2) STORED,
  thrice INTEGER GENERATED ALWAYS AS (n * 3) VIRTUAL)`;
const PLAIN = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, twice INTEGER, thrice INTEGER)";

function sceneOf(t: TestContext, pipeline: string, here: string, there?: string) {
  const folder = folderOf(t);
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  here: { type: sqlite, path: ./here.db }
  there: { type: sqlite, path: ./there.db }
pipelines:
  t: { ${pipeline} }
`,
  );
  execute(join(folder, "here.db"), here, "INSERT INTO t (id, n) VALUES (1, 5)");
  execute(join(folder, "there.db"), ...(there === undefined ? [] : [there]));
  return {
    sql: (...statements: readonly string[]) => execute(join(folder, "here.db"), ...statements),
    rows: (file = "there.db") => rowsIn(join(folder, file), "SELECT * FROM t ORDER BY id"),
    run: async (word = "run") => {
      const { exit, stdout, stderr } = await cli(folder, word);
      assert.equal(exit, 0, stdout + stderr);
      return stdout + stderr;
    },
  };
}

const ONE_WAY = "source: here.t, target: there.t";
const FIRST = { id: 1, n: 5, twice: 10, thrice: 15 };

for (const [kind, pipeline, there] of [
  ["a table that has such columns", ONE_WAY, PLAIN],
  ["a table that is made", `${ONE_WAY}, createMissing: true`, undefined],
  [
    "a side of several",
    "sides: { a: { at: here.t }, b: { at: there.t } }, direction: one-way",
    PLAIN,
  ],
] as const) {
  test(`what a one-way source computes is carried to ${kind}`, async (t) => {
    const scene = sceneOf(t, pipeline, COMPUTED, there);
    assert.doesNotMatch(await scene.run(), /leaves out/);
    assert.deepEqual(scene.rows(), [FIRST]);
    scene.sql("UPDATE t SET n = 6");
    await scene.run();
    assert.deepEqual(scene.rows(), [{ id: 1, n: 6, twice: 12, thrice: 18 }]);
    assert.doesNotMatch(await scene.run("plan"), /edited|other columns/);
    await scene.run("verify");
  });
}

test("what a source computes and the target lacks is left out, and that is told", async (t) => {
  const there = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, twice INTEGER)";
  const scene = sceneOf(t, ONE_WAY, COMPUTED, there);
  const said = await scene.run();
  assert.match(said, /t leaves out thrice: here\.t computes it, and there\.t has no such column/);
  assert.deepEqual(scene.rows(), [{ id: 1, n: 5, twice: 10 }]);
});

test("what both sides compute is nobody's to carry, and nothing to tell", async (t) => {
  const scene = sceneOf(t, ONE_WAY, COMPUTED, COMPUTED);
  assert.doesNotMatch(await scene.run(), /leaves out/);
  assert.deepEqual(scene.rows(), [FIRST]);
});

test("what the target computes is not written, and what the source holds is told", async (t) => {
  const scene = sceneOf(t, ONE_WAY, PLAIN, COMPUTED);
  const said = await scene.run();
  const why = "there.t computes it, and takes no value of here.t";
  assert.ok(said.includes(`t leaves out twice, thrice: ${why}`), said);
  assert.deepEqual(scene.rows(), [FIRST]);
});

test("on a side that is written, what it computes is left out, and a way is told", async (t) => {
  const scene = sceneOf(t, `${ONE_WAY}, direction: two-way`, COMPUTED, PLAIN);
  const said = await scene.run();
  assert.match(said, /t leaves out twice, thrice: here\.t computes it, and takes none back/);
  assert.match(said, /`only: to-target` carries it/);
  assert.deepEqual(scene.rows(), [{ id: 1, n: 5, twice: null, thrice: null }]);
});

test("the way that is told leads there", async (t) => {
  const lines = ["id", "n"].map((name) => `{ source: ${name}, target: ${name} }`);
  const line = "{ source: twice, target: twice, only: to-target }";
  const mapping = `mapping: [${[...lines, line].join(", ")}]`;
  const scene = sceneOf(t, `${ONE_WAY}, direction: two-way, ${mapping}`, COMPUTED, PLAIN);
  assert.doesNotMatch(await scene.run(), /leaves out/);
  assert.deepEqual(scene.rows(), [{ id: 1, n: 5, twice: 10, thrice: null }]);
  await scene.run("verify");
});
