// Keys of every make: with and without rowid, with and without an index, with one or two rows.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { orderTerms, shapeTable } from "../../src/replicas/sqlite/shaped.ts";
import type { Shape } from "../../src/engine/replica.ts";
import { creation, keyOf, move, never, pagesOf, query, run, shown } from "./sqlite-files.ts";
import { withReplica, write } from "./sqlite-files.ts";

test("a table of rowids lists by any key, whatever its rows hold there", async () => {
  const sql = `CREATE TABLE t (k, v TEXT);
    INSERT INTO t VALUES ('b', 'text'), (x'00', 'blob'), (2, 'two'), (1.5, 'real'),
      (NULL, 'null'), (9007199254740993, 'big'), (-1, 'less'), ('B', 'upper'), (NULL, 'more');`;
  await withReplica(sql, async (replica) => {
    const shape: Shape = { collection: "t", key: ["k"], columns: ["v", "k"] };
    const pages = await pagesOf(replica, shape);
    const order = ["less", "real", "two", "big", "upper", "text", "blob"];
    assert.deepEqual(
      pages.flatMap((page) => page.rows).map((row) => row?.[0]),
      order,
    );
    const unkeyed = pages.flatMap((page) => page.unkeyed ?? []);
    assert.deepEqual(unkeyed, [
      { code: "KEY_MISSING", where: "t, rowid 5" },
      { code: "KEY_MISSING", where: "t, rowid 9" },
    ]);
    const keys = [keyOf("B"), keyOf(2), keyOf(Uint8Array.of(0)), keyOf("c")];
    const read = (await replica.read(shape, keys, never)).rows;
    assert.deepEqual(
      read.map((row) => row?.[0]),
      ["upper", "two", "blob", undefined],
    );
  });
});

const WIDE = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)";

test("listings by keys of every make meet each row once, in order", async () => {
  const tables: readonly (readonly [string, string, readonly string[]])[] = [
    ["a rowid", "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)", ["a"]],
    ["without rowid", "CREATE TABLE t (a INTEGER, b TEXT PRIMARY KEY) WITHOUT ROWID", ["b"]],
    ["two parts", "CREATE TABLE t (a INTEGER, b TEXT, PRIMARY KEY (b, a))", ["b", "a"]],
    ["the parts turned", "CREATE TABLE t (a INTEGER, b TEXT, PRIMARY KEY (b, a))", ["a", "b"]],
    ["a part that folds", "CREATE TABLE t (a, b TEXT COLLATE NOCASE, UNIQUE (b, a))", ["b", "a"]],
    [
      "an index of bytes over a part that folds",
      "CREATE TABLE t (a, b TEXT COLLATE NOCASE, UNIQUE (b COLLATE BINARY, a))",
      ["b", "a"],
    ],
    ["without an index", "CREATE TABLE t (a INTEGER, b TEXT)", ["b"]],
    [
      "an index of another order",
      "CREATE TABLE t (a INTEGER, b TEXT UNIQUE COLLATE NOCASE)",
      ["b"],
    ],
    ["a descending index", "CREATE TABLE t (a INTEGER PRIMARY KEY DESC, b TEXT)", ["a"]],
  ];
  for (const [name, ddl, key] of tables) {
    const fill = `INSERT INTO t ${WIDE} SELECT i * 7919 % 2501, 'n' || (i * 7919 % 2501) FROM n`;
    await withReplica(`${ddl}; ${fill};`, async (replica) => {
      const shape: Shape = { collection: "t", key, columns: ["a", "b"] };
      const keys = (await pagesOf(replica, shape)).flatMap((page) => page.keys);
      assert.equal(keys.length, 2501, name);
      assert.ok(
        keys.every((each, at) => at === 0 || each > (keys[at - 1] ?? "")),
        name,
      );
      const after = keys[1300] ?? null;
      const rest: string[] = [];
      for await (const page of replica.list(shape, after, never)) rest.push(...page.keys);
      assert.deepEqual(rest, keys.slice(1301), name);
      const some = keys.filter((_, at) => at % 3 === 0);
      const read = (await replica.read(shape, some, never)).rows;
      assert.ok(
        read.every((row) => row !== null),
        name,
      );
    });
  }
});

test("rows without rowid and with a column called rowid are written where they are", async () => {
  const sql = `CREATE TABLE t (rowid TEXT PRIMARY KEY, oid TEXT, _rowid_ TEXT);
    CREATE TABLE w (a BLOB, b TEXT, v TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
    INSERT INTO w VALUES (1, 'x', 'v');`;
  await withReplica(sql, async (replica, path) => {
    const odd: Shape = { collection: "t", key: ["rowid"], columns: ["rowid", "oid"] };
    await write(replica, odd, [creation(keyOf("a"), ["a", "b"])]);
    const moved = await write(replica, odd, [move(keyOf("a"), ["a", "b"], ["a", "c"])], {
      id: "2",
    });
    assert.deepEqual(moved.map(shown), ["applied"]);
    const pair: Shape = { collection: "w", key: ["a", "b"], columns: ["a", "b", "v"] };
    const writes = [
      move(keyOf(1, "x"), [1, "x", "v"], [1, "x", "w"]),
      creation(keyOf(2, "x"), [2, "x", "v"]),
    ];
    const outcomes = await write(replica, pair, writes, { id: "3" });
    assert.deepEqual(outcomes.map(shown), ["applied", "applied"]);
    assert.deepEqual(query(path, "SELECT typeof(a), v FROM w"), [
      ["integer", "w"],
      ["integer", "v"],
    ]);
  });
});

test("a key without an index is written by one row at a time, and never doubled", async () => {
  const sql =
    "CREATE TABLE t (k TEXT, v TEXT); INSERT INTO t VALUES ('a', '1'), ('d', '1'), ('d', '2');";
  await withReplica(sql, async (replica, path) => {
    const shape: Shape = { collection: "t", key: ["k"], columns: ["k", "v"] };
    const outcomes = await write(replica, shape, [
      creation(keyOf("a"), ["a", "again"]),
      creation(keyOf("b"), ["b", "new"]),
      move(keyOf("a"), ["a", "1"], ["a", "2"]),
      move(keyOf("d"), ["d", "1"], ["d", "3"]),
    ]);
    const expected = ["stale", "applied", "applied", "refused KEY_NOT_UNIQUE"];
    assert.deepEqual(outcomes.map(shown), expected);
    assert.deepEqual(query(path, "SELECT count(*) FROM t WHERE k = 'a' AND v = '2'"), [[1]]);
  });
});

test("what SQLite and we keep for ourselves is no collection", async () => {
  const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT);
    CREATE VIRTUAL TABLE words USING fts5 (w); INSERT INTO t VALUES (1, 'a');`;
  await withReplica(sql, async (replica, path) => {
    run(path, "ANALYZE");
    await write(replica, { collection: "t", key: ["id"], columns: ["id", "v"] }, [
      creation(keyOf(2), [2, "b"]),
    ]);
    const { collections } = await replica.describe(never);
    assert.deepEqual([...collections.keys()].sort(), ["t", "words"]);
    assert.equal(collections.get("words")?.capabilities.writable, false);
    assert.equal(collections.get("t")?.fields[0]?.hasDefault, true);
  });
});

test("two rows of one key are found wherever they meet", async () => {
  const sql = `CREATE TABLE t (a INTEGER PRIMARY KEY, b INTEGER); CREATE INDEX i ON t (b);
    CREATE TABLE u (a INTEGER PRIMARY KEY, b INTEGER);
    INSERT INTO t ${WIDE} SELECT i, i FROM n; INSERT INTO t VALUES (-1, 999);
    INSERT INTO u VALUES (1, 5), (2, 5), (3, 6);`;
  await withReplica(sql, async (replica) => {
    const byB = (collection: string): Shape => ({ collection, key: ["b"], columns: ["a", "b"] });
    const error = { code: "KEY_NOT_UNIQUE" };
    // The page ends between them.
    await assert.rejects(pagesOf(replica, byB("t")), error);
    await assert.rejects(replica.read(byB("u"), [keyOf(6), keyOf(5)], never), error);
    await assert.rejects(replica.read(byB("t"), [keyOf(6), keyOf(999)], never), error);
    const fine = await replica.read(byB("u"), [keyOf(6), keyOf(7)], never);
    assert.deepEqual(fine.rows, [[3, 6], null]);
  });
});

test("a key whose order is not the store's ends the listing", async () => {
  const sql = `CREATE TABLE t (k JSON PRIMARY KEY); INSERT INTO t VALUES ('"B"'), ('"\\u0041"');`;
  await withReplica(sql, async (replica) => {
    const shape: Shape = { collection: "t", key: ["k"], columns: ["k"] };
    await assert.rejects(pagesOf(replica, shape), { code: "KEY_ORDER" });
  });
});

test("a listing that had to be sorted is of one moment", async () => {
  await withReplica("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('x');", async (replica) => {
    const pages = await pagesOf(replica, { collection: "t", key: ["a"], columns: ["a"] });
    assert.deepEqual(
      pages.map((page) => page.covers?.proof),
      ["snapshot"],
    );
  });
});

test("a key that a table cannot hold is not there", async () => {
  const sql =
    "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT; INSERT INTO t VALUES (1, 'b');";
  await withReplica(sql, async (replica) => {
    const shape: Shape = { collection: "t", key: ["a"], columns: ["a", "b"] };
    const keys = [keyOf("x"), keyOf(2n ** 80n), keyOf(1.5), keyOf(1)];
    assert.deepEqual((await replica.read(shape, keys, never)).rows, [null, null, null, [1, "b"]]);
    const outcomes = await write(replica, shape, [move(keyOf("x"), ["x", "b"], null)]);
    assert.deepEqual(outcomes, [{ kind: "stale", row: null }]);
  });
});

test("partial indexes and those over expressions prove nothing unique", async () => {
  const sql = `CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c TEXT, d TEXT UNIQUE);
    CREATE UNIQUE INDEX p ON t (b) WHERE a > 5; CREATE UNIQUE INDEX e ON t (lower(c));`;
  await withReplica(sql, async (replica) => {
    const sets = (await replica.describe(never)).collections.get("t")?.uniqueSets;
    assert.deepEqual(sets, [["a"], ["d"]]);
  });
});

test("the start of a page is sought by all parts of a key, if bytes tell them apart", () => {
  const parts = (declared: string) =>
    withDatabase(`CREATE TABLE t (a TEXT, b ${declared}, PRIMARY KEY (a, b))`, (db) => {
      const shaped = shapeTable(db, { collection: "t", key: ["a", "b"], columns: ["a", "b"] });
      const terms = orderTerms(db, shaped).join(", ");
      const page = `SELECT a FROM t WHERE (${terms}) > ('x', 'y') ORDER BY ${terms}`;
      return db
        .prepare(`EXPLAIN QUERY PLAN ${page}`)
        .all()
        .map(({ detail }) => String(detail));
    });
  for (const declared of ["TEXT", "INTEGER", "BLOB", "", "DECIMAL(10,2)", "TEXT COLLATE BINARY"]) {
    assert.match(parts(declared).join(), /^SEARCH .*\(a,b\)>\(\?,\?\)/, declared);
  }
  for (const declared of ["TEXT COLLATE NOCASE", "TEXT COLLATE RTRIM"]) {
    assert.match(parts(declared).join(), /^SCAN .*TEMP B-TREE/, declared);
  }
});

function withDatabase<T>(sql: string, look: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(":memory:");
  try {
    db.exec(sql);
    return look(db);
  } finally {
    db.close();
  }
}
