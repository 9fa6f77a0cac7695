// A link in a few words, for tests: fields and sides have names here, and rows are objects.

import { blank, fold, owed } from "../../src/core/fold.ts";
import type { Policy, Rule, SidePolicy } from "../../src/core/policy.ts";
import { ABSENT, WHOLE } from "../../src/core/state.ts";
import type { Entry, Question, Row, Seen, Value } from "../../src/core/state.ts";

/** A row by names. A field that is missing is ABSENT, as in rows without a schema. */
export type Named = { readonly [field: string]: Value } | null;

/** A rule as people write it; `{ wins }` names a side. */
type Word = "merge" | "manual" | "latest" | "union" | { readonly wins: string } | Rule;

/** What differs from a plain two-way link of the fields `a`, `b` and `c`. */
export interface Settings {
  readonly fields?: readonly string[];
  readonly sides?: readonly string[];
  readonly rows?: Word;
  readonly settle?: { readonly [field: string]: Word };
  readonly initial?: Word;
  readonly deletes?: "ask" | "edit-wins" | "delete-wins";
  readonly guard?: "pass" | "withhold" | "release";
  readonly rejects?: (value: Value) => boolean;
  /** The last field is membership, and the first side owns the filter. */
  readonly filter?: boolean;
  readonly of?: { readonly [side: string]: Partial<SidePolicy> };
}

export interface Link {
  readonly fields: readonly string[];
  readonly sides: readonly string[];
  readonly policy: Policy;
}

/** An entry as people read it. */
export interface Shown {
  readonly agreed: Named;
  /** What each side is owed: the row that it would be written. */
  readonly owed: { readonly [side: string]: Named };
  readonly open: readonly (readonly [string, string, { readonly [side: string]: unknown }])[];
}

export function makeLink(settings: Settings = {}): Link {
  const { fields = ["a", "b", "c"], sides = ["source", "target"], rejects, deletes } = settings;
  const member = settings.filter === true ? fields.length - 1 : -1;
  const rule = (word: Word = "merge"): Rule => toRule(word, sides);
  const policy: Policy = {
    fields: fields.length,
    member,
    sides: sides.map((name, side) => ({
      follows: false,
      drift: "overwrite",
      ownsFilter: member >= 0 && side === 0,
      marks: false,
      compares: true,
      carries: fields.flatMap((_, f) => (f === member && side > 0 ? [] : [f])),
      ...settings.of?.[name],
    })),
    rows: rule(settings.rows),
    settle: fields.map((field) => settings.settle?.[field] && rule(settings.settle[field])),
    initial: rule(settings.initial),
    guard: settings.guard ?? "pass",
    ...(deletes === undefined ? {} : { deletes }),
    ...(rejects === undefined ? {} : { rejects: (_: number, value: Value) => rejects(value) }),
    stamp: 100,
    now: 0,
  };
  return { fields, sides, policy };
}

export function toRow({ fields, policy }: Link, side: number, row: Named): Row | null {
  const carries = policy.sides[side]?.carries ?? [];
  return (
    row &&
    fields.map((name, f) => (carries.includes(f) ? (row[name] ?? absent(row, name)) : undefined))
  );
}

function absent(row: { readonly [field: string]: Value }, name: string): Value {
  return name in row ? null : ABSENT;
}

/** Looks at sides by name: each shows a row, or null. All it shows was moved at `stamp`. */
export function look(
  link: Link,
  now: { readonly [side: string]: Named },
  stamp = 1,
): readonly (Seen | undefined)[] {
  return link.sides.map((name, side) => {
    const row = now[name];
    return row === undefined ? undefined : seen(toRow(link, side, row), stamp);
  });
}

export function seen(row: Row | null, stamp = 1): Seen {
  // In these tests a side's own terms are the link's.
  return { row, own: row as Seen["own"], stamp };
}

/** An entry that all sides hold alike and that the link knows. */
export function atRest(link: Link, row: Named): Entry {
  const all = Object.fromEntries(link.sides.map((name) => [name, row]));
  const { policy } = makeLink();
  const plain = { ...link.policy, rows: policy.rows, initial: policy.initial, settle: [] };
  const leading = plain.sides.map((side) => ({ ...side, follows: false }));
  return frozen(fold(blank(link.policy), look(link, all, 0), { ...plain, sides: leading }));
}

export function show(link: Link, entry: Entry): Shown {
  const dues = link.sides.map((name, side) => [name, owed(entry, side, link.policy)] as const);
  const due = dues.flatMap(([name, write]) =>
    write ? [[name, named(link, write.to)] as const] : [],
  );
  return {
    agreed: entry.agreed.here ? named(link, entry.agreed.values) : null,
    owed: Object.fromEntries(due),
    open: entry.open.map((question) => asked(link, question)),
  };
}

function asked(link: Link, { field, why, held }: Question): Shown["open"][number] {
  const name = field === WHOLE ? "*" : (link.fields[field] ?? "?");
  const by = held.flatMap((of, side) => {
    if (of === undefined) return [];
    const value = field === WHOLE ? named(link, of.row) : of.row?.[field];
    return [[link.sides[side] ?? "?", value] as const];
  });
  return [name, why, Object.fromEntries(by)];
}

function named({ fields }: Link, row: Row | null): Named {
  if (row === null) return null;
  const pairs = row.map((value, f) => [fields[f] ?? "?", value] as const);
  return Object.fromEntries(
    pairs.filter((pair): pair is readonly [string, Value] => {
      return pair[1] !== undefined && pair[1] !== ABSENT;
    }),
  );
}

function toRule(word: Word, sides: readonly string[]): Rule {
  if (typeof word === "string") return { kind: word };
  return "wins" in word ? { kind: "wins", side: sides.indexOf(word.wins) } : word;
}

/** Frozen to the ground: a fold that wrote into what it was given would throw. */
export function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inside of Object.values(value)) frozen(inside);
  }
  return value;
}
