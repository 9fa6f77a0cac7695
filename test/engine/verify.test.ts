import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../../src/core/state.ts";
import { removePipeline, status, verify } from "../../src/engine/index.ts";
import {
  crowd,
  everywhere,
  NEVER,
  PEOPLE,
  person,
  personId,
  sceneOf,
  type Scene,
} from "./scene.ts";

async function agreed(): Promise<Scene> {
  const scene = await sceneOf();
  crowd(scene, 20, "crm", "billing");
  await scene.run();
  return scene;
}

const verified = (scene: Scene) => verify(scene.link, {}, NEVER);

test("sides that agree are equal, row by row", async () => {
  const { pipelines, differences } = await verified(await agreed());
  assert.deepEqual(pipelines["people"], {
    equal: 20,
    different: 0,
    onlySource: 0,
    onlyTarget: 0,
    rounded: 0,
    open: 0,
  });
  assert.deepEqual(differences, []);
});

test("what differs is named with its fields, whatever the journal says", async () => {
  const scene = await agreed();
  scene.put("crm", personId(1), { name: "other" });
  scene.put("billing", personId(2), null);
  scene.put("billing", "extra", person("Extra"));
  const { pipelines, differences } = await verified(scene);
  assert.deepEqual(pipelines["people"], {
    equal: 18,
    different: 1,
    onlySource: 1,
    onlyTarget: 1,
    rounded: 0,
    open: 0,
  });
  assert.deepEqual(
    differences.map(({ shown, kind, changes }) => [shown, kind, changes]),
    [
      ["extra", "onlyTarget", []],
      [personId(1), "different", [{ field: "name", from: "other", to: "n1" }]],
      [personId(2), "onlySource", []],
    ],
  );
});

test("a difference that an open question explains is counted as open", async () => {
  const scene = await agreed();
  scene.put("crm", personId(1), { name: "a" });
  scene.put("billing", personId(1), { name: "b" });
  await scene.run();
  const { pipelines, differences } = await verified(scene);
  assert.equal(pipelines["people"]?.open, 1);
  assert.equal(pipelines["people"].different, 1);
  assert.equal(differences[0]?.isOpen, true);
});

test("a side that is proved to store less precisely agrees with what it was told", async () => {
  const store = (column: string, value: Value) =>
    column === "name" && typeof value === "string" ? value.slice(0, 3) : value;
  const scene = await sceneOf({ collections: { billing: [{ ...PEOPLE, store }] } });
  scene.put("crm", "x", person("Christopher"));
  await scene.run();
  assert.equal(scene.people("billing")["x"]?.["name"], "Chr");
  const { pipelines } = await verified(scene);
  assert.equal(pipelines["people"]?.equal, 1);
});

test("rows that left a filter that keeps are no difference; those to go are one", async () => {
  const filters = { kind: "compare", field: "city", operator: "equals", value: "Oslo" } as const;
  for (const whenFilteredOut of ["keep", "delete"] as const) {
    const guard = { floor: 0, share: 0 };
    const scene = await sceneOf({ pipeline: { filters, whenFilteredOut, guard } });
    everywhere(scene, "ann", person("Ann", 30, "Oslo"));
    await scene.run();
    scene.put("crm", "ann", { city: "Bergen" });
    await scene.run();
    const { pipelines } = await verified(scene);
    assert.equal(pipelines["people"]?.onlyTarget, whenFilteredOut === "keep" ? 0 : 1);
  }
});

test("rows outside the filter are no difference", async () => {
  const filters = { kind: "compare", field: "city", operator: "equals", value: "Oslo" } as const;
  const scene = await sceneOf({ pipeline: { filters, direction: "one-way" } });
  scene.put("crm", "in", person("In"));
  scene.put("crm", "out", person("Out", 1, "Rome"));
  await scene.run();
  const { pipelines } = await verified(scene);
  assert.deepEqual(pipelines["people"], {
    equal: 1,
    different: 0,
    onlySource: 0,
    onlyTarget: 0,
    rounded: 0,
    open: 0,
  });
});

test("with three sides each of the others is compared with the first", async () => {
  const scene = await sceneOf({ systems: ["crm", "billing", "shop"] });
  everywhere(scene, "ann", person("Ann"));
  scene.put("shop", "ann", { age: 1 });
  const { pipelines, differences } = await verified(scene);
  assert.deepEqual(pipelines["people"], {
    equal: 1,
    different: 1,
    onlySource: 0,
    onlyTarget: 0,
    rounded: 0,
    open: 0,
  });
  assert.equal(differences[0]?.side, "shop");
});

test("verify writes nothing, neither to a side nor to the journal", async () => {
  const scene = await agreed();
  const images = [scene.replica("crm").image(), scene.replica("billing").image()];
  const memory = scene.journal.snapshot();
  await verified(scene);
  assert.deepEqual([scene.replica("crm").image(), scene.replica("billing").image()], images);
  assert.deepEqual(scene.journal.snapshot(), memory);
});

test("status counts what is remembered, asked, withheld, owed and parked", async () => {
  const scene = await sceneOf({ pipeline: { guard: { floor: 0, share: 0 } } });
  crowd(scene, 5, "crm", "billing");
  await scene.run();
  scene.put("crm", personId(0), null);
  scene.put("crm", personId(1), { name: "a" });
  scene.put("billing", personId(1), { name: "b" });
  await scene.run();
  const { pipelines, lastRun } = await status(scene.link);
  assert.deepEqual(pipelines["people"], {
    entries: 5,
    conflicts: 1,
    withheld: 1,
    owed: 0,
    letters: 0,
  });
  assert.equal(lastRun?.status, "done");
});

test("a pipeline that is removed is forgotten, and leaves no marker behind", async () => {
  const scene = await agreed();
  scene.put("crm", "new", person("New"));
  await scene.run();
  assert.notEqual((await scene.replica("billing").marks("crm+billing", NEVER)).length, 0);
  await removePipeline(scene.link, "people");
  assert.deepEqual(await scene.replica("billing").marks("crm+billing", NEVER), []);
  assert.deepEqual(await scene.link.journal.pipelines(), []);
  assert.equal(Object.keys(scene.people("billing")).length, 21, "rows are the users'");
});

test("what a side stores in its own way is equal, until somebody changes it", async () => {
  const hidden = (column: string, value: Value): Value =>
    column === "name" && typeof value === "string" ? value.toLowerCase() : value;
  const scene = await sceneOf({ collections: { billing: [{ ...PEOPLE, hidden }] } });
  scene.put("crm", "di", person("DIANA"));
  await scene.run();
  assert.equal(scene.people("billing")["di"]?.["name"], "diana");
  const counts = async () => (await verified(scene)).pipelines["people"];
  assert.partialDeepStrictEqual(await counts(), { equal: 1, rounded: 1, different: 0 });
  scene.put("billing", "di", { city: "Bergen" });
  assert.partialDeepStrictEqual(await counts(), { equal: 0, rounded: 0, different: 1 });
});
