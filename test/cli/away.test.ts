// A command needs what it works on, and nothing else: systems of other links may be away or locked,
// and what the journal remembers can be looked at while every system is.
import assert from "node:assert/strict";
import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { rowsOf, sceneOf } from "./scene.ts";
import type { Scene } from "./scene.ts";

const TWO_LINKS = `version: 1
systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: sqlite, path: ./billing.db }
  stock: { type: sqlite, path: ./stock.db }
  shop: { type: sqlite, path: ./shop.db }
pipelines:
  customers: { source: crm.customers, target: billing.customers, direction: two-way }
  goods: { source: stock.goods, target: shop.goods }
  all: { source: stock.*, target: crm.*, createMissing: true }
`;

/** Two links and a third over all tables, agreed; the shop is away. */
async function sceneAway(t: TestContext): Promise<Scene> {
  const scene = sceneOf(t);
  scene.configure(TWO_LINKS);
  for (const file of ["stock.db", "shop.db"]) {
    scene.sql(file, "CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT)");
  }
  scene.sql("stock.db", "INSERT INTO goods VALUES (1, 'Rope')");
  assert.equal((await scene.run("run")).exit, 0);
  scene.sql("crm.db", "UPDATE customers SET name = 'Ada' WHERE id = 'C-1'");
  scene.sql("billing.db", "UPDATE customers SET name = 'Eva' WHERE id = 'C-1'");
  assert.equal((await scene.run("run", "customers")).exit, 4);
  scene.sql("crm.db", "UPDATE customers SET name = 'Bob' WHERE id = 'C-2'");
  renameSync(join(scene.folder, "shop.db"), join(scene.folder, "shop.away"));
  return scene;
}

test("a pipeline's name limits a command: what only others need may be away", async (t) => {
  const scene = await sceneAway(t);
  for (const words of [
    ["plan", "customers"],
    ["apply"],
    ["verify", "customers"],
    ["run", "customers"],
    ["run", "all"],
    ["retry", "customers"],
    ["letters", "customers"],
    ["resolve", "--all", "-p", "customers", "--take", "source"],
    ["rollback", "--key", "C-2", "--to", "1 minute ago", "-p", "customers"],
    ["remove", "customers", "--yes"],
  ]) {
    const { exit, stderr } = await scene.run(...words);
    assert.ok(exit === 0 || exit === 4, `${words.join(" ")}: exit ${exit}\n${stderr}`);
  }
  assert.match(rowsOf(join(scene.folder, "billing.db")).join(), /Bob/);
  const { exit, stderr } = await scene.run("run", "goods");
  assert.equal(exit, 3, stderr);
});

test("a run goes on with the links that it can reach, and says which it could not", async (t) => {
  const scene = await sceneAway(t);
  scene.sql("stock.db", "INSERT INTO goods VALUES (2, 'Hook')");
  const { exit, stdout, stderr } = await scene.run("run", "--json");
  const { ok, error, result } = JSON.parse(stdout);
  assert.deepEqual([exit, ok, error.code, error.retry], [3, false, "REPLICA_UNAVAILABLE", "later"]);
  assert.match(error.where, /^syncline\.yaml:6/);
  assert.deepEqual(
    result.failed.map(({ link }: { readonly link: string }) => link),
    ["shop+stock"],
  );
  assert.equal(result.runs.length, 2, stderr);
  assert.match(rowsOf(join(scene.folder, "billing.db")).join(), /Bob/);
  const told = await scene.run("run");
  assert.equal(told.exit, 3);
  assert.match(told.stderr, /REPLICA_UNAVAILABLE {2}syncline\.yaml:6/);
  assert.match(told.stdout, /customers/);
  // Who names it wants just that.
  assert.equal((await scene.run("run", "customers", "goods")).exit, 3);
  renameSync(join(scene.folder, "shop.away"), join(scene.folder, "shop.db"));
  assert.equal((await scene.run("run")).exit, 4, "the conflict still waits");
});

test("a system that several links need is told once", async (t) => {
  const scene = await sceneAway(t);
  renameSync(join(scene.folder, "shop.away"), join(scene.folder, "shop.db"));
  // `goods` and `all` read it, `customers` does not.
  renameSync(join(scene.folder, "stock.db"), join(scene.folder, "stock.away"));
  const { exit, stderr, stdout } = await scene.run("run");
  assert.equal(exit, 3);
  assert.equal(stderr.match(/REPLICA_UNAVAILABLE/g)?.length, 1, stderr);
  assert.match(stdout, /customers/);
});

test("a link that fails while it runs keeps no other from its turn", async (t) => {
  const scene = await sceneAway(t);
  const [away, shop] = [join(scene.folder, "shop.away"), join(scene.folder, "shop.db")];
  copyFileSync(away, shop);
  scene.sql("stock.db", "INSERT INTO goods VALUES (2, 'Hook')");
  assert.equal((await scene.run("run", "goods")).exit, 0);
  copyFileSync(away, shop);
  const { exit, stdout } = await scene.run("run", "--json");
  const { error, result } = JSON.parse(stdout);
  assert.deepEqual([exit, error.code], [5, "EPOCH_WENT_BACK"]);
  assert.deepEqual([result.failed.length, result.runs.length], [1, 2], stdout);
  assert.match(rowsOf(join(scene.folder, "billing.db")).join(), /Bob/);
});

test("a plan or a run by its id needs only its own link's systems", async (t) => {
  const scene = await sceneAway(t);
  await scene.run("plan", "customers");
  const planned = await scene.run("apply");
  assert.equal(planned.exit, 4, planned.stderr);
  const { stdout } = await scene.run("runs", "--json", "--limit", "1");
  const id: string = JSON.parse(stdout).result.runs[0].id;
  const back = await scene.run("rollback", id, "--apply");
  assert.notEqual(back.exit, 3, back.stderr);
  assert.doesNotMatch(rowsOf(join(scene.folder, "billing.db")).join(), /Bob/);
});

test("a lock on a system of another link does not hold a named pipeline up", async (t) => {
  const scene = await sceneAway(t);
  renameSync(join(scene.folder, "shop.away"), join(scene.folder, "shop.db"));
  const locked = new DatabaseSync(join(scene.folder, "shop.db"));
  t.after(() => locked.close());
  locked.exec("BEGIN EXCLUSIVE");
  const { exit, stderr } = await scene.run("run", "customers");
  assert.equal(exit, 4, stderr);
  assert.match(rowsOf(join(scene.folder, "billing.db")).join(), /Bob/);
});

test("what the journal remembers is told while every system is away", async (t) => {
  const scene = await sceneAway(t);
  const looks = [
    ["status"],
    ["status", "all"],
    ["runs"],
    ["history", "C-1", "-p", "customers"],
    ["blame", "C-1", "-p", "customers"],
    ["conflicts"],
    ["conflicts", "customers", "--key", "C-1"],
    ["letters"],
    ["remove", "customers"],
  ];
  renameSync(join(scene.folder, "shop.away"), join(scene.folder, "shop.db"));
  const before: string[] = [];
  for (const words of looks) before.push(JSON.stringify(await scene.run(...words)));
  for (const name of ["crm", "billing", "stock", "shop"]) {
    renameSync(join(scene.folder, `${name}.db`), join(scene.folder, `${name}.away`));
  }
  for (const [i, words] of looks.entries()) {
    assert.equal(JSON.stringify(await scene.run(...words)), before[i], words.join(" "));
  }
  assert.match(before.join(), /1 conflict/);
  assert.match(before.join(), /all\.goods/);
});

test("before the first run nothing is remembered, and no system is asked", async (t) => {
  const scene = sceneOf(t);
  renameSync(join(scene.folder, "crm.db"), join(scene.folder, "crm.away"));
  for (const [words, says] of [
    [["status"], /No run yet/],
    [["runs"], /No run yet/],
    [["conflicts", "customers"], /Nothing waits/],
    [["letters"], /No letters/],
  ] as const) {
    const { exit, stdout, stderr } = await scene.run(...words);
    assert.equal(exit, 0, stderr);
    assert.match(stdout, says);
  }
  const { exit, stderr } = await scene.run("history", "C-1");
  assert.match(stderr, /ENTRY_UNKNOWN[\s\S]*no entry of customers[\s\S]*syncline plan/);
  assert.equal(exit, 2);
});

test("tables of an edited mapping that the journal does not know are looked at", async (t) => {
  const scene = await sceneAway(t);
  for (const file of ["crm.db", "billing.db"]) {
    scene.sql(file, "ALTER TABLE customers ADD COLUMN phone TEXT");
  }
  scene.configure(
    TWO_LINKS.replace(
      "direction: two-way",
      "direction: two-way, mapping: [{ source: id, target: id }, { source: name, target: name }, " +
        "{ source: phone, target: phone }]",
    ),
  );
  const { exit, stdout, stderr } = await scene.run("conflicts", "customers");
  assert.equal(exit, 0, stderr);
  assert.match(stdout, /C-1/);
});

test("a name that no pipeline has is refused before anything is opened", async (t) => {
  const scene = await sceneAway(t);
  for (const command of ["run", "plan", "status", "conflicts", "letters", "verify", "remove"]) {
    const { exit, stderr } = await scene.run(command, "custmers");
    assert.equal(exit, 2, command);
    assert.match(stderr, /There is no pipeline "custmers"[\s\S]*Did you mean "customers"/, command);
  }
});
