// Rows that break rules and are taken all the same: a person has said what they are to be.
import { sameRow } from "../core/rows.ts";
import type { Entry, Row, SideIndex } from "../core/state.ts";
import { same } from "../core/values.ts";
import { isAnswer } from "./record.ts";

/**
 * True for a row that its side showed when a person said something else of it, for as long as the
 * side shows the very same: where it cannot be written, it stays as it is, and that is no news.
 */
export function takenBefore({ set, sides, agreed }: Entry): (side: SideIndex, row: Row) => boolean {
  const answered = set.flatMap((credit, field) => (isAnswer(credit?.by) ? [field] : []));
  return (side, row) => {
    const shadow = sides[side]?.shadow ?? null;
    if (shadow === null || !sameRow(shadow, row)) return false;
    return answered.some((field) => !same(shadow[field], agreed.values[field]));
  };
}
