// What a marker proves beyond that a write landed: what the store made of it. With that, a store
// that rounds or trims without telling is not taken for a user who did (I11).
import { confirm } from "../core/fold.ts";
import type { Entry, Memory, OwnRow, SideIndex } from "../core/state.ts";
import { landed, type Context } from "./context.ts";
import { isUnreadable } from "./view.ts";

/**
 * The entry with the newest write confirmed that markers prove, where they say what was stored.
 * Only of sides that are looked at as well (`now`, what they show; undefined: they are not): a
 * marker does not say where in its side's order that was.
 */
export function proved(
  context: Context,
  entry: Entry,
  now: (side: SideIndex) => OwnRow | null | undefined,
): Entry {
  let next = entry;
  for (const [side, memory] of entry.sides.entries()) {
    if (memory === undefined || memory.told.length === 0) continue;
    const shown = now(side);
    if (shown === undefined || context.policy.sides[side]?.marks !== true) continue;
    next = provedAt(context, next, { side, memory, shown });
  }
  return next;
}

/** What is remembered of a side, and what it shows. */
interface At {
  readonly side: SideIndex;
  readonly memory: Memory;
  readonly shown: OwnRow | null;
}

function provedAt(context: Context, entry: Entry, { side, memory, shown }: At): Entry {
  const id = landed(context, side, memory).at(-1);
  const own = id === undefined ? undefined : storedBy(context, { side, shown }, id);
  if (id === undefined || own === undefined) return entry;
  const row = context.view.see(side, own);
  return isUnreadable(row) ? entry : confirm(entry, side, { id, applied: true, row, own });
}

/**
 * What the store made of one write, in today's columns; undefined: exactly what it was told, or
 * nobody knows. A column that only a later mapping reads had nothing of ours, and is as it is now.
 */
function storedBy(
  context: Context,
  { side, shown }: Omit<At, "memory">,
  id: string,
): OwnRow | undefined {
  const dot = id.lastIndexOf(".");
  const at = Number(id.slice(dot + 1));
  const mark = context.marks[side]?.find((each) => each.id === id.slice(0, dot));
  const stored = mark?.stored?.rows.find((each) => each.at === at)?.row;
  const { columns } = context.pipeline.sides[side]?.shape ?? { columns: [] };
  const told = columns.map((column) => mark?.stored?.columns.indexOf(column) ?? -1);
  if (stored === undefined || (shown === null && told.includes(-1))) return undefined;
  return told.map((place, column) => (place < 0 ? shown?.[column] : stored[place]) ?? null);
}
