// An entry while it is folded. Only what moves is copied; the entry that came in stays as it was.

import type { Policy, SidePolicy } from "./policy.ts";
import { sameQuestion, sameSubject } from "./question.ts";
import { emptyRow, isWanted, sideOf } from "./rows.ts";
import type { Credit, Entry, FieldIndex, Memory, OwnRow, Parked, Position } from "./state.ts";
import type { Question, Row, SideIndex, Stamp, State, Told, Value } from "./state.ts";
import { same, sameAll } from "./values.ts";

/** What a side moved and what is not folded yet. */
export interface Move {
  /** The moved values, the others `undefined`; null: it was deleted. */
  row: (Value | undefined)[] | null;
  /** When: one stamp for what was just seen, or one for each field where some moved earlier. */
  stamp: Stamp;
  stamps: (Stamp | undefined)[] | undefined;
}

/** One side of an entry under way. */
export interface SideDraft {
  readonly index: SideIndex;
  readonly policy: SidePolicy;
  readonly before: Memory | undefined;
  shadow: Row | null;
  own: OwnRow | null;
  base: State;
  /** `base`, where it is already a copy of ours. */
  ownBase: MutableState | undefined;
  told: readonly Told[];
  mark: string | undefined;
  at: Position;
  parked: Parked | undefined;
  missing: Row | undefined;
  isChanged: boolean;
  /** What it shows may be a mixture with a write of ours whose outcome is unknown. */
  isDoubted: boolean;
  move: Move | undefined;
  /** What a follower shows that nobody told it: `undefined`, nothing; null, it is gone. */
  drift: Row | null | undefined;
}

interface MutableState {
  here: boolean;
  values: (Value | undefined)[];
}

/** An entry under way. */
export interface Draft {
  readonly before: Entry;
  readonly policy: Policy;
  agreed: State;
  set: readonly (Credit | undefined)[];
  readonly sides: readonly SideDraft[];
  asked: Question[];
  ownAgreed: MutableState | undefined;
  ownSet: (Credit | undefined)[] | undefined;
}

/** Opens an entry for folding. */
export function openDraft(entry: Entry, policy: Policy): Draft {
  return {
    before: entry,
    policy,
    agreed: entry.agreed,
    set: entry.set,
    sides: policy.sides.map((_, index) => draftSide(index, entry.sides[index], policy)),
    asked: [],
    ownAgreed: undefined,
    ownSet: undefined,
  };
}

/** The folded entry. What did not move is the very object that came in, to the whole entry. */
export function closeDraft(d: Draft): Entry {
  const { before } = d;
  const sides = closeSides(d);
  const open = closeQuestions(d);
  const isSame = d.ownAgreed === undefined && d.ownSet === undefined;
  if (isSame && sides === before.sides && open === before.open) return before;
  return { agreed: d.agreed, set: d.set, open, sides };
}

/** True if the side has been seen or told, ever or just now. */
export function isKnown(side: SideDraft): boolean {
  return side.before !== undefined || side.isChanged;
}

/** True if a side that was told of `agreed` holds a row. */
export function wants(d: Draft, side: SideDraft): boolean {
  return isWanted(d.agreed, side.policy, d.policy);
}

/** True if what the side last knew of the link is a row. */
export function had(d: Draft, side: SideDraft): boolean {
  return isWanted(side.base, side.policy, d.policy);
}

/** True if the link never told the side anything of this entry, nor took anything from it. */
export function isNew(base: State): boolean {
  for (const value of base.values) if (value !== undefined) return false;
  return true;
}

/** True if nobody had agreed on the field of an entry that was here: it joined a mapping. */
export function isUnknown(d: Draft, f: FieldIndex): boolean {
  const { agreed } = d.before;
  return agreed.here && agreed.values[f] === undefined;
}

/** True if something is agreed on every field. */
export function isWhole({ values }: State): boolean {
  for (const value of values) if (value === undefined) return false;
  return true;
}

/** The value that the side moved this field to and that is not folded, or undefined. */
export function moved(side: SideDraft, f: FieldIndex): Value | undefined {
  const row = side.move?.row;
  return row === undefined || row === null ? undefined : row[f];
}

/** When the side moved this field. */
export function stampOf(move: Move, f: FieldIndex): Stamp {
  return move.stamps === undefined ? move.stamp : (move.stamps[f] ?? 0);
}

/**
 * The later of two stamps. 0 is unknown, and before all others; stamps before 2020 are below it.
 */
export function later(a: Stamp, b: Stamp): Stamp {
  return a === 0 || (b !== 0 && b > a) ? b : a;
}

/** The agreed state, to be changed. */
export function changeAgreed(d: Draft): MutableState {
  d.ownAgreed ??= { here: d.agreed.here, values: d.agreed.values.slice() };
  return (d.agreed = d.ownAgreed);
}

/** Puts down who decided a field, or presence (`policy.fields`). */
export function credit(d: Draft, f: FieldIndex, by: Credit | undefined): void {
  d.set = d.ownSet ??= d.set.slice();
  d.ownSet[f] = by;
}

/** The base of a side, to be changed. */
export function changeBase(side: SideDraft): MutableState {
  side.isChanged = true;
  side.ownBase ??= { here: side.base.here, values: side.base.values.slice() };
  return (side.base = side.ownBase);
}

/** The base of a side as a row that it holds: of one that it did not hold nothing was told yet. */
export function changeBaseHere(d: Draft, side: SideDraft): MutableState {
  const isRow = had(d, side);
  const base = changeBase(side);
  if (isRow) return base;
  const { member } = d.policy;
  base.here = true;
  base.values.fill(undefined);
  if (member >= 0 && !side.policy.ownsFilter) base.values[member] = true;
  return base;
}

/** Rule 4: where the side shows the value `held`, its base on that field is `value`. */
export function settle(
  d: Draft,
  side: SideDraft,
  f: FieldIndex,
  { held, value }: { readonly held: Value; readonly value: Value },
): void {
  if (side.shadow === null || !same(side.shadow[f], held)) return; // I2: only for what it holds
  if (side.base.values[f] === value && had(d, side)) return;
  changeBaseHere(d, side).values[f] = value;
}

function draftSide(index: SideIndex, before: Memory | undefined, policy: Policy): SideDraft {
  const memory = before ?? nothingOf(policy);
  return {
    index,
    policy: sideOf(policy, index),
    before,
    shadow: memory.shadow,
    own: memory.own,
    base: memory.base,
    ownBase: undefined,
    told: memory.told,
    mark: memory.mark,
    at: memory.at,
    parked: memory.parked,
    missing: memory.missing,
    isChanged: false,
    isDoubted: false,
    move: undefined,
    drift: undefined,
  };
}

function nothingOf(policy: Policy): Memory {
  const base = { here: false, values: emptyRow(policy.fields) };
  return { shadow: null, own: null, base, told: [], at: 0 };
}

function closeSides(d: Draft): readonly (Memory | undefined)[] {
  let isChanged = d.before.sides.length !== d.sides.length;
  for (const side of d.sides) if (side.isChanged) isChanged = true;
  if (!isChanged) return d.before.sides;
  return d.sides.map((side) => (side.isChanged ? closeSide(side) : side.before));
}

function closeSide(side: SideDraft): Memory {
  const { shadow, own, base, told, mark, at, parked, missing } = side;
  const memory: Memory = { shadow, own, base, told, at };
  const marked = mark === undefined ? memory : { ...memory, mark };
  const waiting = parked === undefined ? marked : { ...marked, parked };
  return missing === undefined ? waiting : { ...waiting, missing };
}

/**
 * In the order of fields, the drift of followers last; a question that did not move is the old one.
 */
function closeQuestions(d: Draft): readonly Question[] {
  const { open } = d.before;
  if (d.asked.length === 0) return open.length === 0 ? open : [];
  const asked = d.asked.map((question) => keptOf(open, question)).sort(byField);
  return asked.length === open.length && asked.every((q, i) => q === open[i]) ? open : asked;
}

function keptOf(open: readonly Question[], now: Question): Question {
  const then = open.find((question) => sameSubject(question, now));
  if (then === undefined) return now;
  const isSame = then.why === now.why && sameQuestion(then, now) && sameStamps(then, now);
  return isSame ? then : { ...now, opened: then.opened };
}

function sameStamps(a: Question, b: Question): boolean {
  return a.held.every((held, side) => {
    const other = b.held[side];
    if (held === undefined || other === undefined) return held === other;
    return held.first === other.first && sameAll(held.stamps, other.stamps);
  });
}

function byField(a: Question, b: Question): number {
  const isDrift = Number(a.why === "drift") - Number(b.why === "drift");
  return isDrift || a.field - b.field;
}
