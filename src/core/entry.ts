// Entries: the first one, and what any says of itself.

import { owed } from "./owed.ts";
import type { Policy } from "./policy.ts";
import { emptyRow } from "./rows.ts";
import type { Entry } from "./state.ts";

/** An entry of which the link remembers nothing. */
export function blank(policy: Policy): Entry {
  return {
    agreed: { here: false, values: emptyRow(policy.fields) },
    set: emptyRow(policy.fields + 1).map(() => undefined),
    open: [],
    sides: policy.sides.map(() => undefined),
  };
}

/** True if the link remembers nothing of the entry but positions: a journal may drop it. */
export function isBlank(entry: Entry): boolean {
  if (entry.agreed.here || entry.open.length > 0 || entry.set.at(-1) !== undefined) return false;
  return entry.sides.every((m) => m === undefined || (m.shadow === null && m.told.length === 0));
}

/** True if nothing is asked, nothing is under way and no side is owed anything. */
export function isAtRest(entry: Entry, policy: Policy): boolean {
  if (entry.open.length > 0) return false;
  if (entry.sides.some((memory) => memory !== undefined && memory.told.length > 0)) return false;
  return policy.sides.every((_, side) => owed(entry, side, policy) === undefined);
}
