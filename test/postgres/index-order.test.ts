// Dates as keys are listed by their index, as long as that is the order of our keys.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openDatabase } from "../../src/replicas/postgres/connect.ts";
import type { Database } from "../../src/replicas/postgres/connect.ts";
import { list } from "../../src/replicas/postgres/read.ts";
import { never } from "./scene.ts";
import { withSchema } from "./server.ts";

const CASES: readonly (readonly [type: string, way: "index" | "sort", ...values: string[]])[] = [
  ["date", "index", "2024-01-02", "0001-01-01", "9999-12-31", "infinity", "-infinity"],
  ["date", "sort", "2024-01-02", "0001-12-31 BC", "0044-03-15 BC", "-infinity"],
  ["date", "sort", "2024-01-02", "10000-01-01", "infinity"],
  ["timestamp", "index", "2024-01-01", "2024-01-01 00:00:00.25", "2024-01-01 00:00:00.2"],
  ["timestamp", "index", "9999-12-31 23:59:59.999999", "infinity", "-infinity"],
  ["timestamp", "sort", "2024-01-01", "10000-01-01"],
  ["timestamp", "sort", "2024-01-01", "0001-01-01 BC"],
  ["timestamptz(0)", "index", "2024-01-01 00:00:01+00", "2024-01-01+00", "infinity"],
  ["timestamptz(0)", "sort", "2024-01-01+00", "0001-12-31 23:59:59+00 BC"],
  // Texts of whole seconds come after those of their parts.
  ["timestamptz", "sort", "2024-01-01 00:00:00+00", "2024-01-01 00:00:00.5+00"],
];

/** What is copied out of a database. */
function watched(database: Database): { readonly database: Database; readonly sql: string[] } {
  const sql: string[] = [];
  const take: Database["take"] = async (signal) => {
    const session = await database.take(signal);
    return {
      ...session,
      copyOut: (text, aborted) => {
        sql.push(text);
        return session.copyOut(text, aborted);
      },
    };
  };
  return { database: { ...database, take }, sql };
}

for (const [type, way, ...values] of CASES) {
  test(`${type} of ${values.join(", ")} is listed by ${way}`, () =>
    withSchema(`CREATE TABLE t (k ${type}, n integer, PRIMARY KEY (k, n))`, async (schema) => {
      const { client, name, url } = schema;
      await client.query(
        `INSERT INTO t SELECT k, n FROM unnest($1::${type}[]) k, (VALUES (1), (2)) v (n)`,
        [values],
      );
      const { database, sql } = watched(openDatabase({ url }));
      try {
        const shape = { collection: `${name}.t`, key: ["k", "n"], columns: ["k", "n"] };
        const keys: string[] = [];
        for await (const page of list({ database, ours: [] }, shape, null, never)) {
          keys.push(...page.keys);
        }
        assert.equal(keys.length, values.length * 2);
        assert.ok(keys.every((key, at) => at === 0 || (keys[at - 1] ?? "") < key));
        const [select = ""] = /(?<=^COPY \().*(?=\) TO STDOUT)/.exec(sql[0] ?? "") ?? [];
        await client.query("SET enable_seqscan = off; SET enable_bitmapscan = off");
        const { rows } = await client.query(`EXPLAIN (COSTS OFF) ${select}`);
        const plan = JSON.stringify(rows);
        assert.equal(/\bSort\b/.test(plan), way === "sort", plan);
      } finally {
        await database.close();
      }
    }));
}
