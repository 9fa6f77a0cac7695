import assert from "node:assert/strict";
import { test } from "node:test";
import { resolve } from "../../src/engine/index.ts";
import type { PipelineSettings } from "../../src/engine/index.ts";
import { everywhere, NEVER, NOTHING, person, sceneOf, wrote, type Scene } from "./scene.ts";

async function oneWay(pipeline: Partial<PipelineSettings>): Promise<Scene> {
  const scene = await sceneOf({ pipeline: { direction: "one-way", ...pipeline } });
  everywhere(scene, "ann", person("Ann"));
  everywhere(scene, "bo", person("Bo"));
  await scene.run();
  return scene;
}

for (const memory of ["full", "digest"] as const) {
  test(`overwrite (${memory}): what changed on a follower is written again, and told`, async () => {
    const scene = await oneWay({ memory });
    scene.put("billing", "ann", { city: "Bergen" });
    const plan = await scene.plan();
    assert.equal(plan.summary.pipelines["people"]?.drift, 1);
    const view = await scene.run();
    assert.equal(view.summary.pipelines["people"]?.drift, 1);
    assert.deepEqual(wrote(view, "target"), { create: 0, update: 1, delete: 0 });
    assert.equal(view.waits, false);
    assert.deepEqual(scene.people("billing"), scene.people("crm"));
  });

  test(`overwrite (${memory}): a row that was deleted on a follower is created again`, async () => {
    const scene = await oneWay({ memory });
    scene.put("billing", "ann", null);
    const view = await scene.run();
    assert.deepEqual(wrote(view, "target"), { create: 1, update: 0, delete: 0 });
    assert.deepEqual(scene.people("billing"), scene.people("crm"));
    assert.equal((await scene.plan()).writes, 0);
  });

  test(`keep (${memory}): drift is a question, until the source changes that entry`, async () => {
    const scene = await oneWay({ memory, drift: "keep" });
    scene.put("billing", "ann", { city: "Bergen" });
    const view = await scene.run();
    assert.deepEqual(wrote(view, "target"), NOTHING);
    assert.equal(view.summary.pipelines["people"]?.drift, 1);
    assert.deepEqual(
      (await scene.questions()).map(({ shown, why }) => [shown, why]),
      [["ann", "drift"]],
    );
    await scene.run();
    assert.equal(scene.people("billing")["ann"]?.["city"], "Bergen");
    scene.put("crm", "ann", { name: "Anna" });
    await scene.run();
    assert.deepEqual(scene.people("billing"), scene.people("crm"));
    assert.deepEqual(await scene.questions(), []);
  });
}

test("drift that was kept ends when it is undone", async () => {
  const scene = await oneWay({ memory: "full", drift: "keep" });
  scene.put("billing", "ann", { city: "Bergen" });
  await scene.run();
  scene.put("billing", "ann", { city: "Oslo" });
  const view = await scene.run();
  assert.deepEqual(await scene.questions(), []);
  assert.equal(view.summary.pipelines["people"]?.drift, 0);
});

test("a person who decides against drift has it overwritten", async () => {
  const scene = await oneWay({ memory: "full", drift: "keep" });
  scene.put("billing", "ann", { city: "Bergen" });
  await scene.run();
  const view = await resolve(
    scene.link,
    { filter: { why: "drift" }, choice: { kind: "base" }, author: "ada" },
    NEVER,
  );
  assert.equal(view.answered, 1);
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
});

test("a person who decides for drift keeps it, and is not asked again", async () => {
  const scene = await oneWay({ memory: "full", drift: "keep" });
  scene.put("billing", "ann", { city: "Bergen" });
  await scene.run();
  const choice = { kind: "side", side: "target" } as const;
  await resolve(scene.link, { filter: {}, choice, author: "ada" }, NEVER);
  const view = await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["city"], "Bergen");
  assert.deepEqual(wrote(view, "target"), NOTHING);
  assert.deepEqual(await scene.questions(), []);
});

for (const memory of ["full", "digest"] as const) {
  test(`extra: delete (${memory}) takes rows that only a follower holds, guarded`, async () => {
    const scene = await oneWay({ memory, extra: "delete", guard: { floor: 2, share: 0 } });
    scene.put("billing", "own1", person("Own"));
    const view = await scene.run();
    assert.deepEqual(wrote(view, "target"), { create: 0, update: 0, delete: 1 });
    assert.deepEqual(Object.keys(scene.people("billing")), ["ann", "bo"]);
    for (const id of ["x", "y", "z"]) scene.put("billing", id, person(id));
    const tripped = await scene.run();
    assert.equal(tripped.summary.pipelines["people"]?.withheld, 3);
    assert.equal(Object.keys(scene.people("billing")).length, 5);
    await scene.run({ allowDeletes: true });
    assert.deepEqual(Object.keys(scene.people("billing")), ["ann", "bo"]);
  });
}

test("extra: delete on a first meeting is under the guard as well", async () => {
  const guard = { floor: 1, share: 0 };
  const scene = await sceneOf({ pipeline: { direction: "one-way", extra: "delete", guard } });
  scene.put("billing", "x", person("X"));
  scene.put("billing", "y", person("Y"));
  const view = await scene.run();
  assert.equal(view.summary.pipelines["people"]?.withheld, 2);
  assert.equal(Object.keys(scene.people("billing")).length, 2);
});

test("extra: keep counts such rows and leaves them", async () => {
  const scene = await oneWay({ extra: "keep" });
  scene.put("billing", "own", person("Own"));
  const view = await scene.run();
  assert.equal(view.summary.pipelines["people"]?.extra, 1);
  assert.deepEqual(wrote(view, "target"), NOTHING);
});

test("a row that was extra and that the source creates too takes the source's values", async () => {
  const scene = await oneWay({});
  scene.put("billing", "own", person("Own", 1));
  await scene.run();
  scene.put("crm", "own", person("Own", 2));
  const view = await scene.run();
  assert.equal(scene.people("billing")["own"]?.["age"], 2);
  assert.equal(view.summary.pipelines["people"]?.extra, 0);
});

test("a one-way source is read and never written", async () => {
  const scene = await oneWay({ memory: "full" });
  const before = scene.replica("crm").position();
  scene.put("billing", "ann", { city: "Bergen" });
  await scene.run();
  assert.equal(scene.replica("crm").position(), before);
});
