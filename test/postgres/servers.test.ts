// A database with several servers: which of them is taken, and what is said where none will do.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client } from "pg";
import { SyncError } from "../../src/core/errors.ts";
import { openDatabase } from "../../src/replicas/postgres/connect.ts";
import { isOutOfReach } from "../../src/replicas/postgres/failure.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { raised } from "./raised.ts";
import { batchOf, creation, never, told, writeBatch } from "./scene.ts";
import { startServer, startStandby } from "./start.ts";
import type { TestServer } from "./start.ts";

const TABLE = "CREATE TABLE people (id int PRIMARY KEY, name text)";

const primary = await startServer({ wal_keep_size: "64MB" });
await ask(primary, `${TABLE}; CREATE ROLE reader LOGIN`);
await ask(primary, "ALTER ROLE reader SET default_transaction_read_only = on");
const standby = await startStandby(primary);
after(async () => {
  await standby.stop();
  await primary.stop();
});

/** Says something to one server; the first value of its answer. */
async function ask({ url }: TestServer, sql: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows?.[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

/** A port at which nobody is. */
const NOWHERE = 1;

function urlOf(ports: readonly number[], rest = "", user = "postgres"): string {
  return `postgres://${user}@${ports.map((port) => `127.0.0.1:${port}`).join(",")}/postgres${rest}`;
}

/** The port of the server that is taken, or what is said. */
async function taken(url: string): Promise<number | string> {
  const database = openDatabase({ url, environment: {} });
  try {
    const sql = "SELECT pg_catalog.current_setting('port')";
    const rows = await database.use(never, (session) => session.rows(sql, [], never));
    assert.equal(database.title, `127.0.0.1:${rows[0]?.[0]}/postgres`);
    return Number(rows[0]?.[0]);
  } catch (error) {
    if (error instanceof SyncError) return `${error.code}: ${error.message}. ${error.hint}`;
    throw error;
  } finally {
    await database.close();
  }
}

const [A, B] = [primary.port, standby.port];

/** What is asked for, the servers in their order, and which of them is taken. */
const TAKEN: readonly (readonly [attributes: string, ports: readonly number[], port: number])[] = [
  ["any", [A, B], A],
  ["any", [B, A], B],
  ["any", [NOWHERE, B, A], B],
  ["read-write", [B, A], A],
  ["primary", [B, NOWHERE, A], A],
  ["read-only", [A, B], B],
  ["standby", [A, B], B],
  ["prefer-standby", [A, B], B],
  ["prefer-standby", [A, NOWHERE], A],
];

for (const [attributes, ports, port] of TAKEN) {
  const names = ports.map((each) => (each === A ? "primary" : each === B ? "standby" : "nobody"));
  const place = `${names.indexOf(port === A ? "primary" : "standby") + 1}.`;
  test(`of ${names.join(", ")} the ${place} is ${attributes}`, async () => {
    assert.equal(await taken(urlOf(ports, `?target_session_attrs=${attributes}`)), port);
  });
}

test("a user whose transactions are read-only takes no server for one to be written", async () => {
  const url = (attributes: string) =>
    urlOf([A, B], `?target_session_attrs=${attributes}`, "reader");
  assert.equal(await taken(url("read-only")), A);
  assert.equal(await taken(url("primary")), A);
  assert.equal(
    await taken(url("read-write")),
    `REPLICA_UNAVAILABLE: 127.0.0.1:${A},127.0.0.1:${B}/postgres has no server that is ` +
      `read-write, as target_session_attrs asks: 127.0.0.1:${A}/postgres is read-only; ` +
      `127.0.0.1:${B}/postgres is a standby. Name one that is, or ask for another kind with ` +
      "target_session_attrs.",
  );
});

test("where no server answers, each is named with what is the matter", async () => {
  assert.equal(
    await taken(urlOf([NOWHERE, 2])),
    "REPLICA_UNAVAILABLE: 127.0.0.1:1,127.0.0.1:2/postgres has no server that answers: " +
      "127.0.0.1:1/postgres refuses connections (ECONNREFUSED); 127.0.0.1:2/postgres refuses " +
      "connections (ECONNREFUSED). Are the servers running, and are hosts and ports right?",
  );
  assert.match(String(await taken(urlOf([B], "?target_session_attrs=standby"))), /^\d+$/);
  assert.match(
    String(await taken(urlOf([A], "?target_session_attrs=standby"))),
    /has no server that is standby, .*: 127.0.0.1:\d+\/postgres is no standby\./,
  );
});

test("a server that is there and says no ends the search", async () => {
  const url = `postgres://postgres@127.0.0.1:${A},127.0.0.1:${B}/missing`;
  const said = String(await taken(url));
  assert.match(said, new RegExp(`^REPLICA_UNAVAILABLE: 127.0.0.1:${A}/missing has no such `));
  const states = ["57P03", "28P01", "3D000", "42501", "53300"];
  const passed = await Promise.all(states.map(async (state) => isOutOfReach(await raised(state))));
  assert.deepEqual(passed, [true, false, false, false, false]);
});

test("connections of one replica never spread over servers that may differ", async () => {
  const url = urlOf([A, B], "?connect_timeout=5");
  const database = openDatabase({ url, environment: {} });
  try {
    // Both are made at once, the second one as nobody has taken a server yet.
    const sessions = await Promise.all([database.take(never), database.take(never)]);
    const sql = "SELECT pg_catalog.current_setting('port')";
    for (const session of sessions) {
      assert.deepEqual(await session.rows(sql, [], never), [[String(A)]]);
    }
    for (const session of sessions) database.giveBack(session, "used");
    await primary.kill();
    await assert.rejects(
      database.use(never, async () => undefined),
      (error) => error instanceof SyncError && error.message.startsWith(`127.0.0.1:${A}/`),
    );
    assert.equal(await taken(url), B);
    await primary.start();
    await database.use(never, async () => undefined);
  } finally {
    await database.close();
  }
});

test("what was written to a primary goes on at the standby that takes its place", async () => {
  const url = urlOf([A, B], "?target_session_attrs=read-write");
  const open = () => postgresReplica({ name: "data", url });
  let replica = await open();
  const columns = ["id", "name"];
  const first = batchOf("public.people", columns, [creation(1, "a")]);
  assert.deepEqual(told(await writeBatch(replica, first)), [[1, "a"]]);
  const before = await replica.describe(never);
  const sql = "SELECT pg_catalog.pg_current_wal_lsn()::text";
  const position = String(await ask(primary, sql));
  const reached = `SELECT pg_catalog.pg_last_wal_replay_lsn() >= '${position}'`;
  while ((await ask(standby, reached)) !== true);
  await primary.kill();
  await replica.close();
  await ask(standby, "SELECT pg_catalog.pg_promote()");
  replica = await open();
  try {
    const after_ = await replica.describe(never);
    assert.deepEqual([after_.identity, after_.epoch], [before.identity, before.epoch]);
    assert.deepEqual(await replica.marks("link", never), [{ id: first.id, missed: [] }]);
    const second = batchOf("public.people", columns, [creation(2, "b")]);
    assert.deepEqual(told(await writeBatch(replica, second)), [[2, "b"]]);
    assert.equal(await ask(standby, "SELECT count(*)::int FROM people"), 2);
  } finally {
    await replica.close();
  }
});
