// Rules over several fields in a two-way pipeline: the row that breaks one waits on its own side,
// and nobody's copy of it is lost meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { both, counts, sceneOf } from "./scene.ts";

test("a row that breaks a rule over its fields waits where it was edited, and heals", async (t) => {
  const scene = sceneOf(t, {
    direction: "two-way",
    validation: [
      {
        field: "till",
        type: "crossField",
        config: { operator: "greater_or_equal", other: "since" },
      },
      { field: "mail", type: "unique" },
      { field: "note", type: "length", config: { max: 5 } },
    ],
  });
  both(
    scene,
    `CREATE TABLE things (id INTEGER PRIMARY KEY, since INTEGER, till INTEGER, mail TEXT,
      note TEXT)`,
  );
  scene.sql("left", "INSERT INTO things VALUES (1, 1, 2, 'a', 'x'), (2, 1, 2, 'b', 'x')");
  assert.equal((await scene.say("run")).exit, 0);

  scene.sql(
    "right",
    "UPDATE things SET till = 0 WHERE id = 1",
    "UPDATE things SET note = 'y' WHERE id = 2",
  );
  scene.sql("left", "INSERT INTO things VALUES (3, 5, 6, 'c', 'x')");
  const ran = await scene.say("run");
  assert.equal(ran.exit, 4);
  assert.equal(counts(ran).rejected, 1);
  const [letter] = (await scene.say("letters")).result.letters;
  assert.deepEqual(letter?.errors, ["Field 'till' has to be greater than or equal to 'since'"]);
  // Its side keeps the edit, the other keeps what was agreed, and the rest has gone on.
  const query = "SELECT id, till, note FROM things ORDER BY id";
  const [left, right] = [scene.rows("left", query), scene.rows("right", query)];
  assert.deepEqual(left, [
    { id: 1, till: 2, note: "x" },
    { id: 2, till: 2, note: "y" },
    { id: 3, till: 6, note: "x" },
  ]);
  assert.deepEqual(right, [{ id: 1, till: 0, note: "x" }, ...left.slice(1)]);

  // The other side edits the same row meanwhile: nothing is written over what waits.
  scene.sql("left", "UPDATE things SET note = 'z' WHERE id = 1");
  assert.equal((await scene.say("run")).exit, 4);
  assert.deepEqual(scene.rows("right", "SELECT till FROM things WHERE id = 1"), [{ till: 0 }]);
  scene.sql("right", "UPDATE things SET till = 9 WHERE id = 1");
  assert.equal((await scene.say("run")).exit, 0);
  const healed = [{ id: 1, till: 9, note: "z" }, ...left.slice(1)];
  assert.deepEqual(scene.rows("left", query), healed);
  assert.deepEqual(scene.rows("right", query), healed);
  assert.equal((await scene.say("verify")).exit, 0);
});

test("rows that double each other wait, by name, until one of them is gone", async (t) => {
  const scene = sceneOf(t, {
    direction: "two-way",
    validation: [{ field: "mail", type: "unique", config: { with: "kind" } }],
  });
  both(scene, "CREATE TABLE things (id INTEGER PRIMARY KEY, mail TEXT, kind TEXT)");
  scene.sql("left", "INSERT INTO things VALUES (1, 'a', 'k'), (2, NULL, 'k'), (3, NULL, 'k')");
  scene.sql("right", "INSERT INTO things VALUES (4, 'b', 'k'), (5, 'b', 'k'), (6, 'b', 'other')");
  assert.equal((await scene.say("run")).exit, 4);
  const { letters } = (await scene.say("letters")).result;
  assert.deepEqual(
    letters.map(({ shown, errors }) => [shown, ...errors]),
    [
      ["4", "Field 'mail' has to be unique together with 'kind': 4 and 5 hold the same"],
      ["5", "Field 'mail' has to be unique together with 'kind': 5 and 4 hold the same"],
    ],
  );
  const ids = "SELECT group_concat(id) AS ids FROM (SELECT id FROM things ORDER BY id)";
  assert.deepEqual(scene.rows("left", ids), [{ ids: "1,2,3,6" }]);
  assert.deepEqual(scene.rows("right", ids), [{ ids: "1,2,3,4,5,6" }]);
  scene.sql("right", "DELETE FROM things WHERE id = 5");
  assert.equal((await scene.say("run")).exit, 0);
  assert.deepEqual(scene.rows("left", ids), [{ ids: "1,2,3,4,6" }]);
  assert.deepEqual(scene.rows("right", ids), [{ ids: "1,2,3,4,6" }]);
});
