import { makePlan, planItems } from "../../engine/index.ts";
import type { PlanItem, PlanView } from "../../engine/views.ts";
import { flag } from "../arguments.ts";
import type { Command } from "../command.ts";
import { cyclesOf, overLinks, planName, printCycle } from "../cycles.ts";
import type { Over } from "../cycles.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { printItem } from "../print/entry.ts";
import { summaryObject } from "../print/summary.ts";
import { sampleOf } from "../sample.ts";
import { safe } from "../values.ts";
import { counted } from "../words.ts";
import { withLinks } from "../workspace.ts";

/** Without --full, so many entries of a pipeline are shown. */
const ITEMS_SHOWN_MAX = 20;

/** Shows what a run would do. Writes nothing but the plan's own record in the journal. */
export const plan: Command = (call) =>
  withLinks(call, { access: "write", names: call.arguments }, async (links) => {
    const plans: Over<PlanView>[] = [];
    for (const { link, options } of cyclesOf(call, links)) {
      const view = await overLinks(call, (watch) => {
        return makePlan(link, { ...options, ...watch }, call.world.stopping.signal);
      });
      plans.push({ link, view });
    }
    const isFull = flag(call, "full");
    const hasChanges = plans.some(({ view }) => view.writes > 0);
    return {
      exit: flag(call, "exitCode") && hasChanges ? EXIT.changes : EXIT.done,
      summary: summaryObject(plans.map(({ view }) => view.summary)),
      result: { plans: plans.map(planHead), items: itemsOf(plans, isFull), isFull },
      print: async (page) => {
        for (const each of plans) await printPlan(page, each, isFull);
      },
    };
  });

/** What `--json` says of a plan besides its summary and entries. */
export function planHead({ link, view }: Over<PlanView>): object {
  const { id, hash, writes, guards, notes } = view;
  return { link: link.name, id, hash, writes, guards, notes };
}

/** A plan for people: the summary, the entries, and the command that carries it out. */
export async function printPlan(
  page: Page,
  { link, view }: Over<PlanView>,
  isFull: boolean,
): Promise<void> {
  await printCycle(page, { link, ...view, tense: "plan" });
  let shown = 0;
  for await (const item of itemsOf([{ link, view }], isFull)) {
    if (shown === 0) await page.line();
    shown += 1;
    await printItem(page, item);
  }
  if (shown > 0) await page.line();
  const name = planName(view);
  const writes = view.writes === 0 ? "nothing to write" : counted(view.writes, "write");
  await page.line(`Plan ${page.style.bold(name)}: ${writes}. Nothing was written.`);
  const next: string[] = [];
  const stopping = stoppingIn({ link, view });
  if (stopping !== undefined) {
    await page.line(
      `${page.style.warn("⚠")} ${safe(stopping)} stops at the guard (\`onTrip: stop\`): ` +
        "`apply` and `run` would write nothing.",
    );
    next.push("syncline plan --allow-deletes");
  } else if (view.writes > 0) next.push(`syncline apply ${name}`);
  if (!isFull && shown >= ITEMS_SHOWN_MAX) next.push("every entry:  syncline plan --full");
  if (next.length > 0) await page.line(`Next:  ${next.join("      ")}`);
}

/** A pipeline at whose guard everything stops; undefined: there is none. */
function stoppingIn({ link, view }: Over<PlanView>): string | undefined {
  const tripped = new Set(view.guards.map(({ pipeline }) => pipeline));
  const stops = link.pipelines.find(({ name, guard }) => {
    return tripped.has(name) && guard.onTrip === "stop";
  });
  return stops?.name;
}

/** The entries of all plans, pipeline by pipeline; unless all are wanted, some of every kind. */
async function* itemsOf(
  plans: readonly Over<PlanView>[],
  isFull: boolean,
): AsyncIterable<PlanItem> {
  for (const { link, view } of plans) {
    if (isFull) {
      yield* planItems(link, view.id);
      continue;
    }
    for (const { name } of link.pipelines) {
      if (view.summary.pipelines[name] === undefined) continue;
      const items = only(name, planItems(link, view.id));
      yield* (await sampleOf(items, ITEMS_SHOWN_MAX, kindOf)).items;
    }
  }
}

/** What a person would file an entry under: a question first, then the writes. */
function kindOf({ writes, questions, rejected }: PlanItem): string {
  const [question] = questions;
  if (question !== undefined) return question.why;
  if (rejected.length > 0) return "rejected";
  return writes.map(({ side, kind }) => `${kind} ${side}`).join();
}

async function* only(pipeline: string, items: AsyncIterable<PlanItem>): AsyncIterable<PlanItem> {
  for await (const item of items) if (item.pipeline === pipeline) yield item;
}
