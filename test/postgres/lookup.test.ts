// Rows are found by the index of their key, whatever its type, and no text that is none of the type
// ends a read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeKeyEncoder } from "../../src/core/key.ts";
import type { Value } from "../../src/core/state.ts";
import { openDatabase } from "../../src/replicas/postgres/connect.ts";
import type { Database } from "../../src/replicas/postgres/connect.ts";
import { readRows } from "../../src/replicas/postgres/by-key.ts";
import { list, read, shapedBy } from "../../src/replicas/postgres/read.ts";
import type { Session } from "../../src/replicas/postgres/session.ts";
import { creation, move, never, told, withReplica, write } from "./scene.ts";
import { withSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

interface Case {
  readonly type: string;
  /** In SQL. */
  readonly values: readonly string[];
  /** Values of another side that name no row here. */
  readonly others?: readonly Value[];
  /** From this version on; without it always. */
  readonly since?: number;
}

const CASES: readonly Case[] = [
  { type: "public.citext", values: ["'Ada'", "'b'"], others: ["ADA", "ada"] },
  { type: "text", values: ["'a'", "'é'"], others: ["A"] },
  { type: "varchar(5)", values: ["'a'", "'b '"], others: ["b"] },
  { type: "char(5)", values: ["'a'", "'b'"], others: ["c"] },
  { type: "name", values: ["'a'"], others: ["b"] },
  {
    type: "inet",
    values: ["'10.0.0.1'", "'10.0.0.1/8'", "'::1'", "'::ffff:1.2.3.4/100'", "'fe80::/10'"],
    others: ["x", "", "10.0.0.1", "10.0.0.1/33", "::1/129", "10.1", "fe80::1%eth0", "1.2.3.4/08"],
  },
  {
    type: "cidr",
    values: ["'10.0.0.0/8'", "'::/0'", "'1.2.3.4/32'", "'2001:db8::/32'"],
    others: ["10.0.0.1/8", "10", "x", "2001:db8::1/32"],
  },
  { type: "macaddr", values: ["'08:00:2b:01:02:03'"], others: ["08002b010203", "x", "gg"] },
  { type: "macaddr8", values: ["'08:00:2b:01:02:03:04:05'"], others: ["08:00:2b:01:02:03"] },
  {
    type: "pg_lsn",
    values: ["'16/B374D848'", "'0/0'", "'FFFFFFFF/FFFFFFFF'"],
    others: ["x", "0/"],
  },
  { type: "bit(3)", values: ["'101'", "'000'"], others: ["1010", "x", "01"] },
  { type: "varbit(5)", values: ["'101'", "''"], others: ["1010101", "x", "0101"] },
  { type: '"char"', values: ["'a'", "''"], others: ["ab", "é"] },
  { type: "money", values: ["1.5", "-92233720368547758.08"], others: ["1e30", "0.001", "7"] },
  { type: "interval", values: ["'1 mon'", "'2 mons'"], others: ["P30D"] },
  { type: "mood", values: ["'sad'", "'ok'"], others: ["glad", ""] },
  { type: "moody", values: ["'sad'", "'ok'"], others: ["glad"] },
  { type: "posint", values: ["1", "2"], others: [3] },
  { type: "shorter", values: ["'a'"], others: ["b"] },
  { type: "int4range", values: ["'[1,2)'", "'empty'"], others: ["[2,1)", "x"], since: 160_000 },
  { type: "datemultirange", values: ["'{[2024-01-01,)}'"], others: ["x"], since: 160_000 },
  { type: "tsvector", values: ["'a b'"], others: ["'"], since: 160_000 },
];

const TYPES = `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN moody AS mood;
  CREATE DOMAIN posint AS integer CHECK (VALUE > 0); CREATE DOMAIN shorter AS public.citext`;

for (const { type, values, others = [], since = 0 } of CASES) {
  test(`rows are found by the index of a key of ${type}`, () =>
    withSchema("", async (schema) => {
      const { client, name } = schema;
      await client.query("CREATE EXTENSION IF NOT EXISTS citext SCHEMA public");
      await client.query(`${TYPES}; CREATE TABLE t (k ${type} PRIMARY KEY)`);
      for (const value of values) await client.query(`INSERT INTO t VALUES (${value})`);
      const database = openDatabase({ url: schema.url });
      try {
        const source = { database, ours: [] };
        const shape = { collection: `${name}.t`, key: ["k"], columns: ["k"] };
        const keys: string[] = [];
        for await (const page of list(source, shape, null, never)) keys.push(...page.keys);
        const encode = await encoderOf(database, shape);
        const strangers = others.flatMap((each) => encode([each]) ?? []);
        const { rows } = await read(source, shape, [...keys, ...strangers], never);
        assert.equal(
          rows.slice(0, keys.length).filter((row) => row !== null).length,
          values.length,
        );
        assert.ok(rows.slice(keys.length).every((row) => row === null));
        const { isIndexed, version } = await planOf(database, schema, keys);
        assert.equal(isIndexed, version >= since);
      } finally {
        await database.close();
      }
    }));
}

async function encoderOf(database: Database, shape: Parameters<typeof read>[1]) {
  const { keyColumns } = await database.use(never, (session) =>
    shapedBy(session, { ours: [] }, shape, never),
  );
  return makeKeyEncoder(keyColumns.map(({ codec }) => codec.type));
}

/** How the server looks up what is read by key, where it reads no table from end to end. */
async function planOf(database: Database, { name }: TestSchema, keys: readonly string[]) {
  return database.use(never, async (session) => {
    const shape = { collection: `${name}.t`, key: ["k"], columns: ["k"] };
    const shaped = await shapedBy(session, { ours: [] }, shape, never);
    let plan = "";
    const explaining: Session = {
      ...session,
      rows: async (sql, values, signal) => {
        const lines = await session.rows(`EXPLAIN (COSTS OFF) ${sql}`, values, signal);
        plan = lines.join("\n");
        return [];
      },
    };
    await session.run(
      "BEGIN; SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; " +
        "SET LOCAL enable_mergejoin = off; SET LOCAL enable_bitmapscan = off",
      never,
    );
    await readRows(explaining, shaped, keys, never);
    await session.run("ROLLBACK", never);
    return { isIndexed: /Index Cond: \(\(?k\b/.test(plan), version: session.version };
  });
}

test("two keys of citext that are one to it are both named", async () => {
  const sql = `CREATE EXTENSION IF NOT EXISTS citext SCHEMA public;
    CREATE TABLE words (word public.citext PRIMARY KEY, n int)`;
  await withReplica(sql, async (replica, { name }) => {
    const columns = ["word", "n"];
    await write(replica, "words", columns, [creation("Ada", 1)]);
    const outcomes = await write(replica, "words", columns, [creation("ADA", 2), creation("b", 3)]);
    assert.deepEqual(told(outcomes), [
      `refused KEY_FOLDS: ${name}.words takes ADA and Ada for one key`,
      ["b", 3],
    ]);
    const other = [move(["ada", 1], ["ada", 5]), move(["Ada", 1], ["Ada", 6])];
    assert.deepEqual(told(await write(replica, "words", columns, other)), [
      ["stale", null],
      ["Ada", 6],
    ]);
  });
});
