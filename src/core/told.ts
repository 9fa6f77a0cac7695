// Telling: a write is remembered before it leaves, and until its outcome is known.

import type { Entry, Memory, OwnRow, Position, Row, SideIndex } from "./state.ts";
import type { State, Told, Value, Write } from "./state.ts";
import { same } from "./values.ts";

/** How a write is sent. */
export interface Sent {
  /** Its marker: `write.again` where there is one, else a new one. */
  readonly id: string;
  /** Time (ms) after which it can no longer arrive. */
  readonly until: number;
  /** The side remembers ids: sent again, it lands once. */
  readonly once: boolean;
}

/** What became of a told write. */
export interface Confirmation {
  readonly id: string;
  /** False: the side had moved on. Then what it holds is folded, and nothing else changes here. */
  readonly applied: boolean;
  /** What the side returned: the row as it stored it. */
  readonly row: Row | null;
  readonly own: OwnRow | null;
  readonly at?: Position;
}

/** Remembers a write before it leaves (I1, I10). Neither shadow nor base moves on an intention. */
export function told(entry: Entry, write: Write, sent: Sent): Entry {
  const memory = entry.sides[write.side] ?? nothing(entry);
  const twin = memory.told.find(({ id }) => id === sent.id);
  const { to, against, at, base } = write;
  const now: Told = { ...sent, to, against, at, base, sent: (twin?.sent ?? 0) + 1 };
  const others = memory.told.filter((other) => other !== twin);
  return withMemory(entry, write.side, { ...memory, told: [...others, now] });
}

/**
 * Takes the outcome of a told write: applied, shadow is what the side returned and base what it was
 * told (I2). A write that is not remembered changes nothing.
 */
export function confirm(entry: Entry, side: SideIndex, outcome: Confirmation): Entry {
  const memory = entry.sides[side];
  const landed = memory?.told.find(({ id }) => id === outcome.id);
  if (memory === undefined || landed === undefined) return entry;
  const pending = memory.told.flatMap((one) => arrived(one, landed, outcome.applied));
  if (!outcome.applied) return withMemory(entry, side, { ...memory, told: pending });
  const { missing, ...known } = memory;
  return withMemory(entry, side, {
    ...known,
    // A row that we created anew was gone indeed.
    ...(missing === undefined || landed.against === null ? {} : { missing }),
    shadow: outcome.row,
    own: outcome.own,
    base: baseAfter(memory, outcome.row, landed.base),
    told: pending,
    mark: landed.id,
    at: outcome.at ?? memory.at,
  });
}

/**
 * One write has arrived. A twin of it, sent again without the side knowing ids, may be under way.
 */
export function arrived(one: Told, landed: Told, isApplied: boolean): readonly Told[] {
  if (one !== landed) return [one];
  const isLast = one.sent <= 1 || (isApplied && one.once);
  return isLast ? [] : [{ ...one, sent: one.sent - 1 }];
}

/** What is known of a side before a write of ours is confirmed. */
interface Shown extends Pick<Memory, "shadow" | "base"> {
  readonly missing?: Row | undefined;
}

/**
 * The base of a side once a told write has left `row` there. What that write says nothing of (an
 * open field, whose own value it repeats) stays, but where it turned the side back from what that
 * had moved to meanwhile: there the base is what it shows (I2).
 */
export function baseAfter(
  { shadow, base, missing }: Shown,
  row: Row | null,
  told: State,
): { here: boolean; values: (Value | undefined)[] } {
  const known = shadow ?? missing;
  const values = told.values.map((value, f) => {
    if (value !== undefined) return value;
    const now = row?.[f];
    if (now === undefined || same(now, known?.[f])) return base.values[f];
    const isAsked = shadow === null && missing !== undefined && missing[f] === undefined;
    return isAsked ? base.values[f] : now;
  });
  return { here: told.here, values };
}

function nothing(entry: Entry): Memory {
  const base = { here: false, values: entry.agreed.values.map(() => undefined) };
  return { shadow: null, own: null, base, told: [], at: 0 };
}

function withMemory(entry: Entry, side: SideIndex, memory: Memory): Entry {
  return { ...entry, sides: entry.sides.with(side, memory) };
}
