import { status as statusOf } from "../../engine/index.ts";
import type { StatusView } from "../../engine/views.ts";
import { isMeant } from "../arguments.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { safe } from "../values.ts";
import { count, counted } from "../words.ts";
import { withMemories } from "../workspace.ts";

type PipelineStatus = StatusView["pipelines"][string];

/** What is remembered and what waits. Reads only the journal. */
export const status: Command = (call) =>
  withMemories(call, call.arguments, async (memories) => {
    const names = call.arguments;
    const views: StatusView[] = [];
    for (const memory of memories) views.push(await statusOf(memory));
    const rows = views.flatMap((view) => Object.entries(view.pipelines));
    const chosen = rows.filter(([name]) => {
      return names.length === 0 || names.some((asked) => isMeant(name, asked));
    });
    return {
      exit: EXIT.done,
      summary: { pipelines: Object.fromEntries(chosen) },
      result: { links: views.map(({ link, lastRun }) => ({ link, lastRun })) },
      print: (page) => printAll(page, chosen, views),
    };
  });

async function printAll(
  page: Page,
  pipelines: readonly (readonly [string, PipelineStatus])[],
  views: readonly StatusView[],
): Promise<void> {
  const rows = pipelines.map(([name, each]) => {
    const remembered = counted(each.entries, "entry remembered", "entries remembered");
    const waiting = each.entries === 0 ? "" : waitingText(page, each);
    return [page.style.bold(safe(name)), remembered, waiting];
  });
  await page.columns(rows);
  for (const { lastRun } of views) {
    const text =
      lastRun === null
        ? "No run yet.      Next:  syncline plan"
        : `Last: ${lastRun.kind} ${lastRun.id}, ${lastRun.at}, ${lastRun.status}.`;
    await page.line(text);
  }
}

function waitingText(page: Page, each: PipelineStatus): string {
  const waiting: string[] = [];
  if (each.conflicts > 0) waiting.push(counted(each.conflicts, "open question"));
  if (each.withheld > 0) waiting.push(`${count(each.withheld)} withheld`);
  if (each.letters > 0) waiting.push(counted(each.letters, "letter"));
  if (each.owed > 0) waiting.push(`${count(each.owed)} still to be written`);
  if (waiting.length === 0) return `${page.style.good("✓")} at rest`;
  return `${page.style.warn("⚠")} ${waiting.join(", ")}`;
}
