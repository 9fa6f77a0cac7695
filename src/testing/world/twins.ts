// A plan is what a run would do: in one world the plan is made and applied, in its twin the run is
// run, and they have to end alike.
import { same } from "../../core/values.ts";
import { compileLink } from "../../engine/compile.ts";
import { makePlan } from "../../engine/plan.ts";
import { applyPlan } from "../../engine/run.ts";
import { memoryJournal } from "../memory-journal.ts";
import type { MemoryReplica } from "../memory-replica.ts";
import type { Scene } from "./scene.ts";
import { COLLECTION, makeReplica, settingsOf, systemOf } from "./settings.ts";
import type { End } from "./attempt.ts";

/** Compares a plan that is applied with a run. Nothing goes wrong meanwhile. */
export async function checkTwins(scene: Scene, run: () => Promise<End>): Promise<void> {
  const { machine, setup } = scene;
  // What is under way is looked for by a run only: it may write twice to one entry.
  const isUnderWay = [...scene.entries.values()].some(({ sides }) =>
    sides.some((memory) => (memory?.told.length ?? 0) > 0),
  );
  if (isUnderWay) return;
  machine.isCalm = true;
  const twins = setup.sides.map((side, index) => {
    const twin = makeReplica(setup, index, side);
    twin.restore(scene.replica(index).image());
    return twin;
  });
  const planned = await planAndApply(scene, twins);
  const end = await run();
  machine.isCalm = false;
  if (end !== "done" || !planned) return;
  machine.count("plan and run compared");
  for (const [side, twin] of twins.entries()) {
    const [there, here] = [twin.rows(COLLECTION), scene.replica(side).rows(COLLECTION)];
    const isEqual =
      there.length === here.length && there.every((row, i) => same([...row], [...(here[i] ?? [])]));
    if (isEqual) continue;
    scene.fail(
      "a plan is what a run does",
      `side ${side}: ${show(there)} planned, ${show(here)} run`,
    );
  }
}

async function planAndApply(scene: Scene, twins: readonly MemoryReplica[]): Promise<boolean> {
  const signal = new AbortController().signal;
  const journal = memoryJournal(scene.journal.snapshot());
  let ids = 0;
  const link = await compileLink(
    {
      name: "world",
      settings: [settingsOf(scene.setup, scene.fields.includes("g"))],
      replicas: new Map(twins.map((twin, side) => [systemOf(side), twin])),
      journal: await journal.open("world", "write"),
      env: { ...scene.machine.env, random: () => 0.5, id: () => `t${(ids += 1)}` },
    },
    signal,
  );
  const before = twins.map((twin) => twin.position());
  const { id, guards } = await makePlan(link, {}, signal);
  if (twins.some((twin, side) => twin.position() !== before[side])) {
    scene.fail("a plan writes to no side", id);
  }
  if (guards.length > 0 && scene.setup.onTrip === "stop") return false;
  await applyPlan(link, id, {}, signal);
  return true;
}

function show(rows: readonly unknown[]): string {
  return JSON.stringify(rows);
}
