// The guide to types is made without a server: what it says of PostgreSQL is what a server says.
import assert from "node:assert/strict";
import { test } from "node:test";
import { codecOf } from "../../scripts/types-guide/page.ts";
import { POSTGRES, POSTGRES_NAMED } from "../../scripts/types-guide/samples.ts";
import { never, withReplica } from "./scene.ts";
import { withSchema } from "./server.ts";

test("every type of pg_catalog that a column can have is in the guide", () =>
  withSchema("", async ({ client }) => {
    const { rows } = await client.query(
      `SELECT t.typname AS name FROM pg_catalog.pg_type t
         JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        WHERE n.nspname = 'pg_catalog' AND t.typtype IN ('b', 'r', 'm', 'e')
          AND t.typcategory <> 'A'`,
    );
    const told = new Set([...POSTGRES.map(({ name }) => name), ...POSTGRES_NAMED]);
    const there = (rows as readonly { readonly name: string }[]).map(({ name }) => name);
    assert.deepEqual(
      there.filter((name) => !told.has(name)),
      [],
    );
  }));

test("what the guide says of a column's type is what is described", () => {
  // Scales below zero are not known to every server.
  const told = POSTGRES.filter(({ declared }) => !declared.includes("-"));
  const columns = told.map(({ declared }, at) => `c${at} ${declared}`);
  const named = POSTGRES_NAMED.filter((name) => !name.startsWith("pg_") && name !== "xml");
  const more = named.map((name) => `"n_${name}" ${name}`);
  const sql = `CREATE TABLE t (id integer PRIMARY KEY, ${[...columns, ...more].join(", ")})`;
  return withReplica(sql, async (replica) => {
    const described = (await replica.describe(never)).collections.get("t");
    const types = new Map(described?.fields.map(({ name, type }) => [name, type]));
    for (const [at, sample] of told.entries()) {
      assert.deepEqual(types.get(`c${at}`), codecOf(sample).type, sample.declared);
      for (const value of sample.kept ?? []) {
        assert.deepEqual(described?.store?.(`c${at}`, value), codecOf(sample).store(value));
      }
    }
    for (const name of named) {
      assert.deepEqual(types.get(`n_${name}`), { kind: "named", name }, name);
    }
  });
});
