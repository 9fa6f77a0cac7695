// Letters tried once more: what was refused or put off is sent again whatever its due time, and
// what could not be read, or broke a rule, is read again and folded like in any run. A letter ends
// only by that; whatever is still wrong stays one.
import { showKey } from "../core/key.ts";
import type { Entry } from "../core/state.ts";
import type { Carrier } from "./carry.ts";
import { startCycle, type Context } from "./context.ts";
import { Counts } from "./counts.ts";
import type { Decision } from "./decide.ts";
import { checkIdentity } from "./identity.ts";
import { FLAGS } from "./journal.ts";
import { judged, judging } from "./judged-letters.ts";
import { isNarrow, LETTERS, lettersOf } from "./letters.ts";
import type { Link, Pipeline } from "./link.ts";
import type { LetterFilter } from "./options.ts";
import { summaryOf } from "./plan.ts";
import { entriesWith, type Found } from "./questions.ts";
import { recorded, type Done } from "./recorded.ts";
import { sweep } from "./sweep.ts";
import { LEFT_MAX } from "./tally.ts";
import type { LeftView, Summary } from "./views.ts";

/** What became of a retry. */
export interface RetryView {
  /** The run under which it is on record; null: there was nothing to try. */
  readonly run: string | null;
  /** Letters that were tried. */
  readonly tried: number;
  readonly written: number;
  /** The first of them; `leftCount` counts all. */
  readonly left: readonly LeftView[];
  readonly leftCount: number;
}

const NOTHING: RetryView = { run: null, tried: 0, written: 0, left: [], leftCount: 0 };

/**
 * Sends letters again, whatever their due time, and reads again what could not be read or broke a
 * rule: page by page, and on record as a run of its own. Throws what stops the whole link.
 */
export async function retryLetters(
  link: Link,
  filter: LetterFilter,
  signal: AbortSignal,
): Promise<RetryView> {
  await checkIdentity(link, {}, signal);
  if (!(await isWanted(link, filter))) return NOTHING;
  const start = await startCycle(link);
  const pipelines = meant(link, filter);
  const progress: Progress = { tried: 0, left: [], leftCount: 0 };
  const work = async (carrier: Carrier): Promise<Done> => {
    const contexts: Context[] = [];
    for (const pipeline of pipelines) {
      const context = await judging(link, { pipeline, start }, signal);
      contexts.push(context);
      await tryPipeline(context, { carrier, filter, progress }, signal);
    }
    await sweep(link, carrier, contexts, { onlyLater: isNarrow(filter) }, signal);
    const counts = contexts.map((of) => [of.pipeline.name, new Counts(of)] as const);
    const summary = summaryOf(new Map(counts), null);
    return { planId: null, summary, guards: [], notes: [], whole: [], isDrained: false };
  };
  const view = await recorded(link, { kind: "retry", start }, work, signal);
  return {
    run: view.id,
    tried: progress.tried,
    written: writesIn(view.summary),
    left: [...view.left, ...progress.left].slice(0, LEFT_MAX),
    leftCount: view.leftCount + progress.leftCount,
  };
}

function meant(link: Link, { pipeline }: LetterFilter): readonly Pipeline[] {
  return link.pipelines.filter(({ name }) => pipeline === undefined || pipeline === name);
}

/** True if a letter fits, or, where all are meant, something is owed without being one. */
async function isWanted(link: Link, filter: LetterFilter): Promise<boolean> {
  for await (const found of entriesWith(link, LETTERS, filter)) {
    if (lettersOf(found, filter).length > 0) return true;
  }
  if (isNarrow(filter)) return false;
  for (const { name } of meant(link, filter)) {
    if (((await link.journal.count(name)).flags.get(FLAGS.owes) ?? 0) > 0) return true;
  }
  return false;
}

/** What was tried, and what is still wrong with it, so far. */
interface Progress {
  tried: number;
  readonly left: LeftView[];
  leftCount: number;
}

interface Trying {
  readonly carrier: Carrier;
  readonly filter: LetterFilter;
  readonly progress: Progress;
}

/** Tries the letters of one pipeline, a page in memory. */
async function tryPipeline(context: Context, trying: Trying, signal: AbortSignal): Promise<void> {
  const { carrier, filter, progress } = trying;
  for await (const page of judged(context, filter, signal)) {
    const decisions: Decision[] = [];
    for (const { letter, decision } of page) {
      progress.tried += letter.letters.length;
      if (decision === undefined) continue;
      decisions.push(decision);
      leave(progress, context, letter, decision.after);
    }
    if (decisions.length > 0) await carrier.carry(context, decisions, signal);
  }
}

/** Takes down what is still wrong with a row; what becomes of writes the carrier tells. */
function leave(progress: Progress, context: Context, { key }: Found, after: Entry): void {
  const note = (of: Omit<LeftView, "pipeline" | "key" | "shown">): void => {
    progress.leftCount += 1;
    if (progress.left.length >= LEFT_MAX) return;
    progress.left.push({ pipeline: context.pipeline.name, key, shown: showKey(key), ...of });
  };
  for (const { kind, side, errors } of lettersOf({ context, key, entry: after }, {})) {
    if (kind !== "unreadable" && kind !== "rejected") continue;
    note({ side, why: kind, message: errors.join("; ") });
  }
  const [withheld] = after.open.filter(({ why }) => why === "withheld");
  if (withheld === undefined) return;
  const side = withheld.held.findIndex((held) => held !== undefined);
  const message = "its row is gone: the guard of the next run judges that deletion";
  note({ side: context.pipeline.sides[side]?.name ?? "", why: "later", message });
}

function writesIn({ pipelines }: Summary): number {
  const sides = Object.values(pipelines).flatMap((each) => Object.values(each.sides));
  return sides.reduce((sum, each) => sum + each.create + each.update + each.delete, 0);
}
