// A journal that was put back, where only a PostgreSQL target carries what gives it away.
import assert from "node:assert/strict";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { Client } from "pg";
import { cli, folderOf } from "../cli/world.ts";
import { startServer } from "./start.ts";

test("one-way: the target's markers tell that the journal is older", async (t) => {
  const server = await startServer();
  t.after(() => server.stop());
  const folder = folderOf(t);
  const sql = (text: string): void => {
    const db = new DatabaseSync(join(folder, "crm.db"));
    db.exec(text);
    db.close();
  };
  const ask = async (text: string): Promise<readonly object[]> => {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    try {
      return (await client.query<object>(text)).rows;
    } finally {
      await client.end();
    }
  };
  sql(
    "CREATE TABLE people (id integer PRIMARY KEY, name text); INSERT INTO people VALUES (1, 'a')",
  );
  await ask("CREATE TABLE people (id integer PRIMARY KEY, name text)");
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: postgres, url: "${server.url}" }
pipelines:
  people: { source: crm.people, target: billing.people }
`,
  );
  const journal = join(folder, ".syncline");
  assert.equal((await cli(folder, "run")).exit, 0);
  cpSync(journal, join(folder, "old"), { recursive: true });
  sql("INSERT INTO people VALUES (2, 'b')");
  assert.equal((await cli(folder, "run")).exit, 0);
  rmSync(journal, { recursive: true });
  cpSync(join(folder, "old"), journal, { recursive: true });
  const { exit, stderr } = await cli(folder, "run");
  assert.equal(exit, 5, stderr);
  assert.match(stderr, /JOURNAL_REPLACED[^]*billing[^]*--refill journal/);
  assert.equal((await cli(folder, "run", "--refill", "journal")).exit, 0);
  assert.equal((await cli(folder, "run")).exit, 0);
  assert.deepEqual(await ask("SELECT id FROM people ORDER BY id"), [{ id: 1 }, { id: 2 }]);
});
