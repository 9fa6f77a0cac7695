// A server that is killed while it is written: the command says so, and the next run finishes what
// was decided. Row triggers count what was really written, by means outside the product.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { Client } from "pg";
import { cli, folderOf } from "../cli/world.ts";
import { startServer } from "./start.ts";
import type { TestServer } from "./start.ts";

const ROWS = 6000;
const TABLE = "customers (id integer PRIMARY KEY, name text, n integer)";

/** How often each row was written, for good. */
const COUNTING = `
  CREATE TABLE writes (id int, at bigint GENERATED ALWAYS AS IDENTITY);
  CREATE FUNCTION count_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.writes (id) VALUES (coalesce(NEW.id, OLD.id)); RETURN NULL; END $$;
  CREATE TRIGGER counted AFTER INSERT OR UPDATE OR DELETE ON customers
    FOR EACH ROW EXECUTE FUNCTION count_write()`;

async function ask(server: TestServer, sql: string): Promise<readonly object[]> {
  const client = new Client({ connectionString: server.url });
  // A server that is killed ends it.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const [result] = [await client.query<object>(sql)].flat();
    return result?.rows.map((row) => ({ ...row })) ?? [];
  } finally {
    await client.end();
  }
}

async function scene(t: TestContext, direction: "one-way" | "two-way") {
  const server = await startServer({ fsync: "on" });
  t.after(() => server.stop());
  const folder = folderOf(t);
  const path = join(folder, "crm.db");
  const db = new DatabaseSync(path);
  db.exec(`CREATE TABLE ${TABLE};
    WITH RECURSIVE i (id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM i WHERE id < ${ROWS})
      INSERT INTO customers SELECT id, 'customer ' || id, 0 FROM i`);
  db.close();
  await ask(server, `CREATE TABLE ${TABLE}`);
  await ask(server, COUNTING);
  writeFileSync(
    join(folder, "syncline.yaml"),
    `systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: postgres, url: "${server.url}" }
pipelines:
  customers: { source: crm.customers, target: billing.customers, direction: ${direction} }
`,
  );
  const here = () => {
    const opened = new DatabaseSync(path, { readOnly: true });
    const rows = opened.prepare("SELECT * FROM customers ORDER BY id").all();
    opened.close();
    return rows.map((row) => ({ ...row }));
  };
  return { server, folder, path, here };
}

/** Kills the server as soon as so many of its rows are there. */
async function killAt(server: TestServer, count: number): Promise<void> {
  const client = new Client({ connectionString: server.url });
  client.on("error", () => undefined);
  await client.connect();
  for (let n = 0; n < count;) {
    const { rows } = await client.query<{ n: number }>("SELECT count(*)::int AS n FROM writes");
    n = rows[0]?.n ?? 0;
  }
  await server.kill();
}

for (const direction of ["one-way", "two-way"] as const) {
  test(`a server is killed in a ${direction} run: the next one finishes it`, async (t) => {
    const { server, folder, path, here } = await scene(t, direction);
    const killing = killAt(server, 1500);
    const first = await cli(folder, "run");
    await killing;
    assert.equal(first.exit, 3, first.stdout + first.stderr);
    assert.match(first.stderr, /REPLICA_UNAVAILABLE/);
    await server.start();
    const landed = await ask(server, "SELECT count(*)::int AS n FROM customers");
    assert.ok((landed[0] as { n: number }).n < ROWS, "it was killed too late");
    const second = await cli(folder, "run");
    assert.equal(second.exit, 0, second.stdout + second.stderr);
    assert.deepEqual(await ask(server, "SELECT * FROM customers ORDER BY id"), here());
    const twice = "SELECT id FROM writes GROUP BY id HAVING count(*) > 1";
    assert.deepEqual(await ask(server, twice), []);

    const db = new DatabaseSync(path);
    db.exec("UPDATE customers SET n = 1 WHERE id % 2 = 0; DELETE FROM customers WHERE id = 3");
    db.close();
    const again = killAt(server, ROWS + 1200);
    const third = await cli(folder, "run");
    await again;
    assert.equal(third.exit, 3, third.stdout + third.stderr);
    await server.start();
    const fourth = await cli(folder, "run");
    assert.equal(fourth.exit, 0, fourth.stdout + fourth.stderr);
    assert.deepEqual(await ask(server, "SELECT * FROM customers ORDER BY id"), here());
    const thrice = "SELECT id FROM writes GROUP BY id HAVING count(*) > 2";
    assert.deepEqual(await ask(server, thrice), []);
    assert.equal((await cli(folder, "verify")).exit, 0);
  });
}
