import { stampOf, STAMPS_PER_MS } from "../../core/stamp.ts";
import { SyncError } from "../../core/errors.ts";
import { applyPlan, planRollback } from "../../engine/index.ts";
import type { Link } from "../../engine/link.ts";
import type { PlanView } from "../../engine/views.ts";
import { flag, keyIn, onlyPlace, pipelineOption, textOption, usage } from "../arguments.ts";
import type { Answer, Call, Command } from "../command.ts";
import { allowDeletes, overLinks, runAnswer } from "../cycles.ts";
import type { Over } from "../cycles.ts";
import { EXIT } from "../exit.ts";
import { momentOf } from "../moment.ts";
import { summaryObject } from "../print/summary.ts";
import { safe } from "../values.ts";
import { withLinks, withMemories } from "../workspace.ts";
import { planHead, printPlan } from "./plan.ts";

/** Runs among which the beginning of an id is looked for. */
const RUNS_SEARCHED_MAX = 10_000;

/** Plans the undoing of a run, or of what happened to one entry since a moment. */
export const rollback: Command = async (call) => {
  const names = await namesOf(call);
  return withLinks(call, { access: "write", names }, async (links) => {
    const plan = await planOf(call, links);
    if (!flag(call, "apply")) return planAnswer(plan);
    const { stopping } = call.world;
    const view = await stopping.whileDraining(() => {
      return overLinks(call, (watch) => {
        return applyPlan(plan.link, plan.view.id, watch, stopping.signal);
      });
    });
    return runAnswer(call, [{ link: plan.link, view }]);
  });
};

/** The pipelines of the link that is meant: no other system has to be there. */
function namesOf(call: Call): Promise<readonly string[]> {
  const named = pipelineOption(call);
  const run = call.arguments[0];
  if (run === undefined || named.length > 0) return Promise.resolve(named);
  return withMemories(call, [], async (memories) => {
    const { link } = await runNamed(run, memories);
    return link.pipelines.map(({ name }) => name);
  });
}

function planAnswer(plan: Over<PlanView>): Answer {
  return {
    exit: EXIT.done,
    summary: summaryObject([plan.view.summary]),
    result: { plans: [planHead(plan)] },
    print: (page) => printPlan(page, plan, false),
  };
}

async function planOf(call: Call, links: readonly Link[]): Promise<Over<PlanView>> {
  const { signal } = call.world.stopping;
  const run = call.arguments[0];
  const text = textOption(call, "key");
  const to = textOption(call, "to");
  const allowed = allowDeletes(call);
  const guard = allowed === undefined ? {} : { allowDeletes: allowed };
  if (run !== undefined && text === undefined && to === undefined) {
    const { link, id } = await runNamed(run, links);
    return { link, view: await planRollback(link, { run: id, ...guard }, signal) };
  }
  if (run !== undefined || text === undefined || to === undefined) {
    throw usage("Name a run, or an entry and a moment.", "RUN, or --key KEY --to TIME.");
  }
  const { link, pipeline } = onlyPlace(textOption(call, "pipeline"), links, "A key");
  const moment = stampOf(momentOf(to, call.world.now()), STAMPS_PER_MS - 1);
  const of = { pipeline: pipeline.name, key: keyIn(pipeline, text), to: moment, ...guard };
  return { link, view: await planRollback(link, of, signal) };
}

/** The run whose id begins so, if there is exactly one. */
async function runNamed<Of extends Pick<Link, "journal">>(
  text: string,
  links: readonly Of[],
): Promise<{ readonly link: Of; readonly id: string }> {
  const found: { readonly link: Of; readonly id: string }[] = [];
  for (const link of links) {
    const runs = await link.journal.runs(RUNS_SEARCHED_MAX);
    const fitting = runs.filter(({ id }) => id === text || id.startsWith(text));
    found.push(...fitting.map(({ id }) => ({ link, id })));
  }
  const exact = found.find(({ id }) => id === text) ?? (found.length === 1 ? found[0] : undefined);
  if (exact !== undefined) return exact;
  const many = found.length > 1 ? `${found.length} runs begin` : "No run begins";
  throw new SyncError("RUN_UNKNOWN", `${many} with "${safe(text)}".`, {
    hint: "`syncline runs` lists them.",
  });
}
