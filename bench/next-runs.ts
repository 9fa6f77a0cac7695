// The runs after a first meeting of SQLite and PostgreSQL, two-way: nothing moved, and one row in a
// hundred on both sides.
import { join } from "node:path";
import { Client } from "pg";
import type { Figure } from "./figures.ts";
import { peakFigure, wallFigure } from "./figures.ts";
import { serverFigure } from "./first-loads.ts";
import { measure } from "./measure.ts";
import { makeCustomers } from "./postgres.ts";
import type { Bench } from "./run.ts";
import { LOOKS, startBenchServer } from "./servers.ts";
import type { Spent } from "./servers.ts";
import { changeOnePercent, makeSource, writePostgresConfig } from "./stores.ts";

/** (n): each round goes on with what the one before it left, and moves other rows. */
export async function benchNextRuns(bench: Bench): Promise<readonly Figure[]> {
  const { folder, rows, rounds, cli, say } = bench;
  say(`building ${rows} rows twice`);
  makeSource(join(folder, "source.db"), rows);
  const server = await startBenchServer(["target"]);
  const client = new Client({ connectionString: server.url("target"), application_name: LOOKS });
  try {
    await client.connect();
    await makeCustomers(client, rows);
    writePostgresConfig(folder, server.url("target"));
    const run = () =>
      server.during(() => measure([...cli, "run", "--json"], { cwd: folder, asksPeak: true }));
    say("first meeting");
    const meeting = await run();
    const quiet: Spent[] = [];
    const moved: Spent[] = [];
    for (let round = 0; round < rounds; round++) {
      say(`round ${round + 1} of ${rounds}`);
      quiet.push(await run());
      changeOnePercent(join(folder, "source.db"), "city", 2 * round);
      const note = "UPDATE customers SET note = note || '*' WHERE id % 100 = $1";
      const { rowCount } = await client.query(note, [2 * round + 1]);
      moved.push(await run());
      const both = await client.query(
        "SELECT 1 FROM customers WHERE id % 100 = $1 AND city LIKE '%*'",
        [2 * round],
      );
      if (both.rowCount !== rowCount) throw new Error(`${both.rowCount} rows came over`);
    }
    return [
      wallFigure("n", `first meeting of ${rows} equal rows, SQLite and PostgreSQL`, [meeting]),
      wallFigure("n", `next run, ${rows} equal rows`, quiet),
      serverFigure("n", quiet),
      peakFigure("n", "peak memory", quiet),
      wallFigure("n", "next run, 1 % changed on both sides", moved),
      serverFigure("n", moved),
      { ...peakFigure("n", "peak memory", moved), aim: "<= 256" },
    ];
  } finally {
    await client.end();
    await server.stop();
  }
}
