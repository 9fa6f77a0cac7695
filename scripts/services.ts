/**
 * Runs the tests of the systems that are servers once more, on the PostgreSQL of this machine: the
 * one at SYNCLINE_TEST_POSTGRES_URL or the usual place; or one of our own from the machine's
 * programs, which Debian installs where they are missing. Only schemas of its own are touched.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { join, resolve } from "node:path";
import { Client } from "pg";
import { startServer } from "../test/postgres/start.ts";
import type { TestServer } from "../test/postgres/start.ts";

const VARIABLE = "SYNCLINE_TEST_POSTGRES_URL";
const USUAL = "postgres://postgres@127.0.0.1:5432/postgres";
const DEBIAN = "/usr/lib/postgresql";

const root = resolve(import.meta.dirname, "..");
process.chdir(root);
let server: TestServer | undefined;
try {
  const url = await reachable();
  console.log(`PostgreSQL ${await versionOf(url)}`);
  const files = globSync([
    "test/postgres/*.test.ts",
    "test/scenarios/northwind.test.ts",
  ]).toSorted();
  const { status } = spawnSync(process.execPath, ["scripts/test.ts", ...files], {
    stdio: "inherit",
    env: { ...process.env, [VARIABLE]: url },
  });
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(`✖ ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await server?.stop();
}

/** A server's address. Throws when there is none and none can be had. */
async function reachable(): Promise<string> {
  const given = process.env[VARIABLE];
  if (given !== undefined && given !== "") {
    if (await answers(given)) return given;
    throw new Error(`${VARIABLE} names a server that does not answer`);
  }
  if (await answers(USUAL)) return USUAL;
  server = await startServer({}, programs());
  return server.url;
}

async function answers(url: string): Promise<boolean> {
  try {
    await versionOf(url);
    return true;
  } catch {
    return false;
  }
}

async function versionOf(url: string): Promise<string> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return rows[0]?.server_version ?? "";
  } finally {
    await client.end();
  }
}

function programs(): string {
  const found = installed();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    // Only the programs: no server that starts by itself.
    const install = ["install", "-y", "--no-install-recommends", "postgresql-15"];
    spawnSync("apt-get", ["update"], { stdio: "inherit" });
    spawnSync("apt-get", install, { stdio: "inherit" });
  }
  const now = installed();
  if (now !== undefined) return now;
  throw new Error(`there is no PostgreSQL on this machine: install it, or name one in ${VARIABLE}`);
}

function installed(): string | undefined {
  const [newest] = globSync(`${DEBIAN}/*/bin/initdb`).toSorted().toReversed();
  return newest === undefined ? undefined : join(newest, "..");
}
