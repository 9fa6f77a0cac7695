// Rows and states: when rows are equal, and what a side should hold of a state.

import type { Policy, SidePolicy } from "./policy.ts";
import type { FieldIndex, Row, SideIndex, State, Value } from "./state.ts";
import { assert } from "./errors.ts";
import { same, sameAll } from "./values.ts";

/** True if both are the same row, or neither is there. */
export function sameRow(a: Row | null, b: Row | null): boolean {
  if (a === null || b === null) return a === b;
  return sameAll(a, b);
}

/** The policy of a side. */
export function sideOf(policy: Policy, side: SideIndex): SidePolicy {
  const found = policy.sides[side];
  assert(found !== undefined, "a link has a policy for each of its sides");
  return found;
}

/** True if a side should hold a row of that state: it is here, and inside the filter. */
export function isWanted(state: State, side: SidePolicy, policy: Policy): boolean {
  if (!state.here) return false;
  return policy.member < 0 || side.ownsFilter || state.values[policy.member] !== false;
}

/** What a side should hold of a state, before it stores it in its own way. */
export function project(side: SideIndex, state: State, policy: Policy): Row | null {
  const of = sideOf(policy, side);
  if (!isWanted(state, of, policy)) return null;
  const row = emptyRow(policy.fields);
  for (const f of of.carries) row[f] = state.values[f];
  return row;
}

/** What a side returns once it was told that value, as far as describe() proves it. */
function storedValue(
  side: SidePolicy,
  field: FieldIndex,
  value: Value | undefined,
): Value | undefined {
  return side.store === undefined || value === undefined ? value : side.store(field, value);
}

/** What a side returns once it was told that row, as far as describe() proves it. */
export function storedRow(side: SidePolicy, row: Row | null): Row | null {
  if (row === null || side.store === undefined) return row;
  return row.map((value, f) => storedValue(side, f, value));
}

/** True if the side holds that value, stored in its own way. */
export function isStoredAs(
  side: SidePolicy,
  field: FieldIndex,
  held: Value | undefined,
  value: Value | undefined,
): boolean {
  return value !== undefined && same(held, storedValue(side, field, value));
}

/** A row, or anything else by field, in which nothing is said yet. */
export function emptyRow<T = Value>(fields: number): (T | undefined)[] {
  return (EMPTY[fields] ??= packed(fields)).slice();
}

/** Rows are made in every fold: a copy of a packed list is several times faster than a new one. */
const EMPTY: undefined[][] = [];

function packed(length: number): undefined[] {
  const list: undefined[] = [];
  while (list.length < length) list.push(undefined);
  return list;
}
