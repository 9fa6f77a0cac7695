// Which answers are confirmed: every side holds what was answered, and nobody was faster.
import { owed } from "../core/fold.ts";
import type { Context } from "./context.ts";
import type { Counts } from "./counts.ts";
import type { Decision } from "./decide.ts";
import { findEntry } from "./history.ts";

/** An entry with answers. */
export interface Decided {
  readonly decision: Decision;
  /** So many of its questions. */
  readonly answered: number;
}

/** How many of the answers are confirmed by all sides; counts what is still asked. */
export async function countConfirmed(
  context: Context,
  decided: readonly Decided[],
  counts: Counts,
): Promise<number> {
  let count = 0;
  for (const { decision, answered: answers } of decided) {
    const { key, before, after } = decision;
    const entry = await findEntry(context, key);
    if (entry !== undefined && entry.open.length > 0) {
      counts.add({ ...decision, after: entry, writes: [] });
    }
    const answered = before?.open.filter(
      ({ field }) => !after.open.some((of) => of.field === field),
    );
    // Somebody was faster, and what the answer was about is asked anew.
    if (answered?.some(({ field }) => entry?.open.some((of) => of.field === field))) continue;
    const owes = context.pipeline.sides.some(
      ({ writable }, side) => writable && entry && owed(entry, side, context.policy) !== undefined,
    );
    if (!owes) count += answers;
  }
  return count;
}
