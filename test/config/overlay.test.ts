// `syncline.local.yaml` beside `syncline.yaml`: what one machine has otherwise than all the others.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { loadConfig } from "../../src/config/index.ts";
import type { Config } from "../../src/config/index.ts";

const BASE = `version: 1
systems:
  crm: { type: sqlite, path: ./crm.db, markers: false }
  billing: { type: sqlite, path: ./billing.db }
pipelines:
  customers:
    source: crm.customers
    target: billing.customers
    filters: [{ field: status, operator: equals, value: active }]
`;

function load(t: TestContext, local: string | Uint8Array, name = "syncline"): Promise<Config> {
  const folder = mkdtempSync(join(tmpdir(), "syncline-overlay-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, `${name}.yml`), BASE);
  writeFileSync(join(folder, `${name}.local.yml`), local);
  return loadConfig(`${name}.yml`, { cwd: folder, env: { HERE: "/data/mine.db" } });
}

test("what the local file says goes before, key by key; the rest stands", async (t) => {
  const config = await load(t, "systems: { crm: { path: '${HERE}' } }\njournal: ./mine.db\n");
  assert.equal(config.local, "syncline.local.yml");
  assert.deepEqual(config.systems.get("crm"), {
    type: "sqlite",
    path: "/data/mine.db",
    markers: false,
  });
  assert.match(config.journal, /mine\.db$/);
  assert.equal(config.links[0]?.pipelines.length, 1);
});

test("a list is taken whole, and what is new is added", async (t) => {
  const local = `pipelines:
  customers: { filters: [] }
  people: { source: crm.people, target: billing.people }
`;
  const config = await load(t, local);
  const [customers, people] = config.links[0]?.pipelines ?? [];
  assert.deepEqual([customers?.filters, people?.name], [undefined, "people"]);
});

test("what is wrong with it is told at its place in its own file", async (t) => {
  const where = (local: string) =>
    load(t, local).then(
      () => assert.fail("it was taken"),
      (error: Error & { readonly where?: string }) => error.where,
    );
  assert.equal(await where("systems:\n  crm: { paht: x }\n"), "syncline.local.yml:2:10");
  assert.equal(await where("systems: [\n"), "syncline.local.yml:2:1");
  assert.equal(await where("- 1\n"), "syncline.local.yml:1:1");
  assert.equal(await where("systems: { crm: { path: '${NONE}' } }\n"), "syncline.local.yml:1:25");
  // What follows from both is told where it was written.
  assert.equal(await where("systems: { crm: { type: files } }\n"), "syncline.local.yml:1:25");
});

test("an empty one says nothing, one that is no text is refused", async (t) => {
  assert.equal((await load(t, "# nothing yet\n")).systems.size, 2);
  await assert.rejects(load(t, Uint8Array.of(0xff, 0xfe)), { where: "syncline.local.yml" });
});
