// Mission scenario 30: what a configuration may not say, and what may go wrong with one row only.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { both, counts, sceneOf } from "./scene.ts";

const TABLE = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, doc JSON)";

for (const line of [
  { source: "name", target: "__proto__.x" },
  { source: "__proto__.x", target: "name" },
  { source: "doc.__proto__.x", target: "name" },
  { source: "name", target: "doc.constructor.prototype" },
]) {
  test(`30. a mapping of ${line.source} to ${line.target} is refused at load`, async (t) => {
    const scene = sceneOf(t, { mapping: [line] });
    both(scene, TABLE, "INSERT INTO things VALUES (1, 'a', '{}')");
    for (const command of ["validate", "plan", "run"]) {
      const said = await scene.say(command);
      assert.equal(said.exit, 2, `${command}: ${JSON.stringify(said)}`);
      assert.match(said.error?.where ?? "", /syncline\.yaml:\d+:\d+/);
    }
    assert.equal(({} as { x?: unknown }).x, undefined);
    assert.deepEqual(scene.rows("right"), [{ id: 1, name: "a", doc: "{}" }]);
  });
}

test("30. a transform that throws dead-letters that record only", async (t) => {
  const scene = sceneOf(t, {});
  both(scene, TABLE);
  scene.sql(
    "left",
    "INSERT INTO things (id, name) VALUES (1, 'a'), (2, 'b'), (3, 'bad'), (4, 'd')",
  );
  const config = pathToFileURL(join(import.meta.dirname, "../../src/config/index.ts")).href;
  writeFileSync(
    join(scene.folder, "things.config.ts"),
    `import { defineConfig } from ${JSON.stringify(config)};
    function shout(value) {
      if (value === "bad") throw new Error("cannot shout this");
      return String(value).toUpperCase();
    }
    export default defineConfig({
      systems: {
        left: { type: "sqlite", path: "left.db" },
        right: { type: "sqlite", path: "right.db" },
      },
      pipelines: { things: { source: "left.things", target: "right.things",
        mapping: [
          { source: "id", target: "id" },
          { source: "name", target: "name", transform: shout },
        ] } },
    });`,
  );
  const with_ = ["-c", "things.config.ts"];
  const said = await scene.say("run", ...with_);
  assert.equal(said.exit, 4, JSON.stringify(said.error));
  assert.equal(counts(said).target.create, 3);
  assert.equal(counts(said).rejected, 1);
  assert.deepEqual(
    scene.rows("right").map(({ name }) => name),
    ["A", "B", "D"],
  );
  const { letters } = (await scene.say("letters", ...with_)).result;
  assert.deepEqual(
    letters.map(({ shown }) => shown),
    ["3"],
  );
  assert.match(letters[0]?.errors.join() ?? "", /cannot shout this|name/);
  assert.equal((await scene.say("run", ...with_)).exit, 4, "it stays until it is repaired");
  scene.sql("left", "UPDATE things SET name = 'good' WHERE id = 3");
  assert.equal((await scene.say("run", ...with_)).exit, 0);
  assert.deepEqual(
    scene.rows("right").map(({ name }) => name),
    ["A", "B", "GOOD", "D"],
  );
  assert.deepEqual((await scene.say("letters", ...with_)).result.letters, []);
});
