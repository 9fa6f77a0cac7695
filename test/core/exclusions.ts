// Where the fold is meant to part from the model, and how narrowly: each reason is recognised by
// what it is about, and as far as it can be by what the two would have said without it.

import { fold, project } from "../../src/core/fold.ts";
import { WHOLE } from "../../src/core/state.ts";
import type { Entry, Held, Question } from "../../src/core/state.ts";
import * as model from "../model/fold.mjs";
import type { ModelEntry, ModelPolicy, ModelSeen } from "../model/model.d.mts";
import { fromEntry, makeOracle, textOf, toEntry, toSeen } from "./oracle.ts";

/** One fold by both. */
export interface Folded {
  readonly policy: ModelPolicy;
  readonly entry: ModelEntry;
  readonly looks: { [side: string]: ModelSeen };
  readonly ours: Entry;
  readonly theirs: Entry;
}

/** The reason for which the two differ; undefined: there is none, one of them is wrong. */
export function whyApart(of: Folded): string | undefined {
  const { ours, theirs } = of;
  const set = [...ours.set.slice(0, -1), theirs.set.at(-1)];
  if (textOf({ ...ours, set }) === textOf(theirs)) {
    return "several sides said the same of presence: another has the credit";
  }
  if (isWithheld(of)) return "what leaves the filter is withheld as any deletion";
  if (isContested(of)) return "a creation against another is one question (rule 6)";
  if (isMixed(of)) return "a creation is compared whole, whatever the order of fields";
  if (isStillFirst(ours, theirs)) return "a first meeting stays one when the whole is asked";
  if (isNoDeletion(ours, theirs)) return "without a deletion in it nothing is withheld";
  if (isSpread(ours, theirs)) return "doubt stays with the field that it is about";
  if (isUnseenNothing(of)) return "a deletion need not have seen what nobody agreed on";
  if (isSameLater(of)) return "created as it was before the deletion: said once, not twice";
  if (isRounded(of)) return "created as its side stores what was there: no other value";
  if (isPartial(theirs)) return "what is agreed is whole: who holds a value claims it";
  return whyWithoutCreations(of);
}

/** In the model a creation that was told can land only where nothing happened since. */
function whyWithoutCreations(of: Folded): string | undefined {
  const ours = withoutCreations(of.policy, of.ours);
  const theirs = withoutCreations(of.policy, of.theirs);
  if (textOf(ours) === textOf(theirs)) return "a creation may land on any later absence";
  const isLess = textOf(ours) !== textOf(of.ours) || textOf(theirs) !== textOf(of.theirs);
  return isLess ? whyApart({ ...of, ours, theirs }) : undefined;
}

/** Ours withholds a membership; once released, both say the same. */
function isWithheld({ policy, entry, looks, ours }: Folded): boolean {
  const { member } = makeOracle(policy).policy;
  const asks = ({ why, held }: Question) => {
    return why === "withheld" && held.some((of) => of?.row?.[member] === false);
  };
  if (policy.guard === "release" || !ours.open.some(asks)) return false;
  return isSameUnder({ ...policy, guard: "release" }, entry, looks);
}

function isSameUnder(policy: ModelPolicy, entry: ModelEntry, looks: Folded["looks"]): boolean {
  const now = Math.max(0, ...Object.values(looks).map((look) => look.now ?? 0));
  const oracle = makeOracle(policy, now);
  const ours = fold(toEntry(oracle, entry), toSeen(oracle, looks), oracle.policy);
  const theirs = toEntry(oracle, model.fold(entry, looks, policy));
  return (
    textOf(ours) === textOf(theirs) ||
    whyApart({ policy, entry, looks, ours, theirs }) !== undefined
  );
}

/** Ours asks about a row that a side created by itself, as a whole; the model asks by field. */
function isContested({ entry, ours, theirs, policy }: Folded): boolean {
  const question = ours.open.find(({ field, why }) => field === WHOLE && why !== "drift");
  if (question === undefined || question.why === "withheld") return false;
  const names = Object.keys(policy.sides).sort();
  const created = names.filter((name, side) => {
    const isTold = question.held[side]?.first === false || policy.initial === "manual";
    return isTold && question.held[side]?.row && !had(policy, ours, name);
  });
  const rivals = entry.agreed.here ? 1 : 2;
  return created.length >= rivals && theirs.open.some(({ why }) => why !== "drift");
}

/**
 * A side that knew the tombstone created again what is agreed already, and partly equal. The model
 * takes it for told at the first equal field, and what its tombstone says of a later one for old.
 */
function isMixed({ entry, ours, policy }: Folded): boolean {
  const { fields } = policy;
  return Object.entries(entry.sides).some(([name, { base }]) => {
    const row = ours.sides[Object.keys(policy.sides).sort().indexOf(name)]?.shadow;
    if (had(policy, toEntry(makeOracle(policy), entry), name) || !row || !entry.agreed.here)
      return false;
    const store = policy.sides[name]?.store ?? ((value) => value);
    const equals = (f: number, value: unknown) =>
      value !== undefined && model.same(row[f], store(value as number));
    const isAgreed = fields.map((field, f) => equals(f, entry.agreed[field]));
    const isBack = fields.map((field, f) => !isAgreed[f] && equals(f, base[field]));
    return isAgreed.includes(true) && isBack.includes(true);
  });
}

/** What the side last knew of the link is a row; its question keeps that so. */
function had(model: ModelPolicy, entry: Entry, name: string): boolean {
  const { names, policy } = makeOracle(model);
  const side = names.indexOf(name);
  const base = entry.sides[side]?.base;
  return base !== undefined && project(side, base, policy) !== null;
}

/** The model takes all moves of a side for unknown once it was in one such question. */
function isSpread(ours: Entry, theirs: Entry): boolean {
  const plain = (entry: Entry): Entry => ({
    ...entry,
    open: entry.open.map((q) => (q.why === "unknown" ? { ...q, why: "conflict" } : q)),
  });
  const doubted = (entry: Entry) =>
    entry.open.flatMap((q) => (q.why === "unknown" ? [q.field] : []));
  const isLess = doubted(ours).every((field) => doubted(theirs).includes(field));
  return isLess && textOf(plain(ours)) === textOf(plain(theirs));
}

function isStillFirst(ours: Entry, theirs: Entry): boolean {
  const plain = (entry: Entry): Entry => ({
    ...entry,
    open: entry.open.map((question) => {
      if (question.field !== WHOLE) return question;
      return { ...question, held: question.held.map(asTold) };
    }),
  });
  return textOf(plain(ours)) === textOf(plain(theirs));
}

/** The model's question stays withheld although the deletion in it was taken back. */
function isNoDeletion(ours: Entry, theirs: Entry): boolean {
  const plain = (entry: Entry): Entry => ({
    ...entry,
    open: entry.open.map((question) => {
      const { field, why, held } = question;
      const isGone = !entry.agreed.here || held.some((of) => of?.row === null);
      return field !== WHOLE || why === "drift" || isGone
        ? question
        : { ...question, why: "conflict" };
    }),
  });
  return textOf(plain(ours)) === textOf(plain(theirs));
}

/** Deleted by all who moved it, while a field had never been agreed. */
function isUnseenNothing({ entry, policy, ours }: Folded): boolean {
  const isPartly = policy.fields.some((field) => entry.agreed[field] === undefined);
  return isPartly && entry.agreed.here && !ours.agreed.here;
}

/** The model holds the equal claim of a creator in a question, and drops it in its next fold. */
function isSameLater({ policy, entry, ours, theirs }: Folded): boolean {
  if (entry.agreed.here || !ours.agreed.here || theirs.open.length === 0) return false;
  const oracle = makeOracle(policy);
  const agreed = (folded: Entry) => textOf({ ...folded, open: [], sides: [] });
  const later = fromEntry(oracle, theirs, entry);
  return (
    agreed(ours) === agreed(theirs) &&
    textOf(ours) === textOf(toEntry(oracle, model.fold(later, {}, policy)))
  );
}

/** A side that rounds creates again what the tombstone holds, as far as it can tell. */
function isRounded({ policy, entry, looks, ours }: Folded): boolean {
  if (entry.agreed.here || !ours.agreed.here) return false;
  return Object.entries(policy.sides).some(([name, { store }]) => {
    const row = looks[name]?.row;
    return policy.fields.some((field) => {
      const [agreed, held] = [entry.agreed[field], row?.[field]];
      if (store === undefined || agreed === undefined || held === undefined) return false;
      return model.same(held, store(agreed)) && !model.same(held, agreed);
    });
  });
}

/** An entry without creations that may still arrive, and without what waits for them. */
function withoutCreations(policy: ModelPolicy, entry: Entry): Entry {
  const sides = entry.sides.map((memory) => {
    return memory && { ...memory, told: memory.told.filter(({ against }) => against !== null) };
  });
  return fold({ ...entry, sides }, [], makeOracle(policy).policy);
}

/** The model left a field of what is here that nobody agreed on, nor asks about. */
function isPartial({ agreed, open }: Entry): boolean {
  if (!agreed.here) return false;
  return agreed.values.some((value, f) => {
    return value === undefined && !open.some(({ field }) => field === f || field === WHOLE);
  });
}

/** The same claim of a side that had been told of the entry. */
function asTold(of: Held | undefined): Held | undefined {
  return of && { row: of.row, stamps: of.stamps, first: false };
}
