// What is known of a table is not asked again for every read, and never outlives a change of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CATALOGUE } from "../../src/replicas/postgres/catalogue-sql.ts";
import { openDatabase } from "../../src/replicas/postgres/connect.ts";
import { makeTables } from "../../src/replicas/postgres/known.ts";
import type { Session } from "../../src/replicas/postgres/session.ts";
import { never } from "./scene.ts";
import { withSchema } from "./server.ts";

/** A session that counts the questions for everything that is to be known. */
function counting(session: Session): { readonly session: Session; readonly asked: () => number } {
  let asked = 0;
  const rows: Session["rows"] = (sql, values, signal) => {
    if (sql === CATALOGUE) asked++;
    return session.rows(sql, values, signal);
  };
  return { session: { ...session, rows }, asked: () => asked };
}

/** Each of them changes what a table is. */
const CHANGES = [
  "ALTER TABLE t ADD COLUMN more text",
  "ALTER TABLE t DROP COLUMN b",
  "ALTER TABLE t RENAME COLUMN a TO z",
  "ALTER TABLE t ALTER COLUMN a TYPE bigint",
  "ALTER TABLE t ALTER COLUMN b SET NOT NULL",
  "ALTER TABLE t ADD UNIQUE (a, b)",
  "ALTER TABLE t DROP CONSTRAINT t_pkey",
  "ALTER TYPE mood ADD VALUE 'fine'",
  "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'",
  "ALTER DOMAIN short SET NOT NULL",
  "ALTER TABLE t ALTER COLUMN b TYPE varchar(9)",
  "DROP TABLE t; CREATE TABLE t (id bigint PRIMARY KEY)",
  "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES t (id) ON DELETE CASCADE",
] as const;

const TABLE = `CREATE TYPE mood AS ENUM ('sad'); CREATE DOMAIN short AS text;
  CREATE TABLE t (id integer PRIMARY KEY, a integer, b short, c mood[])`;

test("a table is looked up once, and again after every change of it", async () => {
  for (const change of CHANGES) {
    await withSchema(TABLE, async ({ client, url, name }) => {
      const database = openDatabase({ url });
      const tables = makeTables([]);
      try {
        await database.use(never, async (own) => {
          const { session, asked } = counting(own);
          const get = () => tables.get(session, `${name}.t`, never);
          const first = await get();
          assert.equal(await get(), first);
          await client.query("INSERT INTO t (id) VALUES (1); ANALYZE t; DELETE FROM t");
          assert.equal(await get(), first);
          assert.equal(asked(), 1);
          await client.query(change);
          const after = await get();
          assert.notEqual(after, first, change);
          assert.equal(await get(), after);
          assert.equal(asked(), 2);
        });
      } finally {
        await database.close();
      }
    });
  }
});
