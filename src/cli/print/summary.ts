// What a plan or a run comes to, pipeline by pipeline, for people and for programs.
import type { Link, Pipeline } from "../../engine/link.ts";
import type { GuardView, LeftView, Note, PipelineSummary } from "../../engine/views.ts";
import type { SideCounts, Summary } from "../../engine/views.ts";
import type { Page } from "../page.ts";
import { safe } from "../values.ts";
import { count, counted, share } from "../words.ts";

/** The summary of `--json`: each side's counts stand beside the others, under the side's name. */
export function summaryObject(summaries: readonly Summary[]): object {
  const pipelines: { [pipeline: string]: object } = {};
  for (const summary of summaries) {
    for (const [name, { planId, hash, sides, ...rest }] of Object.entries(summary.pipelines)) {
      pipelines[name] = { planId, hash, ...sides, ...rest };
    }
  }
  return { pipelines };
}

/** Everything that a summary is told with. */
export interface Told {
  readonly link: Link;
  readonly summary: Summary;
  readonly guards: readonly GuardView[];
  readonly notes: readonly Note[];
  /** What a run did not do. Absent: a plan does not know. */
  readonly left?: readonly LeftView[];
  /** A run that was asked to stop: it has not come to its verdict over deletions. */
  readonly isStopped?: boolean;
  /** `plan`: what would be; `run`: what was done. */
  readonly tense: "plan" | "run";
}

/** One pipeline: its sides, what goes where, and what waits. */
export async function printPipeline(page: Page, told: Told, pipeline: Pipeline): Promise<void> {
  const summary = told.summary.pipelines[pipeline.name];
  if (summary === undefined) return;
  const { bold } = page.style;
  await page.line(`${bold(safe(pipeline.name))}  ${sidesOf(pipeline)}`);
  const isLeft = told.left?.some((left) => left.pipeline === pipeline.name) === true;
  await page.columns(rowsOf(page, pipeline, { summary, isLeft }), "  ");
  const why = {
    guards: told.guards.filter((guard) => guard.pipeline === pipeline.name),
    notes: told.notes.filter((note) => note.pipeline === pipeline.name),
    isStopped: told.isStopped === true,
  };
  await page.lines(waitingLines(page, summary, why).map((line) => `  ${line}`));
  await page.lines(quietLines(page, summary).map((line) => `  ${line}`));
}

/** Notes that belong to no pipeline, or to this one. */
export async function printNotes(
  page: Page,
  notes: readonly Note[],
  of: string | null,
): Promise<void> {
  for (const note of notes) {
    if (note.pipeline === of) await page.line(`  ${page.style.warn("⚠")} ${safe(note.text)}`);
  }
}

/** True if any entry of the summary is written. */
export function writesOf({ pipelines }: Summary): number {
  const sides = Object.values(pipelines).flatMap((pipeline) => Object.values(pipeline.sides));
  return sides.reduce((sum, side) => sum + side.create + side.update + side.delete, 0);
}

function sidesOf(pipeline: Pipeline): string {
  const names = pipeline.sides.map((side) => {
    return safe(`${side.replica.name}.${side.description.name}`);
  });
  const [first = "", ...others] = names;
  const isOneWay = pipeline.sides.slice(1).every(({ follows }) => follows);
  return isOneWay ? `${first} → ${others.join(", ")}` : names.join(" ⇄ ");
}

function rowsOf(
  page: Page,
  pipeline: Pipeline,
  { summary, isLeft }: { readonly summary: PipelineSummary; readonly isLeft: boolean },
): readonly string[][] {
  const { good, warn } = page.style;
  const written = pipeline.sides.filter(({ name }) => sum(summary.sides[name]) > 0);
  if (written.length === 0) {
    return [[isLeft ? `${warn("⚠")} nothing was written` : `${good("✓")} nothing to write`]];
  }
  // Between two sides the way there comes before the way back.
  const ordered = pipeline.sides.length === 2 ? written.toReversed() : written;
  return ordered.map(({ name }) => {
    const counts = summary.sides[name] ?? NOTHING;
    const others = pipeline.sides.filter((side) => side.name !== name);
    const from = others.length === 1 ? `${safe(others[0]?.name ?? "")} → ` : "→ ";
    return [`${from}${safe(name)}`, ...countCells(page, counts)];
  });
}

const NOTHING: SideCounts = { create: 0, update: 0, delete: 0 };

function sum(counts: SideCounts | undefined): number {
  return counts === undefined ? 0 : counts.create + counts.update + counts.delete;
}

function countCells(page: Page, counts: SideCounts): readonly string[] {
  const { good, warn, bad } = page.style;
  return [
    counts.create > 0 ? good(`+ ${count(counts.create)} create`) : "",
    counts.update > 0 ? warn(`~ ${count(counts.update)} update`) : "",
    counts.delete > 0 ? bad(`- ${count(counts.delete)} delete`) : "",
  ];
}

function waitingLines(
  page: Page,
  summary: PipelineSummary,
  { guards, notes, isStopped = false }: Pick<Told, "guards" | "notes" | "isStopped">,
): string[] {
  const { warn, bad } = page.style;
  const lines: string[] = [];
  if (summary.conflicts > 0) {
    const wait = summary.conflicts === 1 ? "waits" : "wait";
    lines.push(`${warn("⚠")} ${counted(summary.conflicts, "conflict")} ${wait} for you`);
  }
  const { driftKept = 0 } = summary;
  if (driftKept > 0) {
    const wait = driftKept === 1 ? "waits" : "wait";
    lines.push(
      `${warn("⚠")} ${counted(driftKept, "drifted entry", "drifted entries")} ${wait} for you`,
    );
  }
  for (const guard of guards) lines.push(`${warn("⚠")} ${guardText(guard)}`);
  const isExplained = guards.length > 0 || notes.some(({ code }) => code === "CASCADE_WITHHELD");
  if (summary.withheld > 0 && !isExplained) {
    const [wait, why] = isStopped
      ? ["held", "until the guard has seen all of them: the run was stopped before"]
      : ["withheld earlier,", "not released"];
    lines.push(`${warn("⚠")} ${counted(summary.withheld, "deletion")} ${wait} ${why}`);
  }
  if (summary.rejected > 0)
    lines.push(`${bad("✗")} ${counted(summary.rejected, "entry", "entries")} rejected`);
  return lines;
}

function guardText(guard: GuardView): string {
  const { deletions, known, limit, passed = 0, emptied } = guard;
  const before = passed === 0 ? "" : `, after ${counted(passed, "other")} within the hour`;
  const because = emptied === undefined ? "" : `${safe(emptied)} lists no row at all, `;
  return (
    `${counted(deletions, "deletion")} in ${safe(guard.side)} withheld: ${because}` +
    `${share(deletions, known)} of the ${count(known)} entries known, and the guard lets ` +
    `${count(limit)} pass${before}`
  );
}

function quietLines(page: Page, summary: PipelineSummary): string[] {
  const said: string[] = [];
  const drift = summary.drift - (summary.driftKept ?? 0);
  if (drift > 0) said.push(`${count(drift)} drifted`);
  if (summary.extra > 0) said.push(`${count(summary.extra)} only on a side that follows`);
  const { outside = 0 } = summary;
  if (outside > 0) {
    const left = outside === 1 ? "it is" : "they are";
    said.push(`${count(outside)} outside the filter, left as ${left}`);
  }
  if (summary.unchanged > 0) said.push(`${count(summary.unchanged)} unchanged`);
  return said.length === 0 ? [] : [page.style.dim(said.join(" · "))];
}
