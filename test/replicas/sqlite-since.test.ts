// Columns that tell what changed in SQLite, where moments are text and types are a suggestion.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Cursor, Overlap, Replica, Shape } from "../../src/engine/replica.ts";
import { contentsOf, never, withReplica } from "./sqlite-files.ts";
import { dirname } from "node:path";

const MINUTE: Overlap = { kind: "time", ms: 60_000 };
const count = (of: number): Overlap => ({ kind: "number", count: of });

function by(overlap: Overlap): Shape {
  return { collection: "t", key: ["id"], columns: ["id"], since: { column: "at", overlap } };
}

async function told(replica: Replica, shape: Shape, cursor: Cursor | undefined) {
  const ids: unknown[] = [];
  let last = cursor;
  for await (const page of replica.changes([shape], cursor, never)) {
    ids.push(...page.rows.map((row) => row?.[0]));
    last = page.cursor;
  }
  return { ids, cursor: last };
}

function put(path: string, ...rows: readonly (readonly [id: number, at: unknown])[]): void {
  const db = new DatabaseSync(path);
  const insert = db.prepare("INSERT OR REPLACE INTO t VALUES (?, ?)");
  for (const [id, at] of rows) insert.run(id, at as string | number | bigint | null);
  db.close();
}

/** A declared type, an overlap, and values: the first is below the overlap of the last. */
const TYPES: readonly (readonly [type: string, overlap: Overlap, values: readonly unknown[]])[] = [
  [
    "TEXT",
    MINUTE,
    ["2024-01-02T03:03:29.999Z", "2024-01-02T03:03:30.000Z", "2024-01-02T03:04:30.000Z"],
  ],
  ["TEXT", MINUTE, ["2024-01-02 03:03:29", "2024-01-02 03:03:30", "2024-01-02 03:04:30.5"]],
  ["DATETIME", MINUTE, ["2023-12-31 23:59", "2024-01-01 00:00", "2024-01-01 00:01"]],
  ["DATE", { kind: "time", ms: 86_400_000 }, ["2024-02-28", "2024-02-29", "2024-03-01"]],
  [
    "TEXT COLLATE NOCASE",
    MINUTE,
    ["2024-01-02T03:03:29", "2024-01-02T03:03:31", "2024-01-02T03:04:30"],
  ],
  ["INTEGER", count(10), [89, 90, 100]],
  ["INTEGER", count(10), [9223372036854775796n, 9223372036854775797n, 9223372036854775807n]],
  ["REAL", count(0.5), [1.25, 1.5, 2]],
  ["", count(1), [0.5, 1, 2]],
];

for (const [type, overlap, values] of TYPES) {
  const named = type === "" ? "no type" : type;
  test(`a column of ${named} tells by ${String(values.at(-1))}`, async () => {
    const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, at ${type})`;
    await withReplica(sql, async (replica, path) => {
      const shape = by(overlap);
      const start = await replica.head?.([shape], never);
      assert.deepEqual((await told(replica, shape, start)).ids, []);
      put(path, ...values.map((at, id) => [id, at] as const), [9, null]);
      assert.deepEqual((await told(replica, shape, start)).ids, [0, 1, 2]);
      const head = await replica.head?.([shape], never);
      const again = await told(replica, shape, head);
      assert.deepEqual(again.ids, [1, 2]);
      assert.equal(again.cursor, head, "the same, whoever says it");
    });
  });
}

test("what is no moment, and days that are still to come, hide nothing", async () => {
  const sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, at)";
  await withReplica(sql, async (replica, path) => {
    const shape = by(MINUTE);
    put(path, [1, "2999-01-01 00:00:00"], [2, "unknown"], [3, 5], [4, Buffer.from([1])]);
    const head = await replica.head?.([shape], never);
    const now = new Date().toISOString().slice(0, 19).replace("T", " ");
    put(path, [6, now]);
    const { ids, cursor } = await told(replica, shape, head);
    assert.deepEqual(ids, [6, 1, 2]);
    put(path, [7, now]);
    assert.deepEqual((await told(replica, shape, cursor)).ids, [6, 7, 1, 2]);
  });
});

test("numbers are told apart from texts, and many rows of one moment are all told", async () => {
  const sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, at)";
  await withReplica(sql, async (replica, path) => {
    const db = new DatabaseSync(path);
    db.exec(`WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 100001)
      INSERT INTO t SELECT i, 7 FROM n; INSERT INTO t VALUES (-1, 'text'), (-2, 8)`);
    db.close();
    const { ids, cursor } = await told(replica, by(count(0)), undefined);
    assert.equal(new Set(ids).size, 100_002);
    assert.deepEqual((await told(replica, by(count(0)), cursor)).ids, [-2]);
  });
});

test("asking a column leaves nothing beside the file", async () => {
  for (const mode of ["DELETE", "WAL"]) {
    const sql = `PRAGMA journal_mode = ${mode}; CREATE TABLE t (id INTEGER PRIMARY KEY, at TEXT);
      INSERT INTO t VALUES (1, '2024-01-01')`;
    await withReplica(sql, async (replica, path) => {
      const before = contentsOf(dirname(path));
      const head = await replica.head?.([by(MINUTE)], never);
      assert.deepEqual((await told(replica, by(MINUTE), head)).ids, [1]);
      assert.deepEqual(contentsOf(dirname(path)), before);
    });
  }
});
