// The fold: what the sides of an entry hold now becomes a new agreed state and open questions.
//
// Three questions about a side have three answers, and nothing else is remembered:
//   what did it change?                  what it holds now   against its shadow
//   what had it seen when it did so?     its base            against agreed, then
//   what is it still owed?               agreed              against its base
//
// The rules and their files: 1 settle.ts · 2 observe.ts · 3 and 4 fields.ts · 5 asking.ts ·
// 6 presence.ts, creation.ts, verdict.ts · 7 wherever something is asked · 8 followers.ts ·
// 9 answer.ts. What settles rivals is in rivals.ts, what a side is owed in owed.ts, what became of
// a write in told.ts, and what all of them work on in draft.ts.

import { recall } from "./asking.ts";
import { closeDraft, openDraft } from "./draft.ts";
import { foldDrift } from "./followers.ts";
import { observe } from "./observe.ts";
import type { Policy } from "./policy.ts";
import { foldMoves } from "./presence.ts";
import { rest } from "./rest.ts";
import type { Entry, Seen } from "./state.ts";

export { amend, answer, choiceOf } from "./answer.ts";
export { blank, isAtRest, isBlank } from "./entry.ts";
export { owed } from "./owed.ts";
export { materialOf, namesIn, sameQuestion } from "./question.ts";
export { project } from "./rows.ts";
export { confirm, told } from "./told.ts";

/**
 * Folds what the sides hold now, by side position; `undefined`: that side was not looked at. All
 * are folded together, so that their order changes nothing (I6). Pure: it decides, and whoever is
 * owed something is written after the decision is saved (I1). An entry in which nothing moved is
 * returned as it came, the same object.
 */
export function fold(entry: Entry, seen: readonly (Seen | undefined)[], policy: Policy): Entry {
  const d = openDraft(entry, policy);
  if (entry.open.length > 0) recall(d);
  for (const side of d.sides) {
    const now = seen[side.index];
    if (now !== undefined) observe(d, side, now);
  }
  foldMoves(d);
  foldDrift(d);
  rest(d);
  return closeDraft(d);
}
