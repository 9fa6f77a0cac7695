// Rule 5: a question is moves that were not folded. It is asked anew in every fold, so that it ends
// by itself once nothing is left to ask.

import { isNew, isUnknown, stampOf } from "./draft.ts";
import type { Draft, Move, SideDraft } from "./draft.ts";
import { emptyRow } from "./rows.ts";
import { WHOLE } from "./state.ts";
import type { FieldIndex, Held, Question, Row, Stamp, Why } from "./state.ts";

/** Takes up again what stayed unfolded in the questions of the entry. */
export function recall(d: Draft): void {
  for (const question of d.before.open) {
    if (question.why === "drift") continue; // rule 8: never folded
    for (const side of d.sides) {
      const held = question.held[side.index];
      if (held !== undefined) recallHeld(side, held, question.field);
    }
  }
}

/** Opens a question about a field, or the whole entry, with all that was moved there. */
export function ask(d: Draft, field: FieldIndex, why: Why): void {
  const held: (Held | undefined)[] = [];
  let isDoubted = false;
  for (const side of d.sides) {
    const of = heldBy(d, side, field);
    held.push(of);
    if (of !== undefined && (side.isDoubted || wasDoubted(d, side, field))) isDoubted = true;
  }
  if (field === WHOLE) d.asked = [];
  else if (d.asked.length > 0) d.asked = d.asked.filter((question) => question.field !== field);
  const reason = why === "conflict" && isDoubted ? "unknown" : why;
  d.asked.push({ field, why: reason, opened: d.policy.stamp, held });
}

/** Keeps what a follower shows as a question of its own (rule 8). */
export function askDrift(d: Draft, side: SideDraft, row: Row | null): void {
  const held = d.sides.map((other): Held | undefined =>
    other === side ? { row, stamps: [], first: false } : undefined,
  );
  d.asked = [...d.asked, { field: WHOLE, why: "drift", opened: d.policy.stamp, held }];
}

/** True if a question of this fold names the side on that field, or on all of it. */
export function isAsked(d: Draft, side: SideDraft, field: FieldIndex): boolean {
  for (const question of d.asked) {
    const isAbout = question.field === WHOLE || question.field === field;
    if (isAbout && question.held[side.index] !== undefined) return true;
  }
  return false;
}

/** The question about the whole entry that was open before this fold. */
export function askedBefore(d: Draft, field: FieldIndex): Question | undefined {
  for (const question of d.before.open) {
    if (question.field === field && question.why !== "drift") return question;
  }
  return undefined;
}

/**
 * True if the side had never been told of this entry when it made its claim, or nobody of the
 * field (it joined a mapping): a first meeting. It stays one while the claim is asked, and when a
 * question about the whole takes it up.
 */
export function meets(d: Draft, side: SideDraft, field: FieldIndex): boolean {
  let isFirst: boolean | undefined;
  for (const question of d.before.open) {
    const held = question.why === "drift" ? undefined : question.held[side.index];
    if (held === undefined) continue;
    if (question.field === WHOLE) {
      return field === WHOLE ? held.first : (held.firstOn?.includes(field) ?? held.first);
    }
    if (question.field === field || (field === WHOLE && held.first)) isFirst = held.first;
  }
  if (isFirst !== undefined) return isFirst;
  if (side.before === undefined || isNew(side.before.base)) return true;
  return field !== WHOLE && isJoining(d, field);
}

/**
 * True if nobody had agreed on the field of an entry that was here, nor asked: it joined a mapping.
 * Where it is asked already, all who held it then are in that question.
 */
export function isJoining(d: Draft, field: FieldIndex): boolean {
  if (!isUnknown(d, field) || askedBefore(d, field) !== undefined) return false;
  return askedBefore(d, WHOLE) === undefined;
}

/** It was asked as unknown whether the side's move there is one. */
function wasDoubted(d: Draft, side: SideDraft, field: FieldIndex): boolean {
  return d.before.open.some((question) => {
    const isAbout = question.field === WHOLE || field === WHOLE || question.field === field;
    return question.why === "unknown" && isAbout && question.held[side.index] !== undefined;
  });
}

function recallHeld(side: SideDraft, held: Held, field: FieldIndex): void {
  const { row } = held;
  if (field === WHOLE || row === null) {
    const stamps = held.stamps.slice();
    side.move = { row: row === null ? null : row.slice(), stamp: 0, stamps };
    return;
  }
  const move = (side.move ??= { row: null, stamp: 0, stamps: [] });
  move.row ??= emptyRow(row.length);
  move.stamps ??= [];
  move.row[field] = row[field];
  move.stamps[field] = held.stamps[field];
}

function heldBy(d: Draft, side: SideDraft, field: FieldIndex): Held | undefined {
  const { move } = side;
  if (move === undefined) return undefined;
  const first = meets(d, side, field);
  if (field === WHOLE) {
    const row = move.row?.slice() ?? null;
    return { row, stamps: stampsOf(d, move), first, ...firstOn(d, side, row, first) };
  }
  const value = move.row?.[field];
  if (value === undefined) return undefined;
  const row = emptyRow(d.policy.fields);
  const stamps = emptyRow<Stamp>(d.policy.fields + 1);
  row[field] = value;
  stamps[field] = stampOf(move, field);
  return { row, stamps, first };
}

/** The moved fields on which a side meets the entry for the first time, if `first` is not all. */
function firstOn(
  d: Draft,
  side: SideDraft,
  row: Row | null,
  first: boolean,
): Pick<Held, "firstOn"> {
  const moved = (row ?? []).flatMap((value, f) => (value === undefined ? [] : [f]));
  const firsts = moved.filter((f) => meets(d, side, f));
  return firsts.length === (first ? moved.length : 0) ? {} : { firstOn: firsts };
}

/** When each of its fields was moved, by position; the last one is presence. */
function stampsOf(d: Draft, move: Move): readonly (Stamp | undefined)[] {
  const { fields } = d.policy;
  const stamps = emptyRow<Stamp>(fields + 1);
  if (move.row === null) stamps[fields] = stampOf(move, fields);
  else for (let f = 0; f < fields; f++) if (move.row[f] !== undefined) stamps[f] = stampOf(move, f);
  return stamps;
}
