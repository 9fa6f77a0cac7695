// Where a page of a replica in memory ends.
import type { OwnRow } from "../core/state.ts";
import { weightOf } from "../core/weight.ts";
import { PAGE_BYTES_MAX } from "../engine/replica.ts";

/** How many of these rows, null: not there, a page holds; one at least, where there is one. */
export function heldIn(rows: readonly (OwnRow | null)[], rowsMax: number): number {
  let bytes = 0;
  let held = 0;
  while (held < rows.length && held < rowsMax && bytes < PAGE_BYTES_MAX) {
    bytes += weightOf(rows[held] ?? []);
    held += 1;
  }
  return held;
}
