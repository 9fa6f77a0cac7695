// Mission scenario 5: three replicas, 500 edits, partitions, and exchanges in random orders. What
// is edited is always the same; when who meets whom is drawn for each order anew.
import assert from "node:assert/strict";
import { compileLink, questions, resolve, run } from "../../src/engine/index.ts";
import type { Link, PipelineSettings, RunView } from "../../src/engine/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { memoryReplica, type MemoryReplica } from "../../src/testing/memory-replica.ts";
import { makeDice, type Dice } from "../../src/testing/world/dice.ts";
import { all, envOf, NEVER, PEOPLE, settingsOf } from "../engine/scene.ts";

/** Of one order. */
export const EDITS = 500;
/** So many are played by `npm run exchanges`. */
export const ORDERS = 200;

const SYSTEMS = ["crm", "billing", "shop"] as const;
type System = (typeof SYSTEMS)[number];
const ENTRIES = 40;
const EXCHANGE_CHANCE = 0.1;
const CUT_CHANCE = 0.06;

/** Rivals settled without a person, on one link of three sides or on two links in a row. */
export interface Way {
  readonly name: string;
  /** The sides of each link, and what its pipeline says besides. */
  readonly links: readonly {
    readonly sides: readonly System[];
    /** Who wins, or with `latest` who wins a first meeting. */
    readonly winner: System;
    readonly pipeline: Pick<PipelineSettings, "conflicts" | "initial">;
  }[];
}

const wins = (winner: System, ...sides: readonly System[]) => ({
  sides,
  winner,
  pipeline: { conflicts: { strategy: `${winner}-wins` }, initial: winner },
});
const latest = (...sides: readonly System[]) => ({
  sides,
  winner: "billing" as const,
  pipeline: {
    conflicts: { strategy: "latest", by: "clock", deletes: "edit-wins" as const },
    initial: "billing",
  },
});

export const WAYS: readonly Way[] = [
  { name: "crm-wins on one link", links: [wins("crm", ...SYSTEMS)] },
  { name: "shop-wins on one link", links: [wins("shop", ...SYSTEMS)] },
  { name: "latest on one link", links: [latest(...SYSTEMS)] },
  {
    name: "crm-wins, then billing-wins, in a row",
    links: [wins("crm", "crm", "billing"), wins("billing", "billing", "shop")],
  },
  {
    name: "billing-wins, then shop-wins, in a row",
    links: [wins("billing", "crm", "billing"), wins("shop", "billing", "shop")],
  },
  { name: "latest in a row", links: [latest("crm", "billing"), latest("billing", "shop")] },
];

/** What one order came to, for whoever asks whether it was worth anything. */
export interface Played {
  readonly exchanges: number;
  readonly cuts: number;
  /** Where the side that wins was no rival, so that a person is asked. */
  readonly questions: number;
}

/** Plays one order. Throws an AssertionError that names it where the replicas do not converge. */
export async function play(way: Way, order: number): Promise<Played> {
  const place = await placeOf(way);
  const edits = makeDice(5);
  const dice = makeDice(5, order, WAYS.indexOf(way));
  let exchanges = 0;
  let cuts = 0;
  let cut: Link | undefined;
  for (let i = 0; i < EDITS; i++) {
    edit(place, edits, i);
    if (dice.chance(CUT_CHANCE)) {
      cut = dice.chance(0.5) ? dice.pick(place.links) : undefined;
      if (cut !== undefined) cuts += 1;
    }
    for (const link of place.links) {
      if (link === cut || !dice.chance(EXCHANGE_CHANCE)) continue;
      await run(link, {}, NEVER);
      exchanges += 1;
    }
  }
  const asked = await settle(place, way, dice);
  const [first, ...others] = SYSTEMS.map((system) => rowsOf(place, system));
  for (const rows of others) assert.deepEqual(rows, first, `${way.name}, order ${order}`);
  for (const view of await meet(place)) {
    assert.equal(writesOf(view), 0, `${way.name}, order ${order}: it does not rest`);
    assert.equal(view.waits, false);
  }
  return { exchanges, cuts, questions: asked };
}

interface Place {
  readonly replicas: ReadonlyMap<string, MemoryReplica>;
  readonly links: readonly Link[];
}

async function placeOf({ links }: Way): Promise<Place> {
  const env = envOf({ now: Date.UTC(2026, 0, 1) });
  const made = SYSTEMS.map(
    (name) => [name, memoryReplica({ name, collections: [PEOPLE] })] as const,
  );
  const replicas = new Map(made);
  const journal = memoryJournal();
  const opened: Link[] = [];
  for (const { sides, pipeline } of links) {
    const name = sides.join("+");
    const settings = [{ ...settingsOf(sides, { ...pipeline, guard: { floor: 1000 } }) }];
    const named = settings.map((each) => ({
      ...each,
      sides: sides.map((system) => ({ name: system, at: { system, collection: "people" } })),
    }));
    const own = new Map(made.filter(([system]) => sides.includes(system)));
    const memory = await journal.open(name, "write");
    const input = { name, settings: named, replicas: own, journal: memory, env };
    opened.push(await compileLink(input, NEVER));
  }
  return { replicas, links: opened };
}

/** A user creates, changes or deletes a row somewhere. */
function edit({ replicas }: Place, dice: Dice, index: number): void {
  const replica = replicas.get(dice.pick(SYSTEMS));
  const id = `p${dice.int(ENTRIES)}`;
  const isThere = replica?.rows("people").some(([key]) => key === id) === true;
  const deletes = dice.chance(0.2);
  const row = { name: dice.pick(["a", "b", "c"]), age: index };
  if (!deletes) replica?.edit("people", [id], dice.chance(0.5) ? row : { name: row.name });
  else if (isThere) replica?.edit("people", [id], null);
}

/** Everybody meets everybody until all rest; what only a person can answer is answered. */
async function settle(place: Place, way: Way, dice: Dice): Promise<number> {
  const links = dice.chance(0.5) ? place.links : place.links.toReversed();
  await meet({ ...place, links });
  let asked = 0;
  for (const [index, link] of place.links.entries()) {
    const open = await all(questions(link, {}));
    asked += open.length;
    // A strategy that names a side asks where that side is no rival, and nowhere else.
    const winner = way.links[index]?.winner ?? "";
    for (const { held } of open) assert.ok(!(winner in held), `${winner} is a rival and is asked`);
    const sides = link.pipelines[0]?.sides ?? [];
    for (const strategy of [...sides.map(({ name }) => `${name}-wins`), "edit-wins"]) {
      if ((await all(questions(link, {}))).length === 0) continue;
      const choice = { kind: "policy", strategy } as const;
      await resolve(link, { filter: {}, choice, author: "ada" }, NEVER);
    }
  }
  for (let round = 0; round < way.links.length; round++) await meet({ ...place, links });
  return asked;
}

async function meet({ links }: Place): Promise<readonly RunView[]> {
  const views: RunView[] = [];
  for (const link of links) views.push(await run(link, {}, NEVER));
  return views;
}

function rowsOf({ replicas }: Place, system: System): readonly unknown[] {
  const rows = replicas.get(system)?.rows("people") ?? [];
  return [...rows].map((row) => JSON.stringify(row)).toSorted();
}

function writesOf({ summary }: RunView): number {
  const sides = Object.values(summary.pipelines).flatMap((each) => Object.values(each.sides));
  return sides.reduce((sum, each) => sum + each.create + each.update + each.delete, 0);
}
