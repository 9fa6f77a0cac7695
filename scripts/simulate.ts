/**
 * Random schedules of faults, users and persons around the real engine:
 *   npm run simulate -- --seeds 20000 --from 1 [--jobs 2] [--shrink]
 *   npm run simulate -- --from 42 --trace
 *   npm run simulate -- --first
 * Prints what really went wrong in the worlds, and every broken property with its first seed. With
 * `--shrink` the first failing schedule of each property is made small and kept as a regression.
 */
/* oxlint-disable unicorn/require-post-message-target-origin -- threads, not windows */
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { drawScript } from "../src/testing/world/draw.ts";
import { shrinkScript } from "../src/testing/world/shrink.ts";
import { playScript } from "../src/testing/world/world.ts";

interface Range {
  readonly from: number;
  readonly seeds: number;
}

interface Broken {
  readonly first: number;
  /** The first of them. */
  readonly seeds: readonly number[];
  readonly count: number;
  readonly detail: string;
}

interface Tally {
  readonly counts: ReadonlyMap<string, number>;
  readonly broken: ReadonlyMap<string, Broken>;
}

/** Seeds of one broken property that are named. */
const SEEDS_NAMED = 50;
/** How often the same seed has to tell the same story. */
const TOLD_TWICE_EVERY = 100;
/** Schedules that a thread plays before it asks for more, at most. */
const CHUNK = 500;
/** How often it is said how far it is (ms). */
const SAID_EVERY_MS = 30_000;

if (isMainThread) await main();
else {
  parentPort?.on("message", (range: Range | null) => {
    if (range === null) parentPort?.close();
    else void answer(range);
  });
}

async function answer(range: Range): Promise<void> {
  const tally = await playRange(range);
  parentPort?.postMessage(tally);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "1000" },
      from: { type: "string", default: "1" },
      jobs: { type: "string", default: "1" },
      trace: { type: "boolean", default: false },
      shrink: { type: "boolean", default: false },
      first: { type: "boolean", default: false },
    },
  });
  const from = Number(values.from);
  if (values.trace) return trace(from);
  const seeds = Number(values.seeds);
  if (values.first) return stopAtFirst({ from, seeds });
  const jobs = Math.max(1, Number(values.jobs));
  const began = Date.now();
  const tally = await playAll({ from, seeds }, jobs);
  report({ from, seeds }, tally, (Date.now() - began) / 1000);
  if (!values.shrink) return;
  for (const [property, { first }] of tally.broken) await keep(first, property);
}

/** In chunks, so that no thread waits for another one, and what is done is said on the way. */
async function playAll({ from, seeds }: Range, jobs: number): Promise<Tally> {
  const tallies: Tally[] = [];
  let next = from;
  let done = 0;
  let saidAt = Date.now();
  const take = (): Range | null => {
    const range = { from: next, seeds: Math.min(CHUNK, from + seeds - next) };
    next += range.seeds;
    return range.seeds === 0 ? null : range;
  };
  const took = (range: Range, tally: Tally): void => {
    tallies.push(tally);
    done += range.seeds;
    if (Date.now() - saidAt < SAID_EVERY_MS && tally.broken.size === 0) return;
    saidAt = Date.now();
    console.error(`${done} of ${seeds} schedules played`);
    for (const [property, { seeds: named }] of tally.broken) {
      console.error(`broken: ${property}, seeds ${named.join(", ")}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, () => playChunks({ take, took })));
  return joined(tallies);
}

async function playChunks(of: {
  readonly take: () => Range | null;
  readonly took: (range: Range, tally: Tally) => void;
}): Promise<void> {
  const worker = new Worker(import.meta.filename);
  for (let range = of.take(); range !== null; range = of.take()) {
    const played = once(worker, "message"); // rejects if the thread fails
    worker.postMessage(range);
    const [tally] = (await played) as [Tally];
    of.took(range, tally);
  }
  worker.postMessage(null);
}

async function trace(seed: number): Promise<void> {
  const script = drawScript(seed);
  console.log(JSON.stringify(script, undefined, 1));
  const { violations } = await playScript(script, { onNote: (line) => console.log(line) });
  console.log(
    violations.size === 0 ? "nothing is broken" : `broken: ${[...violations.keys()].join("; ")}`,
  );
  process.exitCode = violations.size === 0 ? 0 : 1;
}

async function stopAtFirst({ from, seeds }: Range): Promise<void> {
  for (let seed = from; seed < from + seeds; seed++) {
    const { broken } = await playRange({ from: seed, seeds: 1 });
    const [property] = broken.keys();
    if (property === undefined) continue;
    console.log(`first broken: seed ${seed}, ${property}`);
    process.exitCode = 1;
    return;
  }
}

async function playRange({ from, seeds }: Range): Promise<Tally> {
  const counts = new Map<string, number>();
  const broken = new Map<string, Broken>();
  for (let seed = from; seed < from + seeds; seed++) {
    const script = drawScript(seed);
    const isTraced = seed % TOLD_TWICE_EVERY === 0;
    const played = await playScript(script, { isTraced });
    const violations = new Map(played.violations);
    if (isTraced && (await playScript(script, { isTraced })).trace !== played.trace) {
      violations.set("the same seed tells the same story", "");
    }
    for (const [what, count] of played.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    for (const [property, detail] of violations) {
      const known = broken.get(property);
      const { first, count, seeds: named } = known ?? { first: seed, count: 0, seeds: [] };
      const seeds = named.length < SEEDS_NAMED ? [...named, seed] : named;
      broken.set(property, { first, seeds, count: count + 1, detail: known?.detail ?? detail });
    }
  }
  return { counts, broken };
}

function joined(tallies: readonly Tally[]): Tally {
  const counts = new Map<string, number>();
  const broken = new Map<string, Broken>();
  for (const tally of tallies) {
    for (const [what, count] of tally.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    for (const [property, of] of tally.broken) {
      const known = broken.get(property);
      if (known === undefined) {
        broken.set(property, of);
        continue;
      }
      const all = [...known.seeds, ...of.seeds].toSorted((a, b) => a - b);
      const { first, detail } = of.first < known.first ? of : known;
      const count = known.count + of.count;
      broken.set(property, { first, detail, seeds: all.slice(0, SEEDS_NAMED), count });
    }
  }
  return { counts, broken };
}

function report({ from, seeds }: Range, { counts, broken }: Tally, seconds: number): void {
  console.log(`${seeds} schedules from seed ${from} in ${seconds.toFixed(1)} s`);
  const kinds = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (const [what, count] of kinds) console.log(`  ${what}: ${count}`);
  console.log(broken.size === 0 ? "broken: nothing" : "broken:");
  for (const [property, { count, seeds: named, detail }] of broken) {
    console.log(`  ${property}: ${count}, seeds ${named.join(", ")}: ${detail}`);
  }
  process.exitCode = broken.size === 0 ? 0 : 1;
}

async function keep(seed: number, property: string): Promise<void> {
  const script = await shrinkScript(drawScript(seed), property);
  const folder = join(import.meta.dirname, "../test/regressions");
  mkdirSync(folder, { recursive: true });
  const name = `${seed}-${property.replaceAll(/[^a-z]+/g, "-")}.json`;
  writeFileSync(join(folder, name), `${JSON.stringify({ property, script }, undefined, 2)}\n`);
  console.log(`kept as test/regressions/${name}: ${script.steps.length} steps`);
}
