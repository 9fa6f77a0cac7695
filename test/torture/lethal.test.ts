// Deaths inside this process: whoever is dead has no effects any more.
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../src/engine/index.ts";
import { countEffects, lethalLink, type Death, type Effects } from "../../src/testing/lethal.ts";
import {
  crowd,
  NEVER,
  NOTHING,
  PEOPLE,
  person,
  sceneOf,
  wrote,
  type Scene,
} from "../engine/scene.ts";

class Died extends Error {}

function countTo(death?: Death): Effects {
  return countEffects({
    ...(death === undefined ? {} : { death }),
    die: () => {
      throw new Died();
    },
  });
}

/** A run that dies; what it did is counted. */
async function dies(scene: Scene, death: Death): Promise<Effects> {
  const effects = countTo(death);
  await assert.rejects(run(lethalLink(scene.link, effects), {}, NEVER), Died);
  await scene.reopen();
  return effects;
}

test("everything that a run does to journal and sides is an effect, in its order", async () => {
  const scene = await sceneOf();
  scene.put("crm", "ann", person("Ann"));
  const effects = countTo();
  await run(lethalLink(scene.link, effects), {}, NEVER);
  assert.deepEqual(effects.names, [
    "journal commit",
    "crm head",
    "billing head",
    "journal commit",
    "billing writer",
    "billing write",
    "journal commit",
    "billing finish",
    "journal commit",
    "journal commit",
    "crm acknowledge",
    "billing acknowledge",
    "journal pruneHistory",
    "journal pruneRuns",
  ]);
  assert.equal(scene.people("billing")["ann"]?.["name"], "Ann");
});

test("a feed is acknowledged as an effect", async () => {
  const scene = await sceneOf();
  const effects = countTo();
  const replica = lethalLink(scene.link, effects).replicas.get("crm");
  await replica?.acknowledge("0");
  assert.deepEqual(effects.names, ["crm acknowledge"]);
});

test("killed before an effect it has not happened, after it it has; nothing follows", async () => {
  for (const when of ["before", "after"] as const) {
    const scene = await sceneOf();
    scene.put("crm", "ann", person("Ann"));
    const effects = await dies(scene, { effect: 6, when });
    assert.equal(effects.names.at(-1), "billing write");
    assert.equal("ann" in scene.people("billing"), when === "after");
    assert.equal((await scene.journal.open("other", "read")).link, "other");
  }
});

test("where something else dies, all that follows happens as it can", async () => {
  const scene = await sceneOf();
  scene.put("crm", "ann", person("Ann"));
  let deaths = 0;
  const death = { effect: 6, when: "before" } as const;
  const effects = countEffects({ death, die: () => void (deaths += 1) });
  await run(lethalLink(scene.link, effects), {}, NEVER);
  assert.equal(deaths, 1);
  assert.equal(effects.names.at(-1), "journal pruneRuns");
  assert.ok("ann" in scene.people("billing"));
});

test("a first load into a store that changes rows writes none twice after a crash", async () => {
  const hidden = (column: string, value: unknown) =>
    column === "age" && typeof value === "number" ? Math.round(value / 10) * 10 : (value as never);
  for (let effect = 1; ; effect++) {
    const collections = { billing: [{ ...PEOPLE, hidden }] };
    const scene = await sceneOf({ collections, pipeline: { direction: "one-way" } });
    crowd(scene, 30, "crm");
    const effects = countTo({ effect, when: "after" });
    const isAlive = await run(lethalLink(scene.link, effects), {}, NEVER).then(
      () => true,
      (error: unknown) => {
        if (error instanceof Died) return false;
        throw error;
      },
    );
    await scene.reopen();
    const landed = Object.keys(scene.people("billing")).length;
    const view = await scene.run();
    const after = `after ${effects.names.at(-1) ?? ""}`;
    assert.deepEqual(wrote(view, "target"), { ...NOTHING, create: 30 - landed }, after);
    if (isAlive) break;
  }
});
