// Unique values move from row to row: one run is enough, whatever the order of its writes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { both, counts, sceneOf } from "./scene.ts";

test("values exchanged, freed by a deletion or by a renamed key arrive in one run", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  both(scene, "CREATE TABLE things (id TEXT PRIMARY KEY COLLATE NOCASE, mail TEXT UNIQUE)");
  scene.sql("left", "INSERT INTO things VALUES ('a', 'x'), ('b', 'y'), ('c', 'z'), ('D', 'w')");
  await scene.say("run");
  scene.sql(
    "left",
    "DELETE FROM things WHERE id = 'c'",
    "INSERT INTO things VALUES ('0', 'z')",
    "UPDATE things SET mail = NULL WHERE id = 'a'",
    "UPDATE things SET mail = 'x' WHERE id = 'b'",
    "UPDATE things SET mail = 'y' WHERE id = 'a'",
    "UPDATE things SET id = 'd' WHERE id = 'D'",
  );
  const planned = counts(await scene.say("plan"));
  const said = await scene.say("run");
  assert.equal(said.exit, 0, JSON.stringify(said.result.runs));
  assert.deepEqual(counts(said).target, planned.target);
  assert.deepEqual(scene.rows("right"), scene.rows("left"));
});
