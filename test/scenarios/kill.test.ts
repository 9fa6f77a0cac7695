// Mission scenario 7: a plan of 10,000 actions, its process killed at 20 random moments. What both
// sides come to is what an uninterrupted run comes to, and triggers on both sides count that no row
// was written twice.
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { test } from "node:test";
import { dump } from "./dump.ts";
import { runKilled } from "./run-killed.ts";
import { both, counts, sceneOf, type Scene } from "./scene.ts";

const ROWS = 12_000;
const KILLS = 20;

const TABLE = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, n INTEGER, score REAL)";
/** Counts every write of a row, by whoever makes it; set up after the users' own edits. */
const COUNTING = [
  "CREATE TABLE writes (id INTEGER, kind TEXT)",
  ...["INSERT", "UPDATE", "DELETE"].map((kind) => {
    const row = kind === "DELETE" ? "old" : "new";
    return `CREATE TRIGGER count_${kind} AFTER ${kind} ON things
      BEGIN INSERT INTO writes VALUES (${row}.id, '${kind}'); END`;
  }),
];

const fill = (from: number, to: number): string => `
  WITH RECURSIVE n(i) AS (SELECT ${from} UNION ALL SELECT i + 1 FROM n WHERE i < ${to})
  INSERT INTO things SELECT i, 'name ' || i, i % 97, i / 3.0 FROM n`;

/** Both sides agreed; then 10,000 entries have something to be written, on both sides. */
async function edited(scene: Scene): Promise<void> {
  both(scene, TABLE, fill(1, ROWS));
  const { exit, error } = await scene.say("run");
  assert.deepEqual([exit, error], [0, null]);
  scene.sql(
    "left",
    "UPDATE things SET name = 'left ' || id WHERE id <= 4000",
    "DELETE FROM things WHERE id BETWEEN 4001 AND 4500",
    fill(20_001, 21_000),
  );
  scene.sql(
    "right",
    "UPDATE things SET n = -id WHERE id BETWEEN 3001 AND 4000",
    "UPDATE things SET score = -1 WHERE id BETWEEN 5001 AND 8000",
    "DELETE FROM things WHERE id BETWEEN 4401 AND 5000",
    fill(30_001, 30_900),
  );
  both(scene, ...COUNTING);
}

const GUARD = { deletes: { cap: 10_000, share: 1 } } as const;

/** What both sides of a scene hold, and which writes they counted. */
function outcome(scene: Scene): readonly string[] {
  return (["left", "right"] as const).flatMap((side) => [
    dump(scene, side, "things"),
    JSON.stringify(scene.rows(side, "SELECT id, kind FROM writes ORDER BY id, kind")),
  ]);
}

const written = (scene: Scene): number =>
  (["left", "right"] as const).reduce(
    (sum, side) => sum + Number(scene.rows(side, "SELECT count(*) AS n FROM writes")[0]?.["n"]),
    0,
  );

test("7. killed 20 times in 10,000 actions: as without, and nothing twice", async (t) => {
  const scenes = [0, 1, 2, 3].map(() => sceneOf(t, { direction: "two-way", guard: GUARD }));
  const [calm, ...killed] = scenes;
  assert.ok(calm);
  await edited(calm);
  for (const scene of killed) cpSync(calm.folder, scene.folder, { recursive: true });
  const plan = counts(await calm.say("plan"));
  const actions = [plan.source, plan.target].flatMap((of) => [of.create, of.update, of.delete]);
  assert.ok(actions.reduce((sum, each) => sum + each) >= 10_000, actions.join());
  const began = Date.now();
  assert.equal((await calm.say("run")).exit, 0);
  const wholeMs = Date.now() - began;
  const expected = outcome(calm);
  const total = written(calm);

  let amidst = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const scene = killed[kill % killed.length] ?? calm;
    await runKilled(scene.folder, Math.random() * wholeMs * 0.4);
    const count = written(scene);
    if (count > 0 && count < total) amidst += 1;
  }
  t.diagnostic(`${amidst} of ${KILLS} kills left a side half written`);
  assert.ok(amidst > 0, "no kill fell between two writes");
  for (const scene of killed) {
    const last = await scene.say("run");
    assert.equal(last.exit, 0, JSON.stringify(last));
    assert.deepEqual(
      (await scene.say("plan")).result.plans.map(({ writes }) => writes),
      [0],
    );
    for (const side of ["left", "right"] as const) {
      const twice = "SELECT id, kind FROM writes GROUP BY id, kind HAVING count(*) > 1";
      assert.deepEqual(scene.rows(side, twice), [], `${side}: written twice`);
    }
    for (const [index, text] of outcome(scene).entries()) assert.ok(text === expected[index]);
  }
});
