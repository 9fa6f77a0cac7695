// Rule 6: presence first, because it decides what the fields mean; then field by field.

import { ask, askedBefore, isJoining } from "./asking.ts";
import { foldCreation, isContestedLate, isCreator, isLate } from "./creation.ts";
import { changeAgreed, changeBase, isWhole, moved } from "./draft.ts";
import type { Draft, SideDraft } from "./draft.ts";
import { foldField } from "./fields.ts";
import { yieldFields } from "./followers.ts";
import { claim, dropIdle, hasDeleter, hasEditor, isDeleter, isEditor, isMover } from "./moves.ts";
import { lose } from "./moves.ts";
import { WHOLE } from "./state.ts";
import type { FieldIndex, Why } from "./state.ts";
import { agreePresence, isWithheld, sawAll, settlePresence } from "./verdict.ts";

/** Folds all that the leading sides moved: it is agreed afterwards, or in a question. */
export function foldMoves(d: Draft): void {
  const isSettled = !d.agreed.here || isWhole(d.agreed);
  if (isSettled && !d.sides.some(isMover)) return; // the usual case: nothing to decide
  for (const side of d.sides) yieldFields(d, side);
  const late: SideDraft[] = [];
  for (const side of d.sides) {
    if (isLate(d, side)) late.push(side);
    else dropIdle(d, side);
  }
  if (late.some((side) => isContestedLate(d, side))) return ask(d, WHOLE, "conflict");
  for (const side of late) dropIdle(d, side);
  if (d.policy.rows.kind === "manual" && hasEditor(d) && d.sides.filter(isMover).length > 1) {
    // Without a deletion in it there is nothing that a verdict could let pass, or take back.
    const isDeletion = hasDeleter(d) || !d.agreed.here;
    const isWithheld = isDeletion && askedBefore(d, WHOLE)?.why === "withheld";
    return ask(d, WHOLE, isWithheld ? "withheld" : "conflict");
  }
  const goesOn = d.agreed.here ? foldHere(d) : foldGone(d);
  if (goesOn) foldFields(d);
}

/** Presence of an entry that is agreed. False: nothing is left to do for its fields. */
function foldHere(d: Draft): boolean {
  if (d.policy.member >= 0 && !hasDeleter(d)) {
    foldField(d, d.policy.member); // it decides who wants a row at all
    for (const side of d.sides) dropIdle(d, side);
  }
  // Created where the filter had taken it away, or kept it from: a rival of the whole entry.
  if (d.sides.some((side) => isCreator(d, side))) return asked(d, "conflict");
  if (!hasDeleter(d)) return true;
  const deleters = d.sides.filter(isDeleter);
  const isClean = !hasEditor(d) && deleters.some((side) => sawAll(d, side));
  switch (isClean ? "delete" : settlePresence(d)) {
    case "edit":
      for (const side of deleters) overrule(side);
      return true;
    case "delete":
      if (isWithheld(d)) return asked(d, "withheld"); // rule 7, I7
      agreePresence(d, false, deleters);
      for (const side of d.sides) lose(d, side);
      return false;
    case "ask":
      return asked(d, "conflict");
  }
}

/** Presence of an entry that is not there, or no longer. */
function foldGone(d: Draft): boolean {
  const creators = d.sides.filter((side) => isCreator(d, side));
  if (creators.length > 0) return foldCreation(d, creators);
  if (!hasEditor(d)) return false;
  switch (settlePresence(d)) {
    case "edit":
      agreePresence(d, true, d.sides.filter(isEditor));
      return true;
    case "delete":
      for (const side of d.sides) lose(d, side);
      return false;
    case "ask":
      return asked(d, "conflict");
  }
}

function foldFields(d: Draft): void {
  const { fields, member } = d.policy;
  for (let f = 0; f < fields; f++) {
    // One that joined a mapping: who edits it meanwhile is one of those who hold it.
    if (f !== member && isJoining(d, f)) claimAll(d, f);
    foldField(d, f);
    if (d.agreed.values[f] !== undefined || !d.agreed.here || isOpen(d, f)) continue;
    if (f === member) changeAgreed(d).values[f] = true;
    else {
      claimAll(d, f);
      foldField(d, f);
    }
  }
}

/** Nobody ever agreed on a field of what is here, nor asks: whoever holds a value claims it. */
function claimAll(d: Draft, f: FieldIndex): void {
  const holders = d.sides.filter(
    ({ policy, shadow }) => !policy.follows && shadow?.[f] !== undefined,
  );
  const leaders = holders.filter(({ policy }) => policy.followsOn?.[f] !== true);
  for (const side of leaders.length > 0 ? leaders : holders) {
    if (moved(side, f) === undefined) claim(d, side, f);
  }
}

/** A deletion that an edit has won over: the side is owed the row again. */
function overrule(side: SideDraft): void {
  if (side.shadow === null) changeBase(side).here = false;
  side.move = undefined;
}

function isOpen(d: Draft, f: FieldIndex): boolean {
  return d.asked.some((question) => question.field === f);
}

function asked(d: Draft, why: Why): false {
  ask(d, WHOLE, why);
  return false;
}
