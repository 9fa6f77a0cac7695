import assert from "node:assert/strict";
import { test } from "node:test";
import { makeComparison } from "./comparison.ts";
import { comparison } from "./compared.ts";
import { loadOver } from "./load.ts";
import { SPECS, walkScope } from "./scope.ts";

// `npm run verify:model` does all of this to the end; here is a share that a few seconds allow.
const ENTRIES_OF_SCOPE = 60;
const SCHEDULES_COMPARED = 500;
const SCHEDULES_RUN = 2_000;
/** The model itself breaks a property here: it leaves a field that nobody ever agreed on. */
const SEED_OF_PARTIAL = 10_031_655;

type Simulate = typeof import("../model/simulate.mjs");
type Exhaust = typeof import("../model/exhaust.mjs");

for (const spec of SPECS) {
  test(`the fold is the model's in its small scope: ${spec.name}`, () => {
    const compared = makeComparison();
    walkScope(spec, compared, ENTRIES_OF_SCOPE);
    assert.ok((compared.counts["fold"] ?? 0) > 1_000);
  });
}

test("the fold is the model's in random schedules of two to four sides", async () => {
  const { run } = await loadOver<Simulate>("simulate.mjs", "compared");
  for (let seed = 1; seed <= SCHEDULES_COMPARED; seed++) run(seed);
  const { fold = 0, owed = 0, told = 0, confirm = 0, answer = 0 } = comparison.counts;
  assert.ok(Math.min(fold, owed, told, confirm, answer) > 500, JSON.stringify(comparison.counts));
  const excluded = Object.values(comparison.excluded).reduce((sum, n) => sum + n, 0);
  assert.ok(excluded < fold * 0.03, `too much is left out: ${JSON.stringify(comparison.excluded)}`);
});

test("the model's simulated world finds nothing violated by the fold", async () => {
  const { run } = await loadOver<Simulate>("simulate.mjs", "dressed");
  const violated: string[] = [];
  for (const seed of [SEED_OF_PARTIAL, ...Array.from({ length: SCHEDULES_RUN }, (_, n) => n + 1)]) {
    for (const property of run(seed)) violated.push(`${property} (seed ${seed})`);
  }
  assert.deepEqual(violated, []);
});

test("the model's exhaustive scope finds nothing violated where B only follows", async () => {
  const { exhaust } = await loadOver<Exhaust>("exhaust.mjs", "dressed");
  const { states, violated } = exhaust({ name: "B follows", follows: true });
  assert.deepEqual([...violated], []);
  assert.equal(states, 105);
});
