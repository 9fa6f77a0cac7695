// Rule 6 for rows that sides create: alone, several at once, or after the entry was agreed
// elsewhere.

import { ask, meets } from "./asking.ts";
import { changeAgreed, changeBase, had, isNew, moved, wants } from "./draft.ts";
import type { Draft, SideDraft } from "./draft.ts";
import { isUnsettled } from "./fields.ts";
import { dropIdle, hasDeleter, isEditor } from "./moves.ts";
import { isStoredAs } from "./rows.ts";
import { WHOLE } from "./state.ts";
import type { FieldIndex, Why } from "./state.ts";
import { agreePresence } from "./verdict.ts";

/** It holds a row that the link neither gave it nor wants there. */
export function isCreator(d: Draft, side: SideDraft): boolean {
  return isEditor(side) && side.shadow !== null && !had(d, side) && !wants(d, side);
}

/** It created a row that was agreed before it could be told of it. */
export function isLate(d: Draft, side: SideDraft): boolean {
  return isEditor(side) && side.shadow !== null && !had(d, side) && wants(d, side);
}

/**
 * A late creation is a rival of the whole entry, unless it meets it for the first time: that goes
 * field by field, as it would have, had both been seen at once (I6).
 */
export function isContestedLate(d: Draft, side: SideDraft): boolean {
  if (hasDeleter(d)) return false; // then it is an edit against a deletion
  if (meets(d, side, WHOLE) && d.policy.initial.kind !== "manual") return false;
  return d.agreed.values.some((_, f) => isRival(d, side, f));
}

function isRival(d: Draft, side: SideDraft, f: FieldIndex): boolean {
  const value = moved(side, f);
  if (value === undefined) return false;
  return !isStoredAs(side.policy, f, value, d.agreed.values[f]) && isUnsettled(d, f, []);
}

/** Creators who know the tombstone differ on some field, and no policy settles it. */
function isContested(d: Draft, creators: readonly SideDraft[]): boolean {
  return d.agreed.values.some((_, f) => f !== d.policy.member && isUnsettled(d, f, creators));
}

/** The filter's owner created its row outside, and another side holds one: nothing is deleted. */
function isOutside(d: Draft, creators: readonly SideDraft[]): boolean {
  return d.policy.member >= 0 && creators.some((side) => moved(side, d.policy.member) === false);
}

/** Takes rows that sides created for the entry, or asks. False: it is asked as a whole. */
export function foldCreation(d: Draft, creators: readonly SideDraft[]): boolean {
  const isFirst = creators.some((side) => isNew(side.base));
  if (creators.length > 1) {
    // A first meeting goes field by field unless it is manual; later on two creates that differ and
    // that no policy settles are one question (rule 6).
    const isOne = isFirst ? d.policy.initial.kind === "manual" : isContested(d, creators);
    if (isOne) return askWhole(d, "conflict");
    // I7: outside the filter it would be a deletion, which a person releases.
    if (isOutside(d, creators) && d.policy.guard !== "release") return askWhole(d, "withheld");
  }
  const { member } = d.policy;
  if (member >= 0) changeAgreed(d).values[member] = undefined;
  for (const side of creators) {
    const base = changeBase(side); // they have seen the tombstone
    base.here = true;
    base.values = d.agreed.values.slice();
    if (member >= 0 && !side.policy.ownsFilter) base.values[member] = true;
    side.policy.followsOn?.forEach((follows, f) => {
      if (follows && moved(side, f) === undefined) base.values[f] = side.shadow?.[f];
    });
  }
  agreePresence(d, true, creators);
  for (const side of creators) dropIdle(d, side); // as it was before the deletion
  return true;
}

function askWhole(d: Draft, why: Why): false {
  ask(d, WHOLE, why);
  return false;
}
