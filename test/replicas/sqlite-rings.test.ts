// Unique values that rows pass on among themselves, within one batch.
import assert from "node:assert/strict";
import { test } from "node:test";
import { creation, keyOf, move, query, shown, withReplica, write } from "./sqlite-files.ts";

const shape = { collection: "t", key: ["id"], columns: ["id", "u", "n"] };
const SQL = `CREATE TABLE t (id INTEGER PRIMARY KEY, u TEXT NOT NULL UNIQUE, n INTEGER UNIQUE);
  INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3), (4, 'd', 4);`;
const ALL = "SELECT * FROM t ORDER BY id";

test("two and three rows exchange unique values, whatever their columns allow", async () => {
  await withReplica(SQL, async (replica, path) => {
    const outcomes = await write(replica, shape, [
      move(keyOf(1), [1, "a", 1], [1, "b", 4]),
      move(keyOf(2), [2, "b", 2], [2, "c", 2]),
      move(keyOf(3), [3, "c", 3], [3, "a", 3]),
      move(keyOf(4), [4, "d", 4], [4, "d", 1]),
    ]);
    assert.deepEqual(outcomes.map(shown), ["applied", "applied", "applied", "applied"]);
    const expected = [
      [1, "b", 4],
      [2, "c", 2],
      [3, "a", 3],
      [4, "d", 1],
    ];
    assert.deepEqual(query(path, ALL), expected);
  });
});

test("a value that another row of the batch gives up later is taken", async () => {
  await withReplica(SQL, async (replica, path) => {
    const outcomes = await write(replica, shape, [
      creation(keyOf(0), [0, "d", null]),
      move(keyOf(1), [1, "a", 1], [1, "c", 1]),
      move(keyOf(3), [3, "c", 3], null),
      move(keyOf(4), [4, "d", 4], [4, "e", 4]),
    ]);
    assert.deepEqual(outcomes.map(shown), ["applied", "applied", "applied", "applied"]);
    const expected = [
      [0, "d", null],
      [1, "c", 1],
      [2, "b", 2],
      [4, "e", 4],
    ];
    assert.deepEqual(query(path, ALL), expected);
  });
});

test("who is in the way of a ring from outside leaves all as it was; others go on", async () => {
  await withReplica(SQL, async (replica, path) => {
    const outcomes = await write(replica, shape, [
      move(keyOf(1), [1, "a", 1], [1, "b", 1]),
      move(keyOf(2), [2, "b", 2], [2, "a", 2]),
      move(keyOf(3), [3, "c", 3], [3, "d", 3]),
    ]);
    assert.deepEqual(outcomes.map(shown), ["applied", "applied", "refused CONSTRAINT"]);
    const expected = [
      [1, "b", 1],
      [2, "a", 2],
      [3, "c", 3],
      [4, "d", 4],
    ];
    assert.deepEqual(query(path, ALL), expected);
    const chain = await write(
      replica,
      shape,
      [
        move(keyOf(1), [1, "b", 1], [1, "a", 1]),
        move(keyOf(2), [2, "a", 2], [2, "c", 2]),
        move(keyOf(3), [3, "c", 3], [3, "d", 3]),
      ],
      { id: "two" },
    );
    assert.deepEqual(
      chain.map(shown),
      Array.from({ length: 3 }, () => "refused CONSTRAINT"),
    );
    assert.deepEqual(query(path, ALL), expected);
  });
});

test("where triggers would see the values between, rows are refused instead", async () => {
  const log =
    "CREATE TABLE log (u); CREATE TRIGGER x AFTER UPDATE ON t " +
    "BEGIN INSERT INTO log VALUES (new.u); END;";
  await withReplica(SQL + log, async (replica, path) => {
    const outcomes = await write(replica, shape, [
      move(keyOf(1), [1, "a", 1], [1, "b", 1]),
      move(keyOf(2), [2, "b", 2], [2, "a", 2]),
    ]);
    assert.deepEqual(outcomes.map(shown), ["refused CONSTRAINT", "refused CONSTRAINT"]);
    assert.deepEqual(query(path, "SELECT * FROM log"), []);
  });
});
