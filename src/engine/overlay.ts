// What a rollback does where only followers can be written: they are given the earlier values, and
// those are kept as drift until the source next changes that entry. What is agreed stays the
// source's word.
import { isStoredAs, isWanted, sideOf } from "../core/rows.ts";
import { same } from "../core/values.ts";
import { WHOLE } from "../core/state.ts";
import type { Entry, Key, OwnRow, Question, Row, SideIndex, State, Value } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Decision, PlannedWrite } from "./decide.ts";
import { isUnaimed } from "./relens.ts";
import { isUnreadable } from "./view.ts";

/** An entry as it is remembered. */
export interface Remembered {
  readonly key: Key;
  readonly before: Entry | undefined;
}

/** Gives the followers of an entry other values than the agreed ones; undefined: they hold them. */
export function overlay(
  context: Context,
  { key, before }: Remembered,
  entry: Entry,
  wanted: State,
): Decision | undefined {
  const writes: PlannedWrite[] = [];
  let open: readonly Question[] = entry.open;
  for (const [side, { writable }] of context.pipeline.sides.entries()) {
    const to = writable ? ownRow(context, entry, side, wanted) : undefined;
    if (to === undefined) continue;
    writes.push(driftWrite(context, entry, side, to));
    open = [
      ...open.filter((question) => !isDriftOf(question, side)),
      driftOf(context, entry, side, wanted),
    ];
  }
  if (writes.length === 0) return undefined;
  const after = { ...entry, open };
  return {
    key,
    before,
    after,
    body: context.codec.encode(after),
    isNews: true,
    writes,
    isDrift: true,
  };
}

/** A write that nobody owes: what it leaves is drift, and its base is what it shows. */
export function driftWrite(
  { view }: Context,
  entry: Entry,
  side: SideIndex,
  to: OwnRow | null,
): PlannedWrite {
  const memory = entry.sides[side];
  const from = memory?.own ?? null;
  const isAbsent = memory === undefined || memory.shadow === null;
  const seen = to === null ? null : view.see(side, to);
  const row = seen === null || isUnreadable(seen) ? null : seen;
  const values = row ?? memory?.base.values ?? entry.agreed.values.map(() => undefined);
  const against = memory?.shadow ?? null;
  return {
    side,
    kind: to === null ? "delete" : isAbsent ? "create" : "update",
    from,
    to,
    expected: isAbsent ? { kind: "absent" } : { kind: "row", row: from ?? [] },
    write: { side, to: row, against, at: memory?.at ?? 0, base: { here: row !== null, values } },
  };
}

/** True if what a side holds is kept as drift. */
export function isDrifting(entry: Entry, side: SideIndex): boolean {
  return entry.open.some((question) => isDriftOf(question, side));
}

const isDriftOf = ({ why, held }: Question, side: SideIndex): boolean =>
  why === "drift" && held[side] !== undefined;

/** What the side would hold of a state; undefined: it holds that already, or cannot. */
function ownRow(
  { pipeline, view, policy }: Context,
  entry: Entry,
  side: SideIndex,
  { here, values }: State,
): OwnRow | null | undefined {
  const memory = entry.sides[side];
  if (isUnaimed(pipeline, memory)) return undefined;
  const shadow = memory?.shadow ?? null;
  if (!here) return shadow === null ? undefined : null;
  // I11: what it was told before is there, in whatever way it stores that.
  const isHeld = (f: number): boolean =>
    values[f] === undefined ||
    same(memory?.base.values[f], values[f]) ||
    isStoredAs(sideOf(policy, side), f, shadow?.[f], values[f]);
  if (shadow !== null && sideOf(policy, side).carries.every(isHeld)) return undefined;
  const to = view.back(side, values, shadow === null ? null : (memory?.own ?? null));
  return isUnreadable(to) ? undefined : to;
}

function driftOf(context: Context, entry: Entry, side: SideIndex, wanted: State): Question {
  const { policy, stamp } = context;
  const isRow = isWanted(entry.agreed, sideOf(policy, side), policy);
  const carries = sideOf(policy, side).carries;
  const row: Row | null = wanted.here
    ? wanted.values.map((value, f): Value | undefined =>
        !carries.includes(f) || (isRow && same(value, entry.agreed.values[f])) ? undefined : value,
      )
    : null;
  const held = policy.sides.map((_, other) =>
    other === side ? { row, stamps: [], first: false } : undefined,
  );
  return { field: WHOLE, why: "drift", opened: stamp, held };
}
