// What replicas note beside a marker: rows that their store did not keep as they were told.
import { ABSENT } from "../core/state.ts";
import type { OwnRow } from "../core/state.ts";
import { same } from "../core/values.ts";
import type { Mark, Outcome, RowWrite } from "./replica.ts";

/**
 * Of the writes that were applied, those whose stored row is not what was told, for `Mark.stored`.
 */
export function storedOtherwise(
  writes: readonly RowWrite[],
  outcomes: readonly (Outcome | undefined)[],
): NonNullable<Mark["stored"]> {
  const stored: { readonly at: number; readonly row: OwnRow }[] = [];
  for (let at = 0; at < writes.length; at++) {
    const [to, outcome] = [writes[at]?.to ?? null, outcomes[at]];
    if (outcome?.kind !== "applied" || to === null) continue;
    const { row } = outcome;
    if (row === to || row === undefined || row === null) continue;
    if (!isAsTold(to, row)) stored.push({ at, row });
  }
  return stored;
}

/** Columns that were left to the store may hold anything. */
function isAsTold(to: OwnRow, row: OwnRow): boolean {
  return to.every((value, i) => value === ABSENT || same(value, row[i]));
}
