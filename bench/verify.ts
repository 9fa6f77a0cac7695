// Proofs that a SQLite database and a PostgreSQL server hold the same, as whole processes: by
// digests of ranges, which the server makes of its own rows, and row by row.
import { join } from "node:path";
import { Client } from "pg";
import { startServer } from "../test/postgres/start.ts";
import type { Figure } from "./figures.ts";
import { peakFigure, ratioFigure, spreadOf, wallFigure } from "./figures.ts";
import { measure } from "./measure.ts";
import type { Cost } from "./measure.ts";
import { makeCustomers, spentMs } from "./postgres.ts";
import type { Bench } from "./run.ts";
import { makeSource, writePostgresConfig } from "./stores.ts";

/** One row in so many is changed: each of them is alone in its range. */
const CHANGED_EVERY = 100_000;
const CHANGED = `WHERE id % ${CHANGED_EVERY} = 1`;

/** (v): equal rows by digests and by rows, and a few that differ. */
export async function benchVerify(bench: Bench): Promise<readonly Figure[]> {
  const { folder, rows, rounds, cli, say } = bench;
  say(`building ${rows} rows twice`);
  makeSource(join(folder, "source.db"), rows);
  const server = await startServer();
  const client = new Client({ connectionString: server.url });
  try {
    await client.connect();
    await makeCustomers(client, rows);
    writePostgresConfig(folder, server.url);
    const verify = (exit: number, ...options: readonly string[]): Spent => {
      const before = spentMs(server.pid);
      const command = [...cli, "verify", "--json", ...options];
      const cost = measure(command, { cwd: folder, asksPeak: true, exits: [exit] });
      return { ...cost, serverMs: (spentMs(server.pid) ?? NaN) - (before ?? NaN) };
    };
    const ranges: Spent[] = [];
    const byRows: Spent[] = [];
    const changed: Spent[] = [];
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      ranges.push(expectEqual(verify(0), rows));
      byRows.push(expectEqual(verify(0, "--by-rows"), rows));
      await client.query(`UPDATE customers SET city = city || '*' ${CHANGED}`);
      changed.push(expectEqual(verify(1), rows - Math.ceil(rows / CHANGED_EVERY)));
      await client.query(`UPDATE customers SET city = rtrim(city, '*') ${CHANGED}`);
    }
    const pairs = ranges.map(({ wallMs }, at) => ({
      over: byRows[at]?.wallMs ?? NaN,
      under: wallMs,
    }));
    return [
      { ...wallFigure("v", `verify, ${rows} equal rows, by digests`, ranges), aim: "<= 1.5" },
      serverFigure("the server's CPU meanwhile", ranges),
      { ...wallFigure("v", "verify --by-rows, the same", byRows), aim: "<= 5" },
      serverFigure("the server's CPU meanwhile", byRows),
      wallFigure("v", `verify, one row in ${CHANGED_EVERY} differs`, changed),
      ratioFigure("v", "by rows / by digests, wall", "", pairs),
      peakFigure("v", "peak memory, by digests", ranges),
      peakFigure("v", "peak memory, by rows", byRows),
    ];
  } finally {
    await client.end();
    await server.stop();
  }
}

/** What a command cost, and the server that it talked to. */
interface Spent extends Cost {
  readonly serverMs: number;
}

function serverFigure(name: string, rounds: readonly Spent[]): Figure {
  return { of: "v", name, unit: "s", ...spreadOf(rounds.map(({ serverMs }) => serverMs / 1000)) };
}

interface Told {
  readonly summary: { readonly pipelines: Record<string, { readonly equal: number }> };
}

/** Holds that so many rows were found equal. */
function expectEqual(cost: Spent, count: number): Spent {
  const told = JSON.parse(cost.stdout) as Told; // the command's own document
  const equal = told.summary.pipelines["customers"]?.equal;
  if (equal !== count) throw new Error(`${equal} rows were found equal, not ${count}`);
  return cost;
}
