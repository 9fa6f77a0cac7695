// Pages of a first load that may have landed without being remembered: they are written before they
// are remembered (I1). Their keys go down with the outcomes of the page before, so that after a
// crash a marker in the target proves which rows there are ours. A row that its source has deleted
// meanwhile is then deleted like any other, instead of being taken for somebody else's.
import type { Key, SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Commit } from "./journal.ts";
import type { Link } from "./link.ts";

/** New rows under one marker. */
export interface Loaded {
  readonly id: string;
  readonly keys: readonly Key[];
}

/** The same, with the keys as JSON: there may be thousands. */
export interface LoadedText {
  readonly id: string;
  readonly keys: string;
}

type Facts = NonNullable<Commit["facts"]>;

/** Pages under way at once, at most: each has its own place among the facts. */
export const LOADS_UNDER_WAY_MAX = 4;
/** Pages whose end nobody knows, at most: those of ten crashes in the middle of one load. */
const LOADS_MAX = 10 * LOADS_UNDER_WAY_MAX;

const PLACES = Array.from({ length: LOADS_UNDER_WAY_MAX }, (_, place) => place);
const factOf = (pipeline: string, place: number): string => `loading ${place} ${pipeline}`;

/** The pages that had landed on this side when a run broke off, and the rows they left there. */
export async function readLoads(
  context: Context,
  side: SideIndex,
): Promise<{ readonly loads: readonly Loaded[]; readonly ours: ReadonlySet<Key> }> {
  const { link, pipeline, marks } = context;
  const all: Loaded[] = [];
  for (const place of PLACES) {
    const text = await link.journal.fact(factOf(pipeline.name, place));
    if (text !== undefined) all.push(...(JSON.parse(text) as readonly Loaded[])); // loadFacts()
  }
  const landed = new Map(marks[side]?.map((mark) => [mark.id, new Set(mark.missed)]));
  const loads = all.filter(({ id }) => landed.has(id));
  const ours = loads.flatMap(({ id, keys }) => keys.filter((_, at) => !landed.get(id)?.has(at)));
  return { loads, ours: new Set(ours) };
}

/** Pages that may have landed without being remembered, by the names of their batches. */
export async function loadsUnderWay({ journal, pipelines }: Link): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const { name } of pipelines) {
    for (const place of PLACES) {
      const text = await journal.fact(factOf(name, place));
      if (text === undefined) continue;
      ids.push(...(JSON.parse(text) as readonly Loaded[]).map(({ id }) => id)); // loadFacts()
    }
  }
  return ids;
}

/**
 * What is to be remembered before a page is sent: it takes a place whose page is remembered by now.
 * The first place also keeps the pages of earlier runs. Positions in it are those of its batch.
 */
export function loadFacts(
  { pipeline, loads = [] }: Context,
  { id, keys }: LoadedText,
  place: number,
): Facts {
  const earlier = place === 0 ? loads.slice(1 - LOADS_MAX).map((each) => JSON.stringify(each)) : [];
  const value = `[${[...earlier, `{"id":${JSON.stringify(id)},"keys":${keys}}`].join(",")}]`;
  return [{ name: factOf(pipeline.name, place), value }];
}

/** Forgets them: their pipelines were compared from end to end, or nothing of them is believed. */
export const loadedFacts = (pipelines: readonly string[]): Facts =>
  pipelines.flatMap((name) => PLACES.map((place) => ({ name: factOf(name, place), value: null })));
