import assert from "node:assert/strict";
import { test } from "node:test";
import { applyPlan, makePlan, viewOfPlan } from "../../src/engine/index.ts";
import { crowd, NEVER, person, personId, sceneOf, wrote, type Scene } from "./scene.ts";

async function edited(): Promise<Scene> {
  const scene = await sceneOf();
  crowd(scene, 10, "crm", "billing");
  await scene.run();
  scene.put("crm", personId(1), { name: "renamed" });
  scene.put("billing", personId(2), { age: 99 });
  scene.put("crm", "new", person("New"));
  scene.put("billing", personId(3), null);
  scene.put("crm", personId(4), { city: "Oslo" });
  scene.put("billing", personId(4), { city: "Bergen" });
  return scene;
}

const images = (scene: Scene): unknown =>
  ["crm", "billing"].map((system) => scene.replica(system).image());

test("a plan writes to no side and to no entry", async () => {
  const scene = await edited();
  const before = images(scene);
  const generation = await scene.link.journal.generation();
  await scene.plan();
  assert.deepEqual(images(scene), before);
  assert.equal(await scene.link.journal.generation(), generation);
});

test("two plans of one world have one hash, whatever the clock says", async () => {
  const scene = await edited();
  const first = await scene.plan();
  scene.clock.now += 86_400_000;
  const second = await scene.plan();
  assert.equal(second.hash, first.hash);
  assert.notEqual(second.id, first.id);
  assert.deepEqual(
    { ...second.summary.pipelines["people"], planId: null },
    { ...first.summary.pipelines["people"], planId: null },
  );
});

test("another value, question or deletion is another hash; back is the first", async () => {
  const scene = await edited();
  const { hash } = await scene.plan();
  const changes: readonly [string, string, { [column: string]: string | number }][] = [
    ["crm", personId(1), { name: "renames" }],
    ["billing", personId(4), { city: "Bergem" }],
    ["billing", personId(5), { age: 50 }],
  ];
  for (const [system, id, row] of changes) {
    const image = scene.replica(system).image();
    scene.put(system, id, row);
    assert.notEqual((await scene.plan()).hash, hash);
    scene.replica(system).restore(image);
    assert.equal((await scene.plan()).hash, hash);
  }
  scene.put("billing", personId(6), null);
  assert.notEqual((await scene.plan()).hash, hash);
});

test("what a row to be deleted holds is in the hash, also with memory: digest", async () => {
  const scene = await sceneOf({ pipeline: { direction: "one-way", memory: "digest" } });
  crowd(scene, 3, "crm");
  await scene.run();
  scene.put("crm", personId(1), null);
  const { hash } = await scene.plan();
  const image = scene.replica("billing").image();
  scene.put("billing", personId(1), { name: "zzz" });
  const drifted = await scene.plan();
  scene.put("billing", personId(1), { name: "zzy" });
  assert.equal(new Set([hash, drifted.hash, (await scene.plan()).hash]).size, 3);
  scene.replica("billing").restore(image);
  assert.equal((await scene.plan()).hash, hash);
});

test("a plan that lets deletions take other rows with them has another hash", async () => {
  const scene = await edited();
  const plain = await scene.plan();
  const all = await scene.plan({ allowDeletes: true });
  assert.notEqual(all.hash, plain.hash, "although the guard lets pass the one that there is");
  assert.equal((await scene.plan({ allowDeletes: 5 })).hash, plain.hash);
});

test("another configuration has another hash, although the writes are the same", async () => {
  const scene = await edited();
  const { hash } = await scene.plan();
  await scene.reopen({ guard: { floor: 24 } });
  assert.notEqual((await scene.plan()).hash, hash);
});

test("a plan shows creates, updates with their fields, conflicts, and deletes last", async () => {
  const scene = await edited();
  const plan = await scene.plan();
  const items = await scene.items(plan);
  const shown = items.map(({ shown, writes, questions }) => [
    shown,
    writes.map(({ side, kind, changes }) => [side, kind, changes.map(({ field }) => field)]),
    questions.map(({ field, why }) => [field, why]),
  ]);
  assert.deepEqual(
    shown.filter(([, writes = [], questions = []]) => writes.length + questions.length > 0),
    [
      ["new", [["target", "create", ["id", "name", "age", "city"]]], []],
      ["p001", [["target", "update", ["name"]]], []],
      ["p002", [["source", "update", ["age"]]], []],
      ["p004", [], [["city", "conflict"]]],
      ["p003", [["source", "delete", ["id", "name", "age", "city"]]], []],
    ],
  );
});

test("apply does exactly what the plan says, and the next plan has nothing to do", async () => {
  const scene = await edited();
  const plan = await scene.plan();
  const view = await scene.apply(plan);
  assert.deepEqual(view.summary, plan.summary);
  assert.deepEqual(view.left, []);
  assert.equal(view.planId, plan.id);
  assert.equal(scene.people("billing")[personId(1)]?.["name"], "renamed");
  assert.equal(scene.people("crm")[personId(2)]?.["age"], 99);
  assert.equal(scene.people("crm")[personId(3)], undefined);
  assert.deepEqual(scene.people("billing")["new"], person("New"));
  const rest = await scene.plan();
  assert.equal(rest.writes, 0);
});

test("a plan leaves behind what a run would leave behind", async () => {
  const planned = await edited();
  await planned.apply(await planned.plan());
  const ran = await edited();
  await ran.run();
  assert.deepEqual(planned.people("crm"), ran.people("crm"));
  assert.deepEqual(planned.people("billing"), ran.people("billing"));
  const bodies = async (scene: Scene): Promise<readonly string[]> => {
    const { bodies: of } = await scene.link.journal.entries("people", { after: null, limit: 100 });
    return of.map((body) =>
      body.replaceAll(/\b\d{12,}\b/g, "STAMP").replaceAll(/id-\d+-\d+\.\d+/g, "ID"),
    );
  };
  assert.deepEqual(await bodies(planned), await bodies(ran));
});

test("a plan of an older state of the link is stale: nothing is written", async () => {
  const scene = await edited();
  const plan = await scene.plan();
  await scene.run();
  scene.put("crm", personId(1), { name: "once more" });
  const before = images(scene);
  await assert.rejects(scene.apply(plan), { code: "PLAN_STALE" });
  assert.deepEqual(images(scene), before);
});

test("a plan of another configuration is stale", async () => {
  const scene = await edited();
  const plan = await scene.plan();
  await scene.reopen({ guard: { floor: 24 } });
  await assert.rejects(scene.apply(plan), { code: "PLAN_STALE" });
});

test("a plan is applied once", async () => {
  const scene = await edited();
  const plan = await scene.plan();
  await scene.apply(plan);
  await assert.rejects(scene.apply(plan), { code: "PLAN_STALE" });
});

test("a plan that nobody made is unknown", async () => {
  const scene = await edited();
  await assert.rejects(applyPlan(scene.link, "nope", {}, NEVER), { code: "PLAN_UNKNOWN" });
});

test("a plan that was stopped half way cannot be applied", async () => {
  const scene = await edited();
  const stop = new AbortController();
  const onProgress = (): void => stop.abort(new Error("enough"));
  await assert.rejects(makePlan(scene.link, { onProgress }, stop.signal), /enough/);
  await assert.rejects(applyPlan(scene.link, "latest", {}, NEVER), {
    code: "PLAN_STALE",
    message: /never finished/,
  });
});

test("rows that moved after the plan are left and listed; all else is the plan's", async () => {
  const scene = await sceneOf();
  crowd(scene, 100, "crm", "billing");
  await scene.run();
  for (let i = 0; i < 100; i++) scene.put("crm", personId(i), { city: "Oslo" });
  const plan = await scene.plan();
  scene.put("billing", personId(7), { city: "Paris" });
  scene.put("billing", personId(8), null);
  scene.put("crm", personId(9), { city: "Rome" });
  const view = await scene.apply(plan);
  assert.deepEqual(
    view.left.map(({ shown, side, why }) => [shown, side, why]),
    [
      ["p007", "target", "stale"],
      ["p008", "target", "stale"],
    ],
  );
  assert.equal(view.waits, true);
  const billing = scene.people("billing");
  assert.equal(billing[personId(7)]?.["city"], "Paris");
  assert.equal(billing[personId(8)], undefined);
  assert.equal(
    billing[personId(9)]?.["city"],
    "Oslo",
    "a source that moved waits for the next cycle",
  );
  assert.equal(Object.values(billing).filter(({ city }) => city === "Oslo").length, 98);
  await scene.run();
  assert.equal(scene.people("billing")[personId(9)]?.["city"], "Rome");
  const asked = await scene.questions();
  assert.deepEqual(
    asked.map(({ shown, field }) => [shown, field]),
    [
      ["p007", "city"],
      ["p008", null],
    ],
  );
});

test("a row that somebody moved to the planned values is listed all the same", async () => {
  const scene = await sceneOf();
  crowd(scene, 3, "crm", "billing");
  await scene.run();
  scene.put("crm", personId(1), { city: "Oslo" });
  const plan = await scene.plan();
  scene.put("billing", personId(1), { city: "Oslo" });
  const view = await scene.apply(plan);
  assert.deepEqual(
    view.left.map(({ shown, why }) => [shown, why]),
    [[personId(1), "stale"]],
  );
  assert.equal((await scene.run()).waits, false);
});

test("a plan is found by its id, its beginning, its hash and as the latest", async () => {
  const scene = await edited();
  const plan = await scene.plan();
  for (const name of [plan.id, plan.hash, plan.hash.slice(0, 10), "latest"]) {
    const record = await scene.link.journal.plan(name);
    assert.equal(record && viewOfPlan(record).id, plan.id);
  }
});

test("a plan that lets deletions pass deletes them when it is applied", async () => {
  const scene = await sceneOf({ pipeline: { guard: { floor: 1, share: 0 } } });
  crowd(scene, 10, "crm", "billing");
  await scene.run();
  for (let i = 0; i < 5; i++) scene.put("crm", personId(i), null);
  const held = await scene.apply(await scene.plan());
  assert.equal(wrote(held, "target").delete, 0);
  assert.equal(Object.keys(scene.people("billing")).length, 10);
  const plan = await scene.plan({ allowDeletes: true });
  assert.equal(wrote(plan, "target").delete, 5);
  await scene.apply(plan);
  assert.equal(Object.keys(scene.people("billing")).length, 5);
});

test("a plan that restores writes the entries back when it is applied", async () => {
  const scene = await sceneOf({ pipeline: { guard: { floor: 1, share: 0 } } });
  crowd(scene, 10, "crm", "billing");
  await scene.run();
  for (let i = 0; i < 5; i++) scene.put("crm", personId(i), null);
  const plan = await scene.plan({ restore: true });
  assert.equal(wrote(plan, "source").create, 5);
  await scene.apply(plan);
  assert.equal(Object.keys(scene.people("crm")).length, 10);
  assert.equal((await scene.plan()).writes, 0);
});
