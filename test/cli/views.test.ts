// Sources that declare nothing unique: a view, a table without an index. The listing proves what
// the declaration would have said.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { configWith, rowsOf, sceneOf } from "./scene.ts";
import type { Scene } from "./scene.ts";

const PIPELINE = "    source: crm.prices\n    target: billing.prices\n    key: code\n";

/** `prices` is a view in the source and a table in the target. */
function sceneWithView(t: TestContext): Scene {
  const scene = sceneOf(t, 0);
  scene.sql(
    "crm.db",
    "CREATE TABLE goods (id INTEGER PRIMARY KEY, code TEXT, cents INTEGER)",
    "INSERT INTO goods VALUES (1, 'c', 100), (2, 'a', 250), (3, 'b', 75)",
    "CREATE VIEW prices AS SELECT code, cents / 100.0 AS price FROM goods",
  );
  scene.sql("billing.db", "CREATE TABLE prices (code TEXT PRIMARY KEY, price REAL)");
  scene.configure(configWith(PIPELINE));
  return scene;
}

test("a view is a source under a key that is named: created, updated, deleted", async (t) => {
  const scene = sceneWithView(t);
  for (const words of [["validate"], ["plan"], ["run"], ["verify"]]) {
    const { exit, stderr } = await scene.run(...words);
    assert.equal(exit, 0, `${words.join()}: ${stderr}`);
  }
  scene.sql(
    "crm.db",
    "UPDATE goods SET cents = 80 WHERE code = 'b'",
    "DELETE FROM goods WHERE code = 'c'",
    "INSERT INTO goods VALUES (4, 'd', 5)",
  );
  assert.equal((await scene.run("run")).exit, 0);
  assert.deepEqual(rowsOf(join(scene.folder, "billing.db"), "prices"), [
    '{"code":"a","price":2.5}',
    '{"code":"b","price":0.8}',
    '{"code":"d","price":0.05}',
  ]);
});

test("a key that two rows of a view have is named, and no row goes", async (t) => {
  const scene = sceneWithView(t);
  assert.equal((await scene.run("run")).exit, 0);
  scene.sql("crm.db", "INSERT INTO goods VALUES (4, 'b', 5)", "DELETE FROM goods WHERE code = 'c'");
  const before = scene.dumps();
  for (const command of ["plan", "run", "verify"]) {
    const { exit, stderr } = await scene.run(command);
    assert.match(stderr, /KEY_NOT_UNIQUE[\s\S]*two rows of prices have the same code: b/, command);
    assert.doesNotMatch(stderr, /primary key|unique index/);
    assert.notEqual(exit, 0);
  }
  assert.equal(scene.dumps(), before);
  scene.sql("crm.db", "UPDATE goods SET code = 'e' WHERE id = 4");
  assert.equal((await scene.run("run")).exit, 0);
  assert.equal((await scene.run("verify")).exit, 0);
});

test("a row of a view without a key is named and left out", async (t) => {
  const scene = sceneWithView(t);
  scene.sql("crm.db", "INSERT INTO goods VALUES (4, NULL, 5)");
  const { exit, stdout } = await scene.run("run");
  assert.equal(exit, 4, stdout);
  assert.match(stdout, /prices, row without key 1/);
  assert.equal(rowsOf(join(scene.folder, "billing.db"), "prices").length, 3);
});

test("a table without an index is a source, and two-way it is refused", async (t) => {
  const scene = sceneWithView(t);
  scene.sql("crm.db", "DROP VIEW prices", "CREATE TABLE prices (code TEXT, price REAL)");
  const many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)";
  scene.sql("crm.db", `INSERT INTO prices ${many} SELECT 'p' || i, i FROM n`);
  assert.equal((await scene.run("run")).exit, 0);
  assert.equal(rowsOf(join(scene.folder, "billing.db"), "prices").length, 2500);
  scene.configure(configWith(`${PIPELINE}    direction: two-way\n`));
  const { exit, stderr } = await scene.run("validate");
  assert.equal(exit, 2);
  assert.match(stderr, /The key \(code\) is not unique in crm\.prices/);
});
