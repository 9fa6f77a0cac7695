// Rules 1 to 3: what a side shows now, against what it last showed or confirmed.

import { changeBase } from "./draft.ts";
import type { Draft, SideDraft } from "./draft.ts";
import { emptyRow, sameRow } from "./rows.ts";
import { settleTold } from "./settle.ts";
import type { Position, Row, Seen, Stamp, Value } from "./state.ts";
import { same } from "./values.ts";

/** Takes note of what a side holds now. What it moved becomes its move, or a follower's drift. */
export function observe(d: Draft, side: SideDraft, seen: Seen): void {
  const at = seen.at ?? 0;
  if (at !== 0 && at <= side.at) return; // rule 2, I13: older news
  // Rule 1, I11: what a told write left is no edit; it is the shadow to compare with.
  side.isDoubted = side.told.length > 0 && settleTold(d, side, seen);
  if (seen.row !== null) comeBack(d, side, seen.row);
  const known = side.shadow;
  const row = differences(side, seen.row);
  look(side, seen, { at: at === 0 ? side.at : at, isMoved: row !== undefined });
  if (seen.row !== null && side.policy.compares) takeBack(side, seen.row);
  if (row === undefined) return;
  if (row === null) side.missing = unasked(known, side.move);
  if (side.policy.follows) side.drift = row; // rule 8: never folded
  else join(side, row, seen.stamp ?? 0);
}

/**
 * Rule 5, I11: a row that was missed and is there is compared with what its side showed before. A
 * deletion that is still asked is taken back, and what was asked before it is a move again. One
 * that was decided against never was, if the row is like it: what differs was edited unseen.
 */
function comeBack(d: Draft, side: SideDraft, now: Row): void {
  const { missing } = side;
  const isAsked = side.move?.row === null;
  if (missing === undefined && side.shadow !== null) return; // it was gone, and we created it anew
  if (isAsked) side.move = undefined;
  if (missing === undefined) return;
  side.missing = undefined;
  side.isChanged = true;
  if (!isAsked && side.shadow === null) {
    if (isDriftAsked(d, side)) return;
    if (!isLike(d, side, { now, missing })) return;
    changeBase(side).here = true;
  }
  const shadow = side.shadow ?? missing;
  side.shadow = shadow.map((value, f) => (missing[f] === undefined ? undefined : value));
}

/** It shows a value of before, where that says more than which row it is. */
function isLike(
  { policy }: Draft,
  side: SideDraft,
  { now, missing }: { readonly now: Row; readonly missing: Row },
): boolean {
  const { carries } = side.policy;
  if (carries.some((f) => missing[f] === undefined)) return false; // what it had moved was asked
  const tells = carries.filter((f) => policy.keys?.includes(f) !== true);
  return tells.length === 0 || tells.some((f) => same(now[f], missing[f]));
}

function isDriftAsked({ before }: Draft, { index }: SideDraft): boolean {
  return before.open.some(({ why, held }) => why === "drift" && held[index] !== undefined);
}

/** A row without what its side had moved there and is still asked. */
function unasked(row: Row | null, move: SideDraft["move"]): Row | undefined {
  return row?.map((value, f) => (move?.row?.[f] === undefined ? value : undefined));
}

/**
 * What the side shows and its shadow does not: the carried values that differ, all of them where
 * there was no row, null where there is none any more. undefined: nothing moved.
 */
function differences(side: SideDraft, row: Row | null): (Value | undefined)[] | null | undefined {
  const { shadow } = side;
  if (row === null) return shadow === null ? undefined : null;
  if (shadow === null) return row.slice();
  let moved: (Value | undefined)[] | undefined;
  for (const f of side.policy.carries) {
    if (same(row[f], shadow[f])) continue;
    moved ??= emptyRow(row.length);
    moved[f] = row[f];
  }
  return moved;
}

/** I2: the shadow moves to what the side returned. */
function look(
  side: SideDraft,
  seen: Seen,
  now: { readonly at: Position; readonly isMoved: boolean },
): void {
  if (now.isMoved) side.shadow = seen.row;
  else if (side.before !== undefined && side.at === now.at && sameRow(side.own, seen.own)) return;
  side.own = seen.own;
  side.at = now.at;
  side.isChanged = true;
}

/** What a comparing side no longer shows was taken back before a write of ours could land there. */
function takeBack(side: SideDraft, now: Row): void {
  const row = side.move?.row;
  if (row === undefined || row === null) return;
  for (let f = 0; f < row.length; f++) {
    if (row[f] !== undefined && !same(now[f], row[f])) row[f] = undefined;
  }
}

/** What was just moved joins what was moved before and is still asked. */
function join(side: SideDraft, row: (Value | undefined)[] | null, stamp: Stamp): void {
  const old = side.move;
  if (row === null || old === undefined || old.row === null) {
    side.move = { row, stamp, stamps: undefined };
    return;
  }
  const stamps = (old.stamps ??= []); // what was moved before came out of a question, with stamps
  for (let f = 0; f < row.length; f++) {
    if (row[f] === undefined) continue;
    old.row[f] = row[f];
    stamps[f] = stamp;
  }
}
