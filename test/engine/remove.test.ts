import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { compileLink, removePipeline, run } from "../../src/engine/index.ts";
import type { Link, PipelineSettings, Replica } from "../../src/engine/index.ts";
import { sqliteReplica } from "../../src/replicas/sqlite/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { envOf, NEVER } from "./scene.ts";

/** One database is both a side of a two-way pipeline and the source of another link. */
async function shared(t: TestContext): Promise<{ readonly both: Link; readonly copy: Link }> {
  const folder = mkdtempSync(join(tmpdir(), "syncline-remove-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const replicas = new Map<string, Replica>();
  for (const name of ["crm", "billing", "backup"]) {
    const path = join(folder, `${name}.db`);
    const db = new DatabaseSync(path);
    db.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)");
    if (name === "billing") db.exec("INSERT INTO t VALUES (1, 'one')");
    db.close();
    const replica = await sqliteReplica({ name, path });
    t.after(() => replica.close());
    replicas.set(name, replica);
  }
  const journal = memoryJournal();
  const env = envOf({ now: 0 });
  const open = async (direction: PipelineSettings["direction"], target: string): Promise<Link> => {
    const systems = ["crm", target];
    const sides = systems.map((system, side) => ({
      name: side === 0 ? "source" : "target",
      at: { system, collection: "t" },
    }));
    const settings: PipelineSettings[] = [
      { name: target, sides, direction: direction ?? "two-way" },
    ];
    const own = new Map([...replicas].filter(([name]) => systems.includes(name)));
    const name = systems.join("+");
    const opened = await journal.open(name, "write");
    return compileLink({ name, settings, replicas: own, journal: opened, env }, NEVER);
  };
  const both = await open("two-way", "billing");
  const copy = await open("one-way", "backup");
  await run(both, {}, NEVER);
  await run(copy, {}, NEVER);
  return { both, copy };
}

test("a pipeline that is removed locks no other link out of its systems", async (t) => {
  const { both, copy } = await shared(t);
  await removePipeline(both, "billing", [both.journal, copy.journal]);
  assert.equal(await copy.journal.fact("identity crm"), undefined, "what told it was taken away");
  assert.deepEqual((await run(copy, {}, NEVER)).notes, []);
});

test("trust is final: a system without an identity is known as that", async (t) => {
  const { both, copy } = await shared(t);
  await removePipeline(both, "billing"); // as it is where other journals know the system
  const refused = { code: "IDENTITY_CHANGED", hint: /--trust crm/ };
  await assert.rejects(run(copy, {}, NEVER), refused);
  await run(copy, { trust: ["crm"] }, NEVER);
  await run(copy, {}, NEVER);
});
