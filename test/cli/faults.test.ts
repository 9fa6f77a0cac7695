// Bad input and faults: each gets a clear message and the right exit code, and nothing is lost or
// half applied. What the databases hold is looked at by SQL, not by the product.
import assert from "node:assert/strict";
import { copyFileSync, cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { sqliteJournal } from "../../src/journals/sqlite/index.ts";
import { assertEqualSides, assertRefused, configWith, inserts, rowsOf, sceneOf } from "./scene.ts";

test("broken YAML: exit 2, with line and column", async (t) => {
  const scene = sceneOf(t);
  scene.configure("version: 1\nsystems:\n  crm: { type: sqlite, path: ./crm.db\npipelines: {}\n");
  const says = [/syncline\.yaml:\d+:\d+/];
  await assertRefused(scene, ["run"], { exit: 2, code: "CONFIG_INVALID", says });
});

test("an unknown key: exit 2, at its place, with the nearest one", async (t) => {
  const scene = sceneOf(t);
  scene.configure(configWith("    source: crm.customers\n    taget: billing.customers\n"));
  const says = [/syncline\.yaml:8:5/, /taget/, /target/];
  await assertRefused(scene, ["run"], { exit: 2, code: "CONFIG_UNKNOWN_KEY", says });
});

test("no configuration: exit 2, saying where it was looked for", async (t) => {
  const scene = sceneOf(t);
  rmSync(join(scene.folder, "syncline.yaml"));
  const says = [/syncline\.yaml/, /syncline init|-c/];
  await assertRefused(scene, ["run"], { exit: 2, code: "CONFIG_NOT_FOUND", says });
});

for (const [target, code] of [
  ["__proto__.x", "CONFIG_INVALID"],
  ["__proto__", "COLUMN_MISSING"],
] as const) {
  test(`a mapping to ${target}: exit 2`, async (t) => {
    const scene = sceneOf(t);
    scene.configure(
      configWith(`    source: crm.customers
    target: billing.customers
    mapping: [ { source: name, target: ${target} } ]
`),
    );
    await assertRefused(scene, ["run"], { exit: 2, code, says: [/__proto__/] });
  });
}

test("a missing table: exit 2, with the statement that makes it", async (t) => {
  const scene = sceneOf(t);
  scene.configure(configWith("    source: crm.customers\n    target: billing.custmers\n"));
  const says = [/'custmers' in billing/, /^ +CREATE TABLE "custmers"/m];
  await assertRefused(scene, ["run"], { exit: 2, code: "COLLECTION_MISSING", says });
});

test("a key that is not unique: exit 2", async (t) => {
  const scene = sceneOf(t);
  scene.sql("crm.db", "CREATE TABLE people (name TEXT)", "INSERT INTO people VALUES ('a'), ('a')");
  scene.sql("billing.db", "CREATE TABLE people (name TEXT)");
  scene.configure(
    configWith("    source: crm.people\n    target: billing.people\n    key: name\n"),
  );
  await assertRefused(scene, ["run"], { exit: 2, code: "KEY_NOT_UNIQUE", says: [/people/] });
});

test("a row without key: named, left out, and the rest goes on (exit 4)", async (t) => {
  const scene = sceneOf(t, 0);
  const table = "CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT)";
  scene.sql("crm.db", table, "INSERT INTO people VALUES ('a', 'A'), (NULL, 'nobody'), ('b', 'B')");
  scene.sql("billing.db", table);
  scene.configure(configWith("    source: crm.people\n    target: billing.people\n"));
  const { exit, stdout } = await scene.run("run");
  assert.equal(exit, 4, stdout);
  assert.match(stdout, /key/i);
  assert.deepEqual(rowsOf(join(scene.folder, "billing.db"), "people"), [
    '{"id":"a","name":"A"}',
    '{"id":"b","name":"B"}',
  ]);
});

test("two keys that the target folds into one: both rejected by name (exit 4)", async (t) => {
  const scene = sceneOf(t, 0);
  scene.sql(
    "crm.db",
    "CREATE TABLE people (id TEXT PRIMARY KEY NOT NULL, name TEXT)",
    "INSERT INTO people VALUES ('ada', '1'), ('Ada', '2'), ('bob', '3')",
  );
  scene.sql(
    "billing.db",
    "CREATE TABLE people (id TEXT PRIMARY KEY NOT NULL COLLATE NOCASE, name TEXT)",
  );
  scene.configure(configWith("    source: crm.people\n    target: billing.people\n"));
  const { exit, stdout } = await scene.run("run");
  assert.equal(exit, 4, stdout);
  assert.deepEqual(rowsOf(join(scene.folder, "billing.db"), "people"), ['{"id":"bob","name":"3"}']);
  const letters = await scene.run("letters");
  assert.match(letters.stdout, /\bada\b/);
  assert.match(letters.stdout, /\bAda\b/);
  assert.match(letters.stdout, /KEY_FOLDS/);
});

test("a value that the target cannot hold: that entry waits, others go on (exit 4)", async (t) => {
  const scene = sceneOf(t, 0);
  scene.sql("crm.db", "CREATE TABLE goods (id TEXT PRIMARY KEY NOT NULL, price TEXT)");
  scene.sql("crm.db", "INSERT INTO goods VALUES ('a', '5'), ('b', 'cheap'), ('c', '7')");
  scene.sql(
    "billing.db",
    "CREATE TABLE goods (id TEXT PRIMARY KEY NOT NULL, price TEXT CHECK (price < 'a'))",
  );
  scene.configure(configWith("    source: crm.goods\n    target: billing.goods\n"));
  const { exit, stdout } = await scene.run("run");
  assert.equal(exit, 4, stdout);
  assert.deepEqual(rowsOf(join(scene.folder, "billing.db"), "goods"), [
    '{"id":"a","price":"5"}',
    '{"id":"c","price":"7"}',
  ]);
  const letters = await scene.run("letters");
  assert.match(letters.stdout, /CONSTRAINT|WRITE_REFUSED/);
  assert.ok(!letters.stdout.includes("cheap"), "a letter shows an entry's data");
});

test("an empty listing deletes nothing: withheld, exit 4; --restore gives it back", async (t) => {
  const scene = sceneOf(t, 100);
  assert.equal((await scene.run("run")).exit, 0);
  scene.sql("crm.db", "DELETE FROM customers");
  const { exit, stdout } = await scene.run("run");
  assert.equal(exit, 4, stdout);
  assert.match(stdout, /100 deletions in target withheld: .*100 % of the 100 entries known/);
  assert.equal(rowsOf(join(scene.folder, "billing.db")).length, 100);
  assert.equal((await scene.run("run", "--restore")).exit, 0);
  assert.equal(rowsOf(join(scene.folder, "crm.db")).length, 100);
  assertEqualSides(scene);
});

test("a listing that breaks off: exit 3, and nothing is deleted", async (t) => {
  const scene = sceneOf(t, 2000);
  assert.equal((await scene.run("run")).exit, 0);
  const before = rowsOf(join(scene.folder, "billing.db"));
  await damage(join(scene.folder, "crm.db"));
  const { exit, stderr } = await scene.run("run");
  assert.equal(exit, 3, stderr);
  assert.match(stderr, /^✗ (REPLICA_NOT_A_DATABASE|LIST_FAILED)/m);
  assert.deepEqual(rowsOf(join(scene.folder, "billing.db")), before);
});

test("a column renamed between two runs: exit 2, and nothing is blanked", async (t) => {
  const scene = sceneOf(
    t,
    3,
    `    source: crm.customers
    target: billing.customers
    direction: two-way
    mapping: [ { source: name, target: name }, { source: email, target: email } ]
`,
  );
  assert.equal((await scene.run("run")).exit, 0);
  scene.sql("crm.db", "ALTER TABLE customers RENAME COLUMN email TO e_mail");
  const says = [/email/, /e_mail/];
  await assertRefused(scene, ["run"], { exit: 2, code: "COLUMN_MISSING", says });
});

test("a lost journal: equal rows are adopted, others asked about, nothing deleted", async (t) => {
  const scene = sceneOf(t, 3);
  scene.sql("crm.db", ...inserts(1, 4));
  assert.equal((await scene.run("run")).exit, 0);
  rmSync(join(scene.folder, ".syncline"), { recursive: true });
  scene.sql("crm.db", "UPDATE customers SET name = 'Other' WHERE id = 'C-2'");
  scene.sql("billing.db", "DELETE FROM customers WHERE id = 'C-1'");
  const { exit, stdout } = await scene.run("run");
  assert.equal(exit, 4, stdout);
  assert.match(stdout, /journal/);
  assert.equal(rowsOf(join(scene.folder, "billing.db")).length, 4);
  assert.match((await scene.run("conflicts")).stdout, /C-2 {2}name/);
});

test("a journal from a newer version: exit 3", async (t) => {
  const scene = sceneOf(t);
  assert.equal((await scene.run("run")).exit, 0);
  const newer =
    "INSERT INTO migration SELECT 999, name, 'syncline 9', applied FROM migration LIMIT 1";
  scene.sql(".syncline/journal.db", newer);
  await assertRefused(scene, ["run"], { exit: 3, code: "JOURNAL_NEWER", says: [/journal\.db/] });
});

test("a journal that is no journal: exit 3, and it is left as it is", async (t) => {
  const scene = sceneOf(t);
  assert.equal((await scene.run("run")).exit, 0);
  const journal = join(scene.folder, ".syncline/journal.db");
  for (const end of ["-wal", "-shm"]) rmSync(journal + end, { force: true });
  writeFileSync(journal, "not a journal at all, but long enough to be looked at");
  await assertRefused(scene, ["run"], { exit: 3, code: "JOURNAL_CORRUPT", says: [/journal\.db/] });
});

test("a journal of another life in the place of the known one: exit 5", async (t) => {
  const [scene, other] = [sceneOf(t, 3), sceneOf(t, 3)];
  for (const each of [scene, other]) {
    each.sql("crm.db", ...inserts(1, 4));
    each.sql("billing.db", ...inserts(1, 5));
    assert.equal((await each.run("run")).exit, 0);
  }
  rmSync(join(scene.folder, ".syncline"), { recursive: true });
  cpSync(join(other.folder, ".syncline"), join(scene.folder, ".syncline"), { recursive: true });
  const { exit, stderr } = await scene.run("run");
  assert.equal(exit, 5, stderr);
  assert.match(stderr, /^✗ (IDENTITY_CHANGED|JOURNAL_REPLACED)/m);
});

test("a journal put back to an old copy: exit 5, and rows meet anew if told so", async (t) => {
  const scene = sceneOf(t, 5);
  assert.equal((await scene.run("run")).exit, 0);
  const [now = "", old = ""] = [".syncline", "old"].map((name) => join(scene.folder, name));
  cpSync(now, old, { recursive: true });
  const [crm, billing] = ["crm.db", "billing.db"];
  scene.sql(billing, "UPDATE customers SET name = 'later' WHERE id = 'C-1'");
  scene.sql(crm, "DELETE FROM customers WHERE id = 'C-3'");
  assert.equal((await scene.run("run")).exit, 0);
  // Both agree by now; then a user takes one back and makes the other anew.
  scene.sql(crm, "UPDATE customers SET name = 'Customer 1' WHERE id = 'C-1'", ...inserts(1, 3));
  const before = [crm, billing].map((name) => rowsOf(join(scene.folder, name)));
  rmSync(now, { recursive: true });
  cpSync(old, now, { recursive: true });
  const says = [/older than what was written to/, /--refill journal/, /--trust journal/];
  await assertRefused(scene, ["plan"], { exit: 5, code: "JOURNAL_REPLACED", says });
  await assertRefused(scene, ["run"], { exit: 5, code: "JOURNAL_REPLACED", says });
  assert.deepEqual(
    [crm, billing].map((name) => rowsOf(join(scene.folder, name))),
    before,
  );
  const { exit, stdout, stderr } = await scene.run("run", "--refill", "journal");
  assert.equal(exit, 4, stdout + stderr);
  assert.match(stdout, /they meet for the first time/);
  assert.match((await scene.run("conflicts")).stdout, /C-1[^]*later/);
  const [ours, theirs] = [crm, billing].map((name) => rowsOf(join(scene.folder, name)));
  assert.equal(ours?.length, 5, "nothing was deleted");
  assert.equal(theirs?.length, 5, "what was made anew is everywhere");
});

test("a journal that two programs want at once: the second is told who has it", async (t) => {
  const scene = sceneOf(t);
  assert.equal((await scene.run("run")).exit, 0);
  const journal = await sqliteJournal({
    path: join(scene.folder, ".syncline/journal.db"),
    program: "another syncline",
  });
  const link = await journal.open("billing+crm", "write");
  const says = [/another syncline \(process \d+/, /only read work meanwhile/];
  await assertRefused(scene, ["run"], { exit: 3, code: "JOURNAL_LOCKED", says });
  assert.equal((await scene.run("status")).exit, 0, "commands that only read work meanwhile");
  await link.close();
  await journal.close();
  assert.equal((await scene.run("run")).exit, 0);
});

test("a database restored from an old copy: exit 5, till a person says who is right", async (t) => {
  const scene = sceneOf(t, 40);
  const crm = join(scene.folder, "crm.db");
  scene.sql("billing.db", "UPDATE customers SET name = 'First' WHERE id = 'C-1'");
  assert.equal((await scene.run("run", "--allow-deletes")).exit, 4);
  assert.equal((await scene.run("resolve", "--all", "--policy", "target-wins")).exit, 0);
  assert.equal((await scene.run("run")).exit, 0);
  copyFileSync(crm, `${crm}.old`);
  scene.sql("billing.db", ...inserts(2, 41));
  assert.equal((await scene.run("run")).exit, 0);
  copyFileSync(`${crm}.old`, crm);
  const says = [/crm/, /--refill crm/, /--trust crm/];
  await assertRefused(scene, ["run"], { exit: 5, code: "EPOCH_WENT_BACK", says });
  assert.equal((await scene.run("run", "--refill", "crm")).exit, 0);
  assert.equal(rowsOf(crm).length, 42);
  assertEqualSides(scene);
});

test("another database in the place of the one that is known: exit 5", async (t) => {
  const scene = sceneOf(t, 3);
  scene.sql("crm.db", ...inserts(1, 4));
  assert.equal((await scene.run("run")).exit, 0);
  const other = sceneOf(t, 1);
  other.sql("crm.db", ...inserts(1, 7));
  assert.equal((await other.run("run")).exit, 0);
  copyFileSync(join(other.folder, "billing.db"), join(scene.folder, "billing.db"));
  const says = [/billing/, /--trust billing/];
  await assertRefused(scene, ["run"], { exit: 5, code: "IDENTITY_CHANGED", says });
});

test("a file that is no database: exit 3", async (t) => {
  const scene = sceneOf(t);
  const path = join(scene.folder, "notes.txt");
  writeFileSync(path, "These are notes. ".repeat(1000));
  scene.configure(
    configWith("    source: crm.customers\n    target: billing.customers\n").replace(
      "./billing.db",
      "./notes.txt",
    ),
  );
  const says = [/notes\.txt/];
  await assertRefused(scene, ["run"], { exit: 3, code: "REPLICA_NOT_A_DATABASE", says });
});

test("table and column names with quotes and semicolons are names like any other", async (t) => {
  const scene = sceneOf(t, 0);
  const table = `CREATE TABLE "odd""; DROP TABLE customers; --"
    ("the ""id""" TEXT PRIMARY KEY NOT NULL, "a;b" TEXT)`;
  scene.sql("crm.db", table, `INSERT INTO "odd""; DROP TABLE customers; --" VALUES ('x', 'y; --')`);
  scene.sql("billing.db", table);
  const name = `"odd""; DROP TABLE customers; --"`;
  scene.configure(
    configWith(
      `    source: 'crm.${name}'\n    target: 'billing.${name}'\n    direction: two-way\n`,
    ),
  );
  assert.equal((await scene.run("run")).exit, 0);
  assert.deepEqual(rowsOf(join(scene.folder, "billing.db"), `odd"; DROP TABLE customers; --`), [
    `{"the \\"id\\"":"x","a;b":"y; --"}`,
  ]);
  assert.deepEqual(rowsOf(join(scene.folder, "billing.db")), []);
});

/** Overwrites some pages in the middle of a database file, as a broken disk would. */
async function damage(path: string): Promise<void> {
  const { open, stat } = await import("node:fs/promises");
  const { size } = await stat(path);
  const file = await open(path, "r+");
  try {
    const page = 4096;
    const middle = Math.floor(size / page / 2) * page;
    await file.write(Buffer.alloc(page * 4, 0xff), 0, page * 4, middle);
  } finally {
    await file.close();
  }
}
