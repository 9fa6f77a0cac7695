// First loads: what they leave in the target when they are killed, and what they say of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FilterSpec } from "../../src/core/filter.ts";
import type { Batch, Outcome, PipelineSettings, Replica, RunView } from "../../src/engine/index.ts";
import type { MemoryCollection } from "../../src/testing/memory-collection.ts";
import type { MemoryReplica } from "../../src/testing/memory-replica.ts";
import { crowd, NOTHING, PEOPLE, person, personId, sceneOf, wrote, type Scene } from "./scene.ts";

interface Killed extends Scene {
  /** What becomes of the next batches. */
  fate: (batch: Batch, write: () => Promise<readonly Outcome[]>) => Promise<readonly Outcome[]>;
}

interface Options extends Partial<PipelineSettings> {
  readonly memory?: "full" | "digest";
  readonly marks?: boolean;
  readonly paged?: boolean;
}

/** A one-way pipeline whose program ends, for a test, with the n-th batch of its first load. */
async function killed(of: Options, target: object = {}): Promise<Killed> {
  const { memory = "digest", marks = true, paged = false, ...more } = of;
  const wrap = (replica: MemoryReplica): Replica => ({
    ...replica,
    writer: async (signal) => {
      const writer = await replica.writer(signal);
      return {
        ...writer,
        write: (batch, until) => scene.fate(batch, () => writer.write(batch, until)),
      };
    },
  });
  const capabilities = { marks, log: false, list: paged ? "paged" : "snapshot" } as const;
  const people = { ...PEOPLE, capabilities };
  const opened = await sceneOf({
    wrap,
    collections: { crm: [people], billing: [{ ...people, ...target }] },
    pipeline: { memory, direction: "one-way", guard: { floor: 20 }, ...more },
  });
  const scene: Killed = Object.assign(opened, { fate: kill });
  return scene;
}

/** It lands, and nobody hears of it any more. */
const kill: Killed["fate"] = async (_, write) => {
  await write();
  throw new Error("killed");
};
const live: Killed["fate"] = (_, write) => write();

const extra = ({ summary }: Pick<RunView, "summary">): number =>
  summary.pipelines["people"]?.extra ?? -1;

test("a row that its source deletes before the restart is deleted like any other", async () => {
  for (const memory of ["full", "digest"] as const) {
    for (const paged of [false, true]) {
      const scene = await killed({ memory, paged });
      crowd(scene, 10, "crm");
      scene.put("billing", "own", person("Somebody else's"));
      await assert.rejects(scene.run(), /killed/);
      scene.fate = live;
      scene.put("crm", personId(3), null);
      scene.put("crm", personId(4), { name: "edited" });
      scene.put("crm", "a new one", person("before all others"));
      const plan = await scene.plan();
      assert.deepEqual(wrote(plan, "target"), { create: 1, update: 1, delete: 1 });
      assert.equal(extra(plan), 1);
      const view = await scene.run();
      assert.deepEqual(wrote(view, "target"), { create: 1, update: 1, delete: 1 });
      const { own, ...rest } = scene.people("billing");
      assert.deepEqual(rest, scene.people("crm"));
      assert.ok(own !== undefined, "what was never ours stays");
      const quiet = await scene.run();
      assert.deepEqual([wrote(quiet, "target"), extra(quiet)], [NOTHING, 1]);
    }
  }
});

test("such deletions pass the guard like any others", async () => {
  const scene = await killed({});
  crowd(scene, 30, "crm");
  await assert.rejects(scene.run(), /killed/);
  scene.fate = live;
  for (let i = 0; i < 25; i++) scene.put("crm", personId(i), null);
  const view = await scene.run();
  assert.deepEqual(view.guards, [
    { pipeline: "people", side: "target", deletions: 25, known: 0, limit: 20 },
  ]);
  assert.equal(Object.keys(scene.people("billing")).length, 30);
  await scene.run({ allowDeletes: true });
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
});

test("what did not land is not ours, whoever holds it there", async () => {
  const scene = await killed({}, { uniqueSets: [["city"]] });
  scene.put("crm", "ann", person("Ann", 30, "Oslo"));
  scene.put("crm", "bo", person("Bo", 30, "Oslo"));
  await assert.rejects(scene.run(), /killed/);
  assert.deepEqual(Object.keys(scene.people("billing")), ["ann"]);
  scene.fate = live;
  scene.put("crm", "bo", null);
  scene.put("billing", "bo", person("Another Bo", 31, "Rome"));
  const view = await scene.run();
  assert.deepEqual(Object.keys(scene.people("billing")), ["ann", "bo"]);
  assert.equal(extra(view), 1);
});

test("killed again and again, every page is known; without markers none is", async () => {
  const scene = await killed({});
  crowd(scene, 3, "crm");
  await assert.rejects(scene.run(), /killed/);
  scene.put("crm", "a", person("first of all"));
  await assert.rejects(scene.run(), /killed/);
  scene.fate = live;
  scene.put("crm", "a", null);
  scene.put("crm", personId(1), null);
  await scene.run();
  assert.deepEqual(scene.people("billing"), scene.people("crm"));

  const unmarked = await killed({ marks: false });
  crowd(unmarked, 3, "crm");
  await assert.rejects(unmarked.run(), /killed/);
  unmarked.fate = live;
  unmarked.put("crm", personId(1), null);
  assert.equal(extra(await unmarked.run()), 1);
});

test("a row that leaves the filter before the restart leaves the target as well", async () => {
  const value = "Oslo";
  const filters: FilterSpec = { kind: "compare", field: "city", operator: "equals", value };
  for (const whenFilteredOut of ["delete", "keep"] as const) {
    const scene = await killed({ filters, whenFilteredOut });
    for (const name of ["ann", "bo", "cy"]) scene.put("crm", name, person(name));
    await assert.rejects(scene.run(), /killed/);
    scene.fate = live;
    scene.put("crm", "bo", { city: "Rome" });
    scene.put("crm", "cy", { name: "Cyril" });
    await scene.run();
    const left = Object.keys(scene.people("billing"));
    assert.deepEqual(left, whenFilteredOut === "keep" ? ["ann", "bo", "cy"] : ["ann", "cy"]);
    assert.equal(scene.people("billing")["cy"]?.["name"], "Cyril");
  }
});

test("a first load names the columns that its target keeps in its own way unsaid", async () => {
  const collection: MemoryCollection = {
    ...PEOPLE,
    store: (column, value) =>
      column === "age" && typeof value === "number" ? value - (value % 10) : value,
  };
  /** It rounds, and does not describe it. */
  const silent = (replica: MemoryReplica): Replica => ({
    ...replica,
    async describe(signal) {
      const told = await replica.describe(signal);
      const collections = [...told.collections].map(([name, described]) => {
        const { store, ...rest } = described;
        assert.ok(name !== "people" || store !== undefined || replica.name === "crm");
        return [name, rest] as const;
      });
      return { ...told, collections: new Map(collections) };
    },
  });
  for (const wrap of [silent, (replica: MemoryReplica): Replica => replica]) {
    const scene = await sceneOf({
      pipeline: { direction: "one-way" },
      collections: { billing: [collection] },
      wrap,
    });
    scene.put("crm", "ann", person("Ann", 31));
    scene.put("crm", "bo", person("Bo", 42));
    scene.put("crm", "cy", person("Cy", 50));
    const { notes } = await scene.run();
    const texts = notes.filter(({ code }) => code === "STORED_OTHERWISE").map(({ text }) => text);
    assert.equal(texts.length, wrap === silent ? 1 : 0, "what is described is known beforehand");
    if (wrap === silent) assert.match(texts[0] ?? "", /^target: "age" .* 2 times:/);
  }
});
