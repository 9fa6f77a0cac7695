// Mission scenario 10: tables that refer to each other, over several pipelines.
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { both, counts, sceneOf } from "./scene.ts";

const TABLES = [
  "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT)",
  `CREATE TABLE children (id INTEGER PRIMARY KEY,
    parent INTEGER NOT NULL REFERENCES parents(id), name TEXT)`,
  `CREATE TABLE grandchildren (id INTEGER PRIMARY KEY,
    child INTEGER NOT NULL REFERENCES children(id))`,
];
/** Children stand first, so that nothing comes right by the order of the file. */
const PIPELINES = {
  grandchildren: {
    source: "left.grandchildren",
    target: "right.grandchildren",
    direction: "two-way",
  },
  children: { source: "left.children", target: "right.children", direction: "two-way" },
  parents: { source: "left.parents", target: "right.parents", direction: "two-way" },
} as const;
/** A statement where the source does not enforce its references. */
function orphan(folder: string, statement: string): void {
  const database = new DatabaseSync(join(folder, "left.db"), {
    enableForeignKeyConstraints: false,
  });
  database.exec(statement);
  database.close();
}

const FILL = [
  "INSERT INTO parents VALUES (1, 'p1'), (2, 'p2')",
  "INSERT INTO children VALUES (10, 1, 'c10'), (11, 2, 'c11'), (12, 2, 'c12')",
  "INSERT INTO grandchildren VALUES (100, 10), (101, 12)",
];

test("10. parents are created before children and deleted after them, on both sides", async (t) => {
  const scene = sceneOf(t, PIPELINES);
  both(scene, ...TABLES);
  scene.sql("left", ...FILL);
  const said = await scene.say("run");
  assert.equal(said.exit, 0, JSON.stringify(said.result.runs));
  assert.deepEqual(said.result.runs[0]?.left, []);
  for (const table of Object.keys(PIPELINES)) {
    const all = `SELECT * FROM ${table} ORDER BY id`;
    assert.deepEqual(scene.rows("right", all), scene.rows("left", all));
  }
  scene.sql("right", "DELETE FROM grandchildren", "DELETE FROM children", "DELETE FROM parents");
  const gone = await scene.say("run", "--allow-deletes");
  assert.equal(gone.exit, 0, JSON.stringify(gone.result.runs));
  for (const table of Object.keys(PIPELINES)) {
    assert.deepEqual(scene.rows("left", `SELECT * FROM ${table}`), []);
  }
});

test("10. a child that arrives before its parent waits, is listed, and ends present", async (t) => {
  const scene = sceneOf(t, PIPELINES);
  both(scene, ...TABLES);
  scene.sql("left", "INSERT INTO parents VALUES (1, 'p1')");
  scene.sql("left", "INSERT INTO children VALUES (10, 1, 'c')");
  orphan(scene.folder, "INSERT INTO children VALUES (20, 7, 'orphan')");
  const said = await scene.say("run");
  assert.equal(said.exit, 4);
  assert.deepEqual(
    said.result.runs[0]?.left.map(({ shown, side, why }) => [shown, side, why]),
    [["20", "target", "later"]],
  );
  assert.deepEqual(scene.rows("right", "SELECT id FROM children"), [{ id: 10 }]);
  scene.sql("left", "INSERT INTO parents VALUES (7, 'late')");
  await scene.say("retry");
  const after = await scene.say("run");
  assert.equal(after.exit, 0, JSON.stringify(after.result.runs));
  assert.deepEqual(scene.rows("right", "SELECT id FROM children ORDER BY id"), [
    { id: 10 },
    { id: 20 },
  ]);
});

test("10. rows that refer to their own table come right in one run", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  both(scene, "CREATE TABLE things (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES things(id))");
  // Each refers to the next one, so that key order is the wrong order.
  const statements = Array.from(
    { length: 40 },
    (_, i) => `INSERT INTO things VALUES (${40 - i}, ${i === 0 ? "NULL" : 41 - i})`,
  );
  scene.sql("left", ...statements);
  const said = await scene.say("run");
  assert.equal(said.exit, 0, JSON.stringify(said.result.runs));
  assert.deepEqual(scene.rows("right"), scene.rows("left"));
  scene.sql("left", "UPDATE things SET boss = NULL", "DELETE FROM things WHERE id <> 40");
  const gone = await scene.say("run", "--allow-deletes");
  assert.equal(gone.exit, 0, JSON.stringify(gone.result.runs));
  assert.equal(counts(gone).target.delete, 39);
  assert.deepEqual(scene.rows("right"), [{ id: 40, boss: null }]);
});

test("10. a child moves to its new parent, and the old one goes after it", async (t) => {
  const scene = sceneOf(t, PIPELINES);
  both(scene, ...TABLES, ...FILL);
  await scene.say("run");
  scene.sql(
    "left",
    "INSERT INTO parents VALUES (3, 'p3')",
    "UPDATE children SET parent = 3 WHERE id = 10",
    "DELETE FROM parents WHERE id = 1",
  );
  const said = await scene.say("run");
  assert.equal(said.exit, 0, JSON.stringify(said.result.runs));
  const all = "SELECT * FROM children ORDER BY id";
  assert.deepEqual(scene.rows("right", all), scene.rows("left", all));
  assert.deepEqual(scene.rows("right", "SELECT id FROM parents"), [{ id: 2 }, { id: 3 }]);
});
