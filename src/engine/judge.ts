// The verdict over finished listings: withheld deletions pass, stay, or are taken back. Children
// first: what refers to others goes before them.
import type { Entry, SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Counts } from "./counts.ts";
import type { Sink } from "./cycle.ts";
import type { Decision } from "./decide.ts";
import { losers, VERDICTS, Withheld, type Verdict } from "./guard.ts";
import type { Hour } from "./hourly.ts";
import type { Link } from "./link.ts";
import type { CycleOptions } from "./options.ts";
import { Reach } from "./reach.ts";
import type { Ripples } from "./ripples.ts";
import type { GuardView, Note } from "./views.ts";

/** One pipeline's part in a cycle. */
export interface Part {
  readonly context: Context;
  readonly known: number;
  readonly counts: Counts;
  /** Sides whose whole listing had no row. */
  readonly emptied: SideIndex[];
  /** Live feeds: what passed within the hour. */
  readonly hour?: Hour;
}

/** Decisions handed over in one go, at most. */
const DECISIONS_MAX = 1000;

/** Everything that a verdict is about. */
export interface Case {
  readonly link: Link;
  /** In the order of the pipelines: parents first. */
  readonly parts: readonly Part[];
  readonly sink: Sink;
  readonly options: CycleOptions;
  /** Takes what a person should read. */
  readonly notes: Note[];
  readonly ripples: Ripples;
}

/** Judges every pipeline, hands to the sink what passes or is taken back, returns what trips. */
export async function judgeAll(
  { link, parts, sink, options, notes, ripples }: Case,
  signal: AbortSignal,
): Promise<readonly GuardView[]> {
  const judged: Bench[] = [];
  for (const part of parts.toReversed()) {
    const bench = await benchOf(part, sink, options);
    if (bench !== undefined) judged.push(bench);
  }
  const reach = new Reach(link, sink.moves);
  if (judged.length > 0 && options.allowDeletes !== true && options.restore !== true) {
    for (const bench of judged) {
      for await (const decision of passing(bench)) reach.add(bench.part.context, decision);
      signal.throwIfAborted();
    }
    await reach.weigh(signal);
    notes.push(...reach.notes());
  }
  for (const bench of judged) await judge(bench, { reach, ripples }, signal);
  return options.restore === true ? [] : judged.flatMap(({ trips }) => trips);
}

/** One pipeline's deletions before their judge. */
interface Bench {
  readonly part: Part;
  readonly sink: Sink;
  readonly options: CycleOptions;
  readonly trips: readonly GuardView[];
}

/**
 * undefined: there is nothing to judge, or nobody who may. The verdict is over what is withheld
 * now, once each: a log may speak of one entry many times, and a rival that was met while writing
 * withholds what no comparison saw.
 */
async function benchOf(part: Part, sink: Sink, options: CycleOptions): Promise<Bench | undefined> {
  const { context, known } = part;
  if (options.limit !== undefined) return undefined;
  // A trial run of one entry has not seen the others: it lets nothing pass by itself.
  const isSaid = options.allowDeletes !== undefined || options.restore === true;
  if (options.key !== undefined && !isSaid) return undefined;
  const withheld = new Withheld(part.emptied);
  for await (const { entry } of sink.withheld(context, "release")) withheld.add(context, entry);
  if (withheld.count === 0) return undefined;
  const measure = { known, allowed: options.allowDeletes, hour: part.hour };
  return { part, sink, options, trips: withheld.trips(context, measure) };
}

async function judge(
  bench: Bench,
  { reach, ripples }: { readonly reach: Reach; readonly ripples: Ripples },
  signal: AbortSignal,
): Promise<void> {
  const { part, sink, options } = bench;
  const { context, counts, hour } = part;
  let decisions: Decision[] = [];
  const hand = async (): Promise<void> => {
    // Counted before it is done: killed in between, it counts twice, and never not at all.
    if (hour !== undefined && options.allowDeletes === undefined) {
      await context.link.journal.commit({ facts: hour.with(decisions) });
    }
    ripples.meet(context, decisions);
    await sink.take(context, decisions);
    decisions = [];
    signal.throwIfAborted();
  };
  for await (const decision of passing(bench)) {
    if (reach.isHeld(context, decision.key)) continue;
    counts.withheld -= 1;
    counts.write(decision);
    decisions.push(decision);
    if (decisions.length >= DECISIONS_MAX) await hand();
  }
  if (decisions.length > 0) await hand();
  await sink.end(context);
}

/** The decisions that follow where the guard has nothing against it. */
async function* passing({ part, sink, options, trips }: Bench): AsyncGenerator<Decision> {
  const { context } = part;
  const verdict: Verdict = options.restore === true ? "restore" : "release";
  const tripped = new Set(trips.map(({ side }) => side));
  const isStaying = (entry: Entry): boolean =>
    options.restore !== true &&
    losers(context, entry).some((side) => tripped.has(context.pipeline.sides[side]?.name ?? ""));
  for await (const { key, entry, text } of sink.withheld(context, verdict)) {
    if ((options.key !== undefined && options.key !== key) || isStaying(entry)) continue;
    const decision = VERDICTS[verdict](context, key, entry, text);
    if (decision !== undefined) yield decision;
  }
}
