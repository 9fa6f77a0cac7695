import type { RunRecord } from "../../engine/journal.ts";
import type { Summary } from "../../engine/views.ts";
import { countOption } from "../arguments.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { summaryObject } from "../print/summary.ts";
import { safe } from "../values.ts";
import { duration } from "../words.ts";
import { withMemories } from "../workspace.ts";

const LIMIT_DEFAULT = 20;

/** One line of the list. */
interface RunRow extends Omit<RunRecord, "started" | "finished" | "summary"> {
  readonly link: string;
  readonly started: string;
  readonly finished: string | null;
  readonly durationMs: number | null;
  readonly summary: unknown;
}

/** Lists what was done, newest first. Reads only the journal. */
export const runs: Command = (call) =>
  withMemories(call, [], async (memories) => {
    const limit = countOption(call, "limit") ?? LIMIT_DEFAULT;
    const rows: RunRow[] = [];
    for (const { name, journal } of memories) {
      const records = await journal.runs(limit);
      rows.push(...records.map((record) => rowOf(name, record)));
    }
    rows.sort((a, b) => (a.started < b.started ? 1 : a.started > b.started ? -1 : 0));
    const shown = rows.slice(0, limit);
    return {
      exit: EXIT.done,
      summary: { shown: shown.length },
      result: { runs: shown },
      print: (page) => printAll(page, shown),
    };
  });

function rowOf(link: string, { started, finished, summary, ...record }: RunRecord): RunRow {
  return {
    ...record,
    link,
    started: new Date(started).toISOString(),
    finished: finished === null ? null : new Date(finished).toISOString(),
    durationMs: finished === null ? null : finished - started,
    summary: summary === "" ? null : summaryObject([JSON.parse(summary) as Summary]), // as saved
  };
}

async function printAll(page: Page, rows: readonly RunRow[]): Promise<void> {
  if (rows.length === 0) {
    await page.line("No run yet.      Next:  syncline plan");
    return;
  }
  const { bold, good, warn, bad } = page.style;
  const paints = { done: good, running: warn, stopped: warn, failed: bad, killed: bad } as const;
  await page.columns(
    rows.map((row) => [
      bold(row.id),
      safe(row.kind),
      row.started,
      paints[row.status](row.status),
      row.durationMs === null ? "" : duration(row.durationMs),
    ]),
  );
}
