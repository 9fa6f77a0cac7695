// The union of lists that several sides changed: a three-way set merge, each rival against its own
// base, so that what one of them removed does not come back with another.

import type { Rival } from "./policy.ts";
import type { Value } from "./state.ts";
import { isList, isObject, order, same } from "./values.ts";

/**
 * The agreed list without what was removed and with all that was added, in the order of values.
 * With a key, objects are told apart by its value (and stand in its order), and a changed one takes
 * the place of the old. undefined, for a person to be asked: a rival is no list, or two of them
 * made different things of one object (I8).
 */
export function unite(
  agreed: Value | undefined,
  rivals: readonly Rival[],
  key: string | undefined,
): Value | undefined {
  const changes: Change[] = [];
  for (const { value, base } of rivals) {
    if (!isList(value)) return undefined;
    changes.push(...changesBetween(membersOf(base, key), membersOf(value, key)));
  }
  const decided = decide(changes.sort(byName), key);
  if (decided === undefined) return undefined;
  const united: Value[] = [];
  walk(membersOf(agreed, key), decided, (member, change) => {
    const value = change === undefined ? member?.value : change.value;
    if (value !== undefined) united.push(value);
  });
  return united;
}

/** An element of a list, and what tells it apart from others. */
interface Member {
  readonly name: Value;
  readonly value: Value;
}

/** What became of an element; `undefined`: it was removed. */
interface Change {
  readonly name: Value;
  readonly value: Value | undefined;
}

/** The elements of a list in the order of their names; of equal names the greatest value. */
function membersOf(list: Value | undefined, key: string | undefined): readonly Member[] {
  if (!isList(list)) return [];
  const members = list.map((value): Member => ({ name: nameOf(value, key), value }));
  members.sort((a, b) => byName(a, b) || order(a.value, b.value));
  return members.filter((member, i) => !isNamed(members[i + 1], member.name));
}

/** In a list of its own, a key is not taken for an element that is the same value. */
function nameOf(value: Value, key: string | undefined): Value {
  if (key === undefined || !isObject(value) || !Object.hasOwn(value, key)) return value;
  return [value[key] as Value]; // hasOwn just said so
}

function changesBetween(base: readonly Member[], now: readonly Member[]): readonly Change[] {
  const changes: Change[] = [];
  walk(base, now, (before, after, name) => {
    if (!same(before?.value, after?.value)) changes.push({ name, value: after?.value });
  });
  return changes;
}

/**
 * One change for each name. Without a key, an element that one removed and another added is there;
 * with one, two who changed an object differently contradict each other: undefined.
 */
function decide(
  changes: readonly Change[],
  key: string | undefined,
): readonly Change[] | undefined {
  const decided: Change[] = [];
  for (const change of changes) {
    const last = decided.at(-1);
    if (!isNamed(last, change.name)) decided.push(change);
    else if (same(last?.value, change.value)) continue;
    else if (key !== undefined) return undefined;
    else if (change.value !== undefined) decided[decided.length - 1] = change;
  }
  return decided;
}

/** Goes through two lists in the order of names, both at once where both have a name. */
function walk<A extends { readonly name: Value }, B extends { readonly name: Value }>(
  as: readonly A[],
  bs: readonly B[],
  visit: (a: A | undefined, b: B | undefined, name: Value) => void,
): void {
  let i = 0;
  let j = 0;
  for (let a = as[i], b = bs[j]; a !== undefined || b !== undefined; a = as[i], b = bs[j]) {
    const apart = a === undefined ? 1 : b === undefined ? -1 : byName(a, b);
    const first = apart <= 0 ? a : undefined;
    const second = apart >= 0 ? b : undefined;
    if (first !== undefined) i += 1;
    if (second !== undefined) j += 1;
    visit(first, second, (first ?? second)?.name ?? null);
  }
}

function byName(a: { readonly name: Value }, b: { readonly name: Value }): number {
  return order(a.name, b.name);
}

function isNamed(one: { readonly name: Value } | undefined, name: Value): boolean {
  return one !== undefined && same(one.name, name);
}
