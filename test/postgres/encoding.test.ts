// Databases whose texts are not in UTF-8. They are made on a server of the tests' own only: on
// somebody's server nothing is touched but schemas.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "pg";
import { openDatabase } from "../../src/replicas/postgres/connect.ts";
import { list } from "../../src/replicas/postgres/read.ts";
import { serverUrl } from "./server.ts";

const { signal } = new AbortController();
const given = process.env["SYNCLINE_TEST_POSTGRES_URL"] ?? "";
const skip = given === "" ? false : "only on a server of our own";

/** The rows of a table made by these statements in a database of that encoding. */
async function rowsIn(encoding: string, ...statements: readonly string[]) {
  const url = await serverUrl();
  const name = `syncline_test_${process.pid}_${encoding.toLowerCase()}`;
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    `CREATE DATABASE ${name} TEMPLATE template0 ENCODING ${encoding} LC_COLLATE 'C' LC_CTYPE 'C'`,
  );
  const address = new URL(url);
  address.pathname = `/${name}`;
  const database = openDatabase({ url: address.href });
  try {
    const inside = new Client({ connectionString: address.href });
    await inside.connect();
    for (const statement of statements) await inside.query(statement);
    await inside.end();
    const shape = { collection: "public.t", key: ["id"], columns: ["id", "name"] };
    const rows: unknown[] = [];
    for await (const page of list({ database, ours: [] }, shape, null, signal)) {
      rows.push(...page.rows);
    }
    return rows;
  } finally {
    await database.close();
    await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await client.end();
  }
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
