// What comes of the outcome of one write: what its entry becomes, what of that is history, and what
// is counted.
import type { Entry, Key } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { PlannedWrite } from "./decide.ts";
import { recordOf } from "./entry-record.ts";
import type { EntryRecord, HistoryRecord } from "./journal.ts";
import { settle } from "./outcome.ts";
import { changesOf } from "./record.ts";
import type { Outcome } from "./replica.ts";
import type { Tally } from "./tally.ts";

/** A write that was sent, and what its side said. */
export interface Came {
  readonly key: Key;
  readonly entry: Entry;
  readonly planned: PlannedWrite;
  /** As it was told. */
  readonly id: string;
  readonly outcome: Outcome;
}

/** What is to be saved of it. */
export interface Taken {
  readonly entry: Entry;
  readonly record: EntryRecord;
  readonly history: readonly HistoryRecord[];
}

/** Settles one write. */
export function takeOutcome(context: Context, tally: Tally, came: Came): Taken {
  const { key, entry, planned, id, outcome } = came;
  const { side, to } = planned;
  const ahead = tally.aheadOf(context, key, side);
  const next = settle(context, entry, planned, { id, outcome, ahead });
  tally.stored(context, side, to, outcome);
  tally.leave(context, { key, side, to }, outcome);
  return {
    entry: next,
    record: recordOf(context, key, next, false),
    // What a side showed instead of what it was told may have become agreed.
    history: changesOf(context, { key, before: entry, after: next }),
  };
}
