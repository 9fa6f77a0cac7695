/**
 * Compares the fold with the model, to the end: the whole small scope of every policy, and random
 * entries out of the model's simulated world. Then that world runs over the fold alone. Exits with
 * 1 at the first difference or violation.
 *
 *   npm run verify:model -- [--random N] [--from SEED] [--policy NAME] [--entries MAX]
 */
import { parseArgs } from "node:util";
import { makeComparison } from "../test/core/comparison.ts";
import type { Comparison } from "../test/core/comparison.ts";
import { comparison } from "../test/core/compared.ts";
import { loadOver } from "../test/core/load.ts";
import { SPECS, walkScope } from "../test/core/scope.ts";

type Simulate = typeof import("../test/model/simulate.mjs");

const { values: args } = parseArgs({
  options: {
    random: { type: "string", default: "1000000" },
    from: { type: "string", default: "1" },
    policy: { type: "string" },
    entries: { type: "string", default: "Infinity" },
  },
});

try {
  for (const spec of SPECS) {
    if (args.policy !== undefined && args.policy !== spec.name) continue;
    const compared = makeComparison();
    const entries = walkScope(spec, compared, Number(args.entries));
    report(`${spec.name}: ${entries} entries`, compared);
  }
  if (args.policy === undefined) await compareRandom(Number(args.random), Number(args.from));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** As many random entries as asked, each met by a random observation. */
async function compareRandom(entries: number, from: number): Promise<void> {
  const both = await loadOver<Simulate>("simulate.mjs", "compared");
  const ours = await loadOver<Simulate>("simulate.mjs", "dressed");
  let seed = from;
  for (; (comparison.counts["fold"] ?? 0) < entries; seed++) {
    both.run(seed);
    const violated = [...ours.run(seed)];
    if (violated.length > 0) throw new Error(`seed ${seed} violates: ${violated.join("; ")}`);
  }
  report(`random, seeds ${from} to ${seed - 1}`, comparison);
}

function report(what: string, { counts, excluded }: Comparison): void {
  const compared = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  console.log(`${what}: equal in ${compared.join(", ")}`);
  for (const [why, count] of Object.entries(excluded)) console.log(`  but for ${count}: ${why}`);
}
