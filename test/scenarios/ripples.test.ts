// What a store changes by itself beside the rows that are written: it is said before, and what
// follows comes to rest.
import assert from "node:assert/strict";
import { test } from "node:test";
import { both, sceneOf, type Said } from "./scene.ts";

const PIPELINES = {
  parents: { source: "left.parents", target: "right.parents", direction: "two-way" },
  children: { source: "left.children", target: "right.children", direction: "two-way" },
} as const;
const FOLLOWING = [
  "CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT UNIQUE, name TEXT)",
  `CREATE TABLE children (id INTEGER PRIMARY KEY,
     code TEXT REFERENCES parents(code) ON UPDATE CASCADE)`,
  "INSERT INTO parents VALUES (1, 'a', 'n'), (2, 'b', 'm')",
  "INSERT INTO children VALUES (10, 'a'), (11, 'b')",
];

const warnings = ({ result }: Said): readonly string[] =>
  result.plans.flatMap(({ notes }) =>
    notes.filter(({ code }) => code === "RIPPLE").map(({ text }) => text),
  );

test("rows that follow a changed value by themselves are said beforehand, and agree", async (t) => {
  const scene = sceneOf(t, PIPELINES);
  both(scene, ...FOLLOWING);
  await scene.say("run");
  scene.sql("left", "UPDATE parents SET name = 'N' WHERE id = 1");
  const quiet = await scene.say("plan");
  assert.deepEqual(warnings(quiet), [], "nothing follows a name");
  scene.sql("left", "UPDATE parents SET code = 'A' WHERE id = 1");
  const plan = await scene.say("plan");
  const [warning, ...more] = warnings(plan);
  assert.deepEqual(more, []);
  assert.match(
    warning ?? "",
    /^target: when code of parents changes, .*\(children \(ON UPDATE CASCADE\)\)/,
  );
  const said = await scene.say("apply", plan.summary.pipelines["parents"]?.hash ?? "");
  const { left } = said.result.runs[0] ?? {};
  assert.deepEqual([said.exit, left], [0, []], "it was quicker than we were, as was planned");
  assert.deepEqual(scene.rows("right", "SELECT id, code FROM children ORDER BY id"), [
    { id: 10, code: "A" },
    { id: 11, code: "b" },
  ]);
  const after = await scene.say("run");
  assert.deepEqual([after.exit, after.summary.pipelines["children"]?.unchanged], [0, 2]);
  assert.equal((await scene.say("verify")).exit, 0);
});

test("triggers that may change other rows when one is deleted are named beforehand", async (t) => {
  const scene = sceneOf(t, PIPELINES);
  both(
    scene,
    "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT)",
    "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER, name TEXT)",
    "INSERT INTO parents VALUES (1, 'p'), (2, 'q')",
    "INSERT INTO children VALUES (10, 1, 'c')",
  );
  await scene.say("run");
  scene.sql(
    "right",
    `CREATE TRIGGER "orphans; of" AFTER DELETE ON parents BEGIN
       UPDATE children SET name = 'orphan' WHERE parent = OLD.id; END`,
    `CREATE TRIGGER looks BEFORE DELETE ON parents WHEN OLD.name = 'DELETE' BEGIN
       SELECT RAISE(ABORT, 'UPDATE'); END`,
    `CREATE TRIGGER other AFTER INSERT ON parents BEGIN DELETE FROM children WHERE id = 0; END`,
  );
  scene.sql("left", "UPDATE parents SET name = 'P'");
  assert.deepEqual(warnings(await scene.say("plan")), []);
  scene.sql("left", "DELETE FROM parents WHERE id = 1");
  const plan = await scene.say("plan");
  const [warning, ...more] = warnings(plan);
  assert.deepEqual(more, []);
  assert.match(
    warning ?? "",
    /^target: when rows are deleted from parents, .*\(trigger "orphans; of"\)/,
  );
  await scene.say("run");
  assert.deepEqual(scene.rows("right", "SELECT name FROM children"), [{ name: "orphan" }]);
  // What the store did there by itself is its own edit, and goes where edits go.
  await scene.say("run");
  assert.deepEqual(scene.rows("left", "SELECT name FROM children"), [{ name: "orphan" }]);
  assert.equal((await scene.say("verify")).exit, 0);
});
