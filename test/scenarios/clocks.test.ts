// Mission scenario 6: the newest wins, on clocks that are wrong.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { everywhere, person, sceneOf as memorySceneOf } from "../engine/scene.ts";
import { both, sceneOf } from "./scene.ts";

const THINGS = "CREATE TABLE things (id TEXT PRIMARY KEY NOT NULL, a INTEGER, at TEXT)";
const BASE = "INSERT INTO things VALUES ('x', 1, '2026-01-01T00:00:00Z')";
const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;

interface Edit {
  readonly a: number;
  /** What the clock there says, against ours. */
  readonly aheadMs: number;
}

/** Both sides edit one row at noon by our clock; the winner, and what is said of clocks. */
async function settled(t: TestContext, edits: { readonly left: Edit; readonly right: Edit }) {
  const conflicts = { strategy: "latest", by: "at" } as const;
  const scene = sceneOf(t, { direction: "two-way", conflicts }, () => NOON);
  both(scene, THINGS, BASE);
  await scene.say("run");
  for (const side of ["left", "right"] as const) {
    const { a, aheadMs } = edits[side];
    const at = new Date(NOON + aheadMs).toISOString();
    scene.sql(side, `UPDATE things SET a = ${a}, at = '${at}'`);
  }
  const said: string[][] = [];
  for (const command of ["plan", "run", "run"] as const) {
    const { exit, result } = await scene.say(command);
    assert.equal(exit, 0);
    const notes = (result.plans ?? result.runs).flatMap((each) => each.notes);
    said.push(notes.filter(({ code }) => code === "CLOCK_SKEW").map(({ text }) => text));
  }
  assert.deepEqual(scene.rows("left"), scene.rows("right"));
  const [inPlan = [], inRun = [], after = []] = said;
  assert.deepEqual(inPlan, inRun, "the plan says what the run says");
  assert.deepEqual(after, [], "nothing moved any more");
  return { winner: scene.rows("left")[0]?.["a"], said: inRun };
}

test("6. equal times on clocks ten minutes wrong: one winner, and a warning", async (t) => {
  for (const minutes of [-10, 0, 10]) {
    const aheadMs = minutes * MINUTE;
    const one = { left: { a: 2, aheadMs }, right: { a: 3, aheadMs } };
    const other = { left: one.right, right: one.left };
    for (const edits of [one, other]) {
      const { winner, said } = await settled(t, edits);
      assert.equal(winner, 3, "the values decide, whoever holds them and whatever the clock says");
      const ahead = said.map((text) => /^(\w+): .* 10 minutes ahead/.exec(text)?.[1]);
      assert.deepEqual(ahead, minutes > 0 ? ["source", "target"] : []);
    }
  }
});

test("6. a side whose clock is ahead is named, with how far; a little is allowed", async (t) => {
  const honest = { a: 2, aheadMs: 0 };
  for (const [aheadMs, says] of [
    [4 * MINUTE, undefined],
    [5 * MINUTE + 1, /^target: .* 5 minutes ahead of the clock here.*clock of right/],
    [26 * 60 * MINUTE, /^target: .* 26 hours ahead/],
    [72 * 60 * MINUTE, /^target: .* 3 days ahead/],
  ] as const) {
    const { winner, said } = await settled(t, { left: honest, right: { a: 0, aheadMs } });
    assert.equal(winner, 0, "it wins, as everywhere else");
    assert.equal(said.length, says === undefined ? 0 : 1, said.join());
    if (says !== undefined) assert.match(said[0] ?? "", says);
  }
});

test("6. no strategy by time, no word of clocks", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" }, () => NOON);
  both(scene, THINGS, BASE);
  await scene.say("run");
  scene.sql("left", "UPDATE things SET at = '2027-01-01T00:00:00Z'");
  const { result } = await scene.say("run");
  assert.deepEqual(result.runs[0]?.notes, []);
});

test("6. newest wins picks one winner everywhere, although clocks are wrong", async () => {
  const found: unknown[] = [];
  for (const wrongMs of [-600_000, 0, 600_000]) {
    const pipeline = { conflicts: { strategy: "latest", by: "clock" } } as const;
    const scene = await memorySceneOf({ pipeline });
    everywhere(scene, "x", person("first"));
    await scene.run();
    scene.clock.now += wrongMs;
    scene.put("crm", "x", { name: "left" });
    scene.put("billing", "x", { name: "right" });
    await scene.run();
    assert.deepEqual(scene.people("crm"), scene.people("billing"));
    found.push(scene.people("crm"));
  }
  assert.deepEqual(found[1], found[0], "read in one cycle, both have one stamp: the values decide");
  assert.deepEqual(found[2], found[0]);
});

test("6. a clock that went back gives no stamp twice, and later edits stay later", async () => {
  const pipeline = { conflicts: { strategy: "latest", by: "clock" } } as const;
  const scene = await memorySceneOf({ pipeline });
  everywhere(scene, "x", person("first"));
  await scene.run();
  scene.put("crm", "x", { name: "before" });
  await scene.run();
  scene.clock.now -= 86_400_000;
  scene.put("billing", "x", { name: "after" });
  const later = await scene.run();
  assert.equal(scene.people("crm")["x"]?.["name"], "after");
  const [note, ...others] = later.notes;
  assert.deepEqual([note?.code, note?.pipeline, others], ["CLOCK_SKEW", null, []]);
  assert.match(note?.text ?? "", /the clock here is 24 hours behind/);
  const stamps = await scene.link.journal.history(
    { pipeline: "people" },
    { before: null, limit: 9 },
  );
  const newestFirst = stamps.map(({ stamp }) => stamp);
  assert.deepEqual(
    newestFirst,
    newestFirst.toSorted((a, b) => b - a),
  );
});
