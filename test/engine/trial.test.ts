// Trial runs, runs that are asked to stop, and what a run leaves on record.
import assert from "node:assert/strict";
import { test } from "node:test";
import { applyPlan, run, status } from "../../src/engine/index.ts";
import {
  crowd,
  key,
  NEVER,
  NOTHING,
  person,
  personId,
  sceneOf,
  settingsOf,
  wrote,
  type Scene,
} from "./scene.ts";

async function edited(count: number): Promise<Scene> {
  const scene = await sceneOf();
  crowd(scene, count, "crm", "billing");
  await scene.run();
  for (let i = 0; i < count; i++) scene.put("crm", personId(i), { city: "Oslo" });
  return scene;
}

const moved = (scene: Scene): number =>
  Object.values(scene.people("billing")).filter(({ city }) => city === "Oslo").length;

test("--limit changes at most so many entries, and the next run does the rest", async () => {
  const scene = await edited(20);
  const plan = await scene.plan({ limit: 3 });
  assert.equal(plan.writes, 3);
  const view = await scene.run({ limit: 3 });
  assert.equal(wrote(view, "target").update, 3);
  assert.equal(moved(scene), 3);
  await scene.run();
  assert.equal(moved(scene), 20);
});

test("--limit is not used up by questions that were open before", async () => {
  const scene = await edited(5);
  await scene.run();
  for (const i of [0, 1]) {
    scene.put("crm", personId(i), { city: "Bergen" });
    scene.put("billing", personId(i), { city: "Molde" });
  }
  await scene.run();
  scene.put("crm", personId(4), { city: "Bergen" });
  const view = await scene.run({ limit: 2 });
  assert.equal(wrote(view, "target").update, 1);
});

test("--limit withholds deletions: a trial has not seen all of them", async () => {
  const scene = await edited(5);
  scene.put("crm", personId(0), null);
  const view = await scene.run({ limit: 2 });
  assert.deepEqual(wrote(view, "target"), { create: 0, update: 1, delete: 0 });
  assert.equal(Object.keys(scene.people("billing")).length, 5);
  const rest = await scene.run();
  assert.equal(wrote(rest, "target").delete, 1);
});

test("what is withheld is not judged by a trial that does not see all of it", async () => {
  const scene = await edited(5);
  scene.put("crm", personId(0), null);
  await scene.run({ limit: 1 });
  const refused = { code: "USAGE", message: /--limit/ };
  await assert.rejects(scene.run({ limit: 2, restore: true }), refused);
  await assert.rejects(scene.plan({ limit: 2, restore: true }), refused);
  await assert.rejects(scene.run({ limit: 2, allowDeletes: 2 }), refused);
  await scene.run({ restore: true, key: key(personId(0)) });
  assert.ok(scene.people("crm")[personId(0)], "one entry is given back by its key");
});

test("--key looks at one entry and leaves the others alone", async () => {
  const scene = await edited(5);
  scene.put("crm", "new", person("New"));
  const view = await scene.run({ key: key(personId(3)) });
  assert.deepEqual(wrote(view, "target"), { create: 0, update: 1, delete: 0 });
  assert.equal(moved(scene), 1);
  assert.equal(scene.people("billing")["new"], undefined);
});

test("--key lets no withheld deletion pass, with --allow-deletes only that one", async () => {
  const scene = await edited(100);
  await scene.run();
  for (let i = 0; i < 40; i++) scene.put("crm", personId(i), null);
  const all = await scene.run();
  assert.equal(all.summary.pipelines["people"]?.withheld, 40);
  const one = await scene.run({ key: key(personId(7)) });
  assert.equal(wrote(one, "target").delete, 0);
  assert.equal(Object.keys(scene.people("billing")).length, 100);
  const allowed = await scene.run({ key: key(personId(7)), allowDeletes: true });
  assert.equal(wrote(allowed, "target").delete, 1);
  assert.equal(scene.people("billing")[personId(7)], undefined);
  assert.equal(Object.keys(scene.people("billing")).length, 99);
});

test("--key of an entry that nobody has does nothing", async () => {
  const scene = await edited(2);
  const view = await scene.run({ key: key("nobody") });
  assert.deepEqual([wrote(view, "source"), wrote(view, "target")], [NOTHING, NOTHING]);
});

test("a run that is asked to stop finishes its page, and the next one goes on", async () => {
  const scene = await edited(2500 / 100);
  crowd(scene, 2500, "crm");
  let pages = 0;
  const view = await run(scene.link, { shouldDrain: () => (pages += 1) >= 1 }, NEVER);
  const [record] = await scene.link.journal.runs(1);
  assert.equal(record?.status, "stopped");
  assert.equal(record?.id, view.id);
  const written = Object.keys(scene.people("billing")).length;
  assert.ok(written >= 1000 && written < 2500, `${written} are there`);
  await scene.run();
  assert.equal(Object.keys(scene.people("billing")).length, 2500);
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
});

test("a plan that was stopped is gone on with by applying it again", async () => {
  const scene = await sceneOf({ pipeline: { guard: { floor: 30 } } });
  crowd(scene, 2500, "crm", "billing");
  await scene.run();
  for (let i = 0; i < 2500; i++) scene.put("crm", personId(i), i % 100 === 0 ? null : { age: -1 });
  const plan = await scene.plan();
  const stop = () => applyPlan(scene.link, plan.id, { shouldDrain: () => true }, NEVER);
  const first = await stop();
  assert.ok(first.isStopped);
  const changed = () =>
    Object.values(scene.people("billing")).filter(({ age }) => age === -1).length;
  assert.ok(changed() > 0 && changed() < 2475, `${changed()} were written`);
  const [record] = await scene.link.journal.runs(1);
  assert.deepEqual([record?.kind, record?.status], ["apply", "stopped"]);
  let stops = 1;
  for (let view = first; view.isStopped; stops += 1) view = await stop();
  assert.ok(stops >= 3, `it was stopped ${stops} times: after every block`);
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
  await assert.rejects(stop(), { code: "PLAN_STALE", message: /applied already/ });
  assert.equal((await scene.plan()).writes, 0);
});

test("a plan that was stopped is stale once something else has moved the link", async () => {
  const scene = await sceneOf();
  crowd(scene, 2500, "crm", "billing");
  await scene.run();
  for (let i = 0; i < 2500; i++) scene.put("crm", personId(i), { age: -1 });
  const plan = await scene.plan();
  await applyPlan(scene.link, plan.id, { shouldDrain: () => true }, NEVER);
  await scene.run();
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
  await assert.rejects(scene.apply(plan), { code: "PLAN_STALE", message: /moved on/ });
});

test("a run that is asked to stop decides no deletion: it has not seen all of them", async () => {
  const scene = await sceneOf();
  crowd(scene, 2500, "crm", "billing");
  await scene.run();
  for (let i = 0; i < 2500; i++) scene.put("crm", personId(i), i % 100 === 0 ? null : { age: -1 });
  const view = await run(scene.link, { shouldDrain: () => true }, NEVER);
  assert.equal(wrote(view, "target").delete, 0);
  const rest = await scene.run();
  assert.equal(wrote(rest, "target").delete, 25);
});

test("every run is on record, also one that failed", async () => {
  const scene = await edited(3);
  await scene.run();
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  await assert.rejects(run(scene.link, {}, stop.signal), /enough/);
  const runs = await scene.link.journal.runs(9);
  assert.deepEqual(
    runs.map(({ kind, status: of }) => [kind, of]),
    [
      ["run", "failed"],
      ["run", "done"],
      ["run", "done"],
    ],
  );
  const { lastRun } = await status(scene.link);
  assert.equal(lastRun?.status, "failed");
});

test("a run limited to one pipeline writes that pipeline only", async () => {
  const systems = ["crm", "billing"];
  const oneWay = { direction: "one-way" } as const;
  const one = settingsOf(systems, { ...oneWay, name: "one", mapping: columns("id", "name") });
  const two = settingsOf(systems, { ...oneWay, name: "two", mapping: columns("id", "city") });
  const scene = await sceneOf({ pipelines: [one, two] });
  scene.put("crm", "ann", person("Ann"));
  await scene.run({ pipelines: ["one"] });
  assert.deepEqual(scene.people("billing")["ann"], { name: "Ann", age: null, city: null });
  const counts = (await status(scene.link)).pipelines;
  assert.deepEqual([counts["one"]?.entries, counts["two"]?.entries], [1, 0]);
});

const columns = (...names: readonly string[]) =>
  names.map((name) => ({ source: name, target: name }));

test("progress is reported and counts what was compared", async () => {
  const scene = await edited(30);
  const seen: number[] = [];
  await run(
    scene.link,
    { onProgress: ({ done, pipeline }) => void (pipeline === "people" && seen.push(done)) },
    NEVER,
  );
  assert.equal(seen.at(-1), 30);
});
