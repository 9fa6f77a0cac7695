// What only SQLite does when it is written: triggers, computed columns, folding keys, deferred
// references, a full disk.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ABSENT } from "../../src/core/state.ts";
import { makeMarkers } from "../../src/replicas/sqlite/markers.ts";
import { databaseFile } from "../../src/replicas/sqlite/database-file.ts";
import { makeWriter } from "../../src/replicas/sqlite/writer.ts";
import { creation, keyOf, messageOf, move, never, query, run, shown } from "./sqlite-files.ts";
import { withDatabase, withReplica, write } from "./sqlite-files.ts";

const shape = { collection: "t", key: ["id"], columns: ["id", "v"] };
const TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);";

test("each row is written once, and what does not change is not written", async () => {
  const sql = `${TABLE} CREATE TABLE log (what TEXT, id INTEGER);
    INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c');
    CREATE TRIGGER i AFTER INSERT ON t BEGIN INSERT INTO log VALUES ('insert', new.id); END;
    CREATE TRIGGER u AFTER UPDATE ON t BEGIN INSERT INTO log VALUES ('update', new.id); END;
    CREATE TRIGGER d AFTER DELETE ON t BEGIN INSERT INTO log VALUES ('delete', old.id); END;`;
  await withReplica(sql, async (replica, path) => {
    const batch = [
      move(keyOf(1), [1, "a"], [1, "A"]),
      move(keyOf(2), [2, "b"], [2, "b"]),
      move(keyOf(3), [3, "c"], null),
      creation(keyOf(4), [4, "d"]),
      creation(keyOf(1), [1, "stale"]),
    ];
    const kinds = (await write(replica, shape, batch)).map(shown);
    assert.deepEqual(kinds, ["applied", "applied", "applied", "applied", "stale"]);
    const once = [
      ["update", 1],
      ["delete", 3],
      ["insert", 4],
    ];
    assert.deepEqual(query(path, "SELECT * FROM log"), once);
    await write(replica, shape, batch);
    assert.deepEqual(query(path, "SELECT * FROM log"), once, "a batch sent twice lands once");
  });
});

test("updates touch only the columns that differ", async () => {
  const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, w TEXT);
    INSERT INTO t VALUES (1, 'a', 'b'); CREATE TABLE log (x);
    CREATE TRIGGER u AFTER UPDATE OF w ON t BEGIN INSERT INTO log VALUES (1); END;`;
  await withReplica(sql, async (replica, path) => {
    const wide = { ...shape, columns: ["id", "v", "w"] };
    await write(replica, wide, [move(keyOf(1), [1, "a", "b"], [1, "A", "b"])]);
    assert.deepEqual(query(path, "SELECT * FROM log"), []);
  });
});

test("a row that waits is not there, though its batch settles a marker", async () => {
  const sql = `CREATE TABLE parents (id INTEGER PRIMARY KEY); INSERT INTO parents VALUES (1);
    CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER REFERENCES parents(id));`;
  await withReplica(sql, async (replica, path) => {
    const writer = await replica.writer(never);
    const orphan = creation(keyOf(2), [2, 7]);
    const first = {
      id: "b1",
      link: "l",
      shape,
      settled: [],
      writes: [creation(keyOf(1), [1, 1]), orphan],
    };
    const second = { id: "b2", link: "l", shape, settled: ["b1"], writes: [orphan] };
    const outcomes = [await writer.write(first, never), await writer.write(second, never)].flat();
    await writer.finish(never);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ["applied", "later", "later"],
    );
    assert.deepEqual(query(path, "SELECT id FROM t"), [[1]]);
  });
});

test("what triggers make of a row is what its outcome returns", async () => {
  const sql = `${TABLE} CREATE TABLE counts (id INTEGER PRIMARY KEY, n INTEGER);
    CREATE TRIGGER up AFTER INSERT ON t BEGIN UPDATE t SET v = upper(v) WHERE id = new.id; END;
    CREATE TRIGGER all_of_it AFTER INSERT ON t WHEN new.id = 3 BEGIN
      UPDATE t SET v = v || '!' WHERE id = 1; END;`;
  await withReplica(sql, async (replica) => {
    const outcomes = await write(replica, shape, [
      creation(keyOf(1), [1, "a"]),
      creation(keyOf(2), [2, "b"]),
      creation(keyOf(3), [3, "c"]),
    ]);
    assert.deepEqual(
      outcomes.map((each) => ("row" in each ? each.row : undefined)),
      [
        [1, "A!"],
        [2, "B"],
        [3, "C"],
      ],
    );
  });
});

test("a trigger that refuses, ignores or rolls back costs its own row and no other", async () => {
  const sql = `${TABLE} CREATE TABLE half (id);
    CREATE TRIGGER a BEFORE INSERT ON t WHEN new.v = 'abort' BEGIN SELECT raise(ABORT, 'no'); END;
    CREATE TRIGGER r BEFORE INSERT ON t WHEN new.v = 'rollback' BEGIN
      SELECT raise(ROLLBACK, 'never'); END;
    CREATE TRIGGER f AFTER INSERT ON t WHEN new.v = 'fail' BEGIN
      INSERT INTO half VALUES (new.id); SELECT raise(FAIL, 'half'); END;
    CREATE TRIGGER i BEFORE INSERT ON t WHEN new.v = 'ignore' BEGIN SELECT raise(IGNORE); END;`;
  await withReplica(sql, async (replica, path) => {
    const values = [
      "ok",
      "abort",
      "ok",
      "rollback",
      "ok",
      "fail",
      "ok",
      "ignore",
      "ok",
      "ok",
      "ok",
    ];
    const writes = values.map((value, id) => creation(keyOf(id), [id, value]));
    const outcomes = await write(replica, shape, writes);
    for (const [index, value] of values.entries()) {
      const expected = value === "ok" ? "applied" : "refused WRITE_REFUSED";
      assert.equal(shown(outcomes[index]), expected, value);
    }
    assert.ok(messageOf(outcomes[3]).includes("never"));
    assert.deepEqual(query(path, "SELECT id FROM t"), [[0], [2], [4], [6], [8], [9], [10]]);
    assert.deepEqual(query(path, "SELECT * FROM half"), []);
    assert.deepEqual(await replica.marks("link", never), [{ id: "batch", missed: [1, 3, 5, 7] }]);
    for (const [index, value] of ["fail", "ignore", "rollback"].entries()) {
      const ids = Array.from({ length: 10 }, (_, at) => 100 * (index + 1) + at);
      const ten = ids.map((id) => creation(keyOf(id), [id, id % 10 === 5 ? value : "ok"]));
      const kinds = (await write(replica, shape, ten, { id: value })).map((each) => each.kind);
      assert.deepEqual(kinds, [
        ...Array(5).fill("applied"),
        "refused",
        ...Array(4).fill("applied"),
      ]);
    }
    assert.deepEqual(query(path, "SELECT count(*) FROM t"), [[7 + 27]]);
    assert.deepEqual(query(path, "SELECT * FROM half"), []);
  });
});

test("computed columns are not written, and refused where they would differ", async () => {
  const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER,
    twice INTEGER AS (v * 2) STORED, text TEXT AS ('v' || v) VIRTUAL);`;
  await withReplica(sql, async (replica) => {
    const fields = (await replica.describe(never)).collections.get("t")?.fields ?? [];
    assert.deepEqual(
      fields.map((field) => field.generated),
      [false, false, true, true],
    );
    const all = { ...shape, columns: ["id", "v", "twice", "text"] };
    const outcomes = await write(replica, all, [
      creation(keyOf(1), [1, 5, 10, "v5"]),
      creation(keyOf(2), [2, 5, 11, "v5"]),
      creation(keyOf(3), [3, 6, ABSENT, ABSENT]),
      move(keyOf(1), [1, 5, 10, "v5"], [1, 6, 12, "v6"]),
      move(keyOf(3), [3, 6, 12, "v6"], [3, 7, 12, "v7"]),
    ]);
    assert.deepEqual(outcomes.map(shown), [
      "applied",
      "refused VALUE_NOT_HELD",
      "applied",
      "applied",
      "refused VALUE_NOT_HELD",
    ]);
    assert.ok(messageOf(outcomes[1]).includes("t.twice"));
    const rows = (await replica.read(all, [keyOf(1), keyOf(2), keyOf(3)], never)).rows;
    assert.deepEqual(rows, [[1, 6, 12, "v6"], null, [3, 6, 12, "v6"]]);
    assert.deepEqual(outcomes[2], { kind: "applied", row: [3, 6, 12, "v6"] });
  });
});

test("a key that a row holds but for its case is refused, both named", async () => {
  const sql = `CREATE TABLE t (id TEXT COLLATE NOCASE PRIMARY KEY, v TEXT) WITHOUT ROWID;
    INSERT INTO t VALUES ('Ada', 'a'), ('bob', 'b');`;
  await withReplica(sql, async (replica) => {
    const outcomes = await write(replica, shape, [
      creation(keyOf("ADA"), ["ADA", "x"]),
      creation(keyOf("Carl"), ["Carl", "c"]),
      creation(keyOf("Ada"), ["Ada", "y"]),
      move(keyOf("bob"), ["bob", "b"], ["ada", "b"]),
    ]);
    const folds = "refused KEY_FOLDS";
    assert.deepEqual(outcomes.map(shown), [folds, "applied", "stale", folds]);
    assert.ok(/ADA.*Ada/.test(messageOf(outcomes[0])));
    const { foldKey } = (await replica.describe(never)).collections.get("t") ?? {};
    assert.equal(foldKey?.(keyOf("ADA")), foldKey?.(keyOf("Ada")));
    assert.notEqual(foldKey?.(keyOf("É")), foldKey?.(keyOf("é")), "SQLite folds only ASCII");
    const read = await replica.read(shape, [keyOf("ada"), keyOf("Ada")], never);
    assert.deepEqual(read.rows, [null, ["Ada", "a"]]);
  });
});

test("deferred references that break at the commit cost their rows and no others", async () => {
  const sql = `CREATE TABLE p (id INTEGER PRIMARY KEY);
    CREATE TABLE t (id INTEGER PRIMARY KEY,
      v INTEGER REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED);
    INSERT INTO p VALUES (1);`;
  await withReplica(sql, async (replica, path) => {
    const orphans = new Set([3, 17, 18, 40]);
    const writes = Array.from({ length: 50 }, (_, id) =>
      creation(keyOf(id), [id, orphans.has(id) ? 99 : 1]),
    );
    const outcomes = await write(replica, shape, writes);
    const later = outcomes.flatMap((each, id) => (shown(each) === "later CONSTRAINT" ? [id] : []));
    assert.deepEqual(later, [...orphans]);
    assert.deepEqual(query(path, "SELECT count(*) FROM t"), [[46]]);
    assert.deepEqual(await replica.marks("link", never), [{ id: "batch", missed: later }]);
  });
});

test("rows that refer to each other in a ring land together", async () => {
  const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER REFERENCES t (id));`;
  await withReplica(sql, async (replica) => {
    const outcomes = await write(replica, shape, [
      creation(keyOf(1), [1, 2]),
      creation(keyOf(2), [2, 3]),
      creation(keyOf(3), [3, 1]),
    ]);
    assert.deepEqual(outcomes.map(shown), ["applied", "applied", "applied"]);
  });
});

test("what a conflict clause of the schema would replace is refused", async () => {
  const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT UNIQUE ON CONFLICT REPLACE);
    INSERT INTO t VALUES (1, 'a');`;
  await withReplica(sql, async (replica, path) => {
    const outcomes = await write(replica, shape, [creation(keyOf(2), [2, "a"])]);
    assert.deepEqual(outcomes.map(shown), ["refused CONSTRAINT"]);
    assert.deepEqual(query(path, "SELECT * FROM t"), [[1, "a"]]);
  });
});

test("a full disk throws, and nothing of the batch is there", async () => {
  await withDatabase(TABLE, async (path) => {
    const file = databaseFile(path);
    const writing = file.write();
    const { db } = writing;
    db.exec("PRAGMA max_page_count = 20");
    const markers = makeMarkers(db, { id: () => "identity", epoch: () => 1 });
    const patience = { busyTimeoutMs: 0, sleep: async () => undefined };
    const writer = makeWriter({ writing, path, patience, markers });
    const writes = Array.from({ length: 100 }, (_, id) =>
      creation(keyOf(id), [id, "x".repeat(2000)]),
    );
    const batch = { id: "batch", link: "link", shape, writes, settled: [] };
    await assert.rejects(writer.write(batch, never), { code: "DISK_FULL" });
    assert.deepEqual(query(path, "SELECT count(*) FROM t"), [[0]]);
    assert.deepEqual(query(path, "SELECT count(*) FROM sqlite_schema"), [[1]]);
    const few = { ...batch, writes: writes.slice(0, 2) };
    const outcomes = await writer.write(few, never);
    assert.deepEqual(outcomes.map(shown), ["applied", "applied"], "and it goes on afterwards");
    await writer.finish(never);
    file.close();
  });
});

test("a rowid beyond 2^53 lands once", async () => {
  await withReplica(TABLE, async (replica, path) => {
    const big = 2n ** 62n;
    const outcomes = await write(replica, shape, [creation(keyOf(big), [big, "a"])]);
    assert.deepEqual(outcomes, [{ kind: "applied", row: [big, "a"] }]);
    assert.deepEqual(query(path, "SELECT count(*) FROM t"), [[1]]);
    const moved = await write(replica, shape, [move(keyOf(big), [big, "a"], [big, "b"])], {
      id: "two",
    });
    assert.deepEqual(moved, [{ kind: "applied", row: [big, "b"] }]);
  });
});

test("a schema that moves between two batches is noticed", async () => {
  await withReplica(TABLE, async (replica, path) => {
    const writer = await replica.writer(never);
    const renamed = { ...shape, columns: ["id", "w"] };
    // A link has one shape object for all its batches.
    const batch = (id: string, key: number, seen: typeof shape) => {
      const writes = [creation(keyOf(key), [key, "x"])];
      return { id, link: "link", shape: seen, writes, settled: [] };
    };
    assert.equal((await writer.write(batch("a", 1, shape), never))[0]?.kind, "applied");
    run(path, "ALTER TABLE t RENAME COLUMN v TO w");
    await assert.rejects(writer.write(batch("b", 2, shape), never), {
      code: "COLUMN_MISSING",
    });
    assert.equal((await writer.write(batch("c", 2, renamed), never))[0]?.kind, "applied");
    await writer.finish(never);
  });
});

test("views are read and not written", async () => {
  const sql = `${TABLE} INSERT INTO t VALUES (1, 'a'); CREATE VIEW w AS SELECT id, v FROM t;`;
  await withReplica(sql, async (replica) => {
    const view = { ...shape, collection: "w" };
    const { capabilities, key } = (await replica.describe(never)).collections.get("w") ?? {};
    assert.equal(capabilities?.writable, false);
    assert.deepEqual(key, []);
    assert.deepEqual((await replica.read(view, [keyOf(1)], never)).rows, [[1, "a"]]);
    await assert.rejects(write(replica, view, [creation(keyOf(2), [2, "b"])]), {
      code: "REPLICA_READ_ONLY",
    });
  });
});
