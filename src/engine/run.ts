// Doing it: a run carries the decisions of a cycle out as they are made; apply carries out a
// recorded plan and nothing else.
import { SyncError } from "../core/errors.ts";
import { encodeValues } from "../core/json.ts";
import type { OwnRow } from "../core/state.ts";
import { checkAsked } from "./asked.ts";
import type { Carrier } from "./carry.ts";
import { startCycle, makeContext, readMarks, type Context } from "./context.ts";
import { readHeads, type Heads } from "./cursors.ts";
import { runCycle, type CycleExtras, type Sink } from "./cycle.ts";
import { decisionOf, type Decision } from "./decide.ts";
import { findAll } from "./find-all.ts";
import { Loader } from "./loader.ts";
import { guardStopped, VERDICTS } from "./guard.ts";
import { checkIdentity, wholePipelines, type Trust } from "./identity.ts";
import type { PlanRecord } from "./journal.ts";
import type { Link } from "./link.ts";
import { loadsUnderWay } from "./loads.ts";
import type { CycleOptions } from "./options.ts";
import { driftWrite, isDrifting } from "./overlay.ts";
import { makePlan, readBlocks, summaryOf, type Block } from "./plan.ts";
import {
  blockAfter,
  carriedOut,
  loadsOf,
  saidOf,
  sinceOf,
  viewOfPlan,
  wholeOf,
} from "./plan-head.ts";
import { recorded, type Done } from "./recorded.ts";
import { Since } from "./since.ts";
import { sweep } from "./sweep.ts";
import type { GuardView, RunView } from "./views.ts";
import { withheldNow } from "./withheld.ts";

/** Compares, decides and writes, entry by entry. Throws what stopped it; what was done is saved. */
export async function run(
  link: Link,
  options: CycleOptions & Trust & CycleExtras,
  signal: AbortSignal,
): Promise<RunView> {
  checkAsked(link, options);
  const stops = link.pipelines.some(
    ({ name, guard }) => guard.onTrip === "stop" && (options.pipelines?.includes(name) ?? true),
  );
  if (stops) return runWhole(link, options, signal);
  const start = await startCycle(link, options);
  const since = new Since(link, options);
  const named = wholePipelines(link, options);
  const work = async (carrier: Carrier): Promise<Done> => {
    const surely = await since.surelyWhole(named);
    const heads = await readHeads(link, { whole: surely, said: options }, signal);
    const sink = writingSink(carrier, signal);
    const cycle = await runCycle(link, { sink, start, since }, options, signal);
    await sweep(link, carrier, cycle.contexts, options, signal);
    const summary = summaryOf(cycle.counts, null);
    const { guards, notes, isDrained } = cycle;
    const whole = since.whole(named);
    const told = { guards, notes, isDrained, whole, asked: named, heads, since: since.facts() };
    return { planId: null, summary, ...told };
  };
  return recorded(link, { kind: "run", start }, work, signal);
}

/** How a plan is carried out. */
export interface ApplyOptions extends Pick<CycleOptions, "onProgress" | "shouldDrain"> {
  readonly heads?: Heads;
  /** Pipelines that it is to bring into agreement: a run, and not just a plan. */
  readonly asked?: readonly string[];
}

/**
 * Carries out exactly a recorded plan. Stale: PLAN_STALE, and nothing is written. One that is asked
 * to stop can be applied again as long as nothing else has moved the link: it goes on from there.
 */
export async function applyPlan(
  link: Link,
  planId: string,
  options: ApplyOptions,
  signal: AbortSignal,
): Promise<RunView> {
  const record = await freshPlan(link, planId, signal);
  stopWhereTripped(link, viewOfPlan(record).guards);
  const begun = await startCycle(link, saidOf(record));
  // What was carried out of it before is remembered by now.
  const start = { ...begun, forgets: begun.forgets === true && blockAfter(record) === 0 };
  const contexts = new Map<string, Context>();
  for (const pipeline of link.pipelines) {
    const marks = await readMarks(link, pipeline, signal);
    contexts.set(pipeline.name, makeContext(link, pipeline, start, marks));
  }
  const work = async (carrier: Carrier): Promise<Done> => {
    let isAsked = false;
    let from: number | undefined;
    let done = 0;
    for await (const block of readBlocks(link, record.id, blockAfter(record))) {
      if (isAsked) {
        from = block.seq;
        break;
      }
      const context = contexts.get(block.pipeline);
      if (context === undefined) continue;
      await carrier.flush(); // a block may go on with what the one before it left
      await carrier.carry(context, await decisionsOf(context, block), signal);
      done += block.items.length;
      options.onProgress?.({ phase: "write", pipeline: block.pipeline, done });
      isAsked = options.shouldDrain?.() === true;
    }
    await sweep(link, carrier, [...contexts.values()], { onlyLater: true }, signal);
    const { guards, notes, summary } = viewOfPlan(record);
    const whole = wholeOf(record);
    const { heads = new Map(), asked = [] } = options;
    const isDrained = from !== undefined;
    const plan = carriedOut(record, from);
    const told = { guards, notes, isDrained, whole, asked, heads, since: sinceOf(record) };
    return { planId: record.id, plan, summary, ...told };
  };
  return recorded(link, { kind: "apply", start }, work, signal);
}

/**
 * With `onTrip: stop` the verdict comes before the first write: the run is a plan, then applied.
 */
async function runWhole(
  link: Link,
  options: CycleOptions & Trust & CycleExtras,
  signal: AbortSignal,
): Promise<RunView> {
  const named = wholePipelines(link, options);
  const surely = await new Since(link, options).surelyWhole(named);
  const heads = await readHeads(link, { whole: surely, said: options }, signal);
  const plan = await makePlan(link, options, signal);
  return applyPlan(link, plan.id, { ...options, heads, asked: named }, signal);
}

function stopWhereTripped(link: Link, guards: readonly GuardView[]): void {
  const stopping = guards.find((guard) =>
    link.pipelines.some(
      ({ name, guard: { onTrip } }) => name === guard.pipeline && onTrip === "stop",
    ),
  );
  if (stopping !== undefined) throw guardStopped(stopping);
}

/** A sink that carries decisions out as they come. */
export function writingSink(carrier: Carrier, signal: AbortSignal): Sink {
  const loader = new Loader(carrier);
  return {
    begin: () => Promise.resolve(),
    take: async (context, decisions) => {
      // Rows are written in the order of their keys.
      if (decisions.some(({ writes }) => writes.length > 0)) await loader.flush(signal);
      await carrier.carry(context, decisions, signal);
    },
    load: (context, loading) => loader.load(context, loading, signal),
    end: async () => {
      await loader.flush(signal);
      await carrier.flush();
    },
    withheld: (context) => withheldNow(context, signal),
  };
}

/** The plan, if the world that it was made from still stands. */
async function freshPlan(link: Link, planId: string, signal: AbortSignal): Promise<PlanRecord> {
  const record = await link.journal.plan(planId);
  if (record === undefined) {
    throw new SyncError("PLAN_UNKNOWN", `there is no plan ${planId}`, {
      hint: "`syncline plan` makes one; `syncline runs` lists what was done.",
    });
  }
  const stale = (why: string) =>
    new SyncError("PLAN_STALE", `plan ${record.id} is stale: ${why}`, {
      hint: "Nothing was written. Make a new plan.",
    });
  if (record.status === "applied") throw stale("it was applied already");
  if (record.status === "open") throw stale("it was never finished");
  if (record.config !== link.digest) throw stale("the configuration has changed since");
  const generation = await link.journal.generation();
  if (record.generation !== generation) throw stale("the link has moved on since it was made");
  // Its rows were written before they were remembered: nothing in the journal has moved.
  const known = loadsOf(record);
  if ((await loadsUnderWay(link)).some((id) => !known.includes(id))) {
    throw stale("a run that broke off has written since it was made");
  }
  await checkIdentity(link, saidOf(record), signal);
  return record;
}

/** I5: what an entry is owed since others have moved it is no part of the plan. */
function isSameRow(planned: OwnRow | null | undefined, to: OwnRow | null): boolean {
  if (planned === undefined || planned === null || to === null) return planned === to;
  return encodeValues(planned) === encodeValues(to);
}

/** The decisions behind a block: the plan's own states and rows, nothing decided anew. */
async function decisionsOf(context: Context, block: Block): Promise<readonly Decision[]> {
  const { journal } = context.link;
  const keys = block.items.map(({ key }) => key);
  const known = await findAll(journal, context.pipeline.name, keys);
  const decisions: Decision[] = [];
  for (const [index, { key, body, last, writes, isDrift }] of block.items.entries()) {
    const text = known[index]?.body ?? undefined;
    const before =
      text === undefined ? undefined : context.codec.decode(JSON.parse(text) as unknown[]);
    const planned = new Map(writes.map(({ side, to }) => [side, to]));
    if (block.phase !== "change") {
      // The verdict falls on what the changes before it have really left.
      const judged = before && text && VERDICTS[block.phase](context, key, before, text);
      if (!judged) continue;
      const due = judged.writes.filter(({ side, to }) => isSameRow(planned.get(side), to));
      decisions.push({ ...judged, writes: due });
      continue;
    }
    if (body === null) {
      if (before === undefined || last === undefined) continue;
      const after = context.codec.decode(JSON.parse(last) as unknown[]); // the codec wrote it
      decisions.push({ key, before, after, body, isNews: true, writes: [], isDrift });
      continue;
    }
    const after = context.codec.decode(JSON.parse(body) as unknown[]); // the codec wrote it
    const others = new Map(context.pipeline.sides.map((_, side) => [side, planned.has(side)]));
    const decision = decisionOf(context, { key, before, text }, after, { planned, isDrift });
    if (decision === undefined) continue;
    const due = decision.writes.filter(({ side }) => others.get(side));
    const drift = writes
      .filter(({ side }) => isDrifting(after, side) && !due.some((write) => write.side === side))
      .map(({ side, to }) => driftWrite(context, after, side, to));
    decisions.push({ ...decision, writes: [...due, ...drift] });
  }
  return decisions;
}
