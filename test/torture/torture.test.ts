// A sample of `npm run torture`: a process that dies before and after every effect of a small
// story.
import assert from "node:assert/strict";
import { test } from "node:test";
import { applyStory } from "./story.ts";
import { torture } from "./torture.ts";

const ENTRIES = 40;

test("killed around every effect of an apply, sides end as without, nothing twice", async () => {
  const { kills, effects, ...rest } = await torture(applyStory(ENTRIES));
  assert.deepEqual(rest, { story: "apply", equal: kills, twice: 0, faults: [] });
  assert.equal(kills, effects * 2);
  assert.ok(effects >= 10, `${effects} effects`);
});
