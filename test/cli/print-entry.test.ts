// What a plan's line shows of an entry.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sceneOf } from "../scenarios/scene.ts";
import { cli } from "./world.ts";

test("a field that holds the text of the key is shown, in creations and updates", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  const table = "CREATE TABLE things (id TEXT PRIMARY KEY, name TEXT)";
  scene.sql("left", table, "INSERT INTO things VALUES ('a', 'a'), ('b', 'b')");
  scene.sql("right", table);
  const created = await cli(scene.folder, "plan");
  assert.match(created.stdout, /\+ a → target {2}name "a"/);
  await scene.say("run");
  scene.sql("left", "UPDATE things SET name = 'other' WHERE id = 'a'");
  await scene.say("run");
  scene.sql("left", "UPDATE things SET name = 'a' WHERE id = 'a'");
  const updated = await cli(scene.folder, "plan");
  assert.match(updated.stdout, /~ a → target {2}name "other" → "a"/);
});

test("the line of a pipeline shows which way data goes, also for many sides", async (t) => {
  const scene = sceneOf(t, { direction: "one-way" });
  const sides = { a: "left.things", b: "right.things", c: "right.others" };
  scene.sql("left", "CREATE TABLE things (id TEXT PRIMARY KEY)");
  for (const name of ["things", "others"]) {
    scene.sql("right", `CREATE TABLE ${name} (id TEXT PRIMARY KEY)`);
  }
  scene.configure({ pipelines: { things: { sides } } });
  const oneWay = await cli(scene.folder, "plan");
  assert.match(oneWay.stdout, /left\.things → right\.things, right\.others\n/);
  scene.configure({ pipelines: { things: { sides, direction: "two-way" } } });
  const twoWay = await cli(scene.folder, "plan");
  assert.match(twoWay.stdout, /left\.things ⇄ right\.things ⇄ right\.others\n/);
});
