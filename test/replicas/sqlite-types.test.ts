// Types at their limits, in strict and loosely typed tables.
import assert from "node:assert/strict";
import { test } from "node:test";
import { JSON_NULL } from "../../src/core/state.ts";
import type { OwnRow, Value } from "../../src/core/state.ts";
import { same } from "../../src/core/values.ts";
import type { Shape } from "../../src/engine/replica.ts";
import { columnType } from "../../src/replicas/sqlite/column-type.ts";
import {
  creation,
  keyOf,
  messageOf,
  move,
  never,
  query,
  rowsOf,
  shown,
  withReplica,
  write,
} from "./sqlite-files.ts";

/** Declared types, and what they come to in a loosely typed and in a STRICT table. */
const DECLARED: readonly (readonly [string, string, string])[] = [
  ["INTEGER", "integer", "integer"],
  ["bigint unsigned", "integer", "integer"],
  ["CHARINT", "integer", "integer"],
  ["VARCHAR(20)", "text", "text"],
  ["CLOB", "text", "text"],
  ["", "any", "blob"],
  ["BLOB", "bytes", "blob"],
  ["DOUBLE PRECISION", "real", "real"],
  ["FLOATING POINT", "integer", "integer"],
  ["BOOLEAN", "boolean", "numeric"],
  ["bool", "boolean", "numeric"],
  ["JSON", "json", "numeric"],
  ["JSON TEXT", "json", "text"],
  ["DECIMAL(10,2)", "decimal", "numeric"],
  ["numeric", "decimal", "numeric"],
  ["DATETIME", "any", "numeric"],
  ["UUID", "any", "numeric"],
];

test("declared types come to logical ones by SQLite's own rules", () => {
  for (const [declared, kind, affinity] of DECLARED) {
    const found = columnType(declared, false);
    assert.deepEqual([found.type.kind, found.affinity], [kind, affinity], declared);
  }
  assert.equal(columnType("ANY", true).affinity, "blob");
  assert.equal(columnType("any", false).affinity, "numeric");
});

/** What a value of a column comes back as; undefined: it is refused. By declared type. */
const HELD: readonly (readonly [string, readonly (readonly [Value, Value | undefined])[]])[] = [
  [
    "INTEGER",
    [
      [5, 5],
      ["12", 12],
      ["12x", "12x"],
      [" 12 ", 12],
      ["1.50", 1.5],
      [1.5, 1.5],
      [true, 1],
      [2n ** 63n - 1n, 2n ** 63n - 1n],
      [2n ** 64n, 2 ** 64],
      [2n ** 64n + 1n, undefined],
      [Uint8Array.of(1), Uint8Array.of(1)],
      [Number.NaN, undefined],
      [[1], undefined],
      [JSON_NULL, undefined],
      ["\ud800", undefined],
    ],
  ],
  [
    "TEXT",
    [
      ["a", "a"],
      [5, "5"],
      [0.1, "0.1"],
      [2n ** 64n, String(2n ** 64n)],
      [true, "true"],
      ["5.0", "5.0"],
      [Uint8Array.of(1), Uint8Array.of(1)],
      [{ a: 1 }, undefined],
    ],
  ],
  [
    "REAL",
    [
      [5, 5],
      ["1.50", 1.5],
      ["x", "x"],
      [2n ** 53n, 2 ** 53],
      [2n ** 53n + 1n, undefined],
      ["0.1000000000000000055", undefined],
      [Infinity, Infinity],
      [Number.NaN, undefined],
    ],
  ],
  [
    "BOOLEAN",
    [
      [true, true],
      [false, false],
      [1, true],
      ["f", false],
      [2, 2],
      ["yes", "yes"],
    ],
  ],
  [
    "DECIMAL(10,2)",
    [
      ["1.50", "1.5"],
      ["0.1", "0.1"],
      ["9007199254740993", "9007199254740993"],
      ["0.12345678901234567890", undefined],
      ["12345678901234567890123", undefined],
      [7, "7"],
      ["n/a", "n/a"],
    ],
  ],
  [
    "",
    [
      [5, 5],
      ["5", "5"],
      [5.5, 5.5],
      [2n ** 60n, 2n ** 60n],
      [2n ** 63n, 2 ** 63],
      [1e23, 1e23],
      [2n ** 65n, undefined],
      [true, 1],
      [Uint8Array.of(), Uint8Array.of()],
      [[1], undefined],
    ],
  ],
  [
    "JSON",
    [
      [
        { b: 1, a: [null] },
        { a: [null], b: 1 },
      ],
      [JSON_NULL, JSON_NULL],
      ["text", "text"],
      [12.5, 12.5],
      [2n ** 62n, 2n ** 62n],
      [2n ** 70n + 1n, undefined],
      [2n ** 65n, undefined],
      [[2n ** 65n], [2n ** 65n]],
      [2n ** 63n, 2 ** 63],
      [10n ** 23n, 1e23],
      [[1e23], [1e23]],
    ],
  ],
  [
    "DATETIME",
    [
      ["2024-01-31 10:00:00", "2024-01-31 10:00:00"],
      [1700000000, 1700000000],
    ],
  ],
];

for (const [declared, values] of HELD) {
  const name = declared === "" ? "no type" : declared;
  test(`${name}: what is held comes back as described, the rest is refused`, async () => {
    const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, v ${declared});`;
    await withReplica(sql, async (replica) => {
      const shape: Shape = { collection: "t", key: ["id"], columns: ["id", "v"] };
      const store = (await replica.describe(never)).collections.get("t")?.store;
      const writes = values.map(([value], id) => creation(keyOf(id), [id, value]));
      const outcomes = await write(replica, shape, writes);
      const rows = (
        await replica.read(
          shape,
          writes.map((each) => each.key),
          never,
        )
      ).rows;
      for (const [id, [value, held]] of values.entries()) {
        const what = `value ${id}, a ${typeof value}`;
        if (held === undefined) {
          assert.equal(shown(outcomes[id]), "refused VALUE_NOT_HELD", what);
          assert.ok(messageOf(outcomes[id]).startsWith("t.v "), what);
          assert.equal(rows[id], null, what);
          continue;
        }
        assert.deepEqual(rows[id], [id, held], what);
        assert.deepEqual(outcomes[id], { kind: "applied", row: [id, held] }, what);
        assert.deepEqual(store?.("v", value), held, `${what} is proven`);
      }
    });
  });
}

test("a STRICT table takes nothing but its types, and ANY converts nothing", async () => {
  const sql = "CREATE TABLE t (id INTEGER PRIMARY KEY, i INT, x TEXT, y ANY) STRICT;";
  await withReplica(sql, async (replica, path) => {
    const shape: Shape = { collection: "t", key: ["id"], columns: ["id", "i", "x", "y"] };
    const rows: readonly OwnRow[] = [
      [1, 5, "a", "5"],
      [2, 1.5, "a", null],
      [3, "x", "a", null],
      [4, 7, Uint8Array.of(1), null],
      [5, "12", 12, 5],
    ];
    const outcomes = await write(
      replica,
      shape,
      rows.map((row) => creation(keyOf(row[0] ?? 0), row)),
    );
    const no = "refused VALUE_NOT_HELD";
    assert.deepEqual(outcomes.map(shown), ["applied", no, no, no, "applied"]);
    assert.ok(messageOf(outcomes[1]).includes("t.i"));
    assert.ok(messageOf(outcomes[3]).includes("t.x"));
    assert.deepEqual(query(path, "SELECT id, typeof(i), typeof(x), typeof(y) FROM t"), [
      [1, "integer", "text", "text"],
      [5, "integer", "text", "integer"],
    ]);
  });
});

test("values of another class than their column travel as themselves", async () => {
  const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, i INTEGER, b BOOLEAN, j JSON, r REAL);
    INSERT INTO t VALUES (1, 'text', 'maybe', 'no json', x'01'), (2, 1.5, 7, '{"a":1}', 3),
      (3, 9007199254740993, 1, '12345678901234567', 2);`;
  await withReplica(sql, async (replica) => {
    const shape: Shape = { collection: "t", key: ["id"], columns: ["id", "i", "b", "j", "r"] };
    const rows = await rowsOf(replica, shape);
    assert.deepEqual(rows, [
      [1, "text", "maybe", { noJson: new TextEncoder().encode("no json") }, Uint8Array.of(1)],
      [2, 1.5, 7, { a: 1 }, 3],
      [3, 9007199254740993n, true, 12345678901234567n, 2],
    ]);
    const moves = rows.map((row, at) => move(keyOf(at + 1), row ?? [], null));
    assert.deepEqual((await write(replica, shape, moves)).map(shown), Array(3).fill("applied"));
  });
});

test("a text that is no JSON is not written as one, and equals nothing else", async () => {
  const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT, j JSON);
    INSERT INTO t VALUES (1, 'a', 'abc'), (2, 'b', '"abc"'), (3, 'c', x'616263');`;
  await withReplica(sql, async (replica, path) => {
    const shape: Shape = { collection: "t", key: ["id"], columns: ["id", "n", "j"] };
    const [text, string, bytes] = (await rowsOf(replica, shape)).map((row) => row?.[2] ?? null);
    assert.ok(text !== undefined && string === "abc" && bytes instanceof Uint8Array);
    assert.ok(!same(text, string) && !same(text, bytes));
    const batch = [
      creation(keyOf(4), [4, "d", text]),
      move(keyOf(2), [2, "b", string], [2, "b", text]),
      move(keyOf(1), [1, "a", text], [1, "A", text]),
    ];
    const outcomes = await write(replica, shape, batch);
    const refusal = "refused VALUE_NOT_HELD";
    assert.deepEqual(outcomes.map(shown), [refusal, refusal, "applied"]);
    assert.match(messageOf(outcomes[0]), /^t\.j is not a value that JSON holds/);
    assert.deepEqual(query(path, "SELECT n, j FROM t WHERE id < 3"), [
      ["A", "abc"],
      ["b", '"abc"'],
    ]);
  });
});

test("bytes that are no text are never taken for one, wherever they stand", async () => {
  const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT, n INTEGER);
    INSERT INTO t VALUES (1, CAST(x'ff61' AS TEXT), 9223372036854775807), (2, char(0xfffd), 1),
      (3, CAST(x'eda080' AS TEXT), 1), (4, char(0xfeff) || CAST(x'fe' AS TEXT), 1), (5, 'a', 1);`;
  await withReplica(sql, async (replica) => {
    const shape = { collection: "t", key: ["id"], columns: ["id", "v", "n"] };
    const values = [
      Uint8Array.of(0xff, 0x61),
      "\uFFFD",
      Uint8Array.of(0xed, 0xa0, 0x80),
      Uint8Array.of(0xef, 0xbb, 0xbf, 0xfe),
      "a",
    ];
    const listed = await rowsOf(replica, shape);
    assert.deepEqual(
      listed.map((row) => row?.[1]),
      values,
    );
    const keys = values.map((_, at) => keyOf(at + 1));
    assert.deepEqual((await replica.read(shape, keys, never)).rows, listed);
    const lossy = [move(keyOf(1), [1, "\uFFFDa", 2n ** 63n - 1n], null)];
    assert.deepEqual((await write(replica, shape, lossy)).map(shown), ["stale"]);
  });
});

test("infinite decimals and doubles inside JSON come back as what they were", async () => {
  const sql = `CREATE TABLE t (id INTEGER PRIMARY KEY, d DECIMAL(10,2), j JSON);
    INSERT INTO t VALUES (1, 9e999, 123456789012345678901234567890.5), (2, -9e999, 0.1),
      (3, 1, 5);`;
  await withReplica(sql, async (replica, path) => {
    const shape = { collection: "t", key: ["id"], columns: ["id", "d", "j"] };
    const rows = await rowsOf(replica, shape);
    const copies = rows.map((row, at) =>
      creation(keyOf(at + 11), [at + 11, ...(row ?? []).slice(1)]),
    );
    const outcomes = await write(replica, shape, copies);
    assert.deepEqual(outcomes.map(shown), ["applied", "applied", "applied"]);
    const stored = "SELECT typeof(d), d, typeof(j), j FROM t WHERE id";
    assert.deepEqual(query(path, `${stored} > 10`), query(path, `${stored} < 10`));
  });
});
