// A sample of `npm run torture` with PostgreSQL: our process dies around what it writes there, and
// the server dies with all of its sessions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { applyStory } from "./story.ts";
import { torture, type Torture } from "./torture.ts";

const ENTRIES = 40;

for (const [left, how] of [
  ["sqlite", { only: /^right write$/ }],
  ["postgres", { only: /^left write$/, kills: "server" }],
] as const satisfies readonly (readonly [string, Torture])[]) {
  const who = "kills" in how ? "server" : "process";
  test(`${left} and postgres: the ${who} dies around its writes, all ends as without`, async () => {
    const story = applyStory(ENTRIES, { left, right: "postgres" });
    const { kills, effects, ...rest } = await torture(story, how);
    assert.deepEqual(rest, { story: "apply", equal: kills, twice: 0, faults: [] });
    assert.ok(kills >= 2 && kills < effects, `${kills} kills at ${effects} effects`);
  });
}
