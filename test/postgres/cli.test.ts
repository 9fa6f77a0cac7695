// The command over PostgreSQL: one-way and two-way with SQLite, from a configuration, looked at by
// means outside the product.
import assert from "node:assert/strict";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { cli, folderOf } from "../cli/world.ts";
import type { Document, Ran } from "../cli/world.ts";
import { makeSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";

const SECRET = "hunter2-is-nobodys-business";

interface Scene {
  readonly folder: string;
  readonly schema: TestSchema;
  /** Runs a command line, which must end so. */
  readonly run: (exit: number, ...words: readonly string[]) => Promise<Ran>;
  readonly crm: (...statements: readonly string[]) => void;
  /** Rows of a SQLite table, and those of a table in PostgreSQL, by their key. */
  readonly here: (table?: string) => readonly unknown[];
  readonly there: (table?: string) => Promise<readonly unknown[]>;
}

async function sceneOf(t: TestContext, pipelines: string): Promise<Scene> {
  const folder = folderOf(t);
  const schema = await makeSchema();
  t.after(() => schema.drop());
  // Trusted connections take any password: what is in the URL must not show anywhere.
  const url = schema.url.replace(/^(postgres:\/\/)([^:@]+)@/, `$1$2:${SECRET}@`);
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  crm: { type: sqlite, path: ./crm.db }
  billing:
    type: postgres
    url: "${url}"
    schema: ${schema.name}
    markers: ${schema.ours}
pipelines:
${pipelines}`,
  );
  const path = join(folder, "crm.db");
  const said: string[] = [];
  t.after(() => {
    const files = globSync(join(folder, ".syncline/**/*.db*"));
    const kept = files.map((file) => readFileSync(file, "latin1"));
    assert.ok(![...said, ...kept].some((text) => text.includes(SECRET)), "the password was told");
  });
  return {
    folder,
    schema,
    run: async (exit, ...words) => {
      const ran = await cli(folder, ...words);
      said.push(ran.stdout, ran.stderr);
      assert.equal(ran.exit, exit, `${words.join(" ")}: ${ran.stdout}${ran.stderr}`);
      return ran;
    },
    crm: (...statements) => {
      const db = new DatabaseSync(path);
      for (const statement of statements) db.exec(statement);
      db.close();
    },
    here: (table = "customers") => {
      const db = new DatabaseSync(path, { readOnly: true });
      const rows = db.prepare(`SELECT * FROM "${table}" ORDER BY 1`).all();
      db.close();
      return rows.map((row) => ({ ...row }));
    },
    there: async (table = "customers") => {
      const { rows } = await schema.client.query(`SELECT * FROM "${table}" ORDER BY 1`);
      return rows.map((row: object) => ({ ...row }));
    },
  };
}

function summaryIn(ran: Ran, pipeline = "customers"): { readonly [name: string]: never } {
  const { summary } = JSON.parse(ran.stdout) as Document & {
    readonly summary: { readonly pipelines: { readonly [name: string]: never } };
  };
  return summary.pipelines[pipeline] ?? {};
}

const CUSTOMERS = "(id integer PRIMARY KEY, name text, email text)";

test("SQLite goes to PostgreSQL one-way: planned, applied, verified", async (t) => {
  const scene = await sceneOf(
    t,
    "  customers: { source: crm.customers, target: billing.customers }\n",
  );
  const { run, crm, here, there, schema } = scene;
  crm(
    `CREATE TABLE customers ${CUSTOMERS}`,
    `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
       INSERT INTO customers SELECT i, 'Customer ' || i, 'c' || i || '@example.org' FROM n`,
  );
  await schema.client.query(`CREATE TABLE customers ${CUSTOMERS}`);
  const plan = await run(0, "plan", "--json");
  assert.deepEqual(summaryIn(plan)["target"], { create: 2500, update: 0, delete: 0 });
  assert.deepEqual(await there(), []);
  await run(0, "apply");
  assert.deepEqual(await there(), here());
  const verified = summaryIn(await run(0, "verify", "--json"));
  assert.partialDeepStrictEqual(verified, { equal: 2500, ranges: 3, descended: 0 });
  const byRows = summaryIn(await run(0, "verify", "--by-rows", "--json"));
  assert.deepEqual([byRows["equal"], byRows["ranges"]], [2500, undefined]);
  crm(
    "UPDATE customers SET name = 'Ada' WHERE id = 7",
    "DELETE FROM customers WHERE id = 8",
    "INSERT INTO customers VALUES (9001, 'New', NULL)",
  );
  const second = await run(0, "run", "--json");
  assert.deepEqual(summaryIn(second)["target"], { create: 1, update: 1, delete: 1 });
  assert.deepEqual(await there(), here());
  const rest = await run(0, "plan", "--json");
  assert.deepEqual(summaryIn(rest)["target"], { create: 0, update: 0, delete: 0 });
});

test("PostgreSQL and SQLite agree two-way, conflicts included", async (t) => {
  const scene = await sceneOf(
    t,
    "  customers: { source: crm.customers, target: billing.customers, direction: two-way }\n",
  );
  const { run, crm, here, there, schema } = scene;
  crm(
    `CREATE TABLE customers ${CUSTOMERS}`,
    "INSERT INTO customers VALUES (1, 'one', 'a'), (2, 'two', 'b'), (3, 'three', 'c')",
  );
  await schema.client.query(
    `CREATE TABLE customers ${CUSTOMERS};
     INSERT INTO customers VALUES (3, 'three', 'c'), (4, 'four', 'd')`,
  );
  await run(0, "plan");
  await run(0, "apply");
  assert.deepEqual(await there(), here());
  assert.equal(here().length, 4);
  crm(
    "UPDATE customers SET name = 'here' WHERE id IN (1, 2)",
    "DELETE FROM customers WHERE id = 3",
  );
  await schema.client.query(
    `UPDATE customers SET name = 'there' WHERE id = 2;
     UPDATE customers SET email = 'there' WHERE id = 1;
     DELETE FROM customers WHERE id = 4`,
  );
  const second = await run(4, "run", "--json");
  assert.equal(summaryIn(second)["conflicts"], 1);
  assert.deepEqual(here(), [
    { id: 1, name: "here", email: "there" },
    { id: 2, name: "here", email: "b" },
  ]);
  assert.deepEqual(await there(), [
    { id: 1, name: "here", email: "there" },
    { id: 2, name: "there", email: "b" },
  ]);
  await run(0, "resolve", "--all", "--policy", "target-wins", "--author", "ada");
  await run(0, "run");
  await run(0, "verify");
  assert.deepEqual(await there(), here());
  await schema.client.query("UPDATE customers SET name = 'drift' WHERE id = 1");
  const said = await run(1, "verify");
  assert.match(said.stdout, /1 different\n.*1 range of keys, and in 1 of them row by row/);
});

test("all tables of a system are made in a schema, odd names and types included", async (t) => {
  const scene = await sceneOf(
    t,
    "  all: { source: crm.*, target: billing.*, createMissing: true }\n",
  );
  const { run, crm, schema, here, there } = scene;
  crm(
    `CREATE TABLE "odd.na""me" (id INTEGER PRIMARY KEY, "select" TEXT)`,
    `INSERT INTO "odd.na""me" VALUES (1, 'x')`,
    `CREATE TABLE plain (code TEXT PRIMARY KEY NOT NULL, amount REAL, raw BLOB)`,
    `INSERT INTO plain VALUES ('a', 0.5, x'00ff')`,
  );
  // What is there already says nothing of what is made.
  await schema.client.query("CREATE VIEW a AS SELECT 1 AS id");
  await run(0, "run");
  await run(0, "verify");
  assert.deepEqual(await there("plain"), [{ code: "a", amount: 0.5, raw: Buffer.from([0, 255]) }]);
  const { rows } = await schema.client.query('SELECT * FROM "odd.na""me"');
  assert.deepEqual(rows, [{ id: "1", select: "x" }]);
  assert.equal(here("plain").length, 1);
});

test("remove takes everything of ours out of the database", async (t) => {
  const scene = await sceneOf(
    t,
    "  customers: { source: crm.customers, target: billing.customers, createMissing: true }\n",
  );
  const { run, crm, schema } = scene;
  crm(`CREATE TABLE customers ${CUSTOMERS}`, "INSERT INTO customers VALUES (1, 'one', 'a')");
  await run(0, "run");
  const ours = "SELECT count(*)::int AS n FROM pg_namespace WHERE nspname = $1";
  assert.equal((await schema.client.query(ours, [schema.ours])).rows[0].n, 1);
  await run(0, "remove", "customers", "--yes");
  assert.equal((await schema.client.query(ours, [schema.ours])).rows[0].n, 0);
  assert.deepEqual(await scene.there(), [{ id: "1", name: "one", email: "a" }]);
});

test("what is wrong with a database is told in words, without what is in its URL", async (t) => {
  const folder = folderOf(t);
  const configure = (url: string) =>
    writeFileSync(
      join(folder, "syncline.yaml"),
      `systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: postgres, url: "${url}" }
pipelines:
  customers: { source: crm.customers, target: billing.customers }
`,
    );
  new DatabaseSync(join(folder, "crm.db")).exec(`CREATE TABLE customers ${CUSTOMERS}`);
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      `postgres://keeper:${SECRET}@127.0.0.1:1/billing`,
      /REPLICA_UNAVAILABLE {2}syncline\.yaml:3:12\n[^]*refuses connections/,
    ],
    [
      `postgres://keeper:${SECRET}@nobody.invalid/billing`,
      /REPLICA_UNAVAILABLE {2}syncline\.yaml:3:12\n[^]*nobody\.invalid/,
    ],
  ];
  for (const [url, says] of cases) {
    configure(url);
    const { exit, stdout, stderr } = await cli(folder, "plan");
    assert.equal(exit, 3, stderr);
    assert.match(stderr, says);
    assert.ok(!(stdout + stderr).includes(SECRET));
  }
});

test("views and tables without an index are sources; a doubled key is named", async (t) => {
  const scene = await sceneOf(
    t,
    "  prices: { source: billing.prices, target: crm.prices, key: code }\n" +
      "  goods: { source: billing.goods, target: crm.goods, key: code }\n",
  );
  const { run, crm, here, schema } = scene;
  await schema.client.query(
    `CREATE TABLE goods (code text, cents integer);
     INSERT INTO goods SELECT 'g' || i, i FROM generate_series(1, 2500) i;
     CREATE VIEW prices AS SELECT code, cents * 2 AS cents FROM goods`,
  );
  const columns = "(code TEXT PRIMARY KEY, cents INTEGER)";
  crm(`CREATE TABLE prices ${columns}`, `CREATE TABLE goods ${columns}`);
  for (const word of ["validate", "plan", "run", "verify"]) await run(0, word);
  assert.equal(here("prices").length, 2500);
  await schema.client.query(
    "INSERT INTO goods VALUES ('g7', 8); DELETE FROM goods WHERE cents = 9",
  );
  const twice = await run(2, "run");
  assert.match(twice.stderr, /KEY_NOT_UNIQUE[\s\S]*two rows of \S+ have the same code: g7/);
  assert.equal(here("goods").length, 2500);
  await schema.client.query("UPDATE goods SET code = 'h7' WHERE code = 'g7' AND cents = 8");
  await run(0, "run");
  await run(0, "verify");
  assert.equal(here("prices").length, 2500);
});
