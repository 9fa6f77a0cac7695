// Many new rows in one statement: each of them as if it had come alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ABSENT } from "../../src/core/state.ts";
import { creation, keyOf, query, withReplica, write } from "./sqlite-files.ts";

const shape = { collection: "t", key: ["id"], columns: ["id", "v"] };
const MANY = 25;
const many = Array.from({ length: MANY }, (_, id) => id);

test("many new rows at once are stored, returned and changed by triggers as one is", async () => {
  const sql = `CREATE TABLE plain (id INTEGER PRIMARY KEY, v INTEGER, w TEXT DEFAULT 'new');
    CREATE TABLE lively (id INTEGER PRIMARY KEY, v INTEGER, w TEXT);
    CREATE TRIGGER up AFTER INSERT ON lively BEGIN
      UPDATE lively SET w = 'up' WHERE id = new.id; END;`;
  await withReplica(sql, async (replica) => {
    const three = (collection: string) => ({ collection, key: ["id"], columns: ["id", "v", "w"] });
    const plain = await write(
      replica,
      three("plain"),
      many.map((id) => creation(keyOf(id), [id, String(id), id % 2 === 0 ? "w" : ABSENT])),
    );
    const lively = await write(
      replica,
      three("lively"),
      many.map((id) => creation(keyOf(id), [id, true, "w"])),
      { id: "two" },
    );
    const numbers = await write(
      replica,
      three("plain"),
      many.map((id) => creation(keyOf(id + 100), [id + 100, String(id), "w"])),
      { id: "three" },
    );
    for (const id of many) {
      const w = id % 2 === 0 ? "w" : "new";
      assert.deepEqual(plain[id], { kind: "applied", row: [id, id, w] });
      assert.deepEqual(lively[id], { kind: "applied", row: [id, 1, "up"] });
      assert.deepEqual(numbers[id], { kind: "applied", row: [id + 100, id, "w"] });
    }
  });
});

test("many new rows at once do not double a key that no index keeps", async () => {
  const sql = "CREATE TABLE t (id INTEGER, v TEXT); INSERT INTO t VALUES (7, 'here');";
  await withReplica(sql, async (replica, path) => {
    const outcomes = await write(
      replica,
      shape,
      many.map((id) => creation(keyOf(id), [id, "v"])),
    );
    assert.deepEqual(
      outcomes.flatMap((each, id) => (each.kind === "stale" ? [id] : [])),
      [7],
    );
    assert.deepEqual(query(path, "SELECT count(*), count(DISTINCT id) FROM t"), [[MANY, MANY]]);
  });
});
