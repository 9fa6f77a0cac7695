// Reading leaves no trace, and what is wrong with a file is said plainly.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { sqliteReplica } from "../../src/replicas/sqlite/index.ts";
import { contentsOf, creation, keyOf, never, rowsOf, run, shown } from "./sqlite-files.ts";
import { temporaryFolder, withDatabase, withReplica, write } from "./sqlite-files.ts";

const SCHEMA = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);";
const ROWS = "INSERT INTO t VALUES (1, 'a'), (2, 'b');";
const shape = { collection: "t", key: ["id"], columns: ["id", "v"] };

/** A database in WAL mode whose last program was killed before its log was put back. */
function leaveLog(path: string): void {
  const killed = `
    const { DatabaseSync } = require("node:sqlite");
    const db = new DatabaseSync(${JSON.stringify(path)});
    db.exec("PRAGMA journal_mode = WAL; ${SCHEMA} PRAGMA wal_checkpoint(TRUNCATE)");
    db.exec("${ROWS}");
    process.kill(process.pid, "SIGKILL");`;
  spawnSync(process.execPath, ["-e", killed]);
}

/** Another program writes, and is killed before it puts its log back. */
function leaveOpen(path: string, sql: string): void {
  const killed = `
    const { DatabaseSync } = require("node:sqlite");
    new DatabaseSync(${JSON.stringify(path)}).exec(${JSON.stringify(sql)});
    process.kill(process.pid, "SIGKILL");`;
  spawnSync(process.execPath, ["-e", killed]);
}

/** The states in which a database may be found, and how each is made. */
const STATES: readonly (readonly [string, (path: string) => void])[] = [
  ["a rollback journal", (path) => run(path, SCHEMA + ROWS)],
  [
    "WAL mode, put back cleanly",
    (path) => run(path, `PRAGMA journal_mode = WAL; ${SCHEMA}${ROWS}`),
  ],
  ["WAL mode, its log and index left behind", leaveLog],
  [
    "WAL mode, its log left behind without index",
    (path) => {
      leaveLog(path);
      rmSync(`${path}-shm`);
    },
  ],
];

for (const [state, make] of STATES) {
  test(`describing, listing and reading leave every file as it was: ${state}`, async () => {
    const folder = temporaryFolder();
    const path = join(folder, "data.db");
    make(path);
    const before = contentsOf(folder);
    const replica = await sqliteReplica({ name: "data", path });
    await replica.describe(never);
    assert.deepEqual(await rowsOf(replica, shape), [
      [1, "a"],
      [2, "b"],
    ]);
    assert.deepEqual((await replica.read(shape, [keyOf(2)], never)).rows, [[2, "b"]]);
    assert.deepEqual(await replica.marks("link", never), []);
    await replica.forget("link");
    assert.deepEqual(contentsOf(folder), before, "while it is open");
    await replica.close();
    assert.deepEqual(contentsOf(folder), before, "after it was closed");
    rmSync(folder, { recursive: true, force: true });
  });

  test(`a listing goes on undisturbed while our own writer writes much: ${state}`, async () => {
    const folder = temporaryFolder();
    const path = join(folder, "data.db");
    make(path);
    const keepsLog = state.includes("left behind");
    if (!keepsLog) run(path, `INSERT INTO t ${MANY} SELECT i, hex(randomblob(2000)) FROM n`);
    const replica = await sqliteReplica({ name: "data", path });
    const { list } = (await replica.describe(never)).collections.get("t")?.capabilities ?? {};
    let count = 0;
    for await (const page of replica.list(shape, null, never)) {
      count += page.keys.length;
      assert.equal(page.covers?.proof, list);
      const writes = Array.from({ length: 1000 }, (_, index) => {
        const id = -1 - index - count * 1000;
        return creation(keyOf(id), [id, "x".repeat(3000)]);
      });
      const outcomes = await write(replica, shape, writes, { id: `batch ${count}` });
      assert.ok(outcomes.every((each) => each.kind === "applied"));
    }
    assert.equal(count, keepsLog ? 2 : 3000);
    await replica.close();
    rmSync(folder, { recursive: true, force: true });
  });
}

const MANY = "WITH RECURSIVE n (i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)";

test("a listing of one moment goes on while other programs come, write and go", async () => {
  const sql = `PRAGMA journal_mode = WAL; ${SCHEMA} INSERT INTO t ${MANY} SELECT i, 'v' FROM n`;
  await withReplica(sql, async (replica, path) => {
    const seen = new Set<unknown>();
    for await (const page of replica.list(shape, null, never)) {
      assert.equal(page.covers?.proof, "snapshot");
      for (const row of page.rows) seen.add(row?.[1]);
      run(path, "UPDATE t SET v = 'moved'; PRAGMA wal_checkpoint(TRUNCATE)");
    }
    assert.deepEqual([...seen], ["v"]);
    assert.deepEqual((await rowsOf(replica, shape))[0], [3, "moved"]);
  });
});

test("a listing that makes way for our writer breaks off if another one was faster", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "data.db");
  leaveLog(path);
  const replica = await sqliteReplica({ name: "data", path });
  const elsewhere = `
    const { DatabaseSync } = require("node:sqlite");
    new DatabaseSync(${JSON.stringify(path)}).exec("INSERT INTO t ${MANY} SELECT i, i FROM n");`;
  assert.equal(spawnSync(process.execPath, ["-e", elsewhere]).status, 0);
  leaveOpen(path, "INSERT INTO t VALUES (5000, 'five')");
  const pages = replica.list(shape, null, never)[Symbol.asyncIterator]();
  assert.equal((await pages.next()).value?.keys.length, 1000);
  leaveOpen(path, "INSERT INTO t VALUES (6000, 'six')");
  const outcomes = await write(replica, shape, [creation(keyOf(7000), [7000, "seven"])]);
  assert.deepEqual(outcomes.map(shown), ["applied"]);
  await assert.rejects(pages.next(), { code: "LIST_FAILED", retry: "later" });
  assert.equal((await rowsOf(replica, shape)).length, 3003);
  await replica.close();
  rmSync(folder, { recursive: true, force: true });
});

test("where no lock can be taken, a listing breaks off when another program writes", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "data.db");
  run(path, `PRAGMA journal_mode = WAL; ${SCHEMA} INSERT INTO t ${MANY} SELECT i, 'v' FROM n`);
  writeFileSync(`${path}-wal`, "");
  const replica = await sqliteReplica({ name: "data", path });
  await assert.rejects(
    async () => {
      for await (const page of replica.list(shape, null, never)) {
        assert.equal(page.keys.length, 1000);
        run(path, "UPDATE t SET v = 'moved'");
      }
    },
    { code: "LIST_FAILED", retry: "later" },
  );
  assert.equal((await rowsOf(replica, shape)).length, 2998);
  await replica.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a file that is no database, a folder and a missing file are told apart", async () => {
  const folder = temporaryFolder();
  const open = (path: string) => sqliteReplica({ name: "data", path });
  const text = join(folder, "text.db");
  writeFileSync(text, "id,name\n".repeat(100));
  await assert.rejects(open(text), { code: "REPLICA_NOT_A_DATABASE", where: text });
  writeFileSync(join(folder, "short.db"), "id");
  await assert.rejects(open(join(folder, "short.db")), { code: "REPLICA_NOT_A_DATABASE" });
  mkdirSync(join(folder, "sub"));
  await assert.rejects(open(join(folder, "sub")), { code: "REPLICA_NOT_A_DATABASE" });
  const missing = join(folder, "missing.db");
  await assert.rejects(open(missing), { code: "REPLICA_UNAVAILABLE", where: missing });
  const broken = join(folder, "broken.db");
  run(broken, SCHEMA + ROWS);
  writeFileSync(broken, "SQLite format 3\0" + "x".repeat(5000));
  await assert.rejects(async () => (await open(broken)).describe(never), {
    code: "REPLICA_NOT_A_DATABASE",
  });
  writeFileSync(join(folder, "empty.db"), "");
  const empty = await open(join(folder, "empty.db"));
  assert.equal((await empty.describe(never)).collections.size, 0);
  await empty.close();
  rmSync(folder, { recursive: true, force: true });
});

test("a store that stays busy answers later, one that is freed is written", async () => {
  await withDatabase(SCHEMA + ROWS, async (path) => {
    const other = new DatabaseSync(path);
    let waits = 0;
    const replica = await sqliteReplica({
      name: "data",
      path,
      busyTimeoutMs: 200,
      sleep: async () => {
        waits++;
      },
    });
    other.exec("BEGIN IMMEDIATE");
    const outcomes = await write(replica, shape, [creation(keyOf(3), [3, "c"])]);
    assert.deepEqual(outcomes.map(shown), ["later REPLICA_UNAVAILABLE"]);
    assert.ok(waits > 2);
    other.exec("ROLLBACK");
    const again = await write(replica, shape, [creation(keyOf(3), [3, "c"])]);
    assert.deepEqual(again.map(shown), ["applied"]);
    other.exec("BEGIN EXCLUSIVE");
    await assert.rejects(replica.describe(never), { code: "REPLICA_UNAVAILABLE" });
    await assert.rejects(rowsOf(replica, shape), { code: "LIST_FAILED" });
    other.exec("ROLLBACK");
    // A reader in another program holds up the commit, not the batch before it.
    const reader = new DatabaseSync(path);
    reader.exec("BEGIN; SELECT * FROM t");
    const blocked = await write(replica, shape, [creation(keyOf(4), [4, "d"])], { id: "b4" });
    assert.deepEqual(blocked.map(shown), ["later REPLICA_UNAVAILABLE"]);
    reader.close();
    assert.equal((await rowsOf(replica, shape)).length, 3);
    other.close();
    await replica.close();
  });
});

test("a database that was put back from an older copy has an epoch that went back", async () => {
  await withReplica(SCHEMA + ROWS, async (replica, path) => {
    const before = (await replica.describe(never)).epoch;
    run(path, "INSERT INTO t VALUES (3, 'c')");
    const grown = (await replica.describe(never)).epoch;
    assert.ok(grown > before, "without markers the file's own counter is the epoch");
    await write(replica, shape, [creation(keyOf(4), [4, "d"])]);
    const ours = await replica.describe(never);
    assert.ok(ours.epoch > grown, "our counter begins above the file's");
    assert.ok(ours.identity !== undefined);
    assert.ok(dirname(path) !== "");
  });
});

test("without markers nothing of ours is in the database", async () => {
  await withReplica(
    SCHEMA,
    async (replica, path) => {
      await write(replica, shape, [creation(keyOf(1), [1, "a"])]);
      assert.deepEqual(await replica.marks("link", never), []);
      const db = new DatabaseSync(path, { readOnly: true });
      assert.equal(db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"], 1);
      db.close();
      const { identity, collections } = await replica.describe(never);
      assert.equal(identity, undefined);
      assert.equal(collections.get("t")?.capabilities.marks, false);
    },
    { markers: false },
  );
});

test("forgetting the last link takes our tables away", async () => {
  await withReplica(SCHEMA, async (replica, path) => {
    await write(replica, shape, [creation(keyOf(1), [1, "a"])]);
    assert.deepEqual([...(await replica.describe(never)).collections.keys()], ["t"]);
    await replica.forget("link");
    const db = new DatabaseSync(path, { readOnly: true });
    const names = db.prepare(
      "SELECT name FROM sqlite_schema WHERE name LIKE '\\_sync%' ESCAPE '\\'",
    );
    assert.deepEqual(names.all(), []);
    db.close();
  });
});
