import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { loadConfig, openConfig } from "../../src/config/index.ts";
import type { OpenOptions } from "../../src/config/index.ts";
import { SyncError } from "../../src/core/errors.ts";
import { inWords, problemsOf } from "../../src/core/problems.ts";
import { makePlan, run, verify } from "../../src/engine/index.ts";

const NEVER = new AbortController().signal;
const places: string[] = [];
after(() => {
  for (const place of places) rmSync(place, { recursive: true, force: true });
});

/** A folder with a configuration and databases. */
function place(config: string, databases: { readonly [file: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), "syncline-open-"));
  places.push(folder);
  writeFileSync(join(folder, "syncline.yaml"), config);
  for (const [file, schema] of Object.entries(databases)) {
    const database = new DatabaseSync(join(folder, file));
    database.exec(schema);
    database.close();
  }
  return folder;
}

async function open(folder: string, options: Partial<OpenOptions> = {}) {
  const config = await loadConfig("syncline.yaml", { cwd: folder });
  return openConfig(config, { access: "write", ...options });
}

async function refusal(opening: Promise<unknown>): Promise<readonly string[]> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof SyncError) {
      return problemsOf(error).map((each) => `${each.code} ${inWords(each)}`);
    }
    throw error;
  }
  return [];
}

const CONFIG = `
systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: sqlite, path: ./billing.db }
  spare: { type: sqlite, path: ./spare.db }
pipelines:
  people: { source: crm.people, target: billing.people, createMissing: true }
  more: { source: crm.more, target: spare.more }
`;

const PEOPLE = `
  CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT);
  CREATE TABLE more (id INTEGER PRIMARY KEY);
  INSERT INTO people VALUES (1, 'Ada'), (2, 'Charles');`;

test("a table that is not there is planned without a trace, made by the first run", async () => {
  const folder = place(CONFIG, { "crm.db": PEOPLE, "billing.db": "CREATE TABLE x (y)" });
  const opened = await open(folder, { pipelines: ["people"] });
  try {
    const [link, ...others] = opened.links;
    assert.ok(link);
    assert.equal(others.length, 0); // the other link's database does not even exist
    const tables = () => {
      const database = new DatabaseSync(join(folder, "billing.db"), { readOnly: true });
      const rows = database.prepare("SELECT name FROM sqlite_schema").all();
      database.close();
      return rows.map((row) => row["name"]);
    };
    const plan = await makePlan(link, {}, NEVER);
    assert.equal(plan.summary.pipelines["people"]?.sides["target"]?.create, 2);
    assert.deepEqual(tables(), ["x"]);
    await run(link, {}, NEVER);
    assert.ok(tables().includes("people"));
    const { equal } = (await verify(link, {}, NEVER)).pipelines["people"] ?? {};
    assert.equal(equal, 2);
  } finally {
    await opened.close();
  }
  const again = await open(folder, { pipelines: ["people"] });
  const [link] = again.links;
  assert.ok(link);
  const plan = await makePlan(link, {}, NEVER);
  assert.equal(plan.writes, 0);
  await again.close();
});

test("a table that is to be made can do what it will, whatever stands beside it", async () => {
  for (const beside of ["", "CREATE VIEW a AS SELECT 1 AS id"]) {
    const folder = place(CONFIG, { "crm.db": PEOPLE, "billing.db": beside });
    const capabilities: unknown[] = [];
    for (const _ of ["planned", "made"]) {
      const opened = await open(folder, { pipelines: ["people"] });
      const [link] = opened.links;
      assert.ok(link);
      const { collections } = (await link.replicas.get("billing")?.describe(NEVER)) ?? {};
      capabilities.push(collections?.get("people")?.capabilities);
      await run(link, {}, NEVER);
      assert.equal((await verify(link, {}, NEVER)).pipelines["people"]?.equal, 2);
      await opened.close();
    }
    assert.ok(capabilities[1] !== undefined);
    assert.deepEqual(capabilities[0], capabilities[1], beside);
  }
});

test("what a system says against a configuration stands at its place in the file", async () => {
  const folder = place(CONFIG, {
    "crm.db": "CREATE TABLE people (id INTEGER PRIMARY KEY); CREATE TABLE mor (id INTEGER)",
    "billing.db": "CREATE TABLE people (id INTEGER)",
    "spare.db": "CREATE TABLE more (id INTEGER PRIMARY KEY)",
  });
  assert.deepEqual(await refusal(open(folder)), [
    "KEY_NOT_UNIQUE syncline.yaml:7:41: billing.people has no primary key, so nothing names its " +
      "entries. Name the fields that do: `key: id`, or `key: [a, b]`.",
    "COLLECTION_MISSING syncline.yaml:8:19: There is no collection 'more' in crm. " +
      "Did you mean 'mor'?",
  ]);
  // Nothing stays open: the journal's lock is free again.
  assert.equal((await refusal(open(folder))).length, 2);
});

test("every system that cannot be opened is told, with its place", async () => {
  const folder = place(CONFIG, { "crm.db": PEOPLE });
  writeFileSync(join(folder, "spare.db"), "this is no database, whatever its name says, at all");
  const told = await refusal(open(folder));
  assert.deepEqual(
    told.map((line) => line.split(": ")[0]),
    ["REPLICA_UNAVAILABLE syncline.yaml:4:12", "REPLICA_NOT_A_DATABASE syncline.yaml:5:10"],
  );
});

test("rings over tables that only the systems could name are refused", async () => {
  const config = `
systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: sqlite, path: ./billing.db }
  spare: { type: sqlite, path: ./spare.db }
pipelines:
  all: { source: crm.*, target: billing.*, direction: two-way }
  some: { source: billing.people, target: spare.people, direction: two-way }
  back: { source: spare.people, target: crm.people, direction: two-way }
`;
  const table = "CREATE TABLE people (id INTEGER PRIMARY KEY)";
  const folder = place(config, { "crm.db": table, "billing.db": table, "spare.db": table });
  const [told, ...others] = await refusal(open(folder));
  assert.match(told ?? "", /form a ring over/);
  assert.equal(others.length, 0);
});

test("a pipeline that there is not is a slip of the command line", async () => {
  const folder = place(CONFIG, { "crm.db": PEOPLE, "billing.db": PEOPLE, "spare.db": PEOPLE });
  assert.deepEqual(await refusal(open(folder, { pipelines: ["peopel"] })), [
    "USAGE There is no pipeline 'peopel'. Did you mean 'people'?",
  ]);
});
