// I8: what a policy, an answer or the leading side does not let stand is kept in the history.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { PipelineInput } from "../../src/config/index.ts";
import { both, sceneOf, type Scene } from "./scene.ts";

const NOW = Date.UTC(2026, 0, 1, 12);

async function started(t: TestContext, pipeline: Partial<PipelineInput>): Promise<Scene> {
  const scene = sceneOf(t, pipeline, () => NOW);
  both(scene, "CREATE TABLE things (id INTEGER PRIMARY KEY, v TEXT, w TEXT)");
  scene.sql("left", "INSERT INTO things VALUES (1, 'a', 'w'), (2, 'b', 'w')");
  await scene.say("run");
  return scene;
}

/** Values of an entry that were overruled, newest first. */
async function overruled(scene: Scene, key: string): Promise<readonly unknown[]> {
  const { result } = await scene.say("history", key);
  return result.changes
    .filter(({ kind }) => kind === "overruled")
    .flatMap(({ by, changes }) => changes.map(({ field, from }) => [by, field, from]));
}

test("an edit that a strategy overrules, also where the entry is deleted", async (t) => {
  const scene = await started(t, { direction: "two-way", conflicts: "source-wins" });
  scene.sql("right", "UPDATE things SET v = 'precious' || id");
  scene.sql("left", "UPDATE things SET v = 'A' WHERE id = 1", "DELETE FROM things WHERE id = 2");
  await scene.say("run");
  assert.deepEqual(await overruled(scene, "1"), [["target", "v", "precious1"]]);
  assert.deepEqual(await overruled(scene, "2"), [["target", "v", "precious2"]]);
  scene.sql("left", "UPDATE things SET v = 'later'");
  await scene.say("run");
  assert.equal((await overruled(scene, "1")).length, 1, "an ordinary update overrules nothing");
  const { result } = await scene.say("history", "1", "--at", "now");
  assert.equal(result.state?.["v"], "later");
});

test("drift that is overwritten, and what an answer decides against", async (t) => {
  const drifted = await started(t, { memory: "full" });
  drifted.sql("right", "UPDATE things SET v = 'drift' WHERE id = 1");
  await drifted.say("run");
  assert.deepEqual(await overruled(drifted, "1"), [["target", "v", "drift"]]);

  const asked = await started(t, { direction: "two-way" });
  asked.sql("left", "UPDATE things SET v = 'L' WHERE id = 1");
  asked.sql("right", "UPDATE things SET v = 'R' WHERE id = 1");
  await asked.say("run");
  assert.deepEqual(await overruled(asked, "1"), []);
  await asked.say("resolve", "--all", "--take", "source");
  await asked.say("run");
  assert.deepEqual(await overruled(asked, "1"), [["target", "v", "R"]]);
});

test("a plan that is applied and a first meeting keep what they overrule", async (t) => {
  const scene = sceneOf(t, { direction: "two-way", initial: "source" });
  both(scene, "CREATE TABLE things (id INTEGER PRIMARY KEY, v TEXT)");
  scene.sql("left", "INSERT INTO things VALUES (1, 'a')");
  scene.sql("right", "INSERT INTO things VALUES (1, 'met')");
  const { result } = await scene.say("plan");
  await scene.say("apply", result.plans[0]?.id ?? "");
  assert.deepEqual(scene.rows("right"), [{ id: 1, v: "a" }]);
  assert.deepEqual(await overruled(scene, "1"), [["target", "v", "met"]]);
});
