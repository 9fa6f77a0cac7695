// Other sessions, lost connections, servers that are killed, users who may not: what a replica says
// then, and that nothing is lost or doubled.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "pg";
import { SyncError } from "../../src/core/errors.ts";
import { postgresReplica } from "../../src/replicas/postgres/index.ts";
import { startProxy } from "./proxy.ts";
import type { Proxy } from "./proxy.ts";
import {
  batchOf,
  creation,
  move,
  never,
  packed,
  told,
  withReplica,
  write,
  writeBatch,
} from "./scene.ts";
import { withSchema } from "./server.ts";
import type { TestSchema } from "./server.ts";
import { startServer } from "./start.ts";
import { inSchema } from "./subject.ts";

const PEOPLE = ["id", "name"];
const TABLE = "CREATE TABLE people (id int PRIMARY KEY, name text)";

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SyncError) return `${error.code}: ${error.message} | ${error.hint}`;
    throw error;
  }
  return assert.fail("nothing went wrong");
}

async function rowsIn({ client }: TestSchema): Promise<readonly unknown[]> {
  return (await client.query("SELECT id, name FROM people ORDER BY id")).rows;
}

/** Another session that holds a transaction open. */
async function other(schema: TestSchema, sql: string): Promise<Client> {
  const client = new Client({ connectionString: schema.url });
  await client.connect();
  await client.query(`SET search_path = ${schema.name}; BEGIN; ${sql}`);
  return client;
}

test("a row that another session changes first is stale, with what it has become", async () => {
  await withReplica(`${TABLE}; INSERT INTO people VALUES (1, 'a')`, async (replica, schema) => {
    const user = await other(schema, "UPDATE people SET name = 'theirs' WHERE id = 1");
    const writing = write(replica, "people", PEOPLE, [move([1, "a"], [1, "ours"])]);
    await untilWaiting(schema);
    await user.query("COMMIT");
    await user.end();
    assert.deepEqual(told(await writing), [["stale", [1, "theirs"]]]);
    assert.deepEqual(await rowsIn(schema), [{ id: 1, name: "theirs" }]);
  });
});

test("a row that another session makes first is stale, the rest of its page lands", async () => {
  await withReplica(TABLE, async (replica, schema) => {
    const user = await other(schema, "INSERT INTO people VALUES (2, 'theirs')");
    const writes = [creation(1, "a"), creation(2, "ours"), creation(3, "c")];
    const writing = write(replica, "people", PEOPLE, writes);
    await untilWaiting(schema);
    await user.query("COMMIT");
    await user.end();
    assert.deepEqual(told(await writing), [
      [1, "a"],
      ["stale", [2, "theirs"]],
      [3, "c"],
    ]);
  });
});

/** Until one of our sessions waits for another one. */
async function untilWaiting(schema: TestSchema): Promise<void> {
  while (!(await isWaiting(schema)));
}

async function isWaiting({ client, name }: TestSchema): Promise<boolean> {
  const sql = `SELECT 1 FROM pg_stat_activity
    WHERE application_name = $1 AND wait_event_type = 'Lock'`;
  return (await client.query(sql, [name])).rowCount !== 0;
}

test("what is locked for too long is for later, and nothing of it is there", async () => {
  await withReplica(
    `${TABLE}; INSERT INTO people VALUES (1, 'a')`,
    async (replica, schema) => {
      const user = await other(schema, "SELECT * FROM people FOR UPDATE");
      const writes = [creation(2, "b"), move([1, "a"], [1, "ours"])];
      const outcomes = await write(replica, "people", PEOPLE, writes);
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ["later", "later"],
      );
      assert.match(String(told(outcomes)[0]), /REPLICA_UNAVAILABLE: .* is held by another session/);
      await user.query("ROLLBACK");
      await user.end();
      assert.deepEqual(await rowsIn(schema), [{ id: 1, name: "a" }]);
      const again = await write(replica, "people", PEOPLE, writes);
      assert.deepEqual(
        again.map(({ kind }) => kind),
        ["applied", "applied"],
      );
    },
    { timeouts: { lockMs: 20 } },
  );
});

test("two sessions that wait for each other: one of them gives way and tries again", async () => {
  const sql = `${TABLE}; INSERT INTO people VALUES (1, 'a'), (2, 'b')`;
  await withReplica(sql, async (replica, schema) => {
    const user = await other(schema, "UPDATE people SET name = 'x' WHERE id = 2");
    const writes = [move([1, "a"], [1, "A"]), move([2, "b"], [2, "B"])];
    const writing = write(replica, "people", PEOPLE, writes);
    await untilWaiting(schema);
    // Whom the server ends is its choice.
    const theirs = await user.query("UPDATE people SET name = 'y' WHERE id = 1").then(
      () => "done",
      () => "gave way",
    );
    await user.query(theirs === "done" ? "COMMIT" : "ROLLBACK");
    await user.end();
    const kinds = (await writing).map(({ kind }) => kind);
    assert.deepEqual(kinds, theirs === "done" ? ["stale", "stale"] : ["applied", "applied"]);
  });
});

test("an aborted write cancels what waits, throws the reason and leaves nothing", async () => {
  await withReplica(`${TABLE}; INSERT INTO people VALUES (1, 'a')`, async (replica, schema) => {
    const user = await other(schema, "SELECT * FROM people FOR UPDATE");
    const stopping = new AbortController();
    const writer = await replica.writer(never);
    const batch = batchOf("people", PEOPLE, [creation(2, "b"), move([1, "a"], [1, "ours"])]);
    const writing = writer.write(batch, stopping.signal);
    await untilWaiting(schema);
    const reason = new Error("enough");
    stopping.abort(reason);
    await assert.rejects(writing, reason);
    assert.equal(await isWaiting(schema), false);
    await user.query("ROLLBACK");
    await user.end();
    assert.deepEqual(await rowsIn(schema), [{ id: 1, name: "a" }]);
    // Nothing is left of it in the way of others, or in its own.
    await schema.client.query("SELECT * FROM people FOR UPDATE NOWAIT");
    assert.deepEqual(told(await writer.write(batch, never)), [
      [2, "b"],
      [1, "ours"],
    ]);
    await writer.abort();
  });
});

test("an idle connection that is ended is made anew", async () => {
  await withReplica(TABLE, async (replica, schema) => {
    const writer = await replica.writer(never);
    await writer.write(batchOf("people", PEOPLE, [creation(1, "a")]), never);
    const end = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = $1`;
    await schema.client.query(end, [schema.name]);
    const outcomes = await writer.write(batchOf("people", PEOPLE, [creation(2, "b")]), never);
    assert.deepEqual(told(outcomes), [[2, "b"]]);
    await writer.abort();
    assert.equal((await replica.describe(never)).collections.size, 1);
  });
});

async function throughProxy(
  run: (
    proxy: Proxy,
    replica: Awaited<ReturnType<typeof postgresReplica>>,
    schema: TestSchema,
  ) => Promise<void>,
  timeouts = {},
): Promise<void> {
  await withSchema(TABLE, async (schema) => {
    const proxy = await startProxy(schema.url);
    const options = { name: "data", url: proxy.url, markers: schema.ours, timeouts };
    const replica = await postgresReplica(options);
    try {
      await run(proxy, inSchema(replica, schema.name), schema);
    } finally {
      await replica.close();
      await proxy.close();
    }
  });
}

/** True for a message that asks to commit, and not one that is sent before it. */
function asksToCommit(sent: Buffer): boolean {
  return sent.includes("COMMIT\0");
}

for (const verdict of ["cut-before", "cut-after"] as const) {
  test(`a connection that is ${verdict} its COMMIT: unknown, and the marker tells`, async () => {
    await throughProxy(async (proxy, replica, schema) => {
      await write(replica, "people", PEOPLE, [creation(1, "a"), creation(2, "b")]);
      const batch = batchOf("people", PEOPLE, [move([2, "b"], [2, "moved"])]);
      let cuts = 0;
      proxy.judge = (sent) => (asksToCommit(sent) && cuts++ === 0 ? verdict : "pass");
      const outcomes = await writeBatch(replica, batch);
      assert.deepEqual(
        outcomes.map(({ kind }) => kind),
        ["unknown"],
      );
      assert.equal(cuts, 1);
      const isThere = verdict === "cut-after";
      const names = async () => JSON.stringify(await rowsIn(schema));
      while ((await names()).includes("moved") !== isThere);
      const marks = await replica.marks("link", never);
      assert.equal(
        marks.some(({ id }) => id === batch.id),
        isThere,
      );
      const again = await writeBatch(replica, batch);
      assert.deepEqual(told(again), [[2, "moved"]]);
    });
  });

  for (const isPacked of [false, true]) {
    const what = isPacked ? "packed rows" : "a page of new rows";
    test(`${what} whose connection is ${verdict} its COMMIT: landed once`, async () => {
      await throughProxy(async (proxy, replica, schema) => {
        await write(replica, "people", PEOPLE, [creation(3, "c")]);
        const batch = batchOf("people", PEOPLE, [creation(1, "a"), creation(2, "b")]);
        const writer = await replica.writer(never);
        const sent = isPacked ? await packed(writer, batch) : batch;
        let cuts = 0;
        proxy.judge = (bytes) => (asksToCommit(bytes) && cuts++ === 0 ? verdict : "pass");
        assert.deepEqual(told(await writer.write(sent, never)), [
          [1, "a"],
          [2, "b"],
        ]);
        await writer.finish(never);
        // What was packed is sent again only after its marker was looked for.
        assert.equal(cuts, isPacked && verdict === "cut-after" ? 1 : 2);
        assert.equal((await rowsIn(schema)).length, 3);
        const marks = await replica.marks("link", never);
        assert.deepEqual(marks.slice(1), [{ id: batch.id, missed: [] }]);
      });
    });
  }
}

test("a connection that breaks before the end lands once, on another one", async () => {
  await throughProxy(async (proxy, replica, schema) => {
    await write(replica, "people", PEOPLE, [creation(1, "a")]);
    let cuts = 0;
    proxy.judge = (sent) => (sent.includes("COPY") && cuts++ === 0 ? "cut-after" : "pass");
    const outcomes = await write(replica, "people", PEOPLE, [creation(2, "b")]);
    assert.deepEqual(told(outcomes), [[2, "b"]]);
    assert.equal((await rowsIn(schema)).length, 2);
  });
});

test("a server that falls silent is given up after a while", async () => {
  await throughProxy(
    async (proxy, replica) => {
      proxy.judge = (sent) => (sent.includes("relkind") ? "hang" : "pass");
      const said = await codeOf(replica.describe(never));
      assert.match(said, /^REPLICA_UNAVAILABLE: .*did not answer in time/);
    },
    { statementMs: 100, graceMs: 50 },
  );
});

test("a killed server is out of reach, and goes on where it was after its restart", async () => {
  const server = await startServer({ fsync: "on" });
  let replica = await postgresReplica({ name: "data", url: server.url });
  try {
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(TABLE);
    await client.end();
    const first = batchOf("public.people", PEOPLE, [creation(1, "a")]);
    assert.deepEqual(told(await writeBatch(replica, first)), [[1, "a"]]);
    const before = await replica.describe(never);
    await server.kill();
    // A session that is open outlives its server for a moment, and may still do what it is told.
    await replica.close();
    replica = await postgresReplica({ name: "data", url: server.url });
    const second = batchOf("public.people", PEOPLE, [creation(2, "b")]);
    assert.match(await codeOf(writeBatch(replica, second)), /^REPLICA_UNAVAILABLE: /);
    assert.match(await codeOf(replica.describe(never)), /^REPLICA_UNAVAILABLE: /);
    await server.start();
    const after = await replica.describe(never);
    assert.deepEqual([after.identity, after.epoch], [before.identity, before.epoch]);
    assert.deepEqual(await replica.marks("link", never), [{ id: first.id, missed: [] }]);
    assert.deepEqual(told(await writeBatch(replica, second)), [[2, "b"]]);
  } finally {
    await replica.close();
    await server.stop();
  }
});
