// Entries of which nothing is remembered: rows that meet for the first time, and rows that only
// followers hold.
import { project } from "../core/fold.ts";
import type { Policy } from "../core/policy.ts";
import type { Entry, Row, Seen, SideIndex } from "../core/state.ts";
import { same } from "../core/values.ts";
import type { Candidate } from "./candidate.ts";
import type { Context } from "./context.ts";
import { isUnreadable } from "./view.ts";

/** Where all are equal there is nothing for a person to decide, also where all else is asked. */
export function policyFor(
  entry: Entry,
  states: readonly (Seen | undefined)[],
  policy: Policy,
): Policy {
  const { rows, initial } = policy;
  if (rows.kind !== "manual" && initial.kind !== "manual") return policy;
  if (!areEqual(entry, states)) return policy;
  return { ...policy, rows: { kind: "merge" }, initial: { kind: "merge" } };
}

/** A first meeting of rows that are equal in all that both sides show. */
function areEqual(entry: Entry, states: readonly (Seen | undefined)[]): boolean {
  if (entry.sides.some((memory) => memory !== undefined)) return false;
  const rows = states.map((state) => state?.row ?? null).filter((row) => row !== null);
  const [first, ...others] = rows;
  if (first === undefined || others.length === 0) return false;
  return others.every((row) =>
    row.every((value, f) => value === undefined || first[f] === undefined || same(value, first[f])),
  );
}

/**
 * With `extra: delete` a row that only followers hold is treated as if it had been agreed and its
 * leader had deleted it, so that the guard sees it like any deletion. So is a row that only a side
 * holds which is being refilled: what was deleted since its copy was made must not come back. And
 * so is one that a first load left there, and whose leader lost it before it was remembered.
 */
export function leftAlone(context: Context, candidate: Candidate): Entry | undefined {
  const { pipeline, policy, view } = context;
  const isMeant = (side: SideIndex): boolean => {
    const isRefilled = policy.sides[side]?.follows === true && !pipeline.sides[side]?.follows;
    const isTaken = pipeline.extra === "delete" || candidate.isOurs === true;
    return isRefilled || (isTaken && policy.sides[side]?.follows === true);
  };
  let row: Row | undefined;
  for (const [side, look] of candidate.looks.entries()) {
    if (look === undefined || look.own === null) continue;
    // What its leader holds of it today is folded against what was left, like any later edit.
    if (!isMeant(side) && candidate.isOurs === true) continue;
    if (!isMeant(side)) return undefined;
    const seen = view.see(side, look.own);
    if (!isUnreadable(seen)) row = seen;
  }
  if (row === undefined) return undefined;
  const values = row.map((value, field) => (field === policy.member ? true : value));
  const agreed = { here: true, values };
  const credit = { by: "extra", stamp: context.stamp };
  return {
    agreed,
    set: Array.from({ length: policy.fields + 1 }, () => credit),
    open: [],
    sides: policy.sides.map((_, side) => {
      const shadow = project(side, agreed, policy);
      const own = isMeant(side) ? (candidate.looks[side]?.own ?? null) : null;
      return { shadow, own, base: agreed, told: [], at: 0 };
    }),
  };
}
