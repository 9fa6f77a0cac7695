// Answers to questions. An answer is a change of its own, with its own author and stamp; it is
// refused when what was held has moved, and written like anything else, with compare-and-set.
import { answer, choiceOf, fold } from "../core/fold.ts";
import { SyncError } from "../core/errors.ts";
import { parseStrategy } from "../core/strategies.ts";
import { canonical } from "../core/values.ts";
import { WHOLE, type Entry, type Question, type Row, type Value } from "../core/state.ts";
import type { Policy } from "../core/policy.ts";
import type { Carrier } from "./carry.ts";
import { countConfirmed, type Decided } from "./confirmed.ts";
import { makeContext, readMarks, startCycle, type Context } from "./context.ts";
import { Counts } from "./counts.ts";
import { decisionOf, type Decision } from "./decide.ts";
import { checkIdentity } from "./identity.ts";
import { FLAGS } from "./journal.ts";
import { inPages } from "./in-pages.ts";
import { sideNamed, type Link, type Pipeline } from "./link.ts";
import type { Choice, Resolution, ResolutionView } from "./options.ts";
import { deletesAllowed } from "./guard.ts";
import { brokenViews, entriesWith, viewsOf, type Found } from "./questions.ts";
import { summaryOf } from "./plan.ts";
import { ANSWER } from "./record.ts";
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
  let deletions = 0;
  for await (const page of pagesOf(link, context, resolution)) {
    for (const found of page) {
      const { answered, left, decision } = answerOne(context, found, resolution);
      if (answered > 0 || left.length > 0) isMet = true;
      if (isDeletion(decision)) deletions += 1;
    }
  }
  const mayDelete = allowDeletes === true || deletions <= allowDeletes;
  return isMet ? { mayDelete, counts: new Counts(context) } : undefined;
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
  const { choice, seen, author } = resolution;
  const left: Left[] = [];
  let { entry } = found;
  let answered = 0;
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
        : answer(
            entry,
            question,
            rowFor(context, entry, question, choice),
            `${ANSWER}${author}`,
            context.policy,
          );
    if (next === undefined) {
      const message =
        choice.kind === "policy"
          ? `${choice.strategy} does not settle it`
          : "what is held has moved since you looked";
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
  if (answered === 0) return { answered, left };
  // Who holds already what was said is owed nothing, and what is still asked is asked anew.
  entry = fold(entry, NOBODY, context.policy);
  const decision = decisionOf(context, { key, before: found.entry, text }, entry);
  return { decision, answered, left };
}

function isMeant(view: QuestionView, { filter }: Resolution): boolean {
  const { ids, field, why } = filter;
  if (ids !== undefined && !ids.some((id) => view.id === id || view.id === `q${id}`)) return false;
  if (why !== undefined && view.why !== why) return false;
  return field === undefined || view.field === field || (field === "*" && view.field === null);
}

/** The entry folded once more under another policy; undefined: the question is still asked. */
function byPolicy(
  context: Context,
  entry: Entry,
  question: Question,
  word: string,
): Entry | undefined {
  // Drift is answered after all else, as by any other choice (answer.ts).
  if (question.why === "drift" && entry.open.some(({ why }) => why !== "drift")) return undefined;
  const policy: Policy = { ...policyFor(context, question, word), guard: "pass" };
  const folded = fold(entry, NOBODY, policy);
  const isOpen = folded.open.some((of) => of.field === question.field && of.why === question.why);
  return isOpen ? undefined : folded;
}

function policyFor({ policy, pipeline }: Context, { field }: Question, word: string): Policy {
  if (word === "edit-wins" || word === "delete-wins") return { ...policy, deletes: word };
  const names = pipeline.sides.map(({ name }) => name);
  const { rule } = parseStrategy(word, names, { by: "clock" });
  if (field !== WHOLE) {
    // Only that field was meant: what is asked about others stays.
    const settle = Array.from({ length: policy.fields }, (_, f) =>
      f === field ? rule : policy.settle[f],
    );
    return { ...policy, settle };
  }
  const { deletes: _, ...rest } = policy;
  return { ...rest, rows: rule, settle: policy.settle.map(() => rule), initial: rule };
}

/** What a choice says of a question: the row to agree on, or null: the entry goes. */
function rowFor(context: Context, entry: Entry, question: Question, choice: Choice): Row | null {
  const { pipeline, policy } = context;
  const { field, held } = question;
  const agreed = entry.agreed.here ? entry.agreed.values : null;
  const only = (value: Value | undefined): Row => {
    if (value === undefined) throw unfit(`${pipeline.fields[field]} ${NOTHING_THERE[choice.kind]}`);
    const row: (Value | undefined)[] = Array.from({ length: policy.fields }, () => undefined);
    row[field] = value;
    return row;
  };
  switch (choice.kind) {
    case "delete":
      if (field !== WHOLE)
        throw unfit("only a question about the whole entry can be answered with --delete");
      return null;
    case "base":
      if (field !== WHOLE) return only(agreed?.[field]);
      // Where nothing ever was, going back to it would delete what the sides met with.
      if (entry.set[policy.fields] === undefined) throw unfit(`the entry ${NOTHING_THERE.base}`);
      return agreed;
    case "value":
      if (field === WHOLE)
        throw unfit("a question about the whole entry takes a side, --base or --delete");
      return only(valueFor(pipeline, field, choice.value));
    case "side": {
      const side = sideNamed(pipeline, choice.side);
      if (side === undefined) throw unfit(`${pipeline.name} has no side ${choice.side}`);
      const shadow = entry.sides[side]?.shadow ?? null;
      if (held[side] !== undefined) return choiceOf(entry, question, side, policy);
      if (field === WHOLE) return shadow ?? agreed;
      return only(shadow?.[field] ?? agreed?.[field]);
    }
    case "policy":
      throw unfit("a strategy is not a value");
  }
}

/** Why a choice has no value for a question. */
const NOTHING_THERE = {
  base: "was never agreed on, so there is no base to go back to",
  side: "is not held by that side",
  value: "has no such value",
  delete: "cannot be deleted by itself",
  policy: "is not settled by a value",
} as const satisfies { readonly [kind in Choice["kind"]]: string };

function valueFor(pipeline: Pipeline, field: number, value: Value): Value {
  const type = pipeline.types[field];
  const form = type === undefined ? value : canonical(type, value);
  if (form !== undefined) return form;
  throw unfit(`${pipeline.fields[field] ?? "the field"} cannot hold that value`);
}

function unfit(message: string): SyncError {
  return new SyncError("ANSWER_INVALID", message, {
    hint: "`syncline conflicts` shows what each question holds.",
  });
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
