// The demonstration with one side in a PostgreSQL: the figures are those of two SQLite databases,
// and nothing is touched but a schema that it has made itself.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeDataset } from "../../src/cli/demo/entries.ts";
import { tellOneWay } from "../../src/cli/demo/one-way.ts";
import { samplePlaces } from "../../src/cli/demo/sample.ts";
import { DEMO_VARIABLE, openDemoSchema } from "../../src/cli/demo/schema-place.ts";
import { Shell, figuresOf } from "../../src/cli/demo/shell.ts";
import { Page } from "../../src/cli/page.ts";
import { Stopping } from "../../src/cli/stopping.ts";
import { Captured } from "../../src/cli/world.ts";
import type { World } from "../../src/cli/world.ts";
import { mirrored, sampleFolders, withoutIds } from "../cli/demo-figures.ts";
import type { Step } from "../cli/demo-figures.ts";
import { cli, folderOf } from "../cli/world.ts";
import { makeDatabase } from "./server.ts";
import type { TestDatabase } from "./server.ts";

const SECRET = "hunter2-is-nobodys-business";
const BYSTANDER = "CREATE TABLE entries (key text); INSERT INTO entries VALUES ('mine')";

/** Trusted connections take any password, and any role that there is. */
function addressFor({ url }: TestDatabase, user = "postgres"): string {
  const address = new URL(url);
  address.username = user;
  address.password = SECRET;
  return address.href;
}

async function schemasOf({ client }: TestDatabase): Promise<readonly string[]> {
  const sql = "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information)' ORDER BY 1";
  return (await client.query(sql)).rows.map(({ nspname }) => nspname);
}

test("one side in PostgreSQL tells the same figures, and nothing else is touched", async (t) => {
  const database = await makeDatabase(t);
  const folder = folderOf(t);
  await database.client.query(BYSTANDER);
  const own = sampleFolders(folder);
  const told = async (name: string, ...words: readonly string[]): Promise<readonly Step[]> => {
    const line = ["demo", "--json", "--dir", join(folder, name), ...own, ...words];
    const { exit, stdout, stderr } = await cli(folder, ...line);
    assert.equal(exit, 0, stdout.slice(0, 2000) + stderr);
    assert.ok(!stdout.includes(SECRET));
    return JSON.parse(stdout).result.steps;
  };
  const files = await told("files");
  const there = ["--postgres", addressFor(database)];
  const straight = await told("straight", ...there);
  const swapped = await told("swapped", ...there, "--swap");
  assert.ok(files.length > 10);
  for (const [name, steps] of Object.entries({ straight, swapped })) {
    assert.equal(steps.length, files.length, name);
    for (const [i, { line, exit, summary }] of files.entries()) {
      const step = steps[i];
      assert.ok(step !== undefined && step.exit === exit, line);
      const same = name === "swapped" ? mirrored(step.summary) : withoutIds(step.summary);
      assert.deepEqual(same, withoutIds(summary), line);
    }
  }
  assert.deepEqual(await schemasOf(database), ["public", "syncline_demo"]);
  assert.deepEqual((await database.client.query("SELECT * FROM entries")).rows, [{ key: "mine" }]);
  const kept = globSync(`${folder}/{straight,swapped}/{*,.syncline/*}`);
  assert.ok(kept.length >= 6);
  for (const path of kept.filter((each) => !each.endsWith(".syncline"))) {
    assert.ok(!readFileSync(path, "latin1").includes(SECRET), path);
  }
});

test("the story of one side in PostgreSQL says where it is, and how it goes again", async (t) => {
  const database = await makeDatabase(t);
  const folder = folderOf(t);
  const own = sampleFolders(folder);
  const line = ["demo", "--dir", join(folder, "demo"), ...own, "--postgres", addressFor(database)];
  const { exit, stdout, stderr } = await cli(folder, ...line);
  assert.equal(exit, 0, stderr);
  const says = [
    "source.db and PostgreSQL hold",
    `target: { type: postgres, url: "\${${DEMO_VARIABLE}}", schema: syncline_demo, markers:`,
    "in source.db and imported in PostgreSQL.",
    `  export ${DEMO_VARIABLE}=…`,
    "  DROP SCHEMA syncline_demo CASCADE",
  ];
  for (const each of says) assert.ok(stdout.includes(each), `${each}\n${stdout}`);
  assert.ok(!stdout.includes(SECRET));
  await database.client.query("DROP SCHEMA syncline_demo CASCADE");
  assert.deepEqual(await schemasOf(database), ["public"]);
});

test("a large table goes into PostgreSQL one-way, and into nothing else", async (t) => {
  const database = await makeDatabase(t);
  const url = addressFor(database);
  const world: World = {
    stdout: new Captured(),
    stderr: new Captured(),
    env: { [DEMO_VARIABLE]: url },
    cwd: folderOf(t),
    stopping: new Stopping(),
    now: Date.now,
  };
  const shell = new Shell(world, new Page(world.stdout, {}));
  const key = ["country", "name", "lat", "lng"];
  const found = { dataset: makeDataset("cities", key, samplePlaces()), isSample: true };
  const schema = await openDemoSchema(url, world);
  try {
    await tellOneWay(shell, world.cwd, found, schema.place);
  } finally {
    await schema.close();
  }
  const [load, update, again] = shell.steps.map((step) => {
    const said = { exit: step.exit, summary: step.summary, result: {} };
    return step.line === "syncline run" ? figuresOf(said, "cities").target : undefined;
  });
  assert.deepEqual(load, { create: 2000, update: 0, delete: 0 });
  assert.deepEqual(update, { create: 150, update: 49, delete: 40 });
  assert.deepEqual(again, { create: 0, update: 0, delete: 0 });
  assert.equal(shell.steps.at(-1)?.exit, 0, "verified");
  const { rows } = await database.client.query("SELECT count(*)::int FROM syncline_demo.cities");
  assert.deepEqual(rows, [{ count: 2110 }]);
  assert.deepEqual(await schemasOf(database), ["public", "syncline_demo"]);
});

test("what the demonstration has not made is refused and left as it is", async (t) => {
  const database = await makeDatabase(t);
  const { client } = database;
  const folder = folderOf(t);
  const own = sampleFolders(folder);
  const refused = async (user = "postgres") => {
    const line = ["demo", ...own, "--postgres", addressFor(database, user)];
    const { exit, stdout, stderr } = await cli(folder, ...line);
    assert.equal(stdout, "");
    assert.ok(!stderr.includes(SECRET));
    return `${exit} ${stderr}`;
  };
  const ours = "COMMENT ON SCHEMA syncline_demo IS 'Made by `syncline demo`. It may be dropped.'";
  const table = "COMMENT ON TABLE syncline_demo.a IS 'Made by `syncline demo`. It may be dropped.'";
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      "CREATE SCHEMA syncline_demo; CREATE TABLE syncline_demo.a (i int)",
      /^2 .* USAGE\n {2}There is a schema syncline_demo which the demonstration has not made\./,
    ],
    [ours, /^2 .* USAGE\n {2}syncline_demo\.a is something that the demonstration has not made\./],
    [
      `${table}; CREATE VIEW public.v AS SELECT * FROM syncline_demo.a`,
      /^2 .* USAGE\n {2}Tables of syncline_demo are needed by something that the demonstration/,
    ],
  ];
  for (const [sql, says] of cases) {
    await client.query(sql);
    assert.match(await refused(), says);
    assert.deepEqual((await client.query("SELECT * FROM syncline_demo.a")).rows, []);
  }
  const role = `syncline_test_${process.pid}_demo`;
  await client.query(`DROP SCHEMA syncline_demo CASCADE; CREATE ROLE ${role} LOGIN`);
  const denied = new RegExp(
    `^3 .* REPLICA_DENIED\n.*${role} may not.*\n.*GRANT CREATE ON DATABASE`,
  );
  try {
    assert.match(await refused(role), denied);
  } finally {
    await client.query(`DROP ROLE ${role}`);
  }
  await client.query("SELECT pg_advisory_lock(5393412772)");
  assert.match(await refused(), /^3 .* REPLICA_UNAVAILABLE\n {2}Another demonstration runs/);
});

test("an address that is none is refused without being shown", async (t) => {
  const folder = folderOf(t);
  const line = ["demo", ...sampleFolders(folder), "--postgres"];
  for (const url of [`mysql://keeper:${SECRET}@db/billing`, `https://keeper:${SECRET}@a/c`]) {
    const { exit, stdout, stderr } = await cli(folder, ...line, url);
    assert.equal(exit, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /CONFIG_INVALID\n {2}a Postgres URL/);
    assert.ok(!stderr.includes(SECRET));
  }
});
