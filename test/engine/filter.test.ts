import assert from "node:assert/strict";
import { test } from "node:test";
import type { FilterSpec } from "../../src/core/filter.ts";
import { runFeed } from "../../src/engine/feed.ts";
import type { PipelineSettings, Replica } from "../../src/engine/index.ts";
import {
  crowd,
  everywhere,
  NEVER,
  NOTHING,
  PEOPLE,
  person,
  personId,
  sceneOf,
  wrote,
  type Scene,
} from "./scene.ts";

const FROM_OSLO: FilterSpec = { kind: "compare", field: "city", operator: "equals", value: "Oslo" };

async function filtered(pipeline: Partial<PipelineSettings>): Promise<Scene> {
  const scene = await sceneOf({ pipeline: { filters: FROM_OSLO, ...pipeline } });
  scene.put("crm", "in", person("In", 30, "Oslo"));
  scene.put("crm", "out", person("Out", 30, "Bergen"));
  await scene.run();
  return scene;
}

for (const memory of ["full", "digest"] as const) {
  const oneWay = { direction: "one-way", memory } as const;

  test(`one-way (${memory}): what is outside the filter is nobody's business`, async () => {
    const scene = await filtered(oneWay);
    assert.deepEqual(Object.keys(scene.people("billing")), ["in"]);
    scene.put("crm", "out", { age: 31 });
    assert.equal((await scene.plan()).writes, 0);
  });

  test(`one-way (${memory}): what enters the filter is created, what leaves deleted`, async () => {
    const scene = await filtered(oneWay);
    scene.put("crm", "out", { city: "Oslo" });
    scene.put("crm", "in", { city: "Bergen" });
    const view = await scene.run();
    assert.deepEqual(wrote(view, "target"), { create: 1, update: 0, delete: 1 });
    assert.deepEqual(Object.keys(scene.people("billing")), ["out"]);
    assert.equal((await scene.plan()).writes, 0);
    scene.put("crm", "in", { city: "Oslo" });
    assert.deepEqual(wrote(await scene.run(), "target"), { create: 1, update: 0, delete: 0 });
  });

  test(`one-way (${memory}): rows that leave are counted by the guard`, async () => {
    const scene = await filtered({ ...oneWay, guard: { floor: 2, share: 0 } });
    for (let i = 0; i < 3; i++) scene.put("crm", personId(i), person("P", 1, "Oslo"));
    await scene.run();
    for (let i = 0; i < 3; i++) scene.put("crm", personId(i), { city: "Bergen" });
    const view = await scene.run();
    assert.equal(view.summary.pipelines["people"]?.withheld, 3);
    assert.equal(Object.keys(scene.people("billing")).length, 4);
    const passed = await scene.run({ allowDeletes: true });
    assert.equal(wrote(passed, "target").delete, 3);
    assert.deepEqual(Object.keys(scene.people("billing")), ["in"]);
  });

  test(`one-way (${memory}): a row that is back before the verdict ends its question`, async () => {
    const scene = await filtered({ ...oneWay, guard: { floor: 0, share: 0 } });
    scene.put("crm", "in", { city: "Bergen" });
    assert.equal((await scene.run()).summary.pipelines["people"]?.withheld, 1);
    scene.put("crm", "in", { city: "Oslo", age: 31 });
    const view = await scene.run();
    assert.equal(view.summary.pipelines["people"]?.withheld, 0);
    assert.equal(scene.people("billing")["in"]?.["age"], 31);
  });

  test(`one-way (${memory}): whenFilteredOut: keep leaves the target row as it was`, async () => {
    const scene = await filtered({ ...oneWay, whenFilteredOut: "keep" });
    scene.put("crm", "in", { city: "Bergen", age: 99 });
    const view = await scene.run();
    assert.deepEqual(wrote(view, "target"), NOTHING);
    assert.deepEqual(scene.people("billing")["in"], person("In", 30, "Oslo"));
    assert.equal(view.summary.pipelines["people"]?.outside, 1);
    scene.put("crm", "in", { city: "Oslo" });
    await scene.run();
    assert.equal(scene.people("billing")["in"]?.["age"], 99);
  });
}

test("two-way: what left is frozen, and goes on when it is back", async () => {
  const scene = await filtered({ direction: "two-way" });
  scene.put("crm", "in", { city: "Bergen" });
  scene.put("billing", "in", { age: 77 });
  const view = await scene.run();
  assert.deepEqual(wrote(view, "source"), NOTHING);
  assert.deepEqual(wrote(view, "target"), NOTHING);
  assert.equal(scene.people("crm")["in"]?.["age"], 30);
  scene.put("crm", "in", { city: "Oslo" });
  await scene.run();
  assert.equal(scene.people("crm")["in"]?.["age"], 77, "the edit of before is not lost");
});

test("two-way: a verdict over others says nothing of a deletion that is frozen", async () => {
  const guard = { floor: 2, share: 0 };
  const scene = await sceneOf({ pipeline: { filters: FROM_OSLO, guard } });
  for (const id of ["a", "b", "c", "stays"]) scene.put("crm", id, person(id, 30, "Oslo"));
  await scene.run();
  for (const id of ["a", "b", "c"]) scene.put("billing", id, null);
  await scene.run();
  assert.equal((await scene.questions()).length, 3, "too much");
  scene.put("crm", "a", { city: "Bergen" });
  assert.equal(wrote(await scene.run(), "source").delete, 2);
  const asked = await scene.questions();
  assert.deepEqual(
    asked.map(({ shown, why }) => [shown, why]),
    [["a", "withheld"]],
  );
  scene.put("crm", "a", { city: "Oslo" });
  assert.equal(wrote(await scene.run(), "source").delete, 1, "it is back, and judged");
});

test("two-way: what left is frozen also where a listing in pages missed it", async () => {
  let isMissed = false;
  const wrap = (replica: Replica): Replica => ({
    ...replica,
    list: async function* list(shape, after, signal) {
      for await (const page of replica.list(shape, after, signal)) {
        const isShown = (at: number) => !isMissed || page.rows[at]?.[0] !== "in";
        const shown = <T>(list: readonly T[]) => list.filter((_, at) => isShown(at));
        yield { ...page, keys: shown(page.keys), rows: shown(page.rows) };
      }
    },
  });
  const collections = { crm: [{ ...PEOPLE, capabilities: { list: "paged" } as const }] };
  const systems = { collections, wrap: (of: Replica) => (of.name === "crm" ? wrap(of) : of) };
  const scene = await sceneOf({ ...systems, pipeline: { filters: FROM_OSLO } });
  scene.put("crm", "in", person("In", 30, "Oslo"));
  await scene.run();
  scene.put("crm", "in", { city: "Bergen" });
  isMissed = true;
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), NOTHING);
  assert.deepEqual(Object.keys(scene.people("billing")), ["in"]);
  assert.equal((await scene.questions()).length, 0);
});

test("two-way with delete: what leaves is taken from the other side, guarded", async () => {
  const scene = await filtered({ direction: "two-way", whenFilteredOut: "delete" });
  scene.put("crm", "in", { city: "Bergen" });
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), { create: 0, update: 0, delete: 1 });
  assert.deepEqual(Object.keys(scene.people("crm")), ["in", "out"], "the owner keeps its row");
});

test("a first meeting outside the filter never deletes", async () => {
  const scene = await sceneOf({ pipeline: { filters: FROM_OSLO, direction: "one-way" } });
  everywhere(scene, "out", person("Out", 30, "Bergen"));
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), NOTHING);
  assert.deepEqual(Object.keys(scene.people("billing")), ["out"]);
});

test("only what the pipeline knows, inside the filter, counts for the share", async () => {
  const guard = { floor: 0, share: 0.5 };
  const scene = await sceneOf({ pipeline: { filters: FROM_OSLO, direction: "one-way", guard } });
  crowd(scene, 50, "crm");
  for (let i = 0; i < 4; i++) scene.put("crm", `o${i}`, person("O", 1, "Oslo"));
  await scene.run();
  for (let i = 0; i < 3; i++) scene.put("crm", `o${i}`, null);
  assert.equal((await scene.run()).summary.pipelines["people"]?.withheld, 3);
});

test("a log of one side does not hide that another holds the row outside the filter", async () => {
  const scene = await sceneOf({
    pipeline: { filters: FROM_OSLO, validation: [{ kind: "range", field: "age", min: 0 }] },
  });
  scene.put("crm", "out", person("Out", 30, "Bergen"));
  scene.put("billing", "out", person("Other", -1, "Oslo"));
  await runFeed(scene.link, {}, NEVER);
  assert.deepEqual(await scene.questions(), []);
  assert.equal((await scene.link.journal.count("people")).entries, 0);
});
