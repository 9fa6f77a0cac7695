import { SyncError } from "../../core/errors.ts";
import { applyPlan } from "../../engine/index.ts";
import type { PlanRecord } from "../../engine/journal.ts";
import type { Link } from "../../engine/link.ts";
import type { RunView } from "../../engine/views.ts";
import type { Call, Command } from "../command.ts";
import { overLinks, runAnswer } from "../cycles.ts";
import type { Over } from "../cycles.ts";
import { safe } from "../values.ts";
import { withLinks, withMemories } from "../workspace.ts";

/** Carries out one plan, or the latest plan of every link. */
export const apply: Command = async (call) => {
  const names = await planned(call, call.arguments[0]);
  return withLinks(call, { access: "write", names }, async (links) => {
    const { stopping } = call.world;
    const runs: Over<RunView>[] = [];
    for (const { link, plan } of await plansOf(links, call.arguments[0])) {
      if (stopping.asked !== undefined) break;
      const view = await stopping.whileDraining(() => {
        return overLinks(call, (watch) => applyPlan(link, plan.id, watch, stopping.signal));
      });
      runs.push({ link, view });
    }
    return runAnswer(call, runs);
  });
};

/** The pipelines of the links that have such a plan: no other system has to be there. */
function planned(call: Call, asked: string | undefined): Promise<readonly string[]> {
  return withMemories(call, [], async (memories) => {
    const found = await plansOf(memories, asked);
    return found.flatMap(({ link }) => link.pipelines.map(({ name }) => name));
  });
}

interface Found<Of> {
  readonly link: Of;
  readonly plan: PlanRecord;
}

async function plansOf<Of extends Pick<Link, "journal">>(
  links: readonly Of[],
  asked: string | undefined,
): Promise<readonly Found<Of>[]> {
  const found: Found<Of>[] = [];
  for (const link of links) {
    const plan = await link.journal.plan(asked ?? "latest");
    if (plan !== undefined) found.push({ link, plan });
  }
  if (asked !== undefined) return found.length > 0 ? found : refuse(asked);
  const ready = found.filter(({ plan }) => plan.status === "ready");
  if (ready.length > 0) return ready;
  return found.length > 0 ? found : refuse(undefined);
}

function refuse(asked: string | undefined): never {
  const what = asked === undefined ? "no plan yet" : `no plan "${safe(asked)}"`;
  throw new SyncError("PLAN_UNKNOWN", `The journal holds ${what}.`, {
    hint: "Make one with `syncline plan`: it prints the name to apply.",
  });
}
