// The small scope of test/model/exhaust.mjs, walked by the model: every entry that two sides, two
// fields, two values and absence can reach under a policy.

import { blank, stored } from "../model/fold.mjs";
import type { ModelEntry, ModelPolicy, ModelRival, ModelRow } from "../model/model.d.mts";
import type { Comparison } from "./comparison.ts";

/** One policy of the scope. */
export interface Spec extends Partial<Omit<ModelPolicy, "fields" | "sides">> {
  readonly name: string;
  readonly rounds?: boolean;
  readonly follows?: boolean;
  readonly drift?: "keep";
}

const greatest = (_: unknown, rivals: readonly ModelRival[]) =>
  Math.max(...rivals.map((rival) => Number(rival.value)));

export const SPECS: readonly Spec[] = [
  { name: "merge" },
  { name: "manual", rows: "manual" },
  { name: "latest", rows: "latest" },
  { name: "A wins", rows: { wins: "A" } },
  { name: "custom", rows: greatest },
  { name: "edit-wins", deletes: "edit-wins" },
  { name: "delete-wins", deletes: "delete-wins" },
  { name: "latest, edit-wins", rows: "latest", deletes: "edit-wins" },
  { name: "withheld", guard: "withhold" },
  { name: "rule", rejects: (_, value) => value === 2 },
  { name: "B rounds", rounds: true },
  { name: "B follows", follows: true },
  { name: "B follows, keeps", follows: true, drift: "keep" },
];

const ROWS: readonly ModelRow[] = [
  null,
  { f: 0, g: 0 },
  { f: 0, g: 1 },
  { f: 1, g: 0 },
  { f: 1, g: 1 },
];

function policyOf(spec: Spec): ModelPolicy {
  const { rounds, follows, drift, ...rest } = spec;
  return {
    fields: ["f", "g"],
    deletes: "ask",
    initial: "merge",
    guard: "pass",
    ...rest,
    sides: {
      A: { compares: true },
      B: {
        compares: true,
        store: rounds === true ? (value) => Number(value) - (Number(value) % 2) : undefined,
        follows,
        drift,
      },
    },
  };
}

/** Walks the scope of a policy, at most so many entries; returns how many there were. */
export function walkScope(spec: Spec, comparison: Comparison, entriesMax = Infinity): number {
  const policy = policyOf(spec);
  const known = new Set<string>();
  const entries: ModelEntry[] = [blank()];
  const note = (entry: ModelEntry): void => {
    const text = JSON.stringify([entry.agreed, entry.by, entry.open, entry.sides]);
    if (known.has(text)) return;
    known.add(text);
    entries.push(entry);
  };
  for (let i = 0; i < entries.length && i < entriesMax; i++) {
    const entry = entries[i] ?? blank();
    for (const a of ROWS) {
      for (const b of ROWS) {
        if (JSON.stringify(b) !== JSON.stringify(stored("B", b, policy))) continue;
        const next = comparison.fold(
          entry,
          { A: { row: a, stamp: 1 }, B: { row: b, stamp: 1 } },
          policy,
        );
        note(settle(next, { A: a, B: b }, policy, comparison));
        if (Object.keys(next.open).length === 0) note(next); // owed, not yet written
      }
    }
  }
  return known.size;
}

/** Writes what is owed until nothing is. */
function settle(
  folded: ModelEntry,
  held: { [side: string]: ModelRow },
  policy: ModelPolicy,
  comparison: Comparison,
): ModelEntry {
  let entry = folded;
  for (let round = 0; round < 3; round++) {
    let writes = 0;
    for (const side of ["A", "B"]) {
      const write = comparison.owed(entry, side, policy);
      if (write === undefined) continue;
      writes += 1;
      held[side] = stored(side, write.to, policy);
      entry = comparison.told(entry, side, { ...write, until: 0 });
      const outcome = { id: write.id, applied: true, row: held[side] ?? null };
      entry = comparison.confirm(entry, side, outcome);
    }
    const { A = null, B = null } = held;
    entry = comparison.fold(entry, { A: { row: A, stamp: 1 }, B: { row: B, stamp: 1 } }, policy);
    if (writes === 0) break;
  }
  return { ...entry, writes: 0 };
}
