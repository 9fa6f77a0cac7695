// The fold beside the model: the same entry and the same observation. Where both part on purpose,
// the reason is one of exclusions.ts, and counted.

import { answer, confirm, fold, owed, told } from "../../src/core/fold.ts";
import type { Entry, Write } from "../../src/core/state.ts";
import * as model from "../model/fold.mjs";
import type { ModelEntry, ModelOutcome, ModelPolicy, ModelQuestion } from "../model/model.d.mts";
import type { ModelRow, ModelSeen, ModelValue, ModelWrite } from "../model/model.d.mts";
import {
  IN,
  makeOracle,
  shapeOf,
  textOf,
  toChoice,
  toEntry,
  toQuestion,
  toRow,
  toSeen,
} from "./oracle.ts";
import { isEqual } from "./equal.ts";
import { whyApart } from "./exclusions.ts";
import type { Oracle } from "./oracle.ts";

/** What the model says, once the fold has said the same. Throws at the first difference. */
export interface Comparison {
  readonly counts: { [what: string]: number };
  readonly excluded: { [why: string]: number };
  readonly fold: (entry: ModelEntry, looks: Looks, policy: ModelPolicy) => ModelEntry;
  readonly owed: (entry: ModelEntry, side: string, policy: ModelPolicy) => ModelWrite | undefined;
  readonly told: (entry: ModelEntry, side: string, write: Sent) => ModelEntry;
  readonly confirm: (entry: ModelEntry, side: string, outcome: ModelOutcome) => ModelEntry;
  readonly answer: (
    entry: ModelEntry,
    question: ModelQuestion,
    value: ModelValue | ModelRow,
    policy: ModelPolicy,
  ) => ModelEntry | undefined;
}

type Looks = { [side: string]: ModelSeen };
type Sent = ModelWrite & { until: number };

export function makeComparison(): Comparison {
  const counts: { [what: string]: number } = {};
  const excluded: { [why: string]: number } = {};
  const oracles = new WeakMap<ModelPolicy, Oracle>();
  const entries = new WeakMap<ModelEntry, Entry>();

  function oracleOf(policy: ModelPolicy, now = 0): Oracle {
    const known = oracles.get(policy);
    if (known !== undefined && known.policy.now === now) return known;
    const oracle = makeOracle(policy, now);
    oracles.set(policy, oracle);
    return oracle;
  }
  /** An entry that is met by many observations is translated once. */
  function ourOf(oracle: Oracle, entry: ModelEntry): Entry {
    const known = entries.get(entry);
    if (known !== undefined) return known;
    const ours = toEntry(oracle, entry);
    entries.set(entry, ours);
    return ours;
  }
  function check(what: string, isSame: boolean, why: () => string | undefined, of: unknown): void {
    counts[what] = (counts[what] ?? 0) + 1;
    if (isSame) return;
    const reason = why();
    if (reason === undefined) throw new Error(`${what} differs: ${JSON.stringify(of)}`);
    excluded[reason] = (excluded[reason] ?? 0) + 1;
  }
  function checkEntry(
    what: string,
    theirs: ModelEntry | undefined,
    ours: Entry | undefined,
    of: {
      readonly oracle: Oracle;
      readonly why?: () => string | undefined;
      readonly from: unknown;
    },
  ): void {
    if (theirs !== undefined && ours !== undefined && isEqual(of.oracle, theirs, ours)) {
      return check(what, true, never, undefined);
    }
    const expected = theirs && textOf(toEntry(of.oracle, theirs));
    const actual = ours && textOf(ours);
    const detail = { expected, actual, from: of.from };
    check(what, expected === actual, of.why ?? never, detail);
  }

  return {
    counts,
    excluded,
    fold(entry, looks, policy) {
      const now = Math.max(0, ...Object.values(looks).map((look) => look.now ?? 0));
      const oracle = oracleOf(policy, now);
      const theirs = model.fold(entry, looks, policy);
      const ours = fold(ourOf(oracle, entry), toSeen(oracle, looks), oracle.policy);
      const why = () => whyApart({ policy, entry, looks, ours, theirs: toEntry(oracle, theirs) });
      checkEntry("fold", theirs, ours, { oracle, why, from: { policy, entry, looks } });
      return theirs;
    },
    owed(entry, side, policy) {
      const oracle = oracleOf(policy);
      const theirs = model.owed(entry, side, policy);
      const due = withoutMembership(theirs, entry, side, policy);
      const ours = owed(ourOf(oracle, entry), oracle.names.indexOf(side), oracle.policy);
      const expected = due && writeText(oracle, due, entry, side);
      const actual = ours && partsOf(ours);
      const why = () => (isAsked(entry, side, due) && ours === undefined ? RESTORED : undefined);
      check("owed", expected === actual, why, { expected, actual, policy, entry, side });
      return theirs;
    },
    told(entry, side, write) {
      const oracle = makeOracle(shapeOf(entry, side, [write.to, write.base]));
      const theirs = model.told(entry, side, write);
      const { id, until, once } = write;
      const sent = { ...toWrite(oracle, write), side: oracle.names.indexOf(side) };
      const ours = told(toEntry(oracle, entry), sent, { id, until, once });
      checkEntry("told", theirs, ours, { oracle, from: { entry, side, write } });
      return theirs;
    },
    confirm(entry, side, outcome) {
      const oracle = makeOracle(shapeOf(entry, side, [outcome.row]));
      const theirs = model.confirm(entry, side, outcome);
      const { id, applied, at } = outcome;
      const row = toRow(oracle, outcome.row);
      const landed = { id, applied, row, own: null, ...(at === undefined ? {} : { at }) };
      const ours = confirm(toEntry(oracle, entry), oracle.names.indexOf(side), landed);
      checkEntry("confirm", theirs, ours, { oracle, from: { entry, side, outcome } });
      return theirs;
    },
    answer(entry, question, value, policy) {
      const oracle = oracleOf(policy);
      const theirs = model.answer(entry, question, value, policy);
      const row = toChoice(question, value);
      const asked = toQuestion(oracle, question);
      const ours = answer(toEntry(oracle, entry), asked, toRow(oracle, row), "ada", oracle.policy);
      checkEntry("answer", theirs, ours, { oracle, from: { policy, entry, question, value } });
      return theirs;
    },
  };
}

const never = (): undefined => undefined;

const RESTORED = "a row is not created over a claim of its side: it waits for the answer";

/** The model would create a row where the side itself had a value that is asked. */
function isAsked(entry: ModelEntry, side: string, due: ModelWrite | undefined): boolean {
  if (due === undefined || due.against !== null || due.to === null) return false;
  return Object.values(entry.open).some(({ field, held }) => field !== "*" && side in held);
}

/**
 * In the model membership is a column; here it is its owner's own judgement, which nobody writes.
 */
function withoutMembership(
  write: ModelWrite | undefined,
  entry: ModelEntry,
  side: string,
  policy: ModelPolicy,
): ModelWrite | undefined {
  const { to, against, base } = write ?? {};
  if (write === undefined || !to || !against || !base || !(IN in to)) return write;
  if (to[IN] === against[IN] || policy.sides[side]?.leads !== true) return write;
  const own = { ...to, [IN]: against[IN] ?? true };
  if (model.sameRow(own, against)) return undefined;
  const { told = [], base: known = null } = entry.sides[side] ?? {};
  const again = told.find((one) => model.sameRow(one.to, own) && one.id === write.id);
  return { ...write, id: again?.id ?? "", to: own, base: { ...base, [IN]: known?.[IN] ?? true } };
}

function toWrite(oracle: Oracle, write: ModelWrite): Omit<Write, "side"> {
  const { to, against, at, base } = write;
  const state = { here: base.here, values: oracle.fields.map((field) => base[field]) };
  return { to: toRow(oracle, to), against: toRow(oracle, against), at, base: state };
}

function writeText(oracle: Oracle, write: ModelWrite, entry: ModelEntry, side: string): string {
  const isAgain = entry.sides[side]?.told.some(({ id }) => id === write.id) === true;
  const again = isAgain ? { again: write.id } : {};
  return partsOf({ ...toWrite(oracle, write), side: oracle.names.indexOf(side), ...again });
}

function partsOf({ side, to, against, at, base, again }: Write): string {
  return JSON.stringify([side, to, against, at, base.here, base.values, again ?? ""]);
}
