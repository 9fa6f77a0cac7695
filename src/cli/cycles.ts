// What plan, apply, run, retry and rollback share: options of a cycle, and telling a run.
import type { SyncError } from "../core/errors.ts";
import type { Link, Pipeline } from "../engine/link.ts";
import type { CycleOptions } from "../engine/options.ts";
import { JOURNAL } from "../engine/index.ts";
import type { Trust } from "../engine/index.ts";
import type { LeftView, PlanView, RunView } from "../engine/views.ts";
import { countOption, flag, hintOf, keyIn } from "./arguments.ts";
import { onlyPlace, placesNamed, textOption, usage } from "./arguments.ts";
import type { Answer, Call } from "./command.ts";
import { EXIT, exitOf } from "./exit.ts";
import type { Page } from "./page.ts";
import { shownKey } from "./print/question.ts";
import { printNotes, printPipeline, summaryObject, writesOf } from "./print/summary.ts";
import type { Told } from "./print/summary.ts";
import { ProgressLine } from "./progress.ts";
import { safe } from "./values.ts";
import { ALL, count, counted, duration, listed } from "./words.ts";

/** A link and what a cycle over it came to. */
export interface Over<View> {
  readonly link: Link;
  readonly view: View;
}

/** A link over which a cycle failed, while others went on. */
export interface Failed {
  readonly link: string;
  readonly error: SyncError;
}

/** The options of a cycle over each link that the call means. */
export function cyclesOf(
  call: Call,
  links: readonly Link[],
): readonly { readonly link: Link; readonly options: CycleOptions & Trust }[] {
  const names = call.arguments;
  const pipelines = placesNamed(names, links).map(({ pipeline }) => pipeline);
  const meant = pipelines.map(({ name }) => name);
  const limit = countOption(call, "limit");
  const allowed = allowDeletes(call);
  if (allowed !== undefined && flag(call, "restore")) {
    throw usage("--restore and --allow-deletes say the opposite.", "Give one of them.");
  }
  if (flag(call, "restore") && !pipelines.some(canRestore)) {
    const are = meant.length === 1 ? "is" : "are";
    throw usage(
      `--restore is not possible: ${listed(meant.map((name) => safe(name)))} ${are} one-way.`,
      "A one-way source is never written. Put its rows back by other means, or let the deletions " +
        "pass with --allow-deletes.",
    );
  }
  const shared: CycleOptions & Trust = {
    ...trustOf(call, links),
    ...(limit === undefined ? {} : { limit }),
    ...(allowed === undefined ? {} : { allowDeletes: allowed }),
    ...(flag(call, "restore") ? { restore: true } : {}),
    ...(flag(call, "everything") ? { everything: true } : {}),
  };
  const text = textOption(call, "key");
  if (text !== undefined) {
    const { link, pipeline } = onlyPlace(names[0], links, "A key");
    if (names.length > 1) throw usage("A key belongs to one pipeline, and several are named.");
    const key = keyIn(pipeline, text);
    return [{ link, options: { ...shared, pipelines: [pipeline.name], key } }];
  }
  return links.flatMap((link) => {
    if (names.length === 0) return [{ link, options: shared }];
    const named = link.pipelines.map(({ name }) => name).filter((name) => meant.includes(name));
    return named.length === 0 ? [] : [{ link, options: { ...shared, pipelines: named } }];
  });
}

/** True where a side that loses entries can be given them back: a source that only leads cannot. */
function canRestore({ sides }: Pipeline): boolean {
  return sides.some(({ writable, follows }) => writable && !follows);
}

/** Does one cycle after the other, with its progress on stderr. */
export async function overLinks<View>(
  call: Call,
  work: (watch: Pick<CycleOptions, "onProgress" | "shouldDrain">) => Promise<View>,
): Promise<View> {
  const line = new ProgressLine(call.world);
  const { stopping } = call.world;
  try {
    return await work({
      onProgress: line.onProgress,
      shouldDrain: () => stopping.asked !== undefined,
    });
  } finally {
    line.close();
  }
}

/** The answer of everything that writes. */
export function runAnswer(
  call: Call,
  runs: readonly Over<RunView>[],
  failed: readonly Failed[] = [],
): Answer {
  const waits = runs.some(({ view }) => view.waits || view.leftCount > 0);
  const [first] = failed;
  const exit = waits ? EXIT.waits : EXIT.done;
  return {
    exit: first === undefined ? exit : exitOf(first.error),
    summary: summaryObject(runs.map(({ view }) => view.summary)),
    result: {
      runs: runs.map(runHead),
      ...(first === undefined ? {} : { failed: failed.map(failedHead) }),
    },
    errors: [...new Set(failed.map(({ error }) => error))],
    print: async (page) => {
      const isStopped = call.world.stopping.asked !== undefined;
      for (const each of runs) await printRun(page, each, isStopped);
      if (isStopped) await page.line(stoppedText(runs.map(({ view }) => view)));
    },
  };
}

function failedHead({ link, error: { code, message } }: Failed): object {
  return { link, code, message };
}

function runHead({ link, view }: Over<RunView>): object {
  const { summary: _, ...head } = view;
  return { link: link.name, ...head };
}

/** A plan's or run's pipelines and notes, each under its own heading. */
export async function printCycle(page: Page, told: Told): Promise<void> {
  await printNotes(page, told.notes, null);
  for (const pipeline of told.link.pipelines) {
    await printPipeline(page, told, pipeline);
    await printNotes(page, told.notes, pipeline.name);
  }
}

/** How a plan is named on the command line: the beginning of its hash, if that is no option. */
export function planName({ id, hash }: Pick<PlanView, "id" | "hash">): string {
  return hash.startsWith("-") ? id : hash.slice(0, HASH_SHOWN);
}

const HASH_SHOWN = 10;
/** More than this are counted, not listed. */
const LEFT_SHOWN_MAX = 10;

function stoppedText(views: readonly RunView[]): string {
  const plan = views.find(({ isStopped, planId }) => isStopped && planId !== null)?.planId;
  const next = plan ? `syncline apply ${plan}` : "syncline run";
  return (
    "Stopped as asked, after the page in hand. Everything that was decided is in the journal;\n" +
    `\`${next}\` goes on from there.`
  );
}

async function printRun(
  page: Page,
  { link, view }: Over<RunView>,
  isStopped: boolean,
): Promise<void> {
  const { good, warn, bold } = page.style;
  await printCycle(page, { link, ...view, tense: "run" });
  for (const left of view.left.slice(0, LEFT_SHOWN_MAX)) await page.line(leftLine(page, left));
  if (view.leftCount > LEFT_SHOWN_MAX) {
    await page.line(`  and ${count(view.leftCount - LEFT_SHOWN_MAX)} more`);
  }
  const writes = writesOf(view.summary);
  const none = view.leftCount === 0 ? "nothing to do" : "nothing written";
  const did = writes === 0 ? none : `${counted(writes, "write")} made`;
  const left = view.leftCount === 0 ? "" : `, ${count(view.leftCount)} left undone`;
  const sign = view.waits || view.leftCount > 0 || isStopped ? warn("⚠") : good("✓");
  await page.line(`${sign} Run ${bold(view.id)}: ${did}${left}, in ${duration(view.durationMs)}.`);
  const next = nextOf({ link, view });
  if (next !== "") await page.line(`Next:  ${next}`);
}

/** A write that was not made, or a row that cannot be taken, in one line. */
export function leftLine(page: Page, left: LeftView): string {
  const way = left.why === "unreadable" || left.why === "rejected" ? "in" : "→";
  const where = `${safe(left.pipeline)} ${shownKey(left)} ${way} ${safe(left.side)}`;
  return `  ${page.style.warn("!")} ${where}  ${left.why}: ${safe(left.message)}`;
}

function nextOf({ link, view }: Over<RunView>): string {
  const pipelines = Object.values(view.summary.pipelines);
  const next: string[] = [];
  if (pipelines.some(({ conflicts, driftKept = 0 }) => conflicts + driftKept > 0)) {
    next.push("syncline conflicts");
  }
  // Of a run that was stopped nobody knows yet what the guard has against.
  const isJudged = !view.isStopped;
  if (isJudged && pipelines.some(({ withheld }) => withheld > 0)) {
    next.push("syncline run --allow-deletes");
  }
  const isLost = link.pipelines.some(
    (each) => canRestore(each) && (view.summary.pipelines[each.name]?.withheld ?? 0) > 0,
  );
  if (isJudged && isLost) next.push("syncline run --restore");
  // What has no key is no entry, and in no letter.
  if (pipelines.some(({ rejected, unkeyed = 0 }) => rejected > unkeyed)) {
    next.push("syncline letters");
  }
  return next.join("      ");
}

/** What a person says about systems, or the journal, that are not what they were. */
function trustOf(call: Call, links: readonly Link[]): Trust {
  const known = [...links.flatMap((link) => [...link.replicas.keys()]), JOURNAL];
  const namesOf = (option: string): readonly string[] => {
    const names = textOption(call, option)?.split(",") ?? [];
    const wrong = names.find((name) => !known.includes(name));
    if (wrong === undefined) return names;
    throw usage(`There is no system "${safe(wrong)}".`, hintOf(wrong, known));
  };
  const [trust, refill] = [namesOf("trust"), namesOf("refill")];
  return {
    ...(trust.length > 0 ? { trust } : {}),
    ...(refill.length > 0 ? { refill } : {}),
  };
}

/** How many deletions a person lets pass. */
export function allowDeletes(call: Call): true | number | undefined {
  if (textOption(call, "allowDeletes") === ALL) return true;
  return countOption(call, "allowDeletes");
}
