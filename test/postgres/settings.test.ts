// What a session inherits from its role or database, and what it does not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openDatabase } from "../../src/replicas/postgres/connect.ts";
import { never } from "./scene.ts";
import { makeDatabase, serverUrl } from "./server.ts";

test("limits on transactions and idle sessions that others set are not ours", async (t) => {
  const { url, client } = await makeDatabase(t);
  const name = new URL(url).pathname.slice(1);
  const shown = "SELECT current_setting('server_version_num')::int >= 170000 AS is_known";
  const isKnown = (await client.query<{ is_known: boolean }>(shown)).rows[0]?.is_known === true;
  const names = ["idle_session_timeout", ...(isKnown ? ["transaction_timeout"] : [])];
  for (const each of names) await client.query(`ALTER DATABASE ${name} SET ${each} = '50ms'`);
  const database = openDatabase({ url });
  t.after(() => database.close());
  await database.use(never, async (session) => {
    for (const each of names) {
      assert.deepEqual(await session.rows(`SHOW ${each}`, [], never), [["0"]], each);
    }
  });
});

test("hostaddr is where it connects to, whatever the name means", async (t) => {
  const address = new URL(await serverUrl());
  const { hostname, port } = address;
  if (!/^[\d.]+$/.test(hostname)) return t.skip("the server is known by its name only");
  address.hostname = "nobody.invalid";
  address.searchParams.set("hostaddr", hostname);
  address.searchParams.set("sslmode", "prefer");
  const database = openDatabase({ url: address.href });
  t.after(() => database.close());
  const rows = await database.use(never, (session) => session.rows("SELECT 1", [], never));
  assert.deepEqual(rows, [["1"]]);
  assert.match(database.title, new RegExp(`^nobody\\.invalid:${port}/`));
});
