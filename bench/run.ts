/**
 * The benchmarks, as one table with the machine's noise in it. Whole processes are measured, in
 * interleaved rounds; `README.md` says how to read it. Writes nothing into the checkout.
 *
 *   npm run bench -- [--only a,b,c,e,f,g,h,m,n,v] [--rounds 5] [--rows 1000000]
 *                    [--dir FOLDER] [--json]
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { benchAgain } from "./again.ts";
import { tableOf } from "./figures.ts";
import type { Figure } from "./figures.ts";
import { benchBetweenPostgres, benchIntoPostgres, benchLoadMemory } from "./first-loads.ts";
import { benchFold } from "./fold.ts";
import { benchLoad, benchMemory } from "./load.ts";
import { benchNextRuns } from "./next-runs.ts";
import { benchStart } from "./start.ts";
import { benchVerify } from "./verify.ts";

/** What a benchmark is given. */
export interface Bench {
  /** Its own, empty. */
  readonly folder: string;
  readonly rows: number;
  readonly rounds: number;
  /** Node and the built command. */
  readonly cli: readonly string[];
  readonly say: (what: string) => void;
}

type Figures = readonly Figure[];

const BENCHES: Readonly<Record<string, (bench: Bench) => Figures | Promise<Figures>>> = {
  a: foldFigures,
  b: benchLoad,
  c: benchAgain,
  e: benchMemory,
  f: benchStart,
  g: benchIntoPostgres,
  h: benchBetweenPostgres,
  m: benchLoadMemory,
  n: benchNextRuns,
  v: benchVerify,
};

const { values: args } = parseArgs({
  options: {
    only: { type: "string", default: Object.keys(BENCHES).join() },
    rounds: { type: "string", default: "5" },
    rows: { type: "string", default: "1000000" },
    dir: { type: "string", default: tmpdir() },
    json: { type: "boolean", default: false },
  },
});

const root = resolve(import.meta.dirname, "..");
build();
mkdirSync(args.dir, { recursive: true });
const parent = mkdtempSync(join(args.dir, "syncline-bench-"));
try {
  const figures: Figure[] = [];
  for (const letter of args.only.split(",")) figures.push(...(await runBench(letter)));
  const [cpu] = cpus();
  const processor = cpu?.model.trim() ?? "?";
  const machine = `${availableParallelism()} x ${processor}, Node ${process.version}`;
  const [load = 0] = loadavg();
  if (args.json) console.log(JSON.stringify({ machine, load, figures }, null, 2));
  else console.log(`${tableOf(figures)}\n\n${machine}, load ${load.toFixed(1)} at the end`);
} finally {
  rmSync(parent, { recursive: true });
}

async function runBench(letter: string): Promise<Figures> {
  // (d) goes on where (c) ends.
  const bench = BENCHES[letter === "d" ? "c" : letter];
  if (bench === undefined) throw new Error(`there is no benchmark ${letter}`);
  const folder = join(parent, letter);
  mkdirSync(folder);
  const figures = await bench({
    folder,
    rows: Number(args.rows),
    rounds: Number(args.rounds),
    cli: [process.execPath, join(root, "bin/syncline.mjs")],
    say: (what) => console.error(`(${letter}) ${what}`),
  });
  rmSync(folder, { recursive: true });
  return figures;
}

function foldFigures({ say }: Bench): readonly Figure[] {
  say("folding");
  return benchFold().map(({ name, perSecond, slowest, fastest }) => {
    const [median, min, max] = [perSecond / 1e6, slowest / 1e6, fastest / 1e6];
    return { of: "a", name: `fold: ${name}`, unit: "M/s", median, min, max, aim: ">= 1" };
  });
}

/** What is measured is what the sources say. */
function build(): void {
  const script = join(root, "scripts/build.ts");
  const built = spawnSync(process.execPath, [script], { cwd: root, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`the sources do not compile:\n${built.stdout}`);
}
