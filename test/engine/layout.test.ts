import assert from "node:assert/strict";
import { test } from "node:test";
import type { MappingSpec } from "../../src/core/mapping.ts";
import { blame, history } from "../../src/engine/index.ts";
import type { PipelineSettings } from "../../src/engine/index.ts";
import { all, everywhere, key, NOTHING, person, sceneOf, wrote, type Scene } from "./scene.ts";

const SAME = (...names: readonly string[]): readonly MappingSpec[] =>
  names.map((name) => ({ source: name, target: name }));

/** Two people on both sides, agreed under a first mapping; Ann's city differs and is not mapped. */
async function mapped(
  pipeline: Partial<PipelineSettings>,
  mapping: readonly MappingSpec[] = SAME("id", "name", "age"),
): Promise<Scene> {
  const scene = await sceneOf({ pipeline: { ...pipeline, mapping } });
  everywhere(scene, "ann", person("Ann"));
  everywhere(scene, "bo", person("Bo"));
  scene.put("billing", "ann", { city: "Bergen" });
  await scene.run();
  return scene;
}

const remap = (
  scene: Scene,
  pipeline: Partial<PipelineSettings>,
  ...mapping: readonly MappingSpec[]
) => scene.reopen({ ...pipeline, mapping });

test("a filter that is added later takes what is outside under the guard", async () => {
  const filters = { kind: "compare", field: "city", operator: "equals", value: "Oslo" } as const;
  const oneWay = { direction: "one-way", memory: "full" } as const;
  const scene = await mapped(oneWay);
  scene.put("crm", "bo", { city: "Molde" });
  await remap(scene, { ...oneWay, filters, guard: { floor: 0 } }, ...SAME("id", "name", "age"));
  assert.equal((await scene.run()).summary.pipelines["people"]?.withheld, 1);
  assert.deepEqual(Object.keys(scene.people("billing")), ["ann", "bo"]);
  await scene.run({ allowDeletes: true });
  assert.deepEqual(Object.keys(scene.people("billing")), ["ann"]);
});

test("a filter that is taken away lets everything in", async () => {
  const filters = { kind: "compare", field: "city", operator: "equals", value: "Oslo" } as const;
  const oneWay = { direction: "one-way", memory: "full" } as const;
  const scene = await mapped({ ...oneWay, filters });
  scene.put("crm", "out", person("Out", 1, "Molde"));
  scene.put("crm", "bo", { city: "Molde" });
  await scene.run();
  await remap(scene, oneWay, ...SAME("id", "name", "age"));
  await scene.run();
  assert.deepEqual(Object.keys(scene.people("billing")), ["ann", "bo", "out"]);
});

test("from digests to values: equal rows are adopted, and history begins", async () => {
  const scene = await mapped({ direction: "one-way", memory: "digest" });
  await remap(scene, { direction: "one-way", memory: "full" }, ...SAME("id", "name", "age"));
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), NOTHING);
  scene.put("crm", "ann", { age: 31 });
  await scene.run();
  const [change] = await all(history(scene.link, { pipeline: "people", key: key("ann") }));
  assert.deepEqual(change?.changes, [{ field: "age", from: 30, to: 31 }]);
});

test("from values to digests: equal rows are adopted", async () => {
  const scene = await mapped({ direction: "one-way", memory: "full" });
  await remap(scene, { direction: "one-way", memory: "digest" }, ...SAME("id", "name", "age"));
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), NOTHING);
  assert.equal((await scene.run()).summary.pipelines["people"]?.unchanged, 2);
});

test("an added side meets entries for the first time; a removed one is forgotten", async () => {
  const at = (system: string) => ({ name: system, at: { system, collection: "people" } });
  const pair = [at("crm"), at("billing")];
  const scene = await sceneOf({ systems: ["crm", "billing", "shop"], pipeline: { sides: pair } });
  for (const system of ["crm", "billing"]) scene.put(system, "ann", person("Ann"));
  await scene.run();
  await scene.reopen({ sides: [...pair, at("shop")] });
  const added = await scene.run();
  assert.deepEqual(wrote(added, "shop"), { create: 1, update: 0, delete: 0 });
  scene.put("shop", "ann", { age: 31 });
  await scene.run();
  assert.equal(scene.people("crm")["ann"]?.["age"], 31);
  await scene.reopen({ sides: [at("billing"), at("crm")] });
  const view = await scene.run();
  assert.deepEqual([wrote(view, "crm"), wrote(view, "billing")], [NOTHING, NOTHING]);
  assert.equal(view.waits, false);
  scene.put("crm", "ann", { age: 32 });
  await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["age"], 32);
  const ages = (await blame(scene.link, { pipeline: "people", key: key("ann") })).find(
    ({ field }) => field === "age",
  );
  assert.equal(ages?.by, "crm");
});

test("a first load under a second mapping is written in its layout", async () => {
  const oneWay = { direction: "one-way", memory: "full" } as const;
  const scene = await mapped(oneWay);
  await remap(scene, oneWay, ...SAME("id", "name", "city"));
  scene.put("crm", "cy", person("Cy"));
  await scene.run();
  const view = await scene.run();
  assert.equal(view.summary.pipelines["people"]?.unchanged, 3);
  scene.put("crm", "cy", { city: "Rana" });
  await scene.run();
  assert.equal(scene.people("billing")["cy"]?.["city"], "Rana");
});

test("after one run every entry is in the new layout, also where values are equal", async () => {
  const scene = await sceneOf({ pipeline: { mapping: SAME("id", "name") } });
  everywhere(scene, "ann", { name: "Oslo", city: "Oslo" });
  await scene.run();
  await remap(scene, {}, ...SAME("id", "city"));
  await scene.run();
  const { bodies } = await scene.link.journal.entries("people", { after: null, limit: 9 });
  assert.deepEqual(
    bodies.map((body) => (JSON.parse(body) as unknown[])[3]),
    [1],
  );
});

test("who decided a field is known under other sides too", async () => {
  const at = (system: string) => ({ name: system, at: { system, collection: "people" } });
  const systems = ["crm", "billing", "shop"];
  const scene = await sceneOf({ systems, pipeline: { sides: systems.map(at) } });
  everywhere(scene, "ann", person("Ann"));
  await scene.run();
  scene.put("billing", "ann", { age: 31 });
  scene.put("shop", "ann", { city: "Bergen" });
  await scene.run();
  await scene.reopen({ sides: [at("billing"), at("crm")] });
  const of = { pipeline: "people", key: key("ann") };
  const by = new Map((await blame(scene.link, of)).map((view) => [view.field, view.by]));
  assert.deepEqual([by.get("age"), by.get("city")], ["billing", "shop"]);
});

test("a question whose field is read in another way is asked anew", async () => {
  const scene = await sceneOf({ pipeline: { mapping: SAME("id", "city") } });
  everywhere(scene, "ann", person("Ann"));
  await scene.run();
  scene.put("billing", "ann", { city: "Rana" });
  await scene.run();
  scene.put("crm", "ann", { city: "Molde" });
  scene.put("billing", "ann", { city: "Bergen" });
  await scene.run();
  await remap(scene, {}, ...SAME("id"), { source: "name", target: "city" });
  await scene.run();
  assert.deepEqual(
    (await scene.questions()).map(({ shown, held }) => [shown, held]),
    [["ann", { source: { value: "Ann" }, target: { value: "Bergen" } }]],
  );
  assert.equal(scene.people("billing")["ann"]?.["city"], "Bergen");
  assert.equal(scene.people("crm")["ann"]?.["name"], "Ann");
});

test("a plan means its own layout, whatever other mappings were looked at since", async () => {
  const oneWay = { direction: "one-way", memory: "full" } as const;
  const scene = await sceneOf({ pipeline: { ...oneWay, mapping: SAME("id", "name") } });
  await scene.run();
  const mine = [...SAME("id", "city"), ...SAME("age")];
  await remap(scene, oneWay, ...mine);
  scene.put("crm", "ann", person("Ann"));
  const plan = await scene.plan();
  await remap(scene, oneWay, ...SAME("id", "age", "name"));
  await scene.run({ key: key("nobody") });
  await remap(scene, oneWay, ...mine);
  await scene.apply(plan);
  assert.deepEqual(scene.people("billing")["ann"], { name: null, age: 30, city: "Oslo" });
  const agreed = await blame(scene.link, { pipeline: "people", key: key("ann") });
  assert.deepEqual(
    agreed.slice(0, 3).map(({ field, value }) => [field, value]),
    [
      ["id", "ann"],
      ["city", "Oslo"],
      ["age", 30],
    ],
  );
  assert.equal((await scene.plan()).writes, 0);
});
