// What a marker proves beyond that a write landed: what the store made of it. With that, a store
// that rounds or trims without telling is not taken for a user who did (I11).
import { confirm } from "../core/fold.ts";
import type { Entry, Memory, OwnRow, SideIndex } from "../core/state.ts";
import { landed, type Context } from "./context.ts";
import { isUnreadable } from "./view.ts";

/**
 * The entry with the newest write confirmed that markers prove, where they say what was stored.
 * Only of sides that are looked at as well: a marker does not say where in its side's order that
 * was.
 */
export function proved(
  context: Context,
  entry: Entry,
  isLookedAt: (side: SideIndex) => boolean,
): Entry {
  let next = entry;
  for (const [side, memory] of entry.sides.entries()) {
    if (memory === undefined || memory.told.length === 0 || !isLookedAt(side)) continue;
    if (context.policy.sides[side]?.marks !== true) continue;
    next = provedAt(context, next, side, memory);
  }
  return next;
}

function provedAt(context: Context, entry: Entry, side: SideIndex, memory: Memory): Entry {
  const id = landed(context, side, memory).at(-1);
  const own = id === undefined ? undefined : storedBy(context, side, id);
  if (id === undefined || own === undefined) return entry;
  const row = context.view.see(side, own);
  return isUnreadable(row) ? entry : confirm(entry, side, { id, applied: true, row, own });
}

/** What the store made of one write; undefined: exactly what it was told, or nobody knows. */
function storedBy(context: Context, side: SideIndex, id: string): OwnRow | undefined {
  const dot = id.lastIndexOf(".");
  const at = Number(id.slice(dot + 1));
  const mark = context.marks[side]?.find((each) => each.id === id.slice(0, dot));
  const stored = mark?.stored?.find((each) => each.at === at)?.row;
  // Another mapping since then would read other columns.
  const { columns } = context.pipeline.sides[side]?.shape ?? { columns: [] };
  return stored?.length === columns.length ? stored : undefined;
}
