// Rule 1: a told write that the side shows, or whose marker proves it, is confirmed. The others
// stay while they may still arrive.

import { changeBaseHere } from "./draft.ts";
import type { Draft, SideDraft } from "./draft.ts";
import { emptyRow, isStoredAs, sameRow, storedRow } from "./rows.ts";
import type { FieldIndex, Row, Seen, Told } from "./state.ts";
import { arrived, baseAfter } from "./told.ts";
import { same } from "./values.ts";

/**
 * Settles what a side was told by what it shows. True: what it shows may be a mixture with a write
 * of ours, so that an edit there may be none (`unknown`).
 */
export function settleTold(d: Draft, side: SideDraft, seen: Seen): boolean {
  const { told: all } = side;
  const pending = all.filter((told) => mayArrive(d, side, seen, told));
  const isMoved = !sameRow(seen.row, side.shadow);
  const landed =
    seen.marks === undefined ? shownBy(side, seen.row, isMoved) : provedBy(side, seen.marks);
  if (landed !== undefined) {
    const isProof = seen.marks !== undefined || side.policy.compares;
    land(side, landed);
    changeTold(side, isProof ? pending.flatMap((told) => arrived(told, landed, true)) : pending);
    return false;
  }
  changeTold(side, pending);
  if (seen.marks !== undefined || !isMoved || isBack(side, seen.row)) return false;
  return settleMixture(d, side, all, seen.row);
}

/** The very row that was missed: the absence at which a creation was aimed was none. */
function isBack({ shadow, missing, policy }: SideDraft, row: Row | null): boolean {
  if (shadow !== null || missing === undefined || row === null) return false;
  return policy.carries.every((f) => same(row[f], missing[f]));
}

function changeTold(side: SideDraft, told: readonly Told[]): void {
  if (told.length === side.told.length && told.every((one, i) => one === side.told[i])) return;
  side.told = told;
  side.isChanged = true;
}

/**
 * Not after its deadline; and at a comparing side not once that moved on from what it was aimed at.
 */
function mayArrive({ policy }: Draft, side: SideDraft, seen: Seen, told: Told): boolean {
  if (policy.now > told.until || seen.marks?.includes(told.id) === true) return false;
  const at = seen.at ?? 0;
  // A creation is aimed at an absence, which is the same whenever it is: it may land on a later
  // one.
  return at === 0 || !side.policy.compares || told.against === null || at <= told.at;
}

/** The newest write that the row shows whole. */
function shownBy(side: SideDraft, row: Row | null, isMoved: boolean): Told | undefined {
  if (!isMoved) return undefined;
  return side.told.findLast((told) => sameRow(row, storedRow(side.policy, told.to)));
}

/**
 * Markers stand in the order in which they were left: the newest one after the last known counts.
 */
function provedBy(side: SideDraft, marks: readonly string[]): Told | undefined {
  let newest = side.mark === undefined ? -1 : marks.indexOf(side.mark);
  let landed: Told | undefined;
  for (const told of side.told) {
    const rank = marks.indexOf(told.id);
    if (rank > newest) [newest, landed] = [rank, told];
  }
  return landed;
}

function land(side: SideDraft, landed: Told): void {
  const shadow = storedRow(side.policy, landed.to);
  side.base = side.ownBase = baseAfter(side, shadow, landed.base);
  if (landed.against === null) side.missing = undefined; // it was gone, and is created anew
  side.isChanged = true;
  side.shadow = shadow;
  side.mark = landed.id;
}

/**
 * Without a marker a mixture proves little: only the fields that show the told value are confirmed,
 * the others had not seen our write. True: some told write may be in it.
 */
function settleMixture(d: Draft, side: SideDraft, all: readonly Told[], row: Row | null): boolean {
  let isPossible = false;
  let likely: { readonly told: Told; readonly shown: readonly FieldIndex[] } | undefined;
  for (const told of all) {
    if (side.policy.compares && !sameRow(told.against, side.shadow)) continue;
    isPossible = true;
    const shown = shownOf(side, told, row);
    // That it has the same key says nothing.
    const isProof = shown.some((f) => d.policy.keys?.includes(f) !== true);
    if (isProof && shown.length >= (likely?.shown.length ?? 0)) likely = { told, shown };
  }
  if (row === null || likely === undefined) return isPossible;
  const base = changeBaseHere(d, side);
  const shadow = side.shadow?.slice() ?? emptyRow(row.length);
  for (const f of likely.shown) {
    const told = likely.told.base.values[f];
    base.values[f] = told === undefined ? row[f] : told;
    shadow[f] = row[f];
  }
  side.shadow = shadow;
  return true;
}

/** The fields that turned to what the write told. */
function shownOf(side: SideDraft, told: Told, row: Row | null): readonly FieldIndex[] {
  const { to } = told;
  if (row === null || to === null) return [];
  return side.policy.carries.filter(
    (f) => isStoredAs(side.policy, f, row[f], to[f]) && !same(side.shadow?.[f], row[f]),
  );
}
