// What `doctor` says of a PostgreSQL server: its version, its clock, and what our user lacks.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { Check } from "../../src/cli/doctor/check.ts";
import { cliAt, folderOf } from "../cli/world.ts";
import { makeDatabase } from "./server.ts";

const HOUR_MS = 3_600_000;

async function sceneOf(t: TestContext) {
  const { url, client } = await makeDatabase(t);
  await client.query("CREATE TABLE customers (id text PRIMARY KEY, name text)");
  const folder = folderOf(t);
  const crm = new DatabaseSync(join(folder, "crm.db"));
  crm.exec("CREATE TABLE customers (id TEXT PRIMARY KEY NOT NULL, name TEXT)");
  crm.close();
  const configure = (address: string): void =>
    writeFileSync(
      join(folder, "syncline.yaml"),
      `version: 1
systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: postgres, url: "${address}" }
pipelines:
  customers: { source: crm.customers, target: billing.customers }
`,
    );
  configure(url);
  const visit = async (aheadMs = 0) => {
    const now = (): number => Date.now() + aheadMs;
    const { exit, stdout } = await cliAt(now, folder, "doctor", "--json");
    const checks: readonly Check[] = JSON.parse(stdout).result.checks;
    const of = (check: string, name: string): Check | undefined =>
      checks.find((each) => each.check === check && each.of === name);
    return { exit, of };
  };
  return { url, client, folder, configure, visit };
}

test("doctor tells a server's version, and a clock that is another than ours", async (t) => {
  const { visit, client } = await sceneOf(t);
  const { rows } = await client.query("SHOW server_version");
  const { exit, of } = await visit();
  assert.equal(exit, 0);
  assert.ok(of("system", "billing")?.text.startsWith(`PostgreSQL ${rows[0].server_version}, `));
  assert.equal(of("clock", "billing")?.state, "ok");
  assert.match(of("rights", "billing")?.text ?? "", /^1 collection: 1 may be read, 1 written$/);
  const skewed = (await visit(HOUR_MS)).of("clock", "billing");
  assert.equal(skewed?.code, "CLOCK_SKEW");
  assert.match(skewed.text, /^its clock is (60 min 0|59 min 59) s behind ours$/);
  assert.match((await visit(-HOUR_MS)).of("clock", "billing")?.text ?? "", /ahead of ours$/);
});

test("what our user lacks is said with the GRANT that helps, temporary tables too", async (t) => {
  const { url, client, configure, visit } = await sceneOf(t);
  const role = `syncline_test_${process.pid}_doctor`;
  await client.query(`CREATE ROLE ${role} LOGIN`);
  try {
    const [database] = (await client.query("SELECT current_database() AS name")).rows;
    await client.query(`REVOKE TEMPORARY ON DATABASE "${database.name}" FROM PUBLIC`);
    await client.query(`GRANT SELECT ON customers TO ${role}`);
    const address = new URL(url);
    address.username = role;
    configure(address.href);
    const { exit, of } = await visit();
    assert.equal(exit, 3);
    assert.match(of("rights", "billing")?.text ?? "", /1 may be read, 0 written$/);
    const found = of("pipeline", "customers");
    assert.equal(found?.code, "REPLICA_DENIED");
    assert.match(found.hint ?? "", /GRANT INSERT, UPDATE, DELETE ON "public"\."customers"/);
    assert.match(found.hint ?? "", /GRANT TEMPORARY ON DATABASE/);
  } finally {
    await client.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
  }
});
