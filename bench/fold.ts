// How many entries the fold decides in a second of CPU time: ten fields, two sides, values of the
// usual kinds. `node --conditions=syncline-source bench/fold.ts`.

import { pathToFileURL } from "node:url";
import { keepHeapYoung } from "../src/cli/young-heap.ts";
import { blank, fold, project } from "../src/core/fold.ts";
import type { Policy, SidePolicy } from "../src/core/policy.ts";
import type { Entry, Memory, OwnRow, Seen, Value } from "../src/core/state.ts";

/** What one kind of entry came to. */
export interface FoldFigure {
  readonly name: string;
  /** Median over the rounds. */
  readonly perSecond: number;
  /** The slowest and the fastest round. */
  readonly slowest: number;
  readonly fastest: number;
}

const FIELDS = 10;
const ENTRIES = 2_000;
const ROUNDS = 9;
const PASSES = 50;

const side: SidePolicy = {
  follows: false,
  drift: "overwrite",
  ownsFilter: false,
  marks: false,
  compares: true,
  carries: Array.from({ length: FIELDS }, (_, f) => f),
};

const POLICY: Policy = {
  fields: FIELDS,
  member: -1,
  sides: [side, side],
  rows: { kind: "merge" },
  settle: Array.from({ length: FIELDS }, () => undefined),
  initial: { kind: "merge" },
  guard: "pass",
  stamp: 2,
  now: 0,
};

/** Folds each workload many times; every entry is its own, as it comes out of a journal. */
export function benchFold(): readonly FoldFigure[] {
  keepHeapYoung(); // as the command does: without it every second process is three times slower
  return [
    measure("nothing moved", (n) => [rowOf(n), rowOf(n)]),
    measure("one side moved one field", (n) => [moved(n, 3, "a"), rowOf(n)]),
    measure("both sides, another field each", (n) => [moved(n, 3, "a"), moved(n, 7, "b")]),
    measure("a conflict", (n) => [moved(n, 3, "a"), moved(n, 3, "b")]),
    measure("a deletion", (n) => [null, rowOf(n)]),
  ];
}

function measure(name: string, now: (n: number) => readonly (OwnRow | null)[]): FoldFigure {
  const entries = Array.from({ length: ENTRIES }, (_, n) => restingEntry(n));
  const looks = entries.map((_, n) => now(n).map((row): Seen => ({ row, own: row, stamp: 1 })));
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(perSecond(entries, looks));
  rounds.sort((a, b) => a - b);
  const [slowest = 0, fastest = 0, median = 0] = [rounds[0], rounds.at(-1), rounds[ROUNDS >> 1]];
  return { name, perSecond: median, slowest, fastest };
}

function perSecond(entries: readonly Entry[], looks: readonly (readonly Seen[])[]): number {
  const started = process.cpuUsage();
  let unmoved = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    for (let n = 0; n < ENTRIES; n++) {
      const entry = entries[n] ?? NOTHING;
      if (fold(entry, looks[n] ?? [], POLICY) === entry) unmoved += 1;
    }
  }
  if (unmoved > PASSES * ENTRIES) throw new Error("unreachable; keeps the work from being dropped");
  const { user, system } = process.cpuUsage(started);
  return (PASSES * ENTRIES * 1e6) / (user + system);
}

/** An entry that both sides hold and that the link knows: each base is what is agreed. */
function restingEntry(n: number): Entry {
  const looks = [0, 1].map((): Seen => ({ row: rowOf(n), own: rowOf(n), stamp: 1 }));
  const { agreed, set } = fold(NOTHING, looks, POLICY);
  const sides = [0, 1].map((index): Memory => {
    const shadow = project(index, agreed, POLICY);
    return { shadow, own: rowOf(n), base: agreed, told: [], at: 0 };
  });
  return { agreed, set, open: [], sides };
}

function rowOf(n: number): OwnRow {
  return Array.from({ length: FIELDS }, (_, f): Value => {
    if (f % 3 === 0) return `text ${n} of ${f}`;
    return f % 3 === 1 ? n * FIELDS + f : f % 2 === 0 ? null : n % 2 === 0;
  });
}

function moved(n: number, field: number, to: string): OwnRow {
  return rowOf(n).with(field, `${to} ${n}`);
}

const NOTHING: Entry = blank(POLICY);

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const { name, perSecond, slowest, fastest } of benchFold()) {
    const figures = [perSecond, slowest, fastest].map((n) => `${(n / 1e6).toFixed(2)} M/s`);
    console.log(`${name.padEnd(32)} ${figures[0]}  (${figures[1]} to ${figures[2]})`);
  }
}
