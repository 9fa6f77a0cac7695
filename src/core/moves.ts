// What sides moved and what is not folded yet.

import { changeBase, had, isUnknown, settle, wants } from "./draft.ts";
import type { Draft, SideDraft } from "./draft.ts";
import { emptyRow, isStoredAs } from "./rows.ts";
import type { FieldIndex } from "./state.ts";

/** It moved the entry away. */
export function isDeleter({ move }: SideDraft): boolean {
  return move !== undefined && move.row === null;
}

/** It moved anything that is not folded yet. */
export function isMover({ move }: SideDraft): boolean {
  return move !== undefined;
}

/** It moved fields, or created the row. */
export function isEditor({ move }: SideDraft): boolean {
  return move !== undefined && move.row !== null;
}

/** True if some side moved the entry away. */
export function hasDeleter(d: Draft): boolean {
  return d.sides.some(isDeleter);
}

/** True if some side moved fields, or created the row. */
export function hasEditor(d: Draft): boolean {
  return d.sides.some(isEditor);
}

/** What a side took back, or holds anyway, is no move (rule 3: adopted, no conflict). */
export function dropIdle(d: Draft, side: SideDraft): void {
  const { move } = side;
  if (move === undefined) return;
  const isWanted = wants(d, side);
  const wasThere = had(d, side);
  if (move.row === null) {
    if (!isWanted && side.shadow === null) adoptAbsence(d, side);
    if (!isWanted || !wasThere) side.move = undefined;
    return;
  }
  if (!isWanted && !wasThere) return; // a creation
  let isIdle = true;
  for (let f = 0; f < move.row.length; f++) {
    const value = move.row[f];
    if (value === undefined) continue;
    const agreed = d.agreed.values[f];
    const isAgreed = isStoredAs(side.policy, f, value, agreed);
    if (isAgreed && agreed !== undefined) settle(d, side, f, { held: value, value: agreed });
    const isBack =
      wasThere && !isUnknown(d, f) && isStoredAs(side.policy, f, value, side.base.values[f]);
    if (isAgreed || isBack) move.row[f] = undefined;
    else isIdle = false;
  }
  if (isIdle) side.move = undefined;
}

function adoptAbsence(d: Draft, side: SideDraft): void {
  const base = changeBase(side);
  base.here = d.agreed.here;
  base.values = d.agreed.values.slice();
}

/** Rule 4 for all fields that a side moved in vain. */
export function lose(d: Draft, side: SideDraft): void {
  side.move?.row?.forEach((value, f) => {
    if (value !== undefined) settle(d, side, f, { held: value, value });
  });
}

/** Makes what a side shows of a field its move, of which nobody knows when it was made. */
export function claim(d: Draft, side: SideDraft, f: FieldIndex): void {
  const { fields } = d.policy;
  const move = (side.move ??= { row: null, stamp: 0, stamps: undefined });
  move.row ??= emptyRow(fields);
  move.row[f] = side.shadow?.[f];
  if (move.stamp === 0) return;
  move.stamps ??= Array.from({ length: fields + 1 }, () => move.stamp);
  move.stamps[f] = 0;
}
