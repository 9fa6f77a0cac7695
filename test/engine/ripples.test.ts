// What stores change by themselves is said once, where a write may start it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runFeed } from "../../src/engine/feed.ts";
import type { Note } from "../../src/engine/index.ts";
import { crowd, NEVER, PEOPLE, personId, sceneOf, type Scene } from "./scene.ts";

const LIVELY = {
  ...PEOPLE,
  isOrdered: true,
  ripples: [
    { on: "delete", by: "trigger" },
    { on: "update", columns: ["city"], by: "streets" },
    { on: "update", by: "log" },
  ],
} as const;

async function agreed(memory: "full" | "digest" = "full"): Promise<Scene> {
  const direction = memory === "full" ? "two-way" : "one-way";
  const collections = { crm: [{ ...PEOPLE, isOrdered: true }], billing: [LIVELY] };
  const scene = await sceneOf({ collections, pipeline: { memory, direction } });
  crowd(scene, 20, "crm", "billing");
  await scene.run();
  return scene;
}

const by = (notes: readonly Note[]): readonly string[] =>
  notes
    .filter(({ code }) => code === "RIPPLE")
    .map(({ text }) => /\(([a-z]+)\)/.exec(text)?.[1] ?? text);

test("a ripple is noted once, in plan and run, when a write may start it", async () => {
  const scene = await agreed();
  scene.put("crm", "new", { name: "created" });
  scene.put("billing", personId(9), { city: "not written here" });
  assert.deepEqual(by((await scene.plan()).notes), []);
  scene.put("crm", personId(0), { name: "any column" });
  scene.put("crm", personId(1), { name: "another" });
  assert.deepEqual(by((await scene.plan()).notes), ["log"]);
  scene.put("crm", personId(2), { city: "elsewhere" });
  scene.put("crm", personId(3), null);
  scene.put("crm", personId(4), null);
  const plan = await scene.plan();
  assert.deepEqual(by(plan.notes), ["streets", "log", "trigger"]);
  assert.deepEqual(by((await scene.apply(plan)).notes), by(plan.notes));
  assert.deepEqual(by((await scene.run()).notes), []);
});

test("where only digests are remembered any update may start it", async () => {
  const scene = await agreed("digest");
  scene.put("crm", personId(0), { name: "any column" });
  assert.deepEqual(by((await scene.run()).notes), ["streets", "log"]);
});

test("a feed says it as well", async () => {
  const scene = await agreed();
  scene.put("crm", personId(0), { city: "elsewhere" });
  scene.put("crm", personId(3), null);
  const { notes } = await runFeed(scene.link, {}, NEVER);
  assert.deepEqual(by(notes), ["streets", "log", "trigger"]);
});
