// `system.*`: one pipeline over every table. What is no table that could be kept in agreement is
// left out by name, and the name in the configuration stands for all that it was taken apart into.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { json } from "./world.ts";
import { rowsOf, sceneOf } from "./scene.ts";
import type { Scene } from "./scene.ts";

const ALL = `version: 1
systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: sqlite, path: ./billing.db }
  spare: { type: sqlite, path: ./spare.db }
pipelines:
  all: { source: crm.*, target: billing.*, createMissing: true, memory: full }
  other: { source: crm.customers, target: spare.customers, createMissing: true }
`;

function sceneOfMany(t: TestContext): Scene {
  const scene = sceneOf(t, 2);
  scene.configure(ALL);
  scene.sql("spare.db", "CREATE TABLE x (y)");
  scene.sql(
    "crm.db",
    "CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT)",
    "INSERT INTO goods VALUES (1, 'Rope')",
    "CREATE VIEW names AS SELECT name FROM goods",
    "CREATE VIRTUAL TABLE found USING fts5(name)",
    "CREATE TABLE log (line TEXT)",
  );
  return scene;
}

test("a view, a virtual table and a table without key are left out, and told", async (t) => {
  const scene = sceneOfMany(t);
  for (const words of [["validate"], ["plan", "all"], ["run"], ["run", "all"]]) {
    const { exit, stdout, stderr } = await scene.run(...words);
    assert.equal(exit, 0, stderr);
    assert.match(stdout, /all leaves out crm\.found, crm\.names: a view, or the like/);
    assert.match(stdout, /all leaves out crm\.log: no primary key; .*`key:`/);
  }
  assert.equal(rowsOf(join(scene.folder, "billing.db"), "goods").length, 1);
  const { document } = await json(scene.folder, "plan", "all");
  const plans: readonly { readonly notes: readonly object[] }[] = document.result["plans"] ?? [];
  const [first] = plans[0]?.notes ?? [];
  assert.partialDeepStrictEqual(first, { code: "COLLECTION_LEFT_OUT", pipeline: null });
});

test("where a `*` means nothing but views, the place says so", async (t) => {
  const scene = sceneOfMany(t);
  scene.sql("crm.db", "DROP TABLE goods", "DROP TABLE customers", "DROP TABLE log");
  scene.configure(ALL.replace(/  other: .*\n/, ""));
  const { exit, stderr } = await scene.run("plan");
  assert.equal(exit, 2, stderr);
  assert.match(stderr, /syncline\.yaml:7:\d+[\s\S]*crm\.\* names no table: views and the like/);
});

test("a view of a table that is gone spoils nothing, and is told where it is named", async (t) => {
  const scene = sceneOfMany(t);
  scene.sql("crm.db", "DROP TABLE goods");
  const { exit, stdout, stderr } = await scene.run("run", "all");
  assert.equal(exit, 0, stderr);
  assert.match(stdout, /all leaves out crm\.found, crm\.names/);
  scene.configure(
    ALL.replace("crm.customers, target: spare.customers", "crm.names, target: spare.x"),
  );
  const named = await scene.run("plan", "other");
  assert.match(named.stderr, /:8:\d+\n +names cannot be read: no such table: main\.goods/);
});

test("the name in the configuration stands for every table behind its `*`", async (t) => {
  const scene = sceneOfMany(t);
  assert.equal((await scene.run("run", "all")).exit, 0);
  scene.sql("crm.db", "UPDATE goods SET name = 'Line'", "UPDATE customers SET name = 'Ada'");
  const plan = await json(scene.folder, "plan", "all");
  assert.deepEqual(Object.keys(plan.document.summary["pipelines"] ?? {}).toSorted(), [
    "all.customers",
    "all.goods",
  ]);
  assert.equal((await scene.run("run", "all.goods")).exit, 0);
  assert.deepEqual(rowsOf(join(scene.folder, "billing.db"), "goods"), ['{"id":1,"name":"Line"}']);
  assert.doesNotMatch(rowsOf(join(scene.folder, "billing.db")).join(), /Ada/);
  for (const command of ["run", "verify", "status", "conflicts", "letters", "retry"]) {
    const { exit, stdout, stderr } = await scene.run(command, "all");
    assert.equal(exit, 0, stderr);
    assert.doesNotMatch(stdout, /\bother\b/);
  }
  assert.match(rowsOf(join(scene.folder, "billing.db")).join(), /Ada/);
  const { exit, stderr } = await scene.run("history", "1", "-p", "all");
  assert.equal(exit, 2);
  assert.match(stderr, /Name one of all\.customers and all\.goods/);
  assert.match((await scene.run("history", "1", "-p", "all.goods")).stdout, /Line/);
  assert.match((await scene.run("remove", "all")).stdout, /all: 3 agreed entries/);
  assert.equal((await scene.run("remove", "all", "--yes")).exit, 0);
  assert.match((await scene.run("status", "all")).stdout, /^all +0 entries remembered/m);
});
