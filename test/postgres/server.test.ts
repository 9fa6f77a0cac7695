import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { Client } from "pg";
import { withSchema } from "./server.ts";
import { startServer } from "./start.ts";

test("a schema is a test's own, and goes with it", async () => {
  let name = "";
  let url = "";
  await withSchema("CREATE TABLE t (id int)", async (schema) => {
    ({ name, url } = schema);
    assert.deepEqual((await schema.client.query("SELECT * FROM t")).rows, []);
  });
  const client = new Client({ connectionString: url });
  await client.connect();
  const left = await client.query("SELECT 1 FROM pg_namespace WHERE nspname LIKE $1 || '%'", [
    name,
  ]);
  await client.end();
  assert.equal(left.rowCount, 0);
});

test("a server that was killed starts again where it was", async () => {
  const server = await startServer({ fsync: "on" });
  try {
    const before = new Client({ connectionString: server.url });
    before.on("error", () => undefined);
    await before.connect();
    await before.query("CREATE TABLE kept (id int)");
    await server.kill();
    await server.start();
    const client = new Client({ connectionString: server.url });
    await client.connect();
    assert.equal((await client.query("SELECT count(*)::int AS n FROM kept")).rows[0].n, 0);
    await client.end();
  } finally {
    await server.stop();
  }
  assert.ok(!existsSync(server.folder));
});

test("what a killed run left behind is gone at the next start", async () => {
  const script = `
    const { startServer } = await import(${JSON.stringify(import.meta.resolve("./start.ts"))});
    const server = await startServer();
    console.log(JSON.stringify({ pid: server.pid, folder: server.folder }));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script]);
  const [line] = (await once(child.stdout, "data")) as [Buffer]; // its only line
  const { pid, folder } = JSON.parse(line.toString()) as { pid: number; folder: string };
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  assert.ok(existsSync(folder));
  const next = await startServer();
  await next.stop();
  assert.ok(!existsSync(folder));
  const state = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  // Nobody may wait for it here: a zombie is an end as well.
  assert.ok(state.stdout.trim() === "" || state.stdout.startsWith("Z"));
});
