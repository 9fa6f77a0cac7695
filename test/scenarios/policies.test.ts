// Mission scenarios 5 and 17: how rivals are settled, wherever they are and in whatever order.
import assert from "node:assert/strict";
import { renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { everywhere, person, personId, sceneOf as memorySceneOf } from "../engine/scene.ts";
import { play, WAYS, type Played } from "./exchanges.ts";
import { both, counts, sceneOf } from "./scene.ts";

const THINGS = "CREATE TABLE things (id TEXT PRIMARY KEY NOT NULL, a INTEGER, at TEXT)";
const BASE = "INSERT INTO things VALUES ('x', 1, '2026-01-01T00:00:00Z')";

test("17. target-wins never writes the target, source-wins never writes the source", async (t) => {
  for (const [strategy, winner] of [
    ["target-wins", "right"],
    ["source-wins", "left"],
  ] as const) {
    const scene = sceneOf(t, { direction: "two-way", conflicts: { strategy } });
    both(scene, THINGS, BASE);
    await scene.say("run");
    scene.sql("left", "UPDATE things SET a = 2");
    scene.sql("right", "UPDATE things SET a = 3");
    const said = await scene.say("run");
    assert.equal(said.exit, 0);
    const { source, target } = counts(said);
    assert.equal(winner === "right" ? target.update : source.update, 0);
    assert.equal(winner === "right" ? source.update : target.update, 1);
    assert.deepEqual(scene.rows("left"), scene.rows("right"));
    assert.equal(scene.rows("left")[0]?.["a"], winner === "right" ? 3 : 2);
  }
});

test("17. latest takes the newer change, whichever side made it", async (t) => {
  for (const newer of ["left", "right"] as const) {
    const scene = sceneOf(t, {
      direction: "two-way",
      conflicts: { strategy: "latest-timestamp", by: "at" },
    });
    both(scene, THINGS, BASE);
    await scene.say("run");
    const older = newer === "left" ? "right" : "left";
    scene.sql(newer, "UPDATE things SET a = 2, at = '2026-03-01T00:00:00Z'");
    scene.sql(older, "UPDATE things SET a = 3, at = '2026-02-01T00:00:00Z'");
    assert.equal((await scene.say("run")).exit, 0);
    assert.equal(scene.rows("left")[0]?.["a"], 2);
    assert.deepEqual(scene.rows("left"), scene.rows("right"));
  }
});

test("17. manual writes nothing and lists one conflict", async (t) => {
  const scene = sceneOf(t, { direction: "two-way", conflicts: { strategy: "manual" } });
  both(scene, THINGS, BASE);
  await scene.say("run");
  scene.sql("left", "UPDATE things SET a = 2");
  scene.sql("right", "UPDATE things SET a = 3, at = '2026-02-01T00:00:00Z'");
  const before = [scene.rows("left"), scene.rows("right")];
  const said = await scene.say("run");
  assert.equal(said.exit, 4);
  assert.equal(counts(said).conflicts, 1);
  assert.deepEqual([scene.rows("left"), scene.rows("right")], before);
  assert.equal((await scene.say("conflicts")).result.questions.length, 1);
});

test("17. an answer while the target is out of reach keeps the conflict", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  both(scene, THINGS, BASE);
  await scene.say("run");
  scene.sql("left", "UPDATE things SET a = 2");
  scene.sql("right", "UPDATE things SET a = 3");
  await scene.say("run");
  const [question] = (await scene.say("conflicts")).result.questions;
  const [path, aside] = ["right.db", "aside.db"].map((name) => join(scene.folder, name));
  renameSync(path ?? "", aside ?? "");
  for (const side of ["source", "target"]) {
    const said = await scene.say("resolve", question?.id ?? "", "--take", side);
    assert.equal(said.exit, 3, JSON.stringify(said.error));
  }
  renameSync(aside ?? "", path ?? "");
  const { questions: still } = (await scene.say("conflicts")).result;
  assert.deepEqual(still, [question]);
  assert.equal(scene.rows("left")[0]?.["a"], 2);
  assert.equal((await scene.say("resolve", question?.id ?? "", "--take", "source")).exit, 0);
  assert.equal(scene.rows("right")[0]?.["a"], 2);
  assert.deepEqual((await scene.say("conflicts")).result.questions, []);
});

const THREE = ["crm", "billing", "shop"] as const;

/** Of the 200 orders that `npm run exchanges` plays. */
const ORDERS_SAMPLED = 6;

for (const way of WAYS) {
  test(`5. three replicas, 500 edits, partitions: ${way.name}`, async () => {
    const played: Played[] = [];
    for (let order = 0; order < ORDERS_SAMPLED; order++) played.push(await play(way, order));
    const sum = (of: "exchanges" | "cuts"): number =>
      played.reduce((total, each) => total + each[of], 0);
    assert.ok(sum("exchanges") > 60 && sum("cuts") > 60, "the orders are worth something");
    const isAsked = played.some(({ questions }) => questions > 0);
    // Two sides that meet are all there are: whoever is named is one of them.
    assert.equal(isAsked, way.links.length === 1, "where the named side is no rival, one is asked");
  });
}

test("5. in which order sides are named changes nothing of what they come to", async () => {
  const pipeline = { conflicts: { strategy: "latest", by: "clock" }, initial: "crm" } as const;
  const found: unknown[] = [];
  for (const systems of [THREE, ["shop", "crm", "billing"], ["billing", "shop", "crm"]]) {
    const scene = await memorySceneOf({ systems, pipeline });
    for (let i = 0; i < 4; i++) everywhere(scene, personId(i), person("first"));
    await scene.run();
    scene.put("crm", personId(0), { name: "x", age: 1 });
    scene.put("billing", personId(0), { name: "y", age: 2 });
    scene.put("shop", personId(0), { name: "z" });
    scene.put("billing", personId(1), { city: "Bergen" });
    scene.put("shop", personId(2), null);
    await scene.run();
    assert.deepEqual(scene.people("shop"), scene.people("crm"));
    found.push(scene.people("crm"));
  }
  assert.deepEqual(found[1], found[0]);
  assert.deepEqual(found[2], found[0]);
});

const LISTS = "CREATE TABLE things (id INTEGER PRIMARY KEY, n TEXT, tags json)";

test("17. an answer by union keeps to the keys of the lists, as a run does", async (t) => {
  const scene = sceneOf(t, {
    direction: "two-way",
    conflicts: { fields: { tags: "union" }, keys: { tags: "id" } },
  });
  both(scene, LISTS, `INSERT INTO things VALUES (1, 'a', '[{"id":1,"v":1}]')`);
  await scene.say("run");
  scene.sql("left", `UPDATE things SET tags = '[{"id":1,"v":2},{"id":2,"v":1}]'`);
  scene.sql("right", `UPDATE things SET tags = '[{"id":1,"v":3},{"id":3}]'`);
  assert.equal((await scene.say("run")).exit, 4);
  const before = [scene.rows("left"), scene.rows("right")];
  const said = await scene.say("resolve", "--all", "--policy", "union");
  assert.equal(said.exit, 4, JSON.stringify(said));
  assert.deepEqual([scene.rows("left"), scene.rows("right")], before, "one object has two values");
});

test("17. latest is no answer where nothing says which time counts", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  both(scene, LISTS, "INSERT INTO things VALUES (1, 'a', NULL), (2, 'b', NULL)");
  await scene.say("run");
  scene.sql("left", "UPDATE things SET n = 'z'", "INSERT INTO things VALUES (3, 'l', NULL)");
  scene.sql("right", "UPDATE things SET n = 'y'", "INSERT INTO things VALUES (3, 'r', NULL)");
  assert.equal((await scene.say("run")).exit, 4);
  const said = await scene.say("resolve", "--all", "--policy", "latest");
  assert.deepEqual([said.exit, said.error?.code], [2, "ANSWER_INVALID"]);
  assert.equal((await scene.say("conflicts")).result.questions.length, 3);
  // One that was never agreed on has no base; the others have.
  assert.equal((await scene.say("resolve", "--all", "--base")).exit, 4);
  assert.deepEqual(
    (await scene.say("conflicts")).result.questions.map(({ shown }) => shown),
    ["3"],
  );
  assert.equal(scene.rows("left")[0]?.["n"], "a");
  assert.equal((await scene.say("resolve", "--all", "--take", "source")).exit, 0);
  assert.equal((await scene.say("resolve", "--all", "--take", "source")).exit, 0, "none is left");
});
