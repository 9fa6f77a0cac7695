// `discover` between SQLite and PostgreSQL: schemas, limits of types, an address that is secret.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { invoke } from "../../src/cli/program.ts";
import { Stopping } from "../../src/cli/stopping.ts";
import { Captured } from "../../src/cli/world.ts";
import { folderOf } from "../cli/world.ts";
import { makeDatabase } from "./server.ts";

const CANARY = "s3cret-canary";

async function sceneOf(t: TestContext) {
  const { url, client } = await makeDatabase(t);
  const folder = folderOf(t);
  const crm = new DatabaseSync(join(folder, "crm.db"));
  crm.exec(`CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, balance NUMERIC);
    CREATE TABLE orders (id INTEGER PRIMARY KEY, placed TEXT)`);
  crm.close();
  // Trusted connections take any password.
  const address = new URL(url);
  address.password = CANARY;
  const run = async (env: { readonly [name: string]: string }, ...words: readonly string[]) => {
    const [stdout, stderr] = [new Captured(), new Captured()];
    const stopping = new Stopping();
    const world = { stdout, stderr, env, cwd: folder, stopping, now: Date.now };
    const exit = await invoke(words, world);
    const text = stdout.text + stderr.text;
    assert.doesNotMatch(text, new RegExp(CANARY));
    return { exit, text };
  };
  return { client, folder, address: address.href, run };
}

test("an address with a password becomes a variable, and the rest is taken", async (t) => {
  const { client, folder, address, run } = await sceneOf(t);
  await client.query(`
    CREATE SCHEMA archive;
    CREATE TABLE archive.customers (id integer PRIMARY KEY, name text);
    CREATE TABLE customers (id smallint PRIMARY KEY, name varchar(50) NOT NULL,
      balance numeric(10,2));
    CREATE TABLE "Orders" (id integer PRIMARY KEY, placed date)`);
  const written = await run({}, "discover", "crm.db", address, "-o", "proposed.yaml");
  assert.equal(written.exit, 0, written.text);
  const [, variable = ""] = /export (\w+_URL)=/.exec(written.text) ?? [];
  const text = readFileSync(join(folder, "proposed.yaml"), "utf8");
  assert.doesNotMatch(text, new RegExp(CANARY));
  assert.match(text, new RegExp(`# Set ${variable}: the address of `));
  assert.match(text, new RegExp(`url: "\\$\\{${variable}\\}"`));
  assert.match(text, /target: \w+\.public\.customers$/m);
  assert.match(text, /archive\.customers of the target: .*no table of that name/);
  assert.match(text, /target: \w+\.public\.Orders$/m);
  assert.match(text, /more than 50 characters are\s+(?:# )?refused/);
  assert.match(text, /only -32768 to 32767 are taken/);
  assert.match(text, /only what fits decimal\(10,2\) is taken/);
  const taken = await run({ [variable]: address }, "validate", "-c", "proposed.yaml");
  assert.equal(taken.exit, 0, taken.text);
  const data = await run({}, "discover", address, "crm.db", "--json");
  assert.equal(data.exit, 0, data.text);
  assert.equal(JSON.parse(data.text).result.variables[0].name, variable);
});

test("a database without tables gets them in the schema in which it is looked for", async (t) => {
  const { address, run } = await sceneOf(t);
  const { exit, text } = await run({}, "discover", "crm.db", address, "-o", "proposed.yaml");
  assert.equal(exit, 0, text);
  const [, variable = ""] = /export (\w+_URL)=/.exec(text) ?? [];
  const taken = await run({ [variable]: address }, "validate", "-c", "proposed.yaml");
  assert.equal(taken.exit, 0, taken.text);
  assert.match(taken.text, /crm\.customer → \w+\.public\.customer/);
});

test("two databases of one name, both with passwords, have two variables", async (t) => {
  const { client, folder, address, run } = await sceneOf(t);
  await client.query("CREATE TABLE customers (id integer PRIMARY KEY)");
  const other = `${address}?application_name=other`;
  const { exit, text } = await run({}, "discover", address, other, "-o", "proposed.yaml");
  assert.equal(exit, 0, text);
  const names = [...text.matchAll(/export (\w+)=/g)].map(([, name = ""]) => name);
  assert.match(names[0] ?? "", /^SOURCE_/);
  assert.match(names[1] ?? "", /^TARGET_/);
  const yaml = readFileSync(join(folder, "proposed.yaml"), "utf8");
  for (const name of names) assert.ok(yaml.includes(`url: "\${${name}}"`), yaml);
  const env = { [names[0] ?? ""]: address, [names[1] ?? ""]: other };
  const taken = await run(env, "validate", "-c", "proposed.yaml");
  assert.equal(taken.exit, 0, taken.text);
});

test("a password in a configuration does not come along with its system", async (t) => {
  const { client, folder, address, run } = await sceneOf(t);
  await client.query("CREATE TABLE customers (id integer PRIMARY KEY, name text)");
  const systems = `  crm: { type: sqlite, path: ./crm.db }
  shop: { type: postgres, url: "${address}", markers: false }`;
  const pipelines = "  any: { source: crm.customer, target: shop.customers }";
  const config = `version: 1\nsystems:\n${systems}\npipelines:\n${pipelines}\n`;
  writeFileSync(join(folder, "syncline.yaml"), config);
  const { exit, text } = await run({}, "discover", "crm", "shop", "-o", "proposed.yaml");
  assert.equal(exit, 0, text);
  assert.match(text, /export SHOP_URL=…/);
  const yaml = readFileSync(join(folder, "proposed.yaml"), "utf8");
  assert.match(yaml, /shop: \{ type: postgres, url: "\$\{SHOP_URL\}", markers: false \}/);
  const taken = await run({ SHOP_URL: address }, "validate", "-c", "proposed.yaml");
  assert.equal(taken.exit, 0, taken.text);
});

test("a server that lets nobody in says so, without the password", async (t) => {
  const { address, run } = await sceneOf(t);
  const nobody = address.replace(/\/\/[^:]+:/, "//nobody_of_that_name:");
  const { exit } = await run({}, "discover", "crm.db", nobody);
  assert.equal(exit, 3);
});
