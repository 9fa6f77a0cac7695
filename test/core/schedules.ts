// Random schedules for laws of the fold: three sides that round or follow, filters, guards, rules,
// writes that are lost, answers. Whatever a fold is given is frozen to the ground.

import fc from "fast-check";
import { answer, blank, choiceOf, confirm, fold, owed, told } from "../../src/core/fold.ts";
import type { Policy, Rival, SidePolicy } from "../../src/core/policy.ts";
import type { Entry, Row, Seen, Value } from "../../src/core/state.ts";
import { order } from "../../src/core/values.ts";
import { frozen, makeLink, seen } from "./sketch.ts";
import type { Settings } from "./sketch.ts";

export const SIDES: readonly string[] = ["x", "y", "z"];
export const FIELDS: readonly string[] = ["a", "b", "tags", "in"];
/** Position of the field that is merged as a set. */
export const TAGS = 2;

type Fate = "lands" | "lost" | "pending";

/** What happens to a link. */
export type Act =
  | { readonly kind: "look"; readonly rows: readonly (Row | null | undefined)[] }
  | { readonly kind: "write"; readonly side: number; readonly fate: Fate }
  | { readonly kind: "answer"; readonly side: number };

/** One fold of a schedule. */
export interface Folded {
  readonly before: Entry;
  readonly looks: readonly (Seen | undefined)[];
  readonly after: Entry;
}

const number = fc.integer({ min: 0, max: 3 });
const tags = fc.uniqueArray(number, { maxLength: 3 }).map((list) => list.toSorted(order));
const row = fc.tuple(number, number, tags, fc.boolean());
const held = fc.option(fc.option(row, { freq: 4 }), { nil: undefined, freq: 3 });
const side = fc.nat({ max: SIDES.length - 1 });
const fate = fc.constantFrom<Fate>("lands", "lands", "lost", "pending");
const looking = fc.record({ kind: fc.constant("look" as const), rows: fc.tuple(held, held, held) });
const writing = fc.record({ kind: fc.constant("write" as const), side, fate });
const answering = fc.record({ kind: fc.constant("answer" as const), side });

export const acts: fc.Arbitrary<readonly Act[]> = fc.array<Act>(
  fc.oneof(
    { weight: 3, arbitrary: looking },
    { weight: 3, arbitrary: writing },
    { weight: 1, arbitrary: answering },
  ),
  { minLength: 1, maxLength: 10 },
);

const greatest = {
  kind: "custom",
  settle: (_: Value | undefined, rivals: readonly Rival[]): Value | undefined =>
    rivals
      .map(({ value }) => value)
      .toSorted(order)
      .at(-1),
} as const;

/** Settings that tell no side from another by its name. */
export const symmetric: fc.Arbitrary<Settings> = fc
  .record({
    rows: fc.constantFrom("merge", "merge", "manual", "latest", greatest),
    initial: fc.constantFrom("merge", "manual", "latest", greatest),
    deletes: fc.constantFrom("ask", "edit-wins", "delete-wins"),
    guard: fc.constantFrom("pass", "pass", "withhold"),
    isStrict: fc.boolean(),
  })
  .map(({ isStrict, ...rest }) => ({
    ...(rest as Settings), // fc.constantFrom widens the literals
    settle: { tags: "union" },
    ...(isStrict ? { rejects: (value: Value) => value === 3 } : {}),
  }));

const manner: fc.Arbitrary<Partial<SidePolicy>> = fc.constantFrom<Partial<SidePolicy>>(
  {},
  {},
  { store: (_, value) => (typeof value === "number" ? value - (value % 2) : value) },
  { follows: true },
  { follows: true, drift: "keep" },
  { followsOn: [true, false, false, false] },
);

/** Any settings at all. The first side leads, and owns the filter where there is one. */
export const anySettings: fc.Arbitrary<Settings> = fc
  .tuple(symmetric, fc.boolean(), manner, manner, fc.option(fc.constantFrom(...SIDES)))
  .map(([plain, filter, y, z, wins]) => ({
    ...plain,
    filter,
    of: { y, z },
    ...(wins === null ? {} : { rows: { wins } }),
  }));

export function policyOf(settings: Settings): Policy {
  return makeLink({ fields: FIELDS, sides: SIDES, ...settings }).policy;
}

/** Plays a schedule and shows every fold in it; returns the last entry. */
export function play(
  policy: Policy,
  script: readonly Act[],
  visit: (folded: Folded) => void = () => {},
): Entry {
  let entry = frozen(blank(policy));
  script.forEach((act, n) => {
    const looks = act.kind === "look" ? frozen(looksOf(policy, act.rows, n)) : [];
    const before = act.kind === "look" ? entry : frozen(acted(policy, entry, act, `w${n}`));
    entry = frozen(fold(before, looks, policy));
    visit({ before, looks, after: entry });
  });
  return entry;
}

/**
 * Writes all that is owed, and looks at all sides, until nothing is owed; at most so many rounds.
 */
export function heal(policy: Policy, from: Entry, roundsMax = 8): Entry {
  let entry = from;
  for (let round = 0; round < roundsMax; round++) {
    const before = entry;
    for (const act of SIDES.map((_, at) => ({ kind: "write", side: at, fate: "lands" }) as const)) {
      entry = acted(policy, entry, act, `h${round}.${act.side}`);
    }
    const rows = entry.sides.map((memory) => (memory === undefined ? null : memory.shadow));
    entry = fold(entry, looksOf(policy, rows, 0), { ...policy, now: 1 });
    if (entry === before) break;
  }
  return entry;
}

function acted(
  policy: Policy,
  entry: Entry,
  act: Exclude<Act, { kind: "look" }>,
  id: string,
): Entry {
  if (act.kind === "answer") {
    const question = entry.open.find((open) => open.held[act.side] !== undefined);
    if (question === undefined) return entry;
    const choice = choiceOf(entry, question, act.side, policy);
    return answer(entry, question, choice, "ada", policy) ?? entry;
  }
  const write = owed(entry, act.side, policy);
  if (write === undefined) return entry;
  const marker = write.again ?? id;
  const until = act.fate === "pending" ? 0 : -1;
  const sent = told(entry, write, { id: marker, until, once: true });
  if (act.fate !== "lands") return sent;
  const row = storedBy(policy, act.side, write.to);
  return confirm(sent, act.side, { id: marker, applied: true, row, own: row as Seen["own"] });
}

/** What each side shows of a row: what it carries, in its own way. */
function looksOf(
  policy: Policy,
  rows: readonly (Row | null | undefined)[],
  stamp: number,
): readonly (Seen | undefined)[] {
  return rows.map((of, at) =>
    of === undefined ? undefined : seen(storedBy(policy, at, of), stamp),
  );
}

function storedBy(policy: Policy, at: number, of: Row | null): Row | null {
  const { carries = [], store } = policy.sides[at] ?? {};
  return (
    of &&
    of.map((value, f) => {
      if (value === undefined || !carries.includes(f)) return undefined;
      return store === undefined ? value : store(f, value);
    })
  );
}
