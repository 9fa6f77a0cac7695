// What comes to rest by itself: a side that already holds what it is owed, and a tombstone that
// nobody needs any more.

import { isAsked } from "./asking.ts";
import { changeAgreed, changeBase, changeBaseHere, credit, had } from "./draft.ts";
import { isKnown, isNew, isWhole, wants } from "./draft.ts";
import type { Draft, SideDraft } from "./draft.ts";
import { isStoredAs } from "./rows.ts";
import { WHOLE } from "./state.ts";
import { same } from "./values.ts";

/** Takes for told, without a write, what sides hold already; forgets what is gone everywhere. */
export function rest(d: Draft): void {
  for (const side of d.sides) {
    if (!isKnown(side) || isAsked(d, side, WHOLE)) continue;
    if (wants(d, side)) restRow(d, side);
    else if (side.shadow === null) restAbsence(d, side);
  }
  if (isForgotten(d)) forget(d);
}

function restRow(d: Draft, side: SideDraft): void {
  const { shadow } = side;
  if (shadow === null || side.base === d.agreed) return; // as it comes out of a journal
  if (!had(d, side)) changeBaseHere(d, side);
  const { values } = d.agreed;
  const { member } = d.policy;
  if (member >= 0 && !side.policy.ownsFilter && values[member] !== undefined) {
    if (side.base.values[member] !== values[member])
      changeBase(side).values[member] = values[member];
  }
  for (const f of side.policy.carries) {
    if (same(side.base.values[f], values[f])) continue;
    // Rule 5: a base moves on where the side shows the value and no question names it.
    if (!isStoredAs(side.policy, f, shadow[f], values[f]) || isAsked(d, side, f)) continue;
    changeBase(side).values[f] = values[f];
  }
}

function restAbsence(d: Draft, side: SideDraft): void {
  const { here, values } = d.agreed;
  if (side.missing !== undefined) {
    side.missing = undefined; // it is not missed any more
    side.isChanged = true;
  }
  if (side.base.here !== here) changeBase(side).here = here;
  for (let f = 0; f < values.length; f++) {
    if (values[f] === undefined || same(side.base.values[f], values[f])) continue;
    changeBase(side).values[f] = values[f];
  }
}

/** A tombstone keeps its last fields until every side has confirmed and nothing told may arrive. */
function isForgotten(d: Draft): boolean {
  if (d.asked.length > 0) return false;
  for (const side of d.sides) if (side.shadow !== null || side.told.length > 0) return false;
  return !d.agreed.here || !isWhole(d.agreed);
}

/** Nothing stays but positions, against older news (rule 2). */
function forget(d: Draft): void {
  if (d.agreed.here || !isNew(d.agreed)) {
    const agreed = changeAgreed(d);
    agreed.here = false;
    agreed.values.fill(undefined);
  }
  for (let f = 0; f < d.set.length; f++) if (d.set[f] !== undefined) credit(d, f, undefined);
  for (const side of d.sides) if (isKnown(side)) forgetSide(side);
}

function forgetSide(side: SideDraft): void {
  const { base, mark, own, parked, missing } = side;
  const isRemembered = [mark, parked, missing].some((one) => one !== undefined) || own !== null;
  if (!base.here && isNew(base) && !isRemembered) return;
  const blank = changeBase(side);
  blank.here = false;
  blank.values.fill(undefined);
  side.mark = side.parked = side.missing = undefined;
  side.own = null;
}
