// What a store deletes by itself must not take an edit with it that nobody has seen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { both, sceneOf } from "./scene.ts";

const PIPELINES = {
  parents: { source: "left.parents", target: "right.parents", direction: "two-way" },
  children: { source: "left.children", target: "right.children", direction: "two-way" },
} as const;
const TABLES = [
  "CREATE TABLE parents (id INTEGER PRIMARY KEY)",
  `CREATE TABLE children (id INTEGER PRIMARY KEY, name TEXT,
     parent INTEGER REFERENCES parents(id) ON DELETE CASCADE)`,
];

test("a child that is asked about is not deleted by the cascade of its parent", async (t) => {
  const scene = sceneOf(t, PIPELINES);
  both(scene, ...TABLES);
  scene.sql("left", "INSERT INTO parents VALUES (1)", "INSERT INTO children VALUES (10, 'c', 1)");
  await scene.say("run");
  scene.sql("left", "DELETE FROM parents"); // and the child by cascade
  scene.sql("right", "UPDATE children SET name = 'edited'");
  const plan = await scene.say("plan");
  const { withheld, target } = plan.summary.pipelines["parents"] ?? {};
  assert.deepEqual([withheld, target?.delete], [1, 0], "it is said before anything is done");
  assert.match(plan.result.plans[0]?.notes[0]?.text ?? "", /rows of children refer/);
  const said = await scene.say("run");
  assert.equal(said.exit, 4);
  assert.deepEqual(said.result.runs[0]?.left, []);
  const children = "SELECT name FROM children";
  assert.deepEqual(scene.rows("right", children), [{ name: "edited" }]);
  const { questions } = (await scene.say("conflicts")).result;
  assert.deepEqual(questions.map(({ why }) => why).toSorted(), ["conflict", "withheld"]);

  await scene.say("resolve", "--all", "--take", "source");
  await scene.say("run");
  assert.deepEqual(scene.rows("right", children), []);
  assert.deepEqual(scene.rows("right", "SELECT id FROM parents"), []);
  assert.equal((await scene.say("verify")).exit, 0);
});

test("--allow-deletes lets rows go that nobody planned to delete, also by a plan", async (t) => {
  const scene = sceneOf(t, {
    ...PIPELINES,
    children: { ...PIPELINES.children, direction: "one-way" },
  });
  both(scene, ...TABLES);
  scene.sql("left", "INSERT INTO parents VALUES (1)");
  await scene.say("run");
  scene.sql("left", "DELETE FROM parents");
  scene.sql("right", "INSERT INTO children VALUES (11, 'only here', 1)");
  assert.equal((await scene.say("run")).exit, 4);
  assert.equal(scene.rows("right", "SELECT id FROM children").length, 1);
  await scene.say("run", "--allow-deletes");
  assert.deepEqual(scene.rows("right", "SELECT id FROM children"), []);
  assert.deepEqual(scene.rows("right", "SELECT id FROM parents"), []);
});
