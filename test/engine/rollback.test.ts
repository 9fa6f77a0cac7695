import assert from "node:assert/strict";
import { test } from "node:test";
import { planRollback } from "../../src/engine/index.ts";
import { stampOf } from "../../src/core/stamp.ts";
import type { Value } from "../../src/core/state.ts";
import {
  crowd,
  everywhere,
  key,
  NEVER,
  PEOPLE,
  person,
  personId,
  sceneOf,
  wrote,
  type Scene,
} from "./scene.ts";

const ANN = { pipeline: "people", key: key("ann") };

async function agreed(): Promise<Scene> {
  const scene = await sceneOf({ pipeline: { guard: { floor: 3, share: 0 } } });
  everywhere(scene, "ann", person("Ann"));
  crowd(scene, 6, "crm", "billing");
  await scene.run();
  return scene;
}

async function undo(scene: Scene, run: string): Promise<void> {
  await scene.apply(await planRollback(scene.link, { run }, NEVER));
}

test("a run is rolled back and forward again: creates, updates and deletes", async () => {
  const scene = await agreed();
  const before = scene.people("crm");
  scene.put("crm", "ann", { city: "Bergen" });
  scene.put("billing", personId(1), null);
  scene.put("billing", "new", person("New"));
  const { id } = await scene.run();
  const after = scene.people("crm");
  const plan = await planRollback(scene.link, { run: id }, NEVER);
  assert.deepEqual(scene.people("crm"), after, "planned, not done");
  const view = await scene.apply(plan);
  assert.deepEqual(scene.people("crm"), before);
  assert.deepEqual(scene.people("billing"), before);
  assert.equal((await scene.plan()).writes, 0, "both sides are at rest with it");
  await undo(scene, view.id);
  assert.deepEqual(scene.people("crm"), after);
  assert.deepEqual(scene.people("billing"), after);
  assert.equal((await scene.plan()).writes, 0);
});

test("a rollback keeps what was edited later, field by field", async () => {
  const scene = await agreed();
  scene.put("crm", "ann", { city: "Bergen", name: "Anna" });
  const { id } = await scene.run();
  scene.put("billing", "ann", { city: "Molde" });
  await scene.run();
  await undo(scene, id);
  assert.deepEqual(scene.people("crm")["ann"], person("Ann", 30, "Molde"));
  assert.deepEqual(scene.people("billing")["ann"], person("Ann", 30, "Molde"));
});

test("a rollback of what has moved on everywhere says so and does nothing", async () => {
  const scene = await agreed();
  scene.put("crm", "ann", { city: "Bergen" });
  const { id } = await scene.run();
  scene.put("billing", "ann", { city: "Molde" });
  await scene.run();
  const plan = await planRollback(scene.link, { run: id }, NEVER);
  assert.equal(plan.writes, 0);
  assert.deepEqual(
    plan.notes.map(({ code }) => code),
    ["ROLLBACK_KEPT"],
  );
});

test("a rollback of a creation or a deletion leaves entries that have moved on since", async () => {
  const scene = await agreed();
  scene.put("crm", "new", person("New"));
  scene.put("crm", "other", person("Other"));
  scene.put("crm", "ann", null);
  const { id } = await scene.run();
  scene.put("billing", "new", { city: "Bergen" });
  scene.put("crm", "ann", person("Ann II", 50, "Rome"));
  await scene.run();
  const plan = await planRollback(scene.link, { run: id }, NEVER);
  assert.match(plan.notes[0]?.text ?? "", /^2 entries have moved on/);
  await scene.apply(plan);
  assert.deepEqual(scene.people("crm")["new"], person("New", 30, "Bergen"));
  assert.deepEqual(scene.people("crm")["ann"], person("Ann II", 50, "Rome"));
  assert.equal(scene.people("billing")["other"], undefined, "nobody touched it since");
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
});

test("an edit that was made since on a side, and not yet seen, is not overwritten", async () => {
  const scene = await agreed();
  scene.put("crm", "ann", { city: "Bergen" });
  const { id } = await scene.run();
  scene.put("billing", "ann", { city: "Unseen" });
  await undo(scene, id);
  assert.equal(scene.people("billing")["ann"]?.["city"], "Unseen");
  await scene.run();
  const asked = await scene.questions();
  assert.deepEqual(
    asked.map(({ field }) => field),
    ["city"],
    "rivals: the rollback and the edit",
  );
});

test("rollbacks are guarded: deletions above the limit stay, the rest goes on", async () => {
  const scene = await agreed();
  for (let i = 10; i < 15; i++) scene.put("crm", personId(i), person("N"));
  scene.put("crm", "ann", { city: "Bergen" });
  const { id } = await scene.run();
  const plan = await planRollback(scene.link, { run: id }, NEVER);
  assert.equal(plan.guards[0]?.deletions, 5);
  const view = await scene.apply(plan);
  assert.equal(wrote(view, "target").delete, 0);
  assert.equal(scene.people("billing")["ann"]?.["city"], "Oslo");
  assert.equal(Object.keys(scene.people("billing")).length, 12);
  await scene.apply(await planRollback(scene.link, { run: id, allowDeletes: true }, NEVER));
  assert.equal(Object.keys(scene.people("billing")).length, 7);
  assert.deepEqual(scene.people("crm"), scene.people("billing"));
});

test("one entry is rolled back to what it was at a time, others stay", async () => {
  const scene = await agreed();
  const then = stampOf((scene.clock.now += 1000));
  scene.put("crm", "ann", { city: "Bergen" });
  await scene.run();
  scene.put("crm", "ann", { city: "Molde", age: 31 });
  scene.put("crm", personId(1), { city: "Rome" });
  await scene.run();
  await scene.apply(await planRollback(scene.link, { ...ANN, to: then }, NEVER));
  assert.deepEqual(scene.people("billing")["ann"], person("Ann"));
  assert.equal(scene.people("billing")[personId(1)]?.["city"], "Rome");
});

test("runs that nobody made, or of which no values are kept, are refused by name", async () => {
  const scene = await agreed();
  await assert.rejects(planRollback(scene.link, { run: "nope" }, NEVER), { code: "RUN_UNKNOWN" });
  const digest = await sceneOf({ pipeline: { direction: "one-way" } });
  everywhere(digest, "ann", person("Ann"));
  const { id } = await digest.run();
  await assert.rejects(planRollback(digest.link, { run: id }, NEVER), { code: "HISTORY_NOT_KEPT" });
});

test("one-way, a rollback writes the target and is drift until the source moves", async () => {
  const oneWay = { direction: "one-way", memory: "full" } as const;
  const scene = await sceneOf({ pipeline: oneWay });
  everywhere(scene, "ann", person("Ann"));
  await scene.run();
  scene.put("crm", "ann", { city: "Bergen" });
  const { id } = await scene.run();
  await undo(scene, id);
  assert.equal(scene.people("billing")["ann"]?.["city"], "Oslo");
  assert.equal(scene.people("crm")["ann"]?.["city"], "Bergen", "a one-way source is never written");
  await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["city"], "Oslo", "it stays rolled back");
  scene.put("crm", "ann", { city: "Molde" });
  await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["city"], "Molde");
});

test("one-way, a rollback brings back that there was no value", async () => {
  const scene = await sceneOf({ pipeline: { direction: "one-way", memory: "full" } });
  everywhere(scene, "ann", { ...person("Ann"), city: null });
  await scene.run();
  scene.put("crm", "ann", { city: "Bergen" });
  const { id } = await scene.run();
  await undo(scene, id);
  assert.equal(scene.people("billing")["ann"]?.["city"], null);
});

test("one-way, a rollback to what a target stores otherwise writes nothing there", async () => {
  const store = (_: string, value: Value): Value =>
    typeof value === "string" ? value.trimEnd() : value;
  const scene = await sceneOf({
    collections: { billing: [{ ...PEOPLE, store }] },
    pipeline: { direction: "one-way", memory: "full" },
  });
  scene.put("crm", "ann", { ...person("Ann"), city: "Oslo  " });
  await scene.run();
  const to = stampOf(scene.clock.now);
  for (const city of ["Molde", "Oslo  "]) {
    scene.put("crm", "ann", { city });
    await scene.run();
  }
  const plan = await planRollback(scene.link, { ...ANN, to }, NEVER);
  assert.deepEqual(await scene.items(plan), []);
});
