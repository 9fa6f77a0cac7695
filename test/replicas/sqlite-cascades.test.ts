// Deletions that would take other rows with them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Batch, Shape } from "../../src/engine/replica.ts";
import { keyOf, messageOf, move, never, query, shown, withReplica } from "./sqlite-files.ts";

const shape: Shape = { collection: "t", key: ["id"], columns: ["id", "up"] };
const TABLES = `CREATE TABLE t (id INTEGER PRIMARY KEY, up INTEGER REFERENCES t ON DELETE CASCADE);
  CREATE TABLE "c""d" (id INTEGER PRIMARY KEY, t INTEGER REFERENCES T(id) ON DELETE CASCADE);
  CREATE TABLE n (id INTEGER PRIMARY KEY, t INTEGER REFERENCES t(id) ON DELETE SET NULL);`;

function deletions(...rows: readonly (readonly [number, number | null])[]): Batch {
  const writes = rows.map((row) => move(keyOf(row[0]), row, null));
  return { id: "b", link: "l", shape, writes, settled: [] };
}

test("a deletion that would take or change rows of another table waits, and says why", async () => {
  const sql = `${TABLES} INSERT INTO t VALUES (1, NULL), (2, NULL), (3, NULL);
    INSERT INTO "c""d" VALUES (10, 1); INSERT INTO n VALUES (10, 3);`;
  await withReplica(sql, async (replica, path) => {
    const writer = await replica.writer(never);
    const batch = deletions([1, null], [2, null], [3, null]);
    const outcomes = await writer.write(batch, never);
    assert.deepEqual(outcomes.map(shown), ["later CONSTRAINT", "applied", "later CONSTRAINT"]);
    assert.deepEqual(query(path, "SELECT t FROM n"), [[3]], "nothing was set to NULL behind it");
    assert.match(messageOf(outcomes[0]), /rows of c"d refer .* t .*--allow-deletes/);
    assert.deepEqual(query(path, 'SELECT id FROM "c""d"'), [[10]]);
    const allowed = { ...deletions([1, null]), id: "b2", cascades: true };
    assert.deepEqual((await writer.write(allowed, never)).map(shown), ["applied"]);
    assert.deepEqual(query(path, 'SELECT id FROM "c""d"'), []);
    await writer.finish(never);
  });
});

test("rows of one table go with those they refer to where all of them are to go", async () => {
  const rows = "(1, NULL), (2, 1), (3, 2), (4, 4), (5, NULL), (6, 5)";
  const sql = `${TABLES} INSERT INTO t VALUES ${rows};`;
  await withReplica(sql, async (replica, path) => {
    const writer = await replica.writer(never);
    const batch = deletions([1, null], [2, 1], [3, 2], [4, 4], [5, null]);
    const outcomes = await writer.write(batch, never);
    assert.deepEqual(outcomes.map(shown), [
      "applied",
      "applied",
      "applied",
      "applied",
      "later CONSTRAINT",
    ]);
    await writer.finish(never);
    assert.deepEqual(query(path, "SELECT id FROM t"), [[5], [6]]);
  });
});
