// Questions: whom they name, and when two of them are the same.

import { sameRow } from "./rows.ts";
import { WHOLE } from "./state.ts";
import type { Entry, FieldIndex, Held, Question, SideIndex, Value } from "./state.ts";

/** True if an open question keeps that side's field (or all of it: WHOLE) from being written. */
export function namesIn(entry: Entry, side: SideIndex, field: FieldIndex): boolean {
  for (const question of entry.open) {
    const isAbout = question.field === WHOLE || question.field === field;
    if (isAbout && question.held[side] !== undefined) return true;
  }
  return false;
}

/**
 * True if two questions ask about the same thing, whatever is held. Drift is asked side by side.
 */
export function sameSubject(a: Question, b: Question): boolean {
  if (a.field !== b.field || (a.why === "drift") !== (b.why === "drift")) return false;
  return a.why !== "drift" || sidesOf(a)[0] === sidesOf(b)[0];
}

/** True if two questions ask about the same thing and the same sides hold the same in them. */
export function sameQuestion(a: Question, b: Question): boolean {
  if (!sameSubject(a, b)) return false;
  const sides = Math.max(a.held.length, b.held.length);
  for (let side = 0; side < sides; side++) {
    if (!sameHeld(a.held[side], b.held[side])) return false;
  }
  return true;
}

/** The sides that a question names, in their order. */
export function sidesOf(question: Question): readonly SideIndex[] {
  return question.held.flatMap((held, side) => (held === undefined ? [] : [side]));
}

/**
 * What makes a question the one that its reader saw, as a value to be hashed: equal exactly where
 * `sameQuestion` is true. An answer names its digest, and is refused when it has moved.
 */
export function materialOf(question: Question): readonly Value[] {
  const held = question.held.flatMap((of, side): Value[] =>
    of === undefined ? [] : [[side, of.row === null ? null : cells(of.row)]],
  );
  return [question.field, question.why === "drift", held];
}

/** Positions and values of what is said in a row. */
function cells(row: readonly (Value | undefined)[]): readonly Value[] {
  return row.flatMap((value, field): Value[] => (value === undefined ? [] : [[field, value]]));
}

function sameHeld(a: Held | undefined, b: Held | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return sameRow(a.row, b.row);
}
