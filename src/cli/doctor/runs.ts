// How long ago each pipeline was last brought into agreement, as the journal has it.
import type { LinkMemory } from "../../config/recall.ts";
import type { RunRecord } from "../../engine/journal.ts";
import type { Summary } from "../../engine/views.ts";
import { safe } from "../values.ts";
import { count } from "../words.ts";
import { fine, found } from "./check.ts";
import type { Check } from "./check.ts";

/** Runs among which a pipeline's last one is looked for. */
const RUNS_MAX = 1000;
const DAY_MS = 86_400_000;
/** Who lets a pipeline lie for longer has probably forgotten it. */
const OLD_DAYS = 7;

/** One line for each pipeline of a link. */
export async function runChecks(
  { journal, pipelines }: LinkMemory,
  now: number,
): Promise<readonly Check[]> {
  const runs = (await journal.runs(RUNS_MAX)).filter(({ kind }) => WHOLE.has(kind));
  return pipelines.map(({ name }) => lastRun(name, runs, now));
}

/** A trial, an answer or a plan is no run of a pipeline. */
const WHOLE: ReadonlySet<string> = new Set(["run", "apply"]);

function lastRun(name: string, runs: readonly RunRecord[], now: number): Check {
  const complete = runs.find((run) => run.status === "done" && isOf(run, name));
  const at = complete?.finished ?? null;
  const later = runs.slice(0, complete === undefined ? runs.length : runs.indexOf(complete));
  const broken = later.find(({ status }) => status !== "done");
  const lastCompleteRun = at === null ? null : new Date(at).toISOString();
  const subject = { check: "last-run", of: name, facts: { lastCompleteRun } };
  const said = at === null ? "no complete run yet" : `last complete run ${ago(now - at)} ago`;
  if (broken !== undefined) {
    return found(subject, {
      code: "RUN_INCOMPLETE",
      text: `${said}; a later one is ${broken.status} (${broken.id})`,
      hint: `syncline runs, then  syncline run ${safe(name)}: it goes on where that one ended`,
    });
  }
  if (at === null) return fine(subject, `${said}: syncline plan`);
  if (now - at < OLD_DAYS * DAY_MS) return fine(subject, said);
  return found(subject, { code: "RUN_OLD", text: said, hint: `syncline run ${safe(name)}` });
}

function isOf({ summary }: RunRecord, pipeline: string): boolean {
  if (summary === "") return false;
  const { pipelines } = JSON.parse(summary) as Summary; // as it was saved
  return Object.hasOwn(pipelines, pipeline);
}

/** "2 hours". */
function ago(ms: number): string {
  const units = [
    ["day", DAY_MS],
    ["hour", DAY_MS / 24],
    ["minute", 60_000],
    ["second", 1000],
  ] as const;
  const [unit, size] = units.find(([, each]) => ms >= each) ?? ["second", 1000];
  const number = Math.max(0, Math.floor(ms / size));
  return `${count(number)} ${unit}${number === 1 ? "" : "s"}`;
}
