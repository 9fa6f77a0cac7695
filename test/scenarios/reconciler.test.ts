// Mission scenarios 1 to 4: what two sides become, for a person with two databases.
import assert from "node:assert/strict";
import { test } from "node:test";
import { both, counts, sceneOf, type Scene } from "./scene.ts";

const TWO_WAY = { direction: "two-way" } as const;
const ABC = "CREATE TABLE things (id TEXT PRIMARY KEY NOT NULL, a INTEGER, b INTEGER, c INTEGER)";

test("1. edits of different fields merge: one plan and no conflict", async (t) => {
  const scene = sceneOf(t, TWO_WAY);
  both(scene, ABC, "INSERT INTO things VALUES ('x', 1, 1, 1)");
  await scene.say("run");
  scene.sql("left", "UPDATE things SET a = 2");
  scene.sql("right", "UPDATE things SET b = 2, c = NULL");
  const plan = await scene.say("plan");
  assert.equal(counts(plan).conflicts, 0);
  assert.deepEqual(
    [counts(plan).source, counts(plan).target],
    [
      { create: 0, update: 1, delete: 0 },
      { create: 0, update: 1, delete: 0 },
    ],
  );
  const applied = await scene.say("apply", "latest");
  assert.equal(applied.exit, 0);
  const merged = [{ id: "x", a: 2, b: 2, c: null }];
  assert.deepEqual(scene.rows("left"), merged);
  assert.deepEqual(scene.rows("right"), merged);
  assert.equal((await scene.say("plan")).result.plans[0]?.writes, 0);
});

test("2. equal content without a base: the plan is empty, and it is remembered", async (t) => {
  const scene = sceneOf(t, TWO_WAY);
  const make = "CREATE TABLE things (id INTEGER PRIMARY KEY, doc JSON, day DATE, at DATETIME)";
  scene.sql(
    "left",
    make,
    `INSERT INTO things VALUES (1, '{"a":1,"b":{"c":[1,2],"d":null}}',
      '2026-01-31', '2026-01-31T10:00:00Z')`,
  );
  scene.sql(
    "right",
    make,
    `INSERT INTO things VALUES (1, '{ "b": {"d": null, "c": [1, 2]}, "a": 1.0 }',
      '2026-01-31', '2026-01-31T10:00:00Z')`,
  );
  const plan = await scene.say("plan");
  assert.equal(plan.result.plans[0]?.writes, 0);
  assert.deepEqual(plan.result.items, []);
  assert.equal((await scene.say("run")).exit, 0);
  scene.sql("left", "UPDATE things SET day = '2026-02-01'");
  assert.deepEqual(counts(await scene.say("run")).target, { create: 0, update: 1, delete: 0 });
  assert.equal(scene.rows("right")[0]?.["day"], "2026-02-01");
});

test("3. empty, false and zero are values like any other", async (t) => {
  const scene = sceneOf(t, TWO_WAY);
  both(
    scene,
    "CREATE TABLE things (id TEXT PRIMARY KEY NOT NULL, phone TEXT, active BOOLEAN, n INTEGER)",
    "INSERT INTO things VALUES ('x', '1', TRUE, 5)",
  );
  await scene.say("run");
  scene.sql("left", "UPDATE things SET phone = '', active = FALSE, n = 0");
  const run = await scene.say("run");
  assert.equal(run.exit, 0);
  assert.deepEqual(scene.rows("right"), [{ id: "x", phone: "", active: 0, n: 0 }]);
});

/** Left deletes the row and right edits it; or the other way round. */
async function deletedAndEdited(scene: Scene, deleter: "left" | "right"): Promise<void> {
  const make = "CREATE TABLE things (id TEXT PRIMARY KEY NOT NULL, a INTEGER, tags JSON, at TEXT)";
  both(scene, make, "INSERT INTO things VALUES ('x', 1, '[]', '2026-01-01')");
  const { exit, error } = await scene.say("run");
  assert.deepEqual([exit, error], [0, null]);
  scene.sql(deleter, "DELETE FROM things");
  scene.sql(deleter === "left" ? "right" : "left", "UPDATE things SET a = 2, at = '2026-01-02'");
}

/** Mission 6.1: what a deletion against an edit comes to under each strategy. */
const STRATEGIES = [
  { strategy: "source-wins", left: "gone", right: "kept" },
  { strategy: "target-wins", left: "kept", right: "gone" },
  { strategy: "latest-timestamp", by: "at", left: "asked", right: "asked" },
  { strategy: "merge", left: "asked", right: "asked" },
  { strategy: "union", left: "asked", right: "asked" },
  { strategy: "manual", left: "asked", right: "asked" },
] as const;

for (const { strategy, left, right, ...by } of STRATEGIES) {
  for (const deleter of ["left", "right"] as const) {
    const outcome = deleter === "left" ? left : right;
    test(`4. deleted on the ${deleter}, edited elsewhere, ${strategy}: ${outcome}`, async (t) => {
      const scene = sceneOf(t, { ...TWO_WAY, conflicts: { strategy, ...by } });
      await deletedAndEdited(scene, deleter);
      const run = await scene.say("run");
      const there = [scene.rows("left").length, scene.rows("right").length];
      if (outcome === "gone") {
        assert.equal(run.exit, 0);
        assert.deepEqual(there, [0, 0]);
        return;
      }
      if (outcome === "kept") {
        assert.equal(run.exit, 0);
        assert.deepEqual(scene.rows("left"), scene.rows("right"));
        assert.equal(scene.rows("left")[0]?.["a"], 2);
        return;
      }
      assert.equal(run.exit, 4);
      assert.deepEqual(there, deleter === "left" ? [0, 1] : [1, 0], "nothing is decided");
      const { questions } = (await scene.say("conflicts")).result;
      const [question] = questions;
      assert.deepEqual([questions.length, question?.field, question?.why], [1, null, "conflict"]);
      const [deleted, edited] = deleter === "left" ? ["source", "target"] : ["target", "source"];
      assert.equal(question?.held[deleted ?? ""]?.value, null, "both versions stay readable");
      assert.partialDeepStrictEqual(question?.held[edited ?? ""]?.value, { a: 2 });
      assert.partialDeepStrictEqual(question?.base, { a: 1 });
    });
  }
}

for (const [deletes, count] of [
  ["edit-wins", 1],
  ["delete-wins", 0],
] as const) {
  test(`4. deletes: ${deletes} settles it for every strategy`, async (t) => {
    const scene = sceneOf(t, { ...TWO_WAY, conflicts: { strategy: "merge", deletes } });
    await deletedAndEdited(scene, "left");
    assert.equal((await scene.say("run")).exit, 0);
    assert.equal(scene.rows("left").length, count);
    assert.equal(scene.rows("right").length, count);
  });
}
