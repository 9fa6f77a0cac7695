// What the catalogue tells of rows that change beside those that are written.
import assert from "node:assert/strict";
import { test } from "node:test";
import { never, withReplica } from "./sqlite-files.ts";

/** Triggers on a table t, and whether deleting from it may change other rows. */
const TRIGGERS: readonly (readonly [string, boolean])[] = [
  ["CREATE TRIGGER x AFTER DELETE ON t BEGIN INSERT INTO u VALUES (1); END", true],
  ["CREATE TRIGGER IF NOT EXISTS x DELETE ON t BEGIN UPDATE u SET id = 2; END", true],
  ['create trigger main."x" before delete on t begin select 1; delete from u; end', true],
  ["CREATE TRIGGER x /* UPDATE */ AFTER -- INSERT\n DELETE ON t BEGIN DELETE FROM u; END", true],
  ["CREATE TRIGGER [x] AFTER DELETE ON t BEGIN REPLACE INTO u VALUES (1); END", true],
  ["CREATE TRIGGER x BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'UPDATE it''s'); END", false],
  ["CREATE TRIGGER x AFTER DELETE ON t BEGIN SELECT replace('a', 'b', 'c'); END", false],
  ['CREATE TRIGGER x AFTER DELETE ON t BEGIN SELECT "UPDATE", [DELETE] FROM w; END', false],
  ['CREATE TRIGGER "delete" AFTER INSERT ON t BEGIN DELETE FROM u; END', false],
  ["CREATE TRIGGER x AFTER UPDATE OF id ON t BEGIN DELETE FROM u; END", false],
];

for (const [trigger, isRipple] of TRIGGERS) {
  test(`${isRipple ? "a ripple" : "no ripple"}: ${trigger}`, async () => {
    const tables = `CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE u (id INTEGER);
      CREATE TABLE w ("UPDATE" TEXT, "DELETE" TEXT);`;
    await withReplica(`${tables} ${trigger};`, async (replica) => {
      const { collections } = await replica.describe(never);
      assert.equal(collections.get("t")?.triggers.length, 1);
      const expected = isRipple ? [{ on: "delete", by: 'trigger "x"' }] : undefined;
      assert.deepEqual(collections.get("t")?.ripples, expected);
      assert.equal(collections.get("u")?.ripples, undefined);
    });
  });
}

test("rows that follow what they refer to are ripples of those columns", async () => {
  const sql = `CREATE TABLE t (a TEXT, b TEXT, c TEXT UNIQUE, PRIMARY KEY (a, b));
    CREATE TABLE u (x TEXT, y TEXT, FOREIGN KEY (x, y) REFERENCES T ON UPDATE CASCADE);
    CREATE TABLE v (z TEXT REFERENCES t(C) ON UPDATE SET NULL, q TEXT REFERENCES t(c));`;
  await withReplica(sql, async (replica) => {
    const { collections } = await replica.describe(never);
    assert.deepEqual(collections.get("t")?.ripples, [
      { on: "update", columns: ["a", "b"], by: "u (ON UPDATE CASCADE)" },
      { on: "update", columns: ["c"], by: "v (ON UPDATE SET NULL)" },
    ]);
  });
});
