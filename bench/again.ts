// Runs over copies that the journal knows: nothing moved, and one row in a hundred on both sides.
import { join } from "node:path";
import type { Figure } from "./figures.ts";
import { peakFigure, wallFigure } from "./figures.ts";
import { measure } from "./measure.ts";
import type { Cost } from "./measure.ts";
import type { Bench } from "./run.ts";
import { changeOnePercent, copyDatabase, makeSource, writeTwoWayConfig } from "./stores.ts";

const FILES = ["source.db", "target.db", "journal.db"];

/** (c) and (d), two-way, with values in the journal. */
export function benchAgain({ folder, rows, rounds, cli, say }: Bench): readonly Figure[] {
  const path = (name: string): string => join(folder, name);
  const run = (): Cost => measure([...cli, "run", "--json"], { cwd: folder, asksPeak: true });
  say(`building ${rows} rows twice`);
  makeSource(path("source.db"), rows);
  copyDatabase(path("source.db"), path("target.db"));
  writeTwoWayConfig(folder);
  say("first meeting");
  const meeting = run();
  // What is left behind by that is what every round starts from.
  for (const name of FILES) copyDatabase(path(name), path(`${name}.kept`));
  const quiet: Cost[] = [];
  const moved: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    quiet.push(expectWrites(run(), 0));
    changeOnePercent(path("source.db"), "city", 1);
    changeOnePercent(path("target.db"), "note", 2);
    moved.push(expectWrites(run(), (2 * rows) / 100));
    for (const name of FILES) copyDatabase(path(`${name}.kept`), path(name));
  }
  return [
    wallFigure("c", `first meeting of ${rows} equal rows`, [meeting]),
    { ...wallFigure("c", `next run, ${rows} equal rows`, quiet), aim: "<= 3" },
    peakFigure("c", "peak memory", quiet),
    wallFigure("d", "next run, 1 % changed on both sides", moved),
    peakFigure("d", "peak memory", moved),
  ];
}

interface Told {
  readonly summary: {
    readonly pipelines: Record<string, Record<"source" | "target", Record<string, number>>>;
  };
}

/** Holds that a run did what it was meant to do. */
function expectWrites(cost: Cost, count: number): Cost {
  const told = JSON.parse(cost.stdout) as Told; // the command's own document
  const writes = told.summary.pipelines["customers"];
  const total = (writes?.source["update"] ?? 0) + (writes?.target["update"] ?? 0);
  if (total !== count) throw new Error(`${total} rows were written, not ${count}`);
  return cost;
}
