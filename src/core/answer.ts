// Rule 9: an answer is a change of its own, with its own author and stamp.

import { assert } from "./errors.ts";
import type { Policy } from "./policy.ts";
import { sameQuestion, sidesOf } from "./question.ts";
import { emptyRow, isWanted, sideOf } from "./rows.ts";
import { WHOLE } from "./state.ts";
import type { Credit, Entry, Memory, Question, Row, SideIndex, State, Value } from "./state.ts";
import { same } from "./values.ts";

/** What a person, or a rollback, makes of an entry. */
export interface Change {
  /** false: it is not there. Absent: presence stays as it is. */
  readonly here?: boolean;
  /** The fields that change; the others are `undefined`. */
  readonly fields?: Row;
}

/**
 * Answers a question as its author saw it: a row (for a question about one field, only that
 * position counts), or null for the whole entry: delete it. undefined: what was held has moved
 * since, and the answer settles nothing. Drift is answered after all else.
 */
export function answer(
  entry: Entry,
  question: Question,
  choice: Row | null,
  by: string,
  policy: Policy,
): Entry | undefined {
  const now = entry.open.find((open) => sameQuestion(open, question));
  if (now === undefined) return undefined; // compare and set, as for any write (I4)
  if (now.why === "drift" && entry.open.some(({ why }) => why !== "drift")) return undefined;
  const open = entry.open.filter((other) => other !== now);
  const sides = entry.sides.slice();
  for (const side of sidesOf(now)) sides[side] = answered(entry.sides[side], now, side, policy);
  return amend({ ...entry, open, sides }, changeOf(now, choice), by, policy);
}

/**
 * Changes what is agreed in the name of an author who is no side. Sides are owed what changed; what
 * they moved meanwhile is a rival that had not seen it (I8).
 */
export function amend(entry: Entry, change: Change, by: string, policy: Policy): Entry {
  const credit: Credit = { by, stamp: policy.stamp };
  const values = entry.agreed.values.slice();
  const set = entry.set.slice();
  change.fields?.forEach((value, f) => {
    if (value === undefined) return;
    values[f] = value;
    set[f] = credit;
  });
  if (change.here !== undefined) set[policy.fields] = credit;
  const here = change.here ?? entry.agreed.here;
  // What its filter has not judged yet is inside, as in a fold.
  if (here && policy.member >= 0) values[policy.member] ??= true;
  return { ...entry, agreed: { here, values }, set };
}

/**
 * The choice that takes what a side holds in a question. For the whole entry: its moved values,
 * else what is agreed, else what it shows, else what another side in the question holds.
 */
export function choiceOf(
  entry: Entry,
  question: Question,
  side: SideIndex,
  policy: Policy,
): Row | null {
  const held = question.held[side]?.row ?? null;
  if (held === null || question.field !== WHOLE) return held;
  const others = sidesOf(question).map((other) => question.held[other]?.row);
  const sources = [held, entry.agreed.values, entry.sides[side]?.shadow, ...others];
  return emptyRow(policy.fields).map((_, f) => firstSaid(sources, f));
}

function firstSaid(sources: readonly (Row | null | undefined)[], f: number): Value | undefined {
  for (const source of sources) if (source?.[f] !== undefined) return source[f];
  return undefined;
}

function changeOf(question: Question, choice: Row | null): Change {
  if (question.field === WHOLE) {
    return choice === null ? { here: false } : { here: true, fields: choice };
  }
  const value = choice?.[question.field];
  assert(value !== undefined, "the answer to a question about a field has a value for it");
  const fields = emptyRow(question.field + 1);
  fields[question.field] = value;
  return { fields };
}

/** The side's base on what it still holds of its claims is its own: it is owed what was said. */
function answered(
  memory: Memory | undefined,
  question: Question,
  side: SideIndex,
  policy: Policy,
): Memory | undefined {
  if (memory === undefined) return undefined;
  const { shadow } = memory;
  if (shadow === null) return { ...memory, base: { ...memory.base, here: false } };
  const base = hereBase(memory.base, side, policy);
  question.held[side]?.row?.forEach((claim, f) => {
    if (claim !== undefined && same(shadow[f], claim)) base[f] = claim;
  });
  return { ...memory, base: { here: true, values: base } };
}

function hereBase(base: State, side: SideIndex, policy: Policy): (Value | undefined)[] {
  const of = sideOf(policy, side);
  if (isWanted(base, of, policy)) return base.values.slice();
  const values = emptyRow(policy.fields);
  if (policy.member >= 0 && !of.ownsFilter) values[policy.member] = true;
  return values;
}
