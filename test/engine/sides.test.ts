import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { resolve } from "../../src/engine/index.ts";
import { everywhere, NEVER, person, personId, sceneOf, wrote, type Scene } from "./scene.ts";

const THREE = ["crm", "billing", "shop"] as const;
const FOUR = [...THREE, "wiki"] as const;

async function agreed(systems: readonly string[], pipeline: object = {}): Promise<Scene> {
  const scene = await sceneOf({ systems, pipeline });
  everywhere(scene, "ann", person("Ann"));
  everywhere(scene, "bo", person("Bo"));
  await scene.run();
  return scene;
}

function assertEqualSides(scene: Scene, systems: readonly string[]): void {
  const [first = "", ...others] = systems;
  for (const other of others) assert.deepEqual(scene.people(other), scene.people(first));
}

test("an edit on one of four sides reaches the three others", async () => {
  const scene = await agreed(FOUR);
  scene.put("shop", "ann", { city: "Bergen" });
  const view = await scene.run();
  for (const side of FOUR) assert.equal(wrote(view, side).update, side === "shop" ? 0 : 1);
  assertEqualSides(scene, FOUR);
});

test("edits of different fields on three sides merge on all of them", async () => {
  const scene = await agreed(THREE);
  scene.put("crm", "ann", { name: "Anna" });
  scene.put("billing", "ann", { age: 31 });
  scene.put("shop", "ann", { city: "Bergen" });
  await scene.run();
  assertEqualSides(scene, THREE);
  assert.deepEqual(scene.people("crm")["ann"], person("Anna", 31, "Bergen"));
  assert.equal((await scene.plan()).writes, 0);
});

test("three rivals of one field are one question, and other sides wait for it", async () => {
  const scene = await agreed(FOUR);
  scene.put("crm", "ann", { city: "Bergen" });
  scene.put("billing", "ann", { city: "Molde" });
  scene.put("shop", "ann", { city: "Rana" });
  scene.put("wiki", "ann", { age: 31 });
  await scene.run();
  const [question] = await scene.questions();
  assert.deepEqual(Object.keys(question?.held ?? {}), ["crm", "billing", "shop"]);
  assert.equal(scene.people("wiki")["ann"]?.["city"], "Oslo");
  assert.equal(scene.people("crm")["ann"]?.["age"], 31, "the other field goes on");
  const choice = { kind: "side", side: "billing" } as const;
  await resolve(scene.link, { filter: {}, choice, author: "ada" }, NEVER);
  assertEqualSides(scene, FOUR);
  assert.equal(scene.people("wiki")["ann"]?.["city"], "Molde");
});

test("a deletion on one of three sides takes the row from the two others", async () => {
  const scene = await agreed(THREE);
  scene.put("billing", "ann", null);
  const view = await scene.run();
  assert.equal(wrote(view, "crm").delete + wrote(view, "shop").delete, 2);
  assertEqualSides(scene, THREE);
});

test("one-way with three sides: the first one leads, the others follow", async () => {
  const scene = await agreed(THREE, { direction: "one-way" });
  scene.put("crm", "ann", { city: "Bergen" });
  scene.put("shop", "bo", { city: "Nowhere" });
  const view = await scene.run();
  assertEqualSides(scene, THREE);
  assert.equal(view.summary.pipelines["people"]?.drift, 1);
  assert.equal(scene.people("crm")["ann"]?.["city"], "Bergen");
});

test("a named side wins over the two others", async () => {
  const scene = await agreed(THREE, { conflicts: { strategy: "shop-wins" } });
  for (const [index, system] of THREE.entries()) scene.put(system, "ann", { age: 40 + index });
  const view = await scene.run();
  assert.equal(wrote(view, "shop").update, 0);
  assertEqualSides(scene, THREE);
  assert.equal(scene.people("crm")["ann"]?.["age"], 42);
});

test("a source-wins that no side is called is refused when there are three", async () => {
  await assert.rejects(
    sceneOf({ systems: THREE, pipeline: { conflicts: { strategy: "source-wins" } } }),
    {
      code: "CONFIG_INVALID",
      hint: /crm-wins, billing-wins, shop-wins/,
    },
  );
});

test("whatever is edited where, under latest all sides end equal and at rest", () =>
  fc.assert(
    fc.asyncProperty(
      fc.constantFrom(THREE, FOUR),
      fc.array(
        fc.record({
          side: fc.nat(3),
          id: fc.nat(3),
          edit: fc.oneof(
            fc.constant(null),
            fc.record({ name: fc.constantFrom("a", "b"), age: fc.nat(3) }, { requiredKeys: [] }),
          ),
          runs: fc.boolean(),
        }),
        { maxLength: 14 },
      ),
      async (systems, edits) => {
        const conflicts = { strategy: "latest", by: "clock", deletes: "edit-wins" } as const;
        const pipeline = { conflicts, initial: "crm", guard: { floor: 100, share: 1 } };
        const scene = await sceneOf({ systems, pipeline });
        for (const { side, id, edit, runs } of edits) {
          const system = systems[side % systems.length] ?? "";
          if (edit !== null || scene.people(system)[personId(id)])
            scene.put(system, personId(id), edit);
          if (runs) await scene.run();
        }
        await scene.run();
        // Where the side that a first meeting goes by has no row, a person is asked.
        if ((await scene.questions()).length > 0) {
          const choice = { kind: "policy", strategy: "latest" } as const;
          await resolve(scene.link, { filter: {}, choice, author: "ada" }, NEVER);
        }
        await scene.run();
        assertEqualSides(scene, systems);
        const rest = await scene.run();
        for (const system of systems) {
          assert.deepEqual(wrote(rest, system), { create: 0, update: 0, delete: 0 });
        }
        assert.deepEqual(await scene.questions(), []);
      },
    ),
    { numRuns: 150 },
  ));
