// Databases whose texts are not in UTF-8. They are made on a server of the tests' own only: on
// somebody's server nothing is touched but schemas.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "pg";
import { encodeKey } from "../../src/core/key.ts";
import type { Key, OwnRow } from "../../src/core/state.ts";
import type { Replica, Shape } from "../../src/engine/replica.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { batchOf, creation, move, never, packed, told, write, writeBatch } from "./scene.ts";
import { serverUrl } from "./server.ts";

const given = process.env["SYNCLINE_TEST_POSTGRES_URL"] ?? "";
const skip = given === "" ? false : "only on a server of our own";

/** Runs with a replica of a database of that encoding, in which these statements were run. */
async function within(
  encoding: string,
  statements: readonly string[],
  run: (replica: Replica) => Promise<void>,
): Promise<void> {
  const url = await serverUrl();
  const name = `syncline_test_${process.pid}_${encoding.toLowerCase()}`;
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING ${encoding} LC_COLLATE 'C' LC_CTYPE 'C'`,
  );
  const address = new URL(url);
  address.pathname = `/${name}`;
  const replica = await postgresReplica({ name: "data", url: address.href });
  try {
    const inside = new Client({ connectionString: address.href });
    await inside.connect();
    for (const statement of statements) await inside.query(statement);
    await inside.end();
    await run(replica);
  } finally {
    await replica.close();
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await client.end();
  }
}

const SHAPE: Shape = { collection: "public.t", key: ["id"], columns: ["id", "name"] };

/** All that is listed after a key. */
async function listed(replica: Replica, shape: Shape, after: Key | null = null) {
  const keys: Key[] = [];
  const rows: OwnRow[] = [];
  for await (const page of replica.list(shape, after, never)) {
    keys.push(...page.keys);
    rows.push(...page.rows.flatMap((row) => (row === null ? [] : [row])));
  }
  return { keys, rows };
}

/** The rows of a table made by these statements in a database of that encoding. */
async function rowsIn(encoding: string, ...statements: readonly string[]) {
  const found: unknown[] = [];
  await within(encoding, statements, async (replica) => {
    for await (const page of replica.list(SHAPE, null, never)) found.push(...page.rows);
  });
  return found;
}

test("texts of another encoding arrive as what they say", { skip }, async () => {
  const rows = await rowsIn(
    "LATIN1",
    "CREATE TABLE t (id text PRIMARY KEY, name char(5))",
    "INSERT INTO t VALUES ('é', 'ÿ'), ('z', 'a')",
  );
  assert.deepEqual(rows, [
    ["z", "a"],
    ["é", "ÿ"],
  ]);
});

test(
  "bytes that are no text in any encoding end the listing: nothing is guessed",
  { skip },
  async () => {
    const statements = [
      "CREATE TABLE t (id integer PRIMARY KEY, name text)",
      String.raw`INSERT INTO t VALUES (1, 'é'), (2, E'\357\277\275')`,
    ];
    assert.deepEqual(await rowsIn("SQL_ASCII", ...statements), [
      [1, "é"],
      [2, "\uFFFD"],
    ]);
    const more = String.raw`INSERT INTO t VALUES (3, E'a\377')`;
    await assert.rejects(rowsIn("SQL_ASCII", ...statements, more), { code: "LIST_FAILED" });
  },
);

const COLUMNS = ["id", "name", "note", "doc"];
const TABLE = "(id int PRIMARY KEY, name text, note varchar(9), doc jsonb, bin bytea)";
const WHY = "cannot hold a character of a value: the database is in LATIN1";

/** Forty rows, of which five hold what LATIN1 does not. */
const MANY = Array.from({ length: 40 }, (_, id): OwnRow => {
  if (id === 3) return [id, "日本", "é", null];
  if (id === 4) return [id, "é", "ż", ["ł"]];
  if (id === 20) return [id, "é", "ok", { "€": 1 }];
  if (id === 21 || id === 39) return [id, "😀", null, null];
  return [id, `é${id}`, "ÿ", { ö: "ß" }];
});
const SAID = new Map([
  [3, `refused VALUE_NOT_HELD: public.t.name ${WHY}`],
  [4, `refused VALUE_NOT_HELD: public.t.note, doc ${WHY}`],
  [20, `refused VALUE_NOT_HELD: public.t.doc ${WHY}`],
  [21, `refused VALUE_NOT_HELD: public.t.name ${WHY}`],
  [39, `refused VALUE_NOT_HELD: public.t.name ${WHY}`],
]);
const LANDED = MANY.map((row, at) => SAID.get(at) ?? row);

test("what an encoding lacks is refused by column, and all other rows land", { skip }, async () => {
  const sql = [`CREATE TABLE t ${TABLE}`];
  await within("LATIN1", sql, async (replica) => {
    const writes = MANY.map((row) => creation(...row));
    const batch = batchOf("public.t", COLUMNS, writes);
    assert.deepEqual(told(await writeBatch(replica, batch)), LANDED);
    // Sent again it is recognised, though no row can have the keys of some.
    const again = await writeBatch(replica, batch);
    assert.deepEqual(
      again.map(({ kind }) => kind),
      MANY.map((_, at) => (SAID.has(at) ? "stale" : "applied")),
    );
    const shape = { ...SHAPE, columns: COLUMNS };
    const { rows } = await listed(replica, shape);
    assert.equal(rows.length, MANY.length - SAID.size);
    const moves = [move([0, "é0", "ÿ", { ö: "ß" }], [0, "ż", "ÿ", { ö: "ß" }])];
    moves.push(move([1, "é1", "ÿ", { ö: "ß" }], [1, "ü", "ÿ", { ö: "ß" }]));
    assert.deepEqual(told(await write(replica, "public.t", COLUMNS, moves)), [
      `refused VALUE_NOT_HELD: public.t.name ${WHY}`,
      [1, "ü", "ÿ", { ö: "ß" }],
    ]);
  });
});

test("so are rows that are copied straight in, one page or many packed", { skip }, async () => {
  const sql = [`CREATE TABLE t ${TABLE}`];
  await within("LATIN1", sql, async (replica) => {
    const writer = await replica.writer(never);
    const rowsFrom = (from: number, to: number) =>
      MANY.slice(from, to).map((row) => creation(...row));
    const first = batchOf("public.t", COLUMNS, rowsFrom(0, 3));
    const next = { ...batchOf("public.t", COLUMNS, rowsFrom(3, 20)), shape: first.shape };
    const last = { ...batchOf("public.t", COLUMNS, rowsFrom(20, 40)), shape: first.shape };
    const outcomes = [
      ...(await writer.write(first, never)),
      ...(await writer.write(next, never)),
      ...(await writer.write(await packed(writer, last), never)),
    ];
    await writer.finish(never);
    assert.deepEqual(told(outcomes), LANDED);
  });
});

test("a key that an encoding lacks names no row: nothing else waits for it", { skip }, async () => {
  const sql = [
    "CREATE TABLE t (id text PRIMARY KEY, name text)",
    "INSERT INTO t VALUES ('é', 'a'), ('z', 'b')",
  ];
  await within("LATIN1", sql, async (replica) => {
    const keys = ["日", "é", "x", "z", "😀"].map((each) => encodeKey([each]) ?? "");
    const { rows } = await replica.read(SHAPE, keys, never);
    assert.deepEqual(rows, [null, ["é", "a"], null, ["z", "b"], null]);
    const batch = batchOf(
      "public.t",
      ["id", "name"],
      [
        creation("日", "c"),
        creation("ö", "d"),
        move(["ł", "x"], ["ł", "y"]),
        move(["ł", "x"], null),
        move(["ł", "x"], ["w", "y"]),
        move(["é", "a"], ["ł", "a"]),
        move(["z", "b"], ["z", "e"]),
      ],
    );
    const refusal = `refused VALUE_NOT_HELD: public.t.id ${WHY}`;
    assert.deepEqual(told(await writeBatch(replica, batch)), [
      refusal,
      ["ö", "d"],
      refusal,
      ["stale", null],
      ["stale", null],
      refusal,
      ["z", "e"],
    ]);
    assert.deepEqual(told(await writeBatch(replica, batch)).slice(0, 4), [
      ["stale", null],
      ["ö", "d"],
      ["stale", null],
      ["stale", null],
    ]);
  });
});

/** Letters whose bytes there are not in the order of UTF-8. */
const ORDERS: readonly (readonly [encoding: string, letters: string])[] = [
  ["LATIN1", "aZzéÿ¤¦"],
  ["LATIN2", "aZzĄ˘Ł¤ż"],
  ["LATIN9", "aZz€Šš¥"],
  ["WIN1252", "aZz€‚ƒ„ÿé¡"],
  ["WIN1251", "aZzЂЃ‚ѓАяё"],
  ["KOI8R", "aZz─юабЮАБ█"],
  ["EUC_JP", "aZzｱ漢字、。ёЯ"],
  ["UTF8", "aZzé漢😀￿"],
];

const TYPES = ["text", "char(3)", "word"];

for (const [encoding, letters] of ORDERS) {
  test(`keys of texts in ${encoding} are listed in our order`, { skip }, async () => {
    const texts = [...letters].flatMap((letter) => [letter, `${letter}${letters[0]}`]);
    const rows = texts.flatMap((each) => [`('${each}', 1)`, `('${each}', 2)`]).join(", ");
    const sql = [
      `CREATE TYPE word AS ENUM (${texts.map((each) => `'${each}'`).join(", ")})`,
      ...TYPES.flatMap((type, at) => [
        `CREATE TABLE t${at} (id ${type}, n int, PRIMARY KEY (id, n))`,
        `INSERT INTO t${at} VALUES ${rows}`,
      ]),
    ];
    const sorted = texts.flatMap((each) => [1, 2].map((n) => encodeKey([each, n]) ?? ""));
    sorted.sort();
    // Other sides have keys that this one cannot have: a listing begins after them as well.
    const afters = [
      ...sorted.slice(0, 6),
      ...["日", "Ā"].map((each) => encodeKey([each, 1]) ?? ""),
    ];
    await within(encoding, sql, async (replica) => {
      for (const at of TYPES.keys()) {
        const shape = { collection: `public.t${at}`, key: ["id", "n"], columns: ["id", "n"] };
        assert.deepEqual((await listed(replica, shape)).keys, sorted);
        for (const after of afters) {
          const rest = await listed(replica, shape, after);
          assert.deepEqual(
            rest.keys,
            sorted.filter((key) => key > after),
          );
        }
      }
    });
  });
}
