// What a run says it did is what the databases show.
import assert from "node:assert/strict";
import { test } from "node:test";
import { both, counts, sceneOf } from "./scene.ts";

const RAISE = "BEGIN SELECT RAISE(ABORT, 'no'); END";

test("a run counts the writes that landed, and those not taken as rejected", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  both(scene, "CREATE TABLE things (id INTEGER PRIMARY KEY, v TEXT)");
  scene.sql(
    "right",
    `CREATE TRIGGER i BEFORE INSERT ON things WHEN new.id = 2 ${RAISE}`,
    `CREATE TRIGGER d BEFORE DELETE ON things WHEN old.id = 3 ${RAISE}`,
  );
  scene.sql("left", "INSERT INTO things VALUES (1, 'a'), (2, 'b'), (3, 'c')");
  const first = counts(await scene.say("run"));
  assert.deepEqual(first.target, { create: 2, update: 0, delete: 0 });
  assert.equal(first.rejected, 1);

  scene.sql("left", "DELETE FROM things WHERE id = 3", "UPDATE things SET v = v || '!'");
  const second = counts(await scene.say("run"));
  assert.deepEqual(second.target, { create: 0, update: 1, delete: 0 });
  assert.equal(second.rejected, 2, "the create in its new form, and the deletion");
  assert.deepEqual(scene.rows("right"), [
    { id: 1, v: "a!" },
    { id: 3, v: "c" },
  ]);
});
