// Listings and reads by key: in the order of our keys whatever the type, of one moment.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { makeKeyEncoder } from "../../src/core/key.ts";
import type { Key, Value } from "../../src/core/state.ts";
import { PAGE_ROWS_MAX } from "../../src/engine/replica.ts";
import type { Page } from "../../src/engine/replica.ts";
import type { LogicalType } from "../../src/core/values.ts";
import { readTable } from "../../src/replicas/postgres/catalogue.ts";
import { openDatabase } from "../../src/replicas/postgres/connect.ts";
import { asking, list, read } from "../../src/replicas/postgres/read.ts";
import type { Source } from "../../src/replicas/postgres/read.ts";
import { withSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

const { signal } = new AbortController();

/** A key column with values, in an order that is not that of their keys. */
const KEYS: readonly (readonly [type: string, ...values: readonly string[]])[] = [
  ["integer", "10", "-2", "9", "0", "100", "-10"],
  ["bigint", "9007199254740993", "'-9223372036854775808'", "9223372036854775807", "1"],
  ["xid8", "'18446744073709551615'", "'9'", "'10'"],
  ["numeric", "10", "9.5", "-1e-20", "'Infinity'", "'-Infinity'", "0", "1e30", "1.50"],
  ["double precision", "1e300", "-0.5", "'-Infinity'", "5e-324", "'Infinity'"],
  ["boolean", "true", "false"],
  ["text", "'b'", "'B'", "'a'", "'ä'", "'a b'", "'ab'", "''", "'￿'", "'😀'", "'a\u0001'"],
  ["varchar(5)", "'b'", "'B'", "'a '", "'a'", "'a\u0001'"],
  ["char(5)", "'b'", "'a'", "'a\u0001'", "'a b'", "'B'", "''"],
  ['text COLLATE "und-x-icu"', "'b'", "'B'", "'a'", "'ä'"],
  ["name", "'b'", "'B'", "'é'"],
  ["bytea", "'\\xff'", "'\\x'", "'\\x00'", "'\\x0001'", "'\\x01'", "'\\x02'"],
  ["uuid", "'ffffffff-ffff-ffff-ffff-ffffffffffff'", "'0b000000-0000-0000-0000-000000000000'"],
  [
    "date",
    "'2024-02-29'",
    "'0044-03-15 BC'",
    "'10000-01-01'",
    "'5874897-12-31'",
    "'infinity'",
    "'-infinity'",
    "'0001-01-01 BC'",
    "'9999-12-31'",
    "'4713-11-24 BC'",
  ],
  [
    "timestamp",
    "'2024-01-01 00:00:00.5'",
    "'2024-01-01'",
    "'2024-01-01 00:00:00.25'",
    "'infinity'",
    "'2024-01-01 00:00:00.05'",
    "'0044-03-15 10:00 BC'",
    "'294276-12-31'",
    "'-infinity'",
  ],
  [
    "timestamptz",
    "'2024-01-01 00:00:00.5+00'",
    "'2024-01-01+00'",
    "'2024-01-01 00:00:00.25+00'",
    "'2024-01-01 00:00:00.2+00'",
    "'2023-12-31 23:59:59.999999+00'",
    "'infinity'",
    "'0044-03-15 10:00:00+00 BC'",
    "'10000-01-01+00'",
    "'-infinity'",
  ],
  ["time", "'10:00'", "'24:00'", "'10:00:00.5'", "'09:59:59.999999'"],
  ["timetz", "'10:00+02'", "'10:00-01:30'", "'10:00:00.5+02'", "'09:00+00'"],
  ["interval", "'1 day'", "'1 mon'", "'-1 year'", "'0'"],
  ["mood", "'sad'", "'ok'", "'a'"],
  ["inet", "'10.0.0.2'", "'10.0.0.10'", "'::1'"],
  ["bit(3)", "'110'", "'011'"],
  ["money", "'10.00'", "'9.50'", "'-1.00'"],
];

for (const [type, ...values] of KEYS) {
  test(`rows are listed and found by a key of ${type}`, () =>
    withSchema("CREATE TYPE mood AS ENUM ('sad', 'ok', 'a')", async (schema) => {
      const { client } = schema;
      const rows = values.map(
        (value, id) => `(${value}::${type.replace(/ COLLATE.*/, "")}, ${id})`,
      );
      await client.query(`CREATE TABLE t (k ${type} PRIMARY KEY, id integer)`);
      await client.query(`INSERT INTO t VALUES ${rows.join(", ")}`);
      await withSource(schema, async (source) => {
        const shape = { collection: `${schema.name}.t`, key: ["k"], columns: ["k", "id"] };
        const pages = await pagesOf(list(source, shape, null, signal));
        const keys = pages.flatMap((page) => page.keys);
        assert.equal(keys.length, values.length);
        const types = await typesOf(source, shape.collection, ["k"]);
        const encode = makeKeyEncoder(types);
        const expected = pages.flatMap((page) =>
          page.rows.map((row) => encode([row?.[0] ?? null]) ?? ""),
        );
        assert.deepEqual(keys, expected.toSorted(byText));
        const found = await read(source, shape, keys.toReversed(), signal);
        assert.deepEqual(
          found.rows.toReversed(),
          pages.flatMap((page) => page.rows),
        );
        for (const [at, key] of keys.entries()) {
          const after = await pagesOf(list(source, shape, key, signal));
          assert.deepEqual(
            after.flatMap((page) => page.keys),
            keys.slice(at + 1),
          );
        }
      });
    }));
}

test("a key of several columns is in the order of all of them", () =>
  withSchema(
    `CREATE TABLE t (a text, b numeric, c timestamptz, PRIMARY KEY (a, b, c));
     INSERT INTO t SELECT a, b, c FROM unnest(ARRAY['B', 'a', 'é']) a, unnest(ARRAY[10, 9.5, -1]) b,
       unnest(ARRAY['2024-01-01 00:00:00.5+00', '2024-01-01+00']::timestamptz[]) c`,
    (schema) =>
      withSource(schema, async (source) => {
        const key = ["c", "a", "b"];
        const shape = { collection: `${schema.name}.t`, key, columns: ["a", "b", "c"] };
        const pages = await pagesOf(list(source, shape, null, signal));
        const keys = pages.flatMap((page) => page.keys);
        assert.deepEqual(keys, keys.toSorted(byText));
        assert.equal(new Set(keys).size, 18);
        const rest = await pagesOf(list(source, shape, keys[7] ?? null, signal));
        assert.deepEqual(
          rest.flatMap((page) => page.keys),
          keys.slice(8),
        );
        const found = await read(source, shape, [keys[3] ?? "", keys[17] ?? ""], signal);
        const rows = pages.flatMap((page) => page.rows);
        assert.deepEqual(found.rows, [rows[3], rows[17]]);
      }),
  ));

test("pages cover all of the order without a gap, whatever their number", () =>
  withSchema(
    `CREATE TABLE t (id integer PRIMARY KEY, note text);
     INSERT INTO t SELECT i, repeat('x', i % 300) FROM generate_series(1, ${PAGE_ROWS_MAX * 2}) i`,
    (schema) =>
      withSource(schema, async (source) => {
        const shape = { collection: `${schema.name}.t`, key: ["id"], columns: ["id", "note"] };
        const pages = await pagesOf(list(source, shape, null, signal));
        assert.deepEqual(
          pages.map((page) => page.keys.length),
          [PAGE_ROWS_MAX, PAGE_ROWS_MAX],
        );
        const notes = pages.flatMap((page) => page.rows.map((row) => row?.[1]));
        assert.deepEqual(
          notes,
          notes.map((_, at) => "x".repeat((at + 1) % 300)),
        );
        let from: Key | null = null;
        for (const { covers } of pages) {
          assert.equal(covers?.after, from);
          assert.equal(covers?.proof, "snapshot");
          from = covers?.to ?? null;
        }
        assert.equal(from, null);
      }),
  ));

test("a listing may take longer than a statement", () =>
  withSchema(
    `CREATE VIEW slow AS
       SELECT i AS id FROM generate_series(1, 3) i WHERE pg_sleep(0.1) IS NOT NULL`,
    async (schema) => {
      const database = openDatabase({ url: schema.url, timeouts: { statementMs: 200 } });
      try {
        const shape = { collection: `${schema.name}.slow`, key: ["id"], columns: ["id"] };
        const pages = await pagesOf(list({ database, ours: [] }, shape, null, signal));
        assert.deepEqual(
          pages.flatMap((page) => page.rows),
          [[1], [2], [3]],
        );
      } finally {
        await database.close();
      }
    },
  ));

test("rows without key are named by where they are, and the others are listed", () =>
  withSchema(
    `CREATE TABLE t (a integer, b double precision);
     INSERT INTO t VALUES (NULL, 1), (1, NULL), (1, 'NaN'), (2, 2)`,
    (schema) =>
      withSource(schema, async (source) => {
        const shape = { collection: `${schema.name}.t`, key: ["a", "b"], columns: ["b", "a"] };
        const pages = await pagesOf(list(source, shape, null, signal));
        assert.deepEqual(
          pages.flatMap((page) => page.rows),
          [[2, 2]],
        );
        const name = `${schema.name}.t`;
        assert.deepEqual(
          pages
            .flatMap((page) => page.unkeyed ?? [])
            .toSorted((x, y) => (x.where < y.where ? -1 : 1)),
          [
            { code: "KEY_MISSING", where: `${name}, ctid (0,1): a row without a, b` },
            { code: "KEY_MISSING", where: `${name}, ctid (0,2): a row without a, b` },
            { code: "KEY_INVALID", where: `${name}, ctid (0,3): a row whose a, b names nothing` },
          ],
        );
      }),
  ));

test("two rows of one key are no listing and no answer", () =>
  withSchema("CREATE TABLE t (a text); INSERT INTO t VALUES ('x'), ('x')", (schema) =>
    withSource(schema, async (source) => {
      const shape = { collection: `${schema.name}.t`, key: ["a"], columns: ["a"] };
      await assert.rejects(pagesOf(list(source, shape, null, signal)), { code: "KEY_NOT_UNIQUE" });
      const key = makeKeyEncoder([{ kind: "text" }])(["x"]) ?? "";
      await assert.rejects(read(source, shape, [key], signal), { code: "KEY_NOT_UNIQUE" });
    }),
  ));

test("keys that a column cannot have name no row", () =>
  withSchema(
    `CREATE TYPE mood AS ENUM ('sad');
     CREATE TABLE t (a date, b smallint, c mood, d char(2), e inet);
     INSERT INTO t VALUES ('2024-01-01', 1, 'sad', 'a', '::1')`,
    (schema) =>
      withSource(schema, async (source) => {
        const cases: readonly (readonly [string, Value, boolean])[] = [
          ["a", "2024-01-01", true],
          ["a", "+999999-01-01", false],
          ["a", "no date", false],
          ["b", 1, true],
          ["b", 40_000, false],
          ["c", "sad", true],
          ["c", "glad", false],
          ["d", "a", true],
          ["d", "a ", false],
          ["d", "abc", false],
          ["e", "::1/128", true],
          ["e", "no address", false],
        ];
        for (const [column, value, isThere] of cases) {
          const shape = { collection: `${schema.name}.t`, key: [column], columns: [column] };
          const key = makeKeyEncoder([{ kind: "any" }])([value]) ?? "";
          const { rows } = await read(source, shape, [key, key], signal);
          assert.deepEqual(
            rows,
            isThere ? [[value], [value]] : [null, null],
            `${column}: ${inspect(value)}`,
          );
        }
      }),
  ));

test("a table is listed without those that inherit from it, one of partitions with all", () =>
  withSchema(
    `CREATE TABLE parent (id integer PRIMARY KEY);
     CREATE TABLE child () INHERITS (parent);
     INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1);
     CREATE TABLE whole (id integer PRIMARY KEY) PARTITION BY RANGE (id);
     CREATE TABLE low PARTITION OF whole FOR VALUES FROM (0) TO (10);
     CREATE TABLE rest PARTITION OF whole DEFAULT; INSERT INTO whole VALUES (20), (1);
     CREATE VIEW seen AS SELECT * FROM whole; CREATE MATERIALIZED VIEW kept AS SELECT * FROM whole`,
    (schema) =>
      withSource(schema, async (source) => {
        const counts = { parent: 1, child: 1, whole: 2, seen: 2, kept: 2 };
        for (const [table, count] of Object.entries(counts)) {
          const shape = { collection: `${schema.name}.${table}`, key: ["id"], columns: ["id"] };
          const pages = await pagesOf(list(source, shape, null, signal));
          assert.equal(pages.flatMap((page) => page.keys).length, count, table);
        }
      }),
  ));

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function pagesOf(pages: AsyncIterable<Page>): Promise<readonly Page[]> {
  const all: Page[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

async function withSource(schema: TestSchema, run: (source: Source) => Promise<void>) {
  const database = openDatabase({ url: schema.url });
  try {
    await run({ database, ours: [schema.ours] });
  } finally {
    await database.close();
  }
}

function typesOf(
  { database }: Source,
  collection: string,
  names: readonly string[],
): Promise<readonly LogicalType[]> {
  return database.use(signal, async (session) => {
    const table = await readTable(asking(session, signal), collection, []);
    const found = names.map((name) => table.columns.find((column) => column.name === name));
    return found.map((column) => column?.codec.type ?? { kind: "any" as const });
  });
}
