// What stands in a column for JSON and is none is never taken for a document.
import assert from "node:assert/strict";
import { test } from "node:test";
import { counts, sceneOf } from "./scene.ts";

const TABLE = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, doc JSON)";
const STORED = "SELECT id, name, typeof(doc) AS type, doc FROM things ORDER BY id";

for (const direction of ["one-way", "two-way"] as const) {
  test(`${direction}, a text that is no JSON is left out by name, in plan and run`, async (t) => {
    const scene = sceneOf(t, { direction });
    const same = "(3, 'equal', 'nor is this')";
    scene.sql("left", TABLE, `INSERT INTO things VALUES (1, 'a', '{"x":1}'), ${same}`);
    scene.sql("left", "INSERT INTO things VALUES (2, 'b', 'no json'), (4, 'c', 'quoted')");
    scene.sql("right", TABLE, `INSERT INTO things VALUES ${same}, (4, 'c', '"quoted"')`);
    const plan = await scene.say("plan", "--full");
    const found = plan.result.items.filter(({ rejected }) => rejected.length > 0);
    const isAsked = direction === "two-way"; // on both sides there, and never the same
    assert.deepEqual(
      found.map(({ shown }) => shown),
      isAsked ? ["2"] : ["2", "4"],
    );
    assert.match(found[0]?.rejected.join() ?? "", /'doc': is not a value that JSON holds/);
    const run = await scene.say("run");
    assert.equal(run.exit, 4);
    assert.deepEqual(counts(run).target, { create: 1, update: 0, delete: 0 });
    assert.deepEqual(counts(run).rejected, counts(plan).rejected);
    const { letters } = (await scene.say("letters")).result;
    assert.match(letters.find(({ shown }) => shown === "2")?.errors.join() ?? "", /'doc'/);
    assert.deepEqual(scene.rows("right", STORED), [
      { id: 1, name: "a", type: "text", doc: '{"x":1}' },
      { id: 3, name: "equal", type: "text", doc: "nor is this" },
      { id: 4, name: "c", type: "text", doc: '"quoted"' },
    ]);
    assert.notEqual((await scene.say("verify")).exit, 0);

    scene.sql("left", `UPDATE things SET doc = '"json"' WHERE id = 2`);
    scene.sql("left", `UPDATE things SET doc = '"quoted"' WHERE id = 4`);
    assert.equal((await scene.say("run")).exit, 0);
    assert.deepEqual(scene.rows("left", STORED), scene.rows("right", STORED));
    assert.equal((await scene.say("verify")).exit, 0);
  });
}
