// Answers to questions. An answer is a change of its own, with its own author and stamp; it is
// refused when what was held has moved, and written like anything else, with compare-and-set.
import { fold } from "../core/fold.ts";
import { SyncError } from "../core/errors.ts";
import type { Carrier } from "./carry.ts";
import { byChoice, byPolicy, unfit } from "./choices.ts";
import { countConfirmed, type Decided } from "./confirmed.ts";
import { makeContext, readMarks, startCycle, type Context } from "./context.ts";
import { Counts } from "./counts.ts";
import { decisionOf, type Decision } from "./decide.ts";
import { checkIdentity } from "./identity.ts";
import { FLAGS } from "./journal.ts";
import { inPages } from "./in-pages.ts";
import type { Link } from "./link.ts";
import type { Resolution, ResolutionView } from "./options.ts";
import { deletesAllowed } from "./guard.ts";
import { brokenViews, entriesWith, viewsOf, type Found } from "./questions.ts";
import { summaryOf } from "./plan.ts";
import { recorded, type Done } from "./recorded.ts";
import type { QuestionView } from "./views.ts";

type Left = ResolutionView["left"][number];

const NOBODY: readonly undefined[] = [];

/** Answers every question that fits, writes what follows, and is on record as a run of its own. */
export async function resolve(
  link: Link,
  resolution: Resolution,
  signal: AbortSignal,
): Promise<ResolutionView> {
  // A side that is out of reach keeps the question: nothing is answered before all are there, and
  // are what they were.
  await checkIdentity(link, {}, signal);
  const start = await startCycle(link, resolution);
  const benches: Bench[] = [];
  for (const pipeline of link.pipelines) {
    const { filter } = resolution;
    if (filter.pipeline !== undefined && filter.pipeline !== pipeline.name) continue;
    const marks = await readMarks(link, pipeline, signal);
    const context = makeContext(link, pipeline, start, marks);
    const foreseen = await foresee(context, resolution);
    if (foreseen !== undefined) benches.push({ context, ...foreseen });
  }
  if (benches.length === 0) throw noneFits(resolution);
  const [misfit] = benches.flatMap((bench) => bench.misfit ?? []);
  if (misfit !== undefined && benches.every(({ fits }) => !fits)) throw unfit(misfit);
  const sum = { answered: 0, confirmed: 0 };
  const left: Left[] = [];
  const work = async (carrier: Carrier): Promise<Done> => {
    for (const bench of benches) await answerAll(bench, { carrier, resolution, sum, left }, signal);
    const summary = summaryOf(new Map(benches.map(nameAndCounts)), null);
    return { planId: null, summary, guards: [], notes: [], whole: [], isDrained: false };
  };
  const view = await recorded(link, { kind: "resolve", start }, work, signal);
  for (const { shown, message } of view.left) left.push({ id: "", shown, message });
  return { run: view.id, ...sum, left };
}

/** One pipeline with questions that are meant. */
interface Bench {
  readonly context: Context;
  /** Answers are guarded like any run: too many deletions at once are left open. */
  readonly mayDelete: boolean;
  readonly counts: Counts;
  /** At least one question is answered. */
  readonly fits: boolean;
  /** Why the choice is no answer to another one. */
  readonly misfit?: string | undefined;
}

const nameAndCounts = ({ context, counts }: Bench): readonly [string, Counts] => [
  context.pipeline.name,
  counts,
];

/** What the answers would do, before anything is done. undefined: no question fits. */
async function foresee(
  context: Context,
  resolution: Resolution,
): Promise<Omit<Bench, "context"> | undefined> {
  const { link, pipeline } = context;
  const known = (await link.journal.count(pipeline.name)).entries;
  const { allowDeletes = deletesAllowed(pipeline.guard, known) } = resolution;
  let isMet = false;
  let fits = false;
  let misfit: string | undefined;
  let deletions = 0;
  for await (const page of pagesOf(link, context, resolution)) {
    for (const found of page) {
      const { answered, left, decision, ...more } = answerOne(context, found, resolution);
      if (answered > 0 || left.length > 0) isMet = true;
      if (answered > 0) fits = true;
      misfit ??= more.misfit;
      if (isDeletion(decision)) deletions += 1;
    }
  }
  const mayDelete = allowDeletes === true || deletions <= allowDeletes;
  return isMet ? { mayDelete, fits, misfit, counts: new Counts(context) } : undefined;
}

/** Where answers go, and what became of them so far. */
interface Answering {
  readonly carrier: Carrier;
  readonly resolution: Resolution;
  readonly sum: { answered: number; confirmed: number };
  readonly left: Left[];
}

async function answerAll(
  { context, mayDelete, counts }: Bench,
  { carrier, resolution, sum, left }: Answering,
  signal: AbortSignal,
): Promise<void> {
  for await (const page of pagesOf(context.link, context, resolution)) {
    const decided: Decided[] = [];
    for (const found of page) {
      const outcome = answerOne(context, found, resolution);
      if (!mayDelete && isDeletion(outcome.decision)) {
        left.push(...withheld(context, found, resolution));
        continue;
      }
      sum.answered += outcome.answered;
      left.push(...outcome.left);
      const { decision, answered } = outcome;
      if (decision !== undefined) decided.push({ decision, answered });
      else sum.confirmed += answered; // nothing is left to remember, nobody is owed anything
    }
    if (decided.length === 0) continue;
    const decisions = decided.map(({ decision }) => decision);
    await carrier.carry(context, decisions, signal);
    await carrier.flush();
    sum.confirmed += await countConfirmed(context, decided, counts);
  }
}

function isDeletion(decision: Decision | undefined): boolean {
  return decision?.writes.some(({ kind }) => kind === "delete") ?? false;
}

function withheld(context: Context, { key, entry }: Found, resolution: Resolution): Left[] {
  return viewsOf(context, key, entry)
    .filter((view) => isMeant(view, resolution))
    .map(({ id, shown }) => ({
      id,
      shown,
      message: "the guard withholds so many deletions at once; allow them with --allow-deletes",
    }));
}

interface Answered {
  readonly decision?: Decision | undefined;
  readonly answered: number;
  readonly left: readonly Left[];
  readonly misfit?: string | undefined;
}

/** Found entries page by page, so that what is answered does not disturb the walk. */
function pagesOf(
  link: Link,
  context: Context,
  { filter }: Resolution,
): AsyncGenerator<readonly Found[]> {
  const of = { ...filter, pipeline: context.pipeline.name };
  return inPages(entriesWith(link, FLAGS.asks | FLAGS.parked, of), ({ text }) => text.length);
}

function answerOne(context: Context, found: Found, resolution: Resolution): Answered {
  const { key, text } = found;
  const { choice, seen } = resolution;
  const left: Left[] = [];
  let { entry } = found;
  let answered = 0;
  let misfit: string | undefined;
  const views = viewsOf(context, key, entry);
  for (const [index, view] of views.entries()) {
    const question = found.entry.open[index];
    if (question === undefined || !isMeant(view, resolution)) continue;
    if (seen !== undefined && seen !== view.seen) {
      left.push({
        id: view.id,
        shown: view.shown,
        message: "what is held has moved since you looked",
      });
      continue;
    }
    const next =
      choice.kind === "policy"
        ? byPolicy(context, entry, question, choice.strategy)
        : byChoice(context, entry, question, resolution);
    if (next === undefined || typeof next === "string") {
      misfit ??= next;
      const message =
        next ??
        (choice.kind === "policy"
          ? `${choice.strategy} does not settle it`
          : "what is held has moved since you looked");
      left.push({ id: view.id, shown: view.shown, message });
      continue;
    }
    entry = next;
    answered += 1;
  }
  for (const view of brokenViews(context, key, entry)) {
    if (!isMeant(view, resolution)) continue;
    const message = "the row breaks a rule: repair it or the rule, then `syncline retry`";
    left.push({ id: view.id, shown: view.shown, message });
  }
  if (answered === 0) return { answered, left, misfit };
  // Who holds already what was said is owed nothing, and what is still asked is asked anew.
  entry = fold(entry, NOBODY, context.policy);
  const decision = decisionOf(context, { key, before: found.entry, text }, entry);
  return { decision, answered, left, misfit };
}

function isMeant(view: QuestionView, { filter }: Resolution): boolean {
  const { ids, field, why } = filter;
  if (ids !== undefined && !ids.some((id) => view.id === id || view.id === `q${id}`)) return false;
  if (why !== undefined && view.why !== why) return false;
  return field === undefined || view.field === field || (field === "*" && view.field === null);
}

function noneFits({ filter }: Resolution): SyncError {
  const ids = filter.ids?.join(", ");
  return new SyncError(
    "QUESTION_UNKNOWN",
    ids ? `no open question ${ids}` : "no open question fits",
    {
      hint: "`syncline conflicts` lists the open questions with their ids.",
    },
  );
}
