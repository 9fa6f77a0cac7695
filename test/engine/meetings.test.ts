import assert from "node:assert/strict";
import { test } from "node:test";
import { resolve } from "../../src/engine/index.ts";
import { everywhere, NEVER, NOTHING, person, sceneOf, wrote, type Scene } from "./scene.ts";

/** Both sides hold Ann, who lives in different cities; only one side each holds Bo and Cy. */
async function met(initial?: string): Promise<Scene> {
  const scene = await sceneOf({ pipeline: initial === undefined ? {} : { initial } });
  scene.put("crm", "ann", person("Ann", 30, "Oslo"));
  scene.put("billing", "ann", person("Ann", 30, "Bergen"));
  scene.put("crm", "bo", person("Bo"));
  scene.put("billing", "cy", person("Cy"));
  return scene;
}

test("rows that are equal agree without a write and without a question", async () => {
  const scene = await sceneOf();
  everywhere(scene, "ann", person("Ann"));
  const view = await scene.run();
  assert.deepEqual(wrote(view, "source"), NOTHING);
  assert.deepEqual(wrote(view, "target"), NOTHING);
  assert.equal(view.summary.pipelines["people"]?.unchanged, 1);
  assert.equal((await scene.link.journal.count("people")).entries, 1);
});

test("merge: equal fields agree, others are asked, and what is missing is created", async () => {
  const scene = await met();
  const view = await scene.run();
  assert.deepEqual(wrote(view, "source"), { create: 1, update: 0, delete: 0 });
  assert.deepEqual(wrote(view, "target"), { create: 1, update: 0, delete: 0 });
  const asked = await scene.questions();
  assert.deepEqual(
    asked.map(({ shown, field, why, held }) => ({ shown, field, why, held })),
    [
      {
        shown: "ann",
        field: "city",
        why: "conflict",
        held: { source: { value: "Oslo" }, target: { value: "Bergen" } },
      },
    ],
  );
  assert.equal(view.waits, true);
});

test("source: the source's values are taken where they differ", async () => {
  const scene = await met("source");
  const view = await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["city"], "Oslo");
  assert.deepEqual(wrote(view, "target"), { create: 1, update: 1, delete: 0 });
  assert.deepEqual(await scene.questions(), []);
});

test("target: the target's values are taken where they differ", async () => {
  const scene = await met("target");
  await scene.run();
  assert.equal(scene.people("crm")["ann"]?.["city"], "Bergen");
  assert.deepEqual(scene.people("crm"), scene.people("billing"));
});

test("manual: every entry that both hold and that differs is asked as a whole", async () => {
  const scene = await met("manual");
  everywhere(scene, "same", person("Same"));
  await scene.run();
  const asked = await scene.questions();
  assert.deepEqual(
    asked.map(({ shown, field }) => [shown, field]),
    [["ann", null]],
  );
  assert.equal(scene.people("crm")["ann"]?.["city"], "Oslo");
  assert.equal(scene.people("billing")["ann"]?.["city"], "Bergen");
});

test("a first meeting that was answered goes on as if it had been agreed for ever", async () => {
  const scene = await met();
  await scene.run();
  const choice = { kind: "side", side: "target" } as const;
  await resolve(scene.link, { filter: {}, choice, author: "ada" }, NEVER);
  assert.deepEqual(scene.people("crm"), scene.people("billing"));
  scene.put("crm", "ann", { city: "Molde" });
  const view = await scene.run();
  assert.equal(view.waits, false);
  assert.equal(scene.people("billing")["ann"]?.["city"], "Molde");
});

test("one-way, a follower takes its leader's values, and its own rows stay as extra", async () => {
  const scene = await sceneOf({ pipeline: { direction: "one-way" } });
  scene.put("crm", "ann", person("Ann", 30, "Oslo"));
  scene.put("billing", "ann", person("Ann", 31, "Bergen"));
  scene.put("billing", "own", person("Own"));
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), { create: 0, update: 1, delete: 0 });
  assert.deepEqual(wrote(view, "source"), NOTHING);
  assert.equal(view.summary.pipelines["people"]?.extra, 1);
  assert.equal(view.waits, false);
  assert.deepEqual(Object.keys(scene.people("billing")), ["ann", "own"]);
});

test("a meeting that was seen again without an answer asks the same question", async () => {
  const scene = await met();
  await scene.run();
  const [before] = await scene.questions();
  await scene.run();
  const [after] = await scene.questions();
  assert.deepEqual(after, before);
});

test("an entry created elsewhere under the same key meets the agreed one", async () => {
  const scene = await sceneOf({ systems: ["crm", "billing", "shop"] });
  scene.put("crm", "ann", person("Ann", 30, "Oslo"));
  scene.put("shop", "ann", person("Ann", 44, "Oslo"));
  await scene.run();
  const asked = await scene.questions();
  assert.deepEqual(
    asked.map(({ field, held }) => [field, Object.keys(held)]),
    [["age", ["crm", "shop"]]],
  );
});
