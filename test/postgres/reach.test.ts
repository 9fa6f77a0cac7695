// What PostgreSQL deletes or changes by itself, in forms that SQLite does not have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeKey } from "../../src/core/key.ts";
import type { Reached } from "../../src/engine/replica.ts";
import { move, never, told, withReplica, write } from "./scene.ts";

const PARENTS = "CREATE TABLE parents (id int PRIMARY KEY); INSERT INTO parents VALUES (1), (2)";

test("references of one partition, or to one, are told as those of their tables", async () => {
  const sql = `${PARENTS};
    CREATE TABLE children (id int, place text, parent int, PRIMARY KEY (id, place))
      PARTITION BY LIST (place);
    CREATE TABLE children_a PARTITION OF children FOR VALUES IN ('a');
    CREATE TABLE children_b PARTITION OF children FOR VALUES IN ('b');
    ALTER TABLE children_a ADD FOREIGN KEY (parent) REFERENCES parents ON DELETE CASCADE;
    INSERT INTO children VALUES (1, 'a', 1), (2, 'b', 7);
    CREATE TABLE toys (id int PRIMARY KEY, child int, place text,
      FOREIGN KEY (child, place) REFERENCES children_b ON DELETE SET NULL);
    INSERT INTO toys VALUES (1, 2, 'b')`;
  await withReplica(sql, async (replica, { name }) => {
    const child = { collection: "children", key: ["id", "place"], columns: ["id", "place"] };
    const toy = { collection: "toys", key: ["id"], columns: ["id"] };
    const keyOf = (row: readonly [number, string?]) =>
      encodeKey(row.filter((each) => each !== undefined)) ?? "";
    const reached = async (
      shape: typeof child,
      ...rows: readonly (readonly [number, string?])[]
    ) => {
      const found: Reached[] = [];
      const keys = rows.map(keyOf);
      const asked = { shape, keys, referring: [child, toy] };
      for await (const page of replica.reach?.(asked, never) ?? []) found.push(...page);
      return found.map(({ collection, values }) => [collection, values]);
    };
    const parent = { collection: "parents", key: ["id"], columns: ["id"] };
    assert.deepEqual(await reached(parent, [1]), [["children", [1]]]);
    assert.deepEqual(await reached(parent, [2]), []);
    assert.deepEqual(await reached(child, [2, "b"]), [["toys", [2, "b"]]]);
    const [gone] = told(await write(replica, "parents", ["id"], [move([1], null)]));
    assert.match(String(gone), new RegExp(`^later CONSTRAINT: rows of ${name}.children refer`));
  });
});

test("rules that write when rows are deleted or changed are said", async () => {
  const sql = `${PARENTS}; CREATE TABLE log (id int);
    CREATE RULE "keeps it" AS ON DELETE TO parents DO ALSO INSERT INTO log VALUES (OLD.id);
    CREATE RULE sees AS ON UPDATE TO parents DO ALSO INSERT INTO log VALUES (OLD.id);
    CREATE RULE ignores AS ON INSERT TO parents DO ALSO NOTHING`;
  await withReplica(sql, async (replica) => {
    const { collections } = await replica.describe(never);
    assert.deepEqual(collections.get("parents")?.ripples, [
      { on: "delete", by: 'rule "keeps it"' },
      { on: "update", by: "rule sees" },
    ]);
    const [row] = told(await write(replica, "parents", ["id"], [move([1], null)]));
    assert.equal(row, null);
  });
});

test("who refers is who refers to the store, whatever its case", async () => {
  const sql = `CREATE EXTENSION IF NOT EXISTS citext SCHEMA public;
    CREATE TABLE words (id public.citext PRIMARY KEY);
    CREATE TABLE uses (id int PRIMARY KEY, word public.citext REFERENCES words ON DELETE CASCADE);
    INSERT INTO words VALUES ('Ada'), ('b'); INSERT INTO uses VALUES (1, 'ADA')`;
  await withReplica(sql, async (replica, { name }) => {
    const both = [move(["Ada"], null), move(["b"], null)];
    const [ada, b] = told(await write(replica, "words", ["id"], both));
    assert.match(String(ada), new RegExp(`^later CONSTRAINT: rows of ${name}.uses refer`));
    assert.equal(b, null);
  });
});
