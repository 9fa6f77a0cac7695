// First loads from SQLite to SQLite, as whole processes: ours, the two halves of the CSV route in
// a pipe, and the copy inside SQLite that nothing can beat.
import { join } from "node:path";
import type { Figure } from "./figures.ts";
import { peakFigure, ratioFigure, wallFigure } from "./figures.ts";
import { measure } from "./measure.ts";
import type { Cost } from "./measure.ts";
import type { Bench } from "./run.ts";
import {
  contentOf,
  FILTER_SQL,
  makeEmpty,
  makeSource,
  MAPPED,
  removeDatabase,
  TARGET,
  TARGET_DDL,
  writeLoadConfig,
} from "./stores.ts";

const SELECT = `SELECT ${MAPPED.join(", ")} FROM customers WHERE ${FILTER_SQL}`;

/** (b): the three routes, interleaved round by round; the rows are the same after each. */
export function benchLoad({ folder, rows, rounds, cli, say }: Bench): readonly Figure[] {
  const [source, target] = [join(folder, "source.db"), join(folder, "target.db")];
  say(`building ${rows} rows`);
  makeSource(source, rows);
  writeLoadConfig(folder);
  const expected = contentOf(source, MAPPED, FILTER_SQL);
  const routes: { [name: string]: () => Cost } = {
    ours: () => measure([...cli, "run", "--json"], { cwd: folder, asksPeak: true }),
    csv: () => measure(["sh", "-c", CSV_ROUTE], { cwd: folder }),
    attach: () => measure(["sqlite3", "target.db", ATTACH_ROUTE], { cwd: folder }),
  };
  const costs: Record<string, Cost[]> = {};
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    for (const [name, route] of Object.entries(routes)) {
      makeEmpty(target, TARGET_DDL);
      removeDatabase(join(folder, "journal.db"));
      (costs[name] ??= []).push(route());
      const found = contentOf(target, TARGET);
      if (found !== expected) throw new Error(`${name} left ${found}, not ${expected}`);
    }
  }
  const { ours = [], csv = [], attach = [] } = costs;
  return [
    wallFigure("b", `syncline run, first load of ${rows} rows`, ours),
    wallFigure("b", "sqlite3 -csv | sqlite3 .import", csv),
    wallFigure("b", "INSERT … SELECT over ATTACH", attach),
    ratioFigure("b", "CSV route / syncline, wall", ">= 1.5", pairs(csv, ours, wallOf)),
    ratioFigure("b", "CSV route / syncline, CPU", "", pairs(csv, ours, cpuOf)),
    ratioFigure("b", "INSERT … SELECT / syncline, wall", "the limit", pairs(attach, ours, wallOf)),
    peakFigure("b", "peak memory", ours),
  ];
}

/** (e): greatest memory of first loads of several sizes. */
export function benchMemory({ folder, rows, cli, say }: Bench): readonly Figure[] {
  writeLoadConfig(folder);
  return [rows / 10, rows, rows * 5].map((count) => {
    say(`building ${count} rows`);
    removeDatabase(join(folder, "source.db"));
    makeSource(join(folder, "source.db"), count);
    makeEmpty(join(folder, "target.db"), TARGET_DDL);
    removeDatabase(join(folder, "journal.db"));
    const cost = measure([...cli, "run", "--json"], { cwd: folder, asksPeak: true });
    return peakFigure("e", `peak memory, first load of ${count} rows`, [cost]);
  });
}

const CSV_ROUTE = `sqlite3 -csv source.db "${SELECT}" |
  sqlite3 target.db ".mode csv" ".import /dev/stdin customers"`;
const ATTACH_ROUTE = `ATTACH 'source.db' AS s; INSERT INTO main.customers ${SELECT.replace(
  "FROM customers",
  "FROM s.customers",
)}`;

const wallOf = ({ wallMs }: Cost): number => wallMs;
const cpuOf = ({ cpuMs }: Cost): number => cpuMs ?? NaN;

function pairs(
  over: readonly Cost[],
  under: readonly Cost[],
  of: (cost: Cost) => number,
): readonly { readonly over: number; readonly under: number }[] {
  return over.map((cost, i) => ({ over: of(cost), under: under[i] ? of(under[i]) : NaN }));
}
