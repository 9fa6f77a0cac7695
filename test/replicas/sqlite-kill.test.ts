// A program that is killed in the middle of its batches leaves markers and rows together.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { sqliteReplica } from "../../src/replicas/sqlite/index.ts";
import { creation, keyOf, never, query, rowsOf, run, withDatabase, write } from "./sqlite-files.ts";

const WRITER = fileURLToPath(import.meta.resolve("./sqlite-kill-writer.ts"));
const ROWS = 200;
const shape = { collection: "t", key: ["id"], columns: ["id", "v"] };

for (const journal of ["WAL", "DELETE"]) {
  test(`killed at any moment, what a marker proves is there, and no more: ${journal}`, async () => {
    const sql = `PRAGMA journal_mode = ${journal}; CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);
      CREATE TABLE counts (id INTEGER); CREATE TRIGGER c AFTER INSERT ON t BEGIN
        INSERT INTO counts VALUES (new.id); END;`;
    await withDatabase(sql, async (path) => {
      let start = 0;
      for (const batches of [1, 2, 4, 7, 11]) {
        await killAfter(path, start, batches);
        const replica = await sqliteReplica({ name: "data", path });
        const marks = await replica.marks("link", never);
        const landed = query(path, "SELECT id / 200, count(*) FROM t GROUP BY 1 ORDER BY 1");
        assert.deepEqual(
          landed.map(([batch]) => `batch ${String(batch)}`),
          marks.map((mark) => mark.id),
        );
        assert.ok(landed.every(([, rows]) => rows === ROWS));
        assert.ok(marks.length >= batches);
        // Sent again after the restart, it lands once.
        const writes = Array.from({ length: ROWS }, (_, at) => creation(keyOf(at), [at, "v"]));
        await write(replica, shape, writes, { id: "batch 0" });
        start = marks.length;
        await replica.close();
      }
      assert.deepEqual(query(path, "SELECT id FROM counts GROUP BY id HAVING count(*) > 1"), []);
    });
  });
}

test("what a killed program left half written is undone before it is read", async () => {
  await withDatabase("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);", async (path) => {
    run(path, "INSERT INTO t VALUES (1, 'a')");
    const many = "WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)";
    const killed = `
      const { DatabaseSync } = require("node:sqlite");
      const db = new DatabaseSync(${JSON.stringify(path)});
      db.exec("PRAGMA cache_size = 5; BEGIN");
      db.exec("INSERT INTO t ${many} SELECT i, hex(randomblob(200)) FROM n");
      process.kill(process.pid, "SIGKILL");`;
    spawnSync(process.execPath, ["-e", killed]);
    assert.ok(existsSync(`${path}-journal`));
    const replica = await sqliteReplica({ name: "data", path });
    assert.deepEqual(await rowsOf(replica, shape), [[1, "a"]]);
    await replica.close();
  });
});

/** Starts a writer and kills it some time after it has said that so many batches landed. */
async function killAfter(path: string, start: number, batches: number): Promise<void> {
  const args = ["--conditions=syncline-source", WRITER, path, String(start), String(ROWS)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  let seen = 0;
  for await (const chunk of child.stdout) {
    seen += String(chunk).length;
    if (seen >= batches) child.kill("SIGKILL");
  }
  await ended;
}
