import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { MappingSpec } from "../../src/core/mapping.ts";
import { runFeed } from "../../src/engine/feed.ts";
import { resolve } from "../../src/engine/index.ts";
import type { PipelineSettings, Replica } from "../../src/engine/index.ts";
import type { Expected, Writer } from "../../src/engine/replica.ts";
import {
  everywhere,
  key,
  NEVER,
  NOTHING,
  PEOPLE,
  person,
  sceneOf,
  wrote,
  type Scene,
} from "./scene.ts";

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

for (const memory of ["full", "digest"] as const) {
  test(`one-way (${memory}): a new field takes the source's value, and is no drift`, async () => {
    const oneWay = { direction: "one-way", memory } as const;
    const scene = await mapped(oneWay);
    await remap(scene, oneWay, ...SAME("id", "name", "age", "city"));
    const plan = await scene.plan();
    assert.deepEqual(
      plan.notes.map(({ code }) => code),
      ["MAPPING_EDITED"],
    );
    const view = await scene.run();
    assert.deepEqual(wrote(view, "target"), { create: 0, update: 1, delete: 0 });
    assert.equal(view.summary.pipelines["people"]?.drift, 0);
    assert.deepEqual(scene.people("billing"), scene.people("crm"));
    const rest = await scene.run();
    assert.equal(rest.summary.pipelines["people"]?.unchanged, 2);
    assert.deepEqual(rest.notes, []);
  });

  test(`one-way (${memory}): a row that went before the new mapping ran is deleted`, async () => {
    const oneWay = { direction: "one-way", memory } as const;
    const scene = await mapped(oneWay);
    await remap(scene, oneWay, ...SAME("id", "age", "city"));
    scene.put("crm", "bo", null);
    const view = await scene.run();
    assert.deepEqual(wrote(view, "target"), { create: 0, update: 1, delete: 1 });
    assert.deepEqual(Object.keys(scene.people("billing")), ["ann"]);
  });

  test(`one-way (${memory}): deletions after an edited mapping are under the guard`, async () => {
    const oneWay = { direction: "one-way", memory, guard: { floor: 1, share: 0 } } as const;
    const scene = await mapped(oneWay);
    await remap(scene, oneWay, ...SAME("id", "age", "city"));
    scene.put("crm", "ann", null);
    scene.put("crm", "bo", null);
    const view = await scene.run();
    assert.equal(view.summary.pipelines["people"]?.withheld, 2);
    assert.equal(Object.keys(scene.people("billing")).length, 2);
  });

  test(`one-way (${memory}): another transform of a field is written to the target`, async () => {
    const oneWay = { direction: "one-way", memory } as const;
    const scene = await mapped(oneWay);
    const upper: MappingSpec = { source: "name", target: "name", transform: "upper" };
    await remap(scene, oneWay, ...SAME("id"), upper, ...SAME("age"));
    const view = await scene.run();
    assert.deepEqual(wrote(view, "target"), { create: 0, update: 2, delete: 0 });
    assert.equal(scene.people("billing")["ann"]?.["name"], "ANN");
    assert.equal((await scene.plan()).writes, 0);
  });
}

test("two-way: equal values of a new field are adopted, different ones asked", async () => {
  const scene = await mapped({});
  await remap(scene, {}, ...SAME("id", "city", "name", "age"));
  scene.put("crm", "bo", { age: 44 });
  const view = await scene.run();
  assert.deepEqual(wrote(view, "source"), NOTHING);
  assert.deepEqual(wrote(view, "target"), { create: 0, update: 1, delete: 0 });
  assert.deepEqual(
    (await scene.questions()).map(({ shown, field, held }) => [shown, field, held]),
    [["ann", "city", { source: { value: "Oslo" }, target: { value: "Bergen" } }]],
  );
  scene.put("billing", "bo", { city: "Molde" });
  await scene.run();
  assert.equal(scene.people("crm")["bo"]?.["city"], "Molde", "what was adopted is agreed");
});

test("two-way: different values of a new field meet first, whoever wins edits", async () => {
  const wins = { conflicts: { strategy: "source-wins" } } as const;
  const scene = await mapped(wins);
  await remap(scene, wins, ...SAME("id", "city", "name", "age"));
  scene.put("billing", "ann", { city: "Molde" });
  await scene.run();
  assert.deepEqual(
    (await scene.questions()).map(({ shown, held }) => [shown, held]),
    [["ann", { source: { value: "Oslo" }, target: { value: "Molde" } }]],
  );
  assert.equal(scene.people("billing")["ann"]?.["city"], "Molde");
  await scene.reopen({ ...wins, initial: "target", mapping: SAME("id", "city", "name", "age") });
  await scene.run();
  assert.equal(scene.people("crm")["ann"]?.["city"], "Molde");
});

test("two-way: a log heard before the new mapping's first run waits for a look", async () => {
  const ordered = [{ ...PEOPLE, isOrdered: true }];
  const aims: Expected["kind"][] = [];
  const watched = (replica: Replica): Replica => ({
    ...replica,
    writer: async (signal) => {
      const inner = await replica.writer(signal);
      const write: Writer["write"] = (batch, until) => {
        aims.push(...batch.writes.map(({ expected }) => expected.kind));
        return inner.write(batch, until);
      };
      return { ...inner, write };
    },
  });
  const scene = await sceneOf({
    collections: { crm: ordered, billing: ordered },
    pipeline: { mapping: SAME("id", "name", "age") },
    wrap: watched,
  });
  everywhere(scene, "bo", person("Bo"));
  await scene.run();
  await runFeed(scene.link, {}, NEVER);
  await remap(scene, {}, ...SAME("id", "name", "age", "city"));
  scene.put("billing", "bo", { age: 44 });
  const view = await runFeed(scene.link, {}, NEVER);
  assert.deepEqual([view.waits, view.leftCount], [false, 0]);
  assert.equal(scene.people("crm")["bo"]?.["age"], 44);
  assert.deepEqual(aims, ["row"]);
});

test("two-way: a deletion before the first run of the new mapping is still seen", async () => {
  const scene = await mapped({});
  await remap(scene, {}, ...SAME("id", "name", "age", "city"));
  scene.put("crm", "bo", null);
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), { create: 0, update: 0, delete: 1 });
});

test("two-way: a field that is gone is let go of on both sides", async () => {
  const scene = await mapped({}, SAME("id", "name", "age", "city"));
  assert.equal((await scene.questions()).length, 1, "ann's city");
  await remap(scene, {}, ...SAME("id", "name"));
  scene.put("crm", "bo", { age: 1 });
  const view = await scene.run();
  assert.equal(view.waits, false);
  assert.deepEqual(await scene.questions(), [], "its question is gone as well");
  assert.deepEqual(wrote(view, "target"), NOTHING);
});

test("two-way: fields in another order are the same fields", async () => {
  const scene = await mapped({});
  await remap(scene, {}, ...SAME("age", "id", "name"));
  scene.put("crm", "bo", { age: 44 });
  scene.put("billing", "bo", { name: "Bob" });
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), { create: 0, update: 1, delete: 0 });
  assert.deepEqual(wrote(view, "source"), { create: 0, update: 1, delete: 0 });
  assert.deepEqual(scene.people("crm")["bo"], person("Bob", 44));
});

test("two-way: a question on a field that stays keeps its id", async () => {
  const scene = await mapped({}, SAME("id", "name", "age", "city"));
  const [before] = await scene.questions();
  await remap(scene, {}, ...SAME("id", "city", "age"));
  const [after] = await scene.questions();
  assert.deepEqual({ ...after, seen: "" }, { ...before, seen: "" });
  const choice = { kind: "side", side: "target" } as const;
  await resolve(scene.link, { filter: {}, choice, author: "ada" }, NEVER);
  await scene.run();
  assert.equal(scene.people("crm")["ann"]?.["city"], "Bergen");
});

test("two-way: a field that another column shows is compared anew", async () => {
  const scene = await mapped({}, [...SAME("id"), { source: "name", target: "name" }]);
  for (const system of ["crm", "billing"]) scene.put(system, "bo", { city: "Bo" });
  await remap(scene, {}, ...SAME("id"), { source: "city", target: "name" });
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), NOTHING);
  assert.deepEqual(wrote(view, "source"), NOTHING);
  assert.deepEqual(
    (await scene.questions()).map(({ shown, held }) => [shown, held]),
    [["ann", { source: { value: "Oslo" }, target: { value: "Ann" } }]],
  );
});

test("going back to the first mapping finds its entries as they were written", async () => {
  const scene = await mapped({});
  await remap(scene, {}, ...SAME("id", "name"));
  await scene.run();
  await remap(scene, {}, ...SAME("id", "name", "age"));
  const view = await scene.run();
  assert.equal(view.waits, false);
  assert.deepEqual([wrote(view, "source"), wrote(view, "target")], [NOTHING, NOTHING]);
  const layouts = await scene.link.journal.fact("layout people");
  assert.equal((JSON.parse(layouts ?? "[]") as unknown[]).length, 2, "two layouts, not three");
});

test("a run that stopped half way leaves entries of two layouts, and both are read", async () => {
  const scene = await mapped({});
  await remap(scene, {}, ...SAME("id", "name", "age", "city"));
  await scene.run({ key: key("ann") });
  const { bodies } = await scene.link.journal.entries("people", { after: null, limit: 9 });
  assert.deepEqual(
    bodies.map((body) => (JSON.parse(body) as unknown[])[3]),
    [1, undefined],
  );
  scene.put("crm", "bo", { name: "Bob" });
  await scene.run();
  assert.equal(scene.people("billing")["bo"]?.["name"], "Bob");
});

test("a plan under a new mapping touches no entry, and is applied under the same one", async () => {
  const scene = await mapped({ direction: "one-way", memory: "full" });
  await remap(scene, { direction: "one-way", memory: "full" }, ...SAME("id", "name", "city"));
  const before = await scene.link.journal.entries("people", { after: null, limit: 9 });
  const plan = await scene.plan();
  assert.deepEqual(await scene.link.journal.entries("people", { after: null, limit: 9 }), before);
  await scene.apply(plan);
  assert.equal(scene.people("billing")["ann"]?.["city"], "Oslo");
  assert.equal((await scene.plan()).writes, 0);
});

const FIELDS = ["name", "age", "city"] as const;
const someFields = fc.shuffledSubarray([...FIELDS]).map((names) => SAME("id", ...names));

test("whatever becomes of the mapping, a quiet world needs no write and no person", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(someFields, { minLength: 1, maxLength: 4 }),
      fc.constantFrom<Partial<PipelineSettings>>(
        {},
        { direction: "one-way", memory: "full" },
        { direction: "one-way", memory: "digest" },
      ),
      async ([first = [], ...others], settings) => {
        const scene = await sceneOf({ pipeline: { ...settings, mapping: first } });
        for (const name of ["ann", "bo", "cy"]) everywhere(scene, name, person(name));
        await scene.run();
        for (const mapping of others) {
          await scene.reopen({ ...settings, mapping });
          const view = await scene.run();
          assert.deepEqual([wrote(view, "source"), wrote(view, "target")], [NOTHING, NOTHING]);
          assert.equal(view.waits, false);
          assert.equal(view.summary.pipelines["people"]?.drift, 0);
        }
      },
    ),
    { numRuns: 150 },
  ));

test("edits between two mappings end as they do under one", () =>
  fc.assert(
    fc.asyncProperty(
      someFields,
      fc.array(
        fc.record({
          system: fc.constantFrom("crm", "billing"),
          id: fc.constantFrom("ann", "bo"),
          row: fc.record(
            { name: fc.constantFrom("x", "y"), age: fc.nat(3), city: fc.constantFrom("p", "q") },
            { requiredKeys: [], noNullPrototype: true },
          ),
        }),
        { maxLength: 5 },
      ),
      async (before, edits) => {
        const now = SAME("id", ...FIELDS);
        const ends = [];
        for (const mapping of [before, now]) {
          const settings = { conflicts: { strategy: "source-wins" } };
          const scene = await sceneOf({ pipeline: { ...settings, mapping } });
          for (const name of ["ann", "bo"]) everywhere(scene, name, person(name));
          await scene.run();
          for (const { system, id, row } of edits) {
            // What the first mapping did not carry has no base: nobody knows who moved it.
            const known = Object.entries(row).filter(([name]) =>
              before.some((line) => line.target === name),
            );
            scene.put(system, id, Object.fromEntries(known));
          }
          await scene.reopen({ ...settings, mapping: now });
          await scene.run();
          assert.deepEqual(scene.people("crm"), scene.people("billing"));
          ends.push(scene.people("crm"));
        }
        assert.deepEqual(ends[0], ends[1]);
      },
    ),
    { numRuns: 150 },
  ));
