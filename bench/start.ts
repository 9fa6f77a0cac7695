// How long the command takes to say anything at all, beside a Node that does nothing.
import { join } from "node:path";
import type { Figure } from "./figures.ts";
import { ratioFigure, wallFigure } from "./figures.ts";
import { measure } from "./measure.ts";
import type { Cost } from "./measure.ts";
import type { Bench } from "./run.ts";
import { makeEmpty, makeSource, TARGET_DDL, writeLoadConfig } from "./stores.ts";

/** Starts are short and noisy: so many for each round. */
const STARTS = 4;

/** (f): whole processes, interleaved. */
export function benchStart({ folder, rounds, cli, say }: Bench): readonly Figure[] {
  makeSource(join(folder, "source.db"), 10);
  makeEmpty(join(folder, "target.db"), TARGET_DDL);
  writeLoadConfig(folder);
  const [node = ""] = cli;
  const commands = {
    node: [node, "--eval", "0"],
    help: [...cli, "--help"],
    validate: [...cli, "validate"],
  };
  const costs: { [name in keyof typeof commands]: Cost[] } = { node: [], help: [], validate: [] };
  say(`${rounds * STARTS} starts`);
  for (let round = 0; round < rounds * STARTS; round++) {
    for (const name of ["node", "help", "validate"] as const) {
      costs[name].push(measure(commands[name], { cwd: folder }));
    }
  }
  const ratio = (name: "help" | "validate", of: "wallMs" | "cpuMs") =>
    costs[name].map((cost, i) => ({ over: cost[of] ?? NaN, under: costs.node[i]?.[of] ?? NaN }));
  return [
    wallFigure("f", "node --eval 0", costs.node),
    wallFigure("f", "syncline --help", costs.help),
    ratioFigure("f", "--help / node, wall", "<= 4", ratio("help", "wallMs")),
    ratioFigure("f", "--help / node, CPU", "", ratio("help", "cpuMs")),
    wallFigure("f", "syncline validate", costs.validate),
    ratioFigure("f", "validate / node, wall", "<= 4", ratio("validate", "wallMs")),
    ratioFigure("f", "validate / node, CPU", "", ratio("validate", "cpuMs")),
  ];
}
