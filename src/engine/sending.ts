// What a carrier sends: writes put together in batches, and what a load does around them.
import { told } from "../core/fold.ts";
import type { Entry, Key } from "../core/state.ts";
import { weightOf } from "../core/weight.ts";
import { toldId, type Context } from "./context.ts";
import type { Decision, PlannedWrite } from "./decide.ts";
import type { Commit } from "./journal.ts";
import { batchRowsOf } from "./pace.ts";
import type { Packed } from "./packer.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "./replica.ts";
import type { Outcome, RowWrite } from "./replica.ts";

/** How long a write whose outcome is unknown may still arrive (ms). */
export const TOLD_MS_MAX = 60_000;

/** Writes of one side that go under one marker. */
export interface Sending {
  readonly id: string;
  readonly side: number;
  readonly writes: readonly RowWrite[];
}

/** New rows of one side under one marker; their writes are made only if somebody needs them. */
export interface PackedSending extends Omit<Sending, "writes"> {
  readonly packed: Packed;
  readonly writes: () => readonly RowWrite[];
}

/** Writes that are owed, while they are put together for one marker. */
export interface Send {
  readonly id: string;
  readonly side: number;
  readonly writes: PlannedWrite[];
  readonly keys: Key[];
  /** How much of what is to be stored there is. */
  bytes: number;
}

/** Nothing more may be added: it is a batch of so many rows, or a page. */
export function isFull({ writes, bytes }: Send, rowsMax = PAGE_ROWS_MAX): boolean {
  return writes.length >= rowsMax || bytes >= PAGE_BYTES_MAX;
}

/** How many writes there are. */
export function writesIn(decisions: readonly Decision[]): number {
  return decisions.reduce((sum, { writes }) => sum + writes.length, 0);
}

/** What is known while writes are put together. */
export interface Planning {
  /** Gets what the entries become with a Told for every write. */
  readonly entries: Map<Key, Entry>;
  readonly newId: () => string;
  readonly isStaged: (side: number, key: Key) => boolean;
}

/** The writes of decisions, side by side, in batches. */
export function planSends(
  context: Context,
  decisions: readonly Decision[],
  { entries, newId, isStaged }: Planning,
): readonly Send[] {
  const rowsMax = Math.min(PAGE_ROWS_MAX, batchRowsOf(context.pipeline));
  const sends = new Map<number, Send[]>();
  for (const decision of decisions) {
    for (const planned of decision.writes) {
      if (isStaged(planned.side, decision.key)) continue;
      const list = sends.get(planned.side) ?? [];
      if (!sends.has(planned.side)) sends.set(planned.side, list);
      let send = list.at(-1);
      if (send === undefined || isFull(send, rowsMax)) {
        send = { id: newId(), side: planned.side, writes: [], keys: [], bytes: 0 };
        list.push(send);
      }
      send.bytes += weightOf(planned.to ?? []);
      const id = toldId(send.id, send.writes.length);
      send.writes.push(planned);
      send.keys.push(decision.key);
      const entry = entries.get(decision.key) ?? decision.after;
      const once = context.policy.sides[planned.side]?.marks ?? false;
      const until = context.env.now() + TOLD_MS_MAX;
      entries.set(decision.key, told(entry, planned.write, { id, until, once }));
    }
  }
  // Who filters first: rows leave the other sides once it holds what is agreed.
  return [...sends].toSorted(([a], [b]) => a - b).flatMap(([, list]) => list);
}

/** What a load does before it is sent, and after it. */
export interface Load {
  /** What is to be remembered before it is sent, in one of the places for pages under way. */
  readonly before: (place: number) => Facts;
  /** Notes what became of it. */
  readonly land: (outcomes: readonly Outcome[]) => void;
}

/** Facts of a commit, by name. */
export type Facts = NonNullable<Commit["facts"]>;
