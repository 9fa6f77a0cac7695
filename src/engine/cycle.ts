// One cycle over a link: compare, decide, hand every decision to a sink (a plan's record, or the
// carrier that writes), and at the end let the guard judge the deletions.
import type { Key } from "../core/state.ts";
import {
  canLoad,
  isPassedBy,
  plainly,
  type Candidate,
  type Fresh,
  type Look,
} from "./candidate.ts";
import { compare, type CompareOptions, type Stretch } from "./compare.ts";
import { makeContext, readMarks, type Context, type CycleStart } from "./context.ts";
import { Counts } from "./counts.ts";
import { decide, type Decision } from "./decide.ts";
import { foldingKeys } from "./folding.ts";
import type { Verdict } from "./guard.ts";
import { judgeAll, type Case, type Part } from "./judge.ts";
import type { Loading } from "./fresh.ts";
import { explainChanges } from "./explain.ts";
import { checkIdentity, type Trust } from "./identity.ts";
import type { Link, Pipeline } from "./link.ts";
import type { CycleOptions } from "./options.ts";
import { readLoads } from "./loads.ts";
import { readAll } from "./looks.ts";
import type { Found } from "./questions.ts";
import type { Moves } from "./moves.ts";
import { compareRecent, type Recent } from "./recent.ts";
import { Ripples } from "./ripples.ts";
import type { Since } from "./since.ts";
import { skewNotes } from "./skew.ts";
import { apart, doubledRows } from "./unique.ts";
import { unkeyedNotes } from "./unkeyed.ts";
import type { GuardView, Note } from "./views.ts";

/** Who takes the decisions of a cycle. */
export interface Sink {
  /** Before the first decision of a pipeline. */
  begin(context: Context): Promise<void>;
  /** Decisions in key order; afterwards they are recorded, or carried out. */
  take(context: Context, decisions: readonly Decision[]): Promise<void>;
  /** Bulk creates, where the sink has a way for them; what goes the plain way comes back. */
  load?(context: Context, loading: Loading): Promise<readonly Decision[]>;
  /** After the last decision of a pipeline's comparison: what was handed over has landed. */
  end(context: Context): Promise<void>;
  /**
   * Entries whose deletion is withheld, this cycle's and earlier ones, and what is done to them.
   */
  withheld(context: Context, verdict: Verdict): AsyncIterable<Found>;
  /** What was taken and is in no store: a sink that writes has none. */
  readonly moves?: Moves;
}

/** How a cycle went. */
export interface Cycle {
  readonly start: CycleStart;
  readonly contexts: readonly Context[];
  readonly counts: ReadonlyMap<string, Counts>;
  readonly guards: readonly GuardView[];
  readonly notes: readonly Note[];
  /** Stopped before its end, because it was asked to. */
  readonly isDrained: boolean;
}

/** Options of a cycle that only tests set. */
export interface CycleExtras {
  readonly isPlain?: boolean;
}

/** Who takes a cycle's decisions, and what it knows before it begins. */
export interface CycleParts {
  readonly sink: Sink;
  readonly start: CycleStart;
  readonly since: Since;
}

/** Runs one cycle into a sink. Throws what stops the whole link. */
export async function runCycle(
  link: Link,
  { sink, start, since }: CycleParts,
  options: CycleOptions & Trust & CycleExtras,
  signal: AbortSignal,
): Promise<Cycle> {
  const checked = await checkIdentity(link, options, signal);
  const { notes: made = [] } = link;
  const notes: Note[] = [...made, ...checked.notes, ...(await explainChanges(link, signal))];
  const ripples = new Ripples(notes);
  const parts: Part[] = [];
  let isDrained = false;
  for (const pipeline of chosen(link, options)) {
    const marks = await readMarks(link, pipeline, signal);
    const before = makeContext(link, pipeline, start, marks);
    const known = (await link.journal.count(pipeline.name)).entries;
    const counts = new Counts(before);
    const onUnkeyed = unkeyedIn(before, counts, notes);
    const recent = await since.look(before, notes, signal);
    for (const [side, rows] of (recent?.unkeyed ?? []).entries()) onUnkeyed(side, rows);
    const isWhole = recent === undefined;
    const { loads, ours } = isWhole && canLoad(pipeline) ? await readLoads(before, 1) : NO_LOADS;
    const doubles = isWhole ? await doubledRows(pipeline, link.env.hash, signal) : undefined;
    const context: Context = { ...before, loads, ...(doubles && { doubles }) };
    const part: Part = { context, known, counts, emptied: [] };
    parts.push(part);
    const comparing = { sink, ripples, ours, recent, onUnkeyed };
    isDrained = await comparePart(part, comparing, options, signal);
    if (isDrained) break;
  }
  const guards = isDrained
    ? []
    : await judgeAll({ link, parts, sink, options, notes, ripples }, signal);
  const skews = parts.map(({ counts }) => counts.skews);
  notes.push(...skewNotes({ env: link.env, stamp: start.stamp }, skews));
  return {
    start,
    contexts: parts.map(({ context }) => context),
    counts: new Map(parts.map(({ context, counts }) => [context.pipeline.name, counts])),
    guards,
    notes,
    isDrained,
  };
}

function chosen(link: Link, { pipelines }: CycleOptions): readonly Pipeline[] {
  if (pipelines === undefined) return link.pipelines;
  return link.pipelines.filter(({ name }) => pipelines.includes(name));
}

/** What the comparison of one pipeline works with. */
interface Comparing extends Pick<Case, "sink" | "ripples"> {
  readonly ours: ReadonlySet<Key>;
  /** Only this is compared. undefined: everything. */
  readonly recent: Recent | undefined;
  readonly onUnkeyed: CompareOptions["onUnkeyed"];
}

const NO_LOADS = { loads: [], ours: new Set<Key>() } as const;

/** Counts and names rows that cannot be entries. */
function unkeyedIn(
  { pipeline }: Context,
  counts: Counts,
  notes: Note[],
): CompareOptions["onUnkeyed"] {
  return (side, rows) => {
    counts.unkeyed += rows.count;
    notes.push(...unkeyedNotes(pipeline, side, rows));
  };
}

/** Compares one pipeline and hands its decisions over. True: it was asked to stop. */
async function comparePart(
  { context, counts, emptied }: Part,
  { sink, ripples, ours, recent, onUnkeyed }: Comparing,
  options: CycleOptions & CycleExtras,
  signal: AbortSignal,
): Promise<boolean> {
  const { pipeline } = context;
  await sink.begin(context);
  let done = 0;
  let taken = 0;
  let isDrained = false;
  const stretches =
    recent === undefined
      ? await compareAll(context, { emptied, ours, onUnkeyed }, options, signal)
      : compareRecent(context, recent, signal);
  for await (const stretch of stretches) {
    counts.unchanged += stretch.unchanged;
    counts.extra += stretch.extra;
    counts.outside += stretch.outside;
    done += stretch.unchanged + stretch.extra + stretch.candidates.length;
    done += stretch.fresh.keys.length;
    const decisions: Decision[] = [];
    const { fresh } = stretch;
    const isLoading = sink.load !== undefined && options.limit === undefined;
    if (sink.load !== undefined && isLoading && fresh.keys.length > 0) {
      const created = (count: number): void => counts.created(1, count);
      const passed = (decision: Decision): void => counts.add(decision);
      for (const decision of await sink.load(context, { fresh, created, passed })) {
        counts.add(decision);
        decisions.push(decision);
      }
    }
    const candidates = await proveAbsence(
      context,
      isLoading ? stretch.candidates : inKeyOrder(stretch.candidates, fresh),
      signal,
    );
    for (const candidate of candidates) {
      const decision = decide(context, candidate);
      if (decision === undefined) continue;
      // What was open before and still is takes no place in a trial run.
      const isWork = decision.isNews || decision.writes.length > 0;
      if (isWork && options.limit !== undefined && taken >= options.limit) break;
      if (isWork) taken += 1;
      counts.add(decision);
      decisions.push(decision);
    }
    ripples.meet(context, decisions);
    if (decisions.length > 0) await sink.take(context, decisions);
    options.onProgress?.({ phase: "compare", pipeline: pipeline.name, done });
    isDrained = options.shouldDrain?.() === true;
    if (isDrained || (options.limit !== undefined && taken >= options.limit)) break;
  }
  await sink.end(context);
  return isDrained;
}

/** All of a pipeline, as it stands on all sides and in the journal. */
async function compareAll(
  context: Context,
  { emptied, ours, onUnkeyed }: Pick<Part, "emptied"> & Pick<Comparing, "ours" | "onUnkeyed">,
  options: CycleOptions & CycleExtras,
  signal: AbortSignal,
): Promise<AsyncGenerator<Stretch>> {
  const { pipeline, view, link } = context;
  const folding = apart(await foldingKeys(pipeline, signal), context.doubles ?? new Map());
  return compare(
    pipeline,
    {
      view,
      journal: link.journal,
      layout: context.codec.layout,
      onUnkeyed,
      onEmpty: (side) => emptied.push(side),
      folding,
      ours,
      ...keyOption(options),
      isPlain: options.isPlain ?? false,
    },
    signal,
  );
}

/** Without a way for bulk creates they are candidates like any other, in their place. */
function inKeyOrder(candidates: readonly Candidate[], fresh: Fresh): readonly Candidate[] {
  if (fresh.keys.length === 0) return candidates;
  const plain = fresh.keys.map((key, index) => plainly(key, fresh.owns[index] ?? []));
  return [...candidates, ...plain].sort((a, b) => (a.key < b.key ? -1 : 1));
}

const keyOption = ({ key }: CycleOptions): { readonly key?: Key } =>
  key === undefined ? {} : { key };

/** I7: what is absent from a listing that was not one snapshot is read again before it counts. */
async function proveAbsence(
  context: Context,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const { sides, extra } = context.pipeline;
  const found = new Map<string, Look>();
  /** A follower would lose a row that who leads may have. */
  const isExtra = ({ looks }: Candidate): boolean =>
    extra !== "keep" && sides.some((side, at) => side.follows && (looks[at]?.own ?? null) !== null);
  for (const [side, { replica, shape, description }] of sides.entries()) {
    // I4: a side that cannot compare would be overwritten where a row was only missed.
    const isBlind = description.capabilities.compareAndSet === "none";
    const keys = candidates
      .filter(({ looks }) => looks[side]?.isUnproven === true)
      .filter((each) => {
        return each.body !== undefined || each.isOurs === true || isBlind || isExtra(each);
      })
      .map(({ key }) => key);
    if (keys.length === 0) continue;
    const page = await readAll({ replica, shape }, keys, signal);
    for (const [index, key] of page.keys.entries()) {
      const own = page.rows[index] ?? null;
      found.set(`${side} ${key}`, { own, at: page.positions?.[index] ?? 0 });
    }
  }
  if (found.size === 0) return candidates;
  return candidates.flatMap((candidate) => {
    const looks = candidate.looks.map(
      (look, side) => found.get(`${side} ${candidate.key}`) ?? look,
    );
    if (looks.every((look, side) => look === candidate.looks[side])) return [candidate];
    const now = { ...candidate, looks };
    // The listing would have passed by what is there after all, had it shown it.
    return isPassedBy(context.pipeline, context.view, now) ? [] : [now];
  });
}
