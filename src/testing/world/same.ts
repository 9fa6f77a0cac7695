// When two things of the book say the same.
import type { Credit, OwnRow, Question } from "../../core/state.ts";
import { sameAll } from "../../core/values.ts";

/** The same row, or none. */
export function sameOwn(a: OwnRow | null, b: OwnRow | null): boolean {
  return a === null || b === null ? a === b : sameAll(a, b);
}

/** The same author at the same time. */
export function sameCredit(a: Credit | undefined, b: Credit): boolean {
  return a !== undefined && a.by === b.by && a.stamp === b.stamp;
}

/** Whoever holds something in `b` held the same in `a`. */
export function sameHeld(a: Question, b: Question): boolean {
  return b.held.every((held, side) => {
    const other = a.held[side];
    if (held === undefined) return true;
    if (other === undefined) return false;
    if (held.row === null || other.row === null) return held.row === other.row;
    return sameAll(held.row, other.row);
  });
}
