// A run as the journal records it: begun, then done, stopped or failed. One that was killed stays
// "running" until the next one, which goes on with what it left.
import { DAY_MS } from "../core/calendar.ts";
import { stampOf } from "../core/stamp.ts";
import { Carrier } from "./carry.ts";
import { startFacts, type CycleStart } from "./context.ts";
import { waitsForPerson } from "./counts.ts";
import { acknowledgeHeads, headFacts, type Heads } from "./cursors.ts";
import { pipelineFacts } from "./explain.ts";
import { identityFacts, settledFacts, toBeSettled, unsettledFacts } from "./identity.ts";
import type { Commit, PlanRecord, RunRecord } from "./journal.ts";
import { runFacts } from "./lineage.ts";
import type { Link } from "./link.ts";
import { loadedFacts } from "./loads.ts";
import { forgetPlaces } from "./places.ts";
import { withPutOff } from "./put-off.ts";
import { leftForGood, type Tally } from "./tally.ts";
import { forgetRows } from "./unremembered.ts";
import type { GuardView, LeftView, Note, PipelineSummary, RunView, Summary } from "./views.ts";

/** Runs that are on record without being in the kept history, at most. */
const RUNS_KEPT_MAX = 10_000;

/** What the work of a run came to. */
export interface Done {
  readonly planId: string | null;
  /** The plan that was carried out, as it is to be recorded. */
  readonly plan?: PlanRecord;
  readonly summary: Summary;
  readonly guards: readonly GuardView[];
  readonly notes: readonly Note[];
  /** Pipelines that it goes over from end to end, if it is not stopped. */
  readonly whole: readonly string[];
  /** Pipelines that it was asked to bring into agreement, all their entries. */
  readonly asked?: readonly string[];
  /** Stopped before its end, because it was asked to. */
  readonly isDrained: boolean;
  /** Logs that are read on from here, if it is not stopped. */
  readonly heads?: Heads;
  /** Where sides that tell what changed are asked on from, if it is not stopped. */
  readonly since?: NonNullable<Commit["facts"]>;
}

/** Which run it is. */
export interface RunName {
  readonly kind: string;
  readonly start: CycleStart;
}

/**
 * Does the work of a run with a carrier of its own, and records how it went. Throws what the work
 * throws, after its outcomes so far are closed and the run is recorded as failed.
 */
export async function recorded(
  link: Link,
  { kind, start }: RunName,
  work: (carrier: Carrier) => Promise<Done>,
  signal: AbortSignal,
): Promise<RunView> {
  const { journal, env } = link;
  const started = env.now();
  const begun: RunRecord = {
    id: start.run,
    kind,
    started,
    finished: null,
    status: "running",
    summary: "",
  };
  const carrier = new Carrier(link);
  try {
    const settled = await toBeSettled(link, start.anew ?? new Set(), signal);
    const known = await runFacts(link, { run: start.run, settled }, signal);
    const facts = [...startFacts(start), ...unsettledFacts(settled), ...known];
    await journal.commit({ runs: [...(await killedRuns(link)), begun], facts });
    if (start.forgets === true) await forgetRows(link, start.stamp);
    await forgetPlaces(link, start, signal);
    const done = await work(carrier);
    await carrier.finish(signal);
    return await conclude(link, { begun, done, carrier }, signal);
  } catch (error) {
    const failed: RunRecord = { ...begun, finished: env.now(), status: "failed" };
    // What stopped the run may keep the journal from saying so: then it stays "running".
    await journal.commit({ runs: [failed] }).catch(() => {});
    throw error;
  } finally {
    await carrier.close();
  }
}

/** Runs among which those are looked for that never ended: each run settles the ones before it. */
const RUNS_SEARCHED_MAX = 100;

/** Runs that never said how they ended. We have the writer's lock: nobody goes on with them. */
async function killedRuns({ journal }: Link): Promise<readonly RunRecord[]> {
  const runs = await journal.runs(RUNS_SEARCHED_MAX);
  return runs
    .filter(({ status }) => status === "running")
    .map((run): RunRecord => ({ ...run, status: "killed" }));
}

interface Ended {
  readonly begun: RunRecord;
  readonly done: Done;
  readonly carrier: Carrier;
}

/** Saves the run's record with the facts that the next one starts from. */
async function conclude(
  link: Link,
  { begun, done, carrier }: Ended,
  signal: AbortSignal,
): Promise<RunView> {
  const own = await leftForGood(link, carrier.tally, begun.kind);
  const { left, leftCount } = await withPutOff(link, carrier.tally, own, done.asked ?? []);
  const finished = link.env.now();
  const { planId, guards, isDrained, plan } = done;
  const notes = [...done.notes, ...carrier.tally.notes];
  const summary = asDone(done.summary, carrier.tally, left);
  const whole = isDrained ? [] : done.whole;
  // A trial run of an edited mapping has not said all that follows from that.
  const digests = pipelineFacts(link.pipelines.filter(({ name }) => whole.includes(name)));
  const settled = settledFacts(link, whole);
  const heads: Heads = isDrained ? new Map() : (done.heads ?? new Map());
  const goneOn = isDrained ? [] : (done.since ?? []);
  const joined = [...settled, ...headFacts(heads), ...loadedFacts(whole), ...goneOn];
  const facts = [...(await identityFacts(link, signal)), ...digests, ...joined];
  const status = isDrained ? "stopped" : "done";
  const run: RunRecord = { ...begun, finished, status, summary: JSON.stringify(summary) };
  // Its own writes have moved the link on; nobody else's may, before it is gone on with.
  const plans = plan && [{ ...plan, generation: await link.journal.generation() }];
  await link.journal.commit({ runs: [run], facts, ...(plans && { plans }) });
  await acknowledgeHeads(link, heads); // I3: only after the commit
  const { days, changes } = link.retention;
  const since = finished - days * DAY_MS;
  await link.journal.pruneHistory({ since: stampOf(since), countMax: changes });
  await link.journal.pruneRuns({ since, countMax: RUNS_KEPT_MAX }); // I9
  const waits = leftCount > 0 || Object.values(summary.pipelines).some(waitsForPerson);
  const durationMs = finished - begun.started;
  const told = { guards, notes, left, leftCount, durationMs, waits, isStopped: isDrained };
  return { id: begun.id, planId, summary, ...told };
}

/** What was meant, made what was done: writes that landed, and those that a side did not take. */
function asDone(meant: Summary, tally: Tally, left: readonly LeftView[]): Summary {
  const pipelines: { [pipeline: string]: PipelineSummary } = {};
  for (const [name, summary] of Object.entries(meant.pipelines)) {
    const names = Object.keys(summary.sides);
    const sides = Object.fromEntries(names.map((side) => [side, tally.written(name, side)]));
    const refused = left.filter(({ pipeline, why }) => pipeline === name && why === "refused");
    const entries = new Set(refused.map(({ key }) => key)).size;
    pipelines[name] = { ...summary, sides, rejected: summary.rejected + entries };
  }
  return { pipelines };
}
