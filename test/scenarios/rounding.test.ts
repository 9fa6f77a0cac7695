// I11 where it only shows: a store keeps values in its own way without saying so beforehand. It is
// accepted, said once for each column and run, and told apart from what is equal.
import assert from "node:assert/strict";
import { test } from "node:test";
import { both, counts, sceneOf, type Said, type Scene } from "./scene.ts";

const TABLE = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, n REAL)";
const ROUNDS = `CREATE TRIGGER rounds AFTER INSERT ON things BEGIN
  UPDATE things SET n = round(NEW.n), name = trim(NEW.name) WHERE id = NEW.id; END`;
const ROUNDS_LATER = `CREATE TRIGGER "rounds later" AFTER UPDATE ON things
  WHEN NEW.n <> round(NEW.n) OR NEW.name <> trim(NEW.name) BEGIN
  UPDATE things SET n = round(NEW.n), name = trim(NEW.name) WHERE id = NEW.id; END`;

const told = ({ result }: Said): readonly string[] =>
  result.runs.flatMap(({ notes }) =>
    notes.filter(({ code }) => code === "STORED_OTHERWISE").map(({ text }) => text),
  );

async function counted(scene: Scene): Promise<readonly number[]> {
  const { equal, rounded, different } = counts(await scene.say("verify"));
  return [equal, rounded, different];
}

for (const direction of ["one-way", "two-way"] as const) {
  test(`${direction}: what a trigger rounds and trims is said once for each column`, async (t) => {
    const scene = sceneOf(t, { direction });
    both(scene, TABLE);
    scene.sql("right", ROUNDS, ROUNDS_LATER);
    scene.sql(
      "left",
      "INSERT INTO things VALUES (1, 'a', 1.5), (2, ' b ', 2.25), (3, 'c', 3.0), (4, ' d', 4.0)",
    );
    const first = told(await scene.say("run"));
    assert.deepEqual(
      first.map((text) => /^target: "(\w+)" came back .*, (once|\d+ times):/.exec(text)?.slice(1)),
      [
        ["n", "2 times"],
        ["name", "2 times"],
      ],
    );
    assert.ok(!first.join().includes("2.25"), "no value is told");
    assert.deepEqual(await counted(scene), [4, 3, 0]);
    const rest = await scene.say("run");
    assert.deepEqual(
      [told(rest), counts(rest).target.update, counts(rest).source.update],
      [[], 0, 0],
    );

    scene.sql("left", "UPDATE things SET n = 3.75 WHERE id = 3");
    const plan = await scene.say("plan");
    const applied = await scene.say("apply", plan.result.plans[0]?.id ?? "");
    assert.match(told(applied).join(), /^target: "n" came back .*, once:/);
    assert.deepEqual(await counted(scene), [4, 4, 0]);
  });
}

test("what is kept as it was written is not mentioned", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  both(scene, TABLE);
  scene.sql("left", "INSERT INTO things VALUES (1, ' a ', 1.5)");
  assert.deepEqual(told(await scene.say("run")), []);
  assert.deepEqual(await counted(scene), [1, 0, 0]);
});
