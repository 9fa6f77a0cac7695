// PostgreSQL servers for the benchmarks, and the programs that are measured beside us.
import { spawnSync } from "node:child_process";
import { Client } from "pg";
import { startServer } from "../test/postgres/start.ts";
import type { TestServer } from "../test/postgres/start.ts";
import { spentMs } from "./postgres.ts";
import type { Cost } from "./measure.ts";

/** A server that keeps what it has acknowledged, and a connection to look at it. */
export interface BenchServer {
  readonly client: Client;
  /** The address of one of its databases. */
  readonly url: (database: string) => string;
  /** Which PostgreSQL it is. */
  readonly version: string;
  /** Runs a command and adds what the server spent meanwhile. */
  readonly during: (run: () => Cost) => Promise<Spent>;
  readonly stop: () => Promise<void>;
}

/** What a command cost, and the server that it talked to. */
export interface Spent extends Cost {
  readonly serverMs: number;
}

/** With `fsync`, unlike the servers of the tests. The machine's own programs, or those from npm. */
export async function startBenchServer(databases: readonly string[]): Promise<BenchServer> {
  const found = spawnSync("pg_config", ["--bindir"], { encoding: "utf8" });
  const installed = found.status === 0 ? found.stdout.trim() : undefined;
  const server = await startServer(SETTINGS, installed);
  const client = new Client({ connectionString: server.url, application_name: LOOKS });
  try {
    await client.connect();
    for (const name of databases) await client.query(`CREATE DATABASE ${name}`);
    const shown = await client.query<{ server_version: string }>("SHOW server_version");
    const [number = "?"] = (shown.rows[0]?.server_version ?? "?").split(" ");
    return {
      client,
      version: `PostgreSQL ${number}`,
      url: (database) => server.url.replace(/[^/]*$/, database),
      during: (run) => during(server, client, run),
      stop: async () => {
        await client.end();
        await server.stop();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** What sessions of the benchmarks themselves are called, which nobody waits for. */
export const LOOKS = "syncline-bench";

/** As a server is run; its checkpoints come at times of their own, and hit all alike. */
const SETTINGS = { fsync: "on", wal_level: "replica", autovacuum: "on", max_wal_size: "4GB" };

async function during({ pid }: TestServer, client: Client, run: () => Cost): Promise<Spent> {
  const before = spentMs(pid) ?? NaN;
  const cost = run();
  // Its time is the server's once a session has ended.
  const others = `SELECT FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND application_name <> '${LOOKS}'`;
  while ((await client.query(others)).rowCount !== 0);
  await client.query("SELECT pg_sleep(0.05)");
  return { ...cost, serverMs: (spentMs(pid) ?? NaN) - before };
}

/** The first of these programs that is not there. */
export function missing(programs: readonly string[]): string | undefined {
  return programs.find((name) => spawnSync(name, ["--version"]).error !== undefined);
}

/** Runs statements in a database, one after the other. */
export async function execute(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const sql of statements) await client.query(sql);
  } finally {
    await client.end();
  }
}

/** The columns of one row, as one text. */
export async function ask(url: string, sql: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return Object.values(rows[0] ?? {})
      .map(String)
      .join(" ");
  } finally {
    await client.end();
  }
}
