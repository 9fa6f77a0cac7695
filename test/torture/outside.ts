// What a database holds, by means outside the product and outside this process: the `sqlite3` and
// `psql` programs where they are, else the drivers in a process of its own.
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);
const BYTES_MAX = 1024 ** 3;
const has = (program: string): boolean => spawnSync(program, ["--version"]).status === 0;
const HAS_SQLITE = has("sqlite3");
const HAS_PSQL = has("psql");

/** A file, or a server's address of a database. */
export type Place =
  | { readonly store: "sqlite"; readonly path: string }
  | { readonly store: "postgres"; readonly url: string };

const BY_SQLITE_DRIVER = `
  import { DatabaseSync } from "node:sqlite";
  const [path, query] = process.argv.slice(1);
  const database = new DatabaseSync(path);
  const rows = database.prepare(query);
  rows.setReadBigInts(true);
  rows.setReturnArrays(true);
  const isBytes = (value) => value instanceof Uint8Array;
  const text = (value) => (isBytes(value) ? Buffer.from(value).toString("hex") : value);
  for (const row of rows.iterate()) {
    console.log(row.map((value) => typeof value + " " + String(text(value))).join("|"));
  }`;

const BY_POSTGRES_DRIVER = `
  import { Client } from "pg";
  import { to } from "pg-copy-streams";
  const [url, query] = process.argv.slice(1);
  const client = new Client({ connectionString: url });
  await client.connect();
  for await (const piece of client.query(to(query))) process.stdout.write(piece);
  await client.end();`;

/** The rows of a query, one a line. Throws when the program that is asked fails. */
export async function ask(place: Place, query: string): Promise<readonly string[]> {
  const [command, given] = commandFor(place, query);
  const cwd = import.meta.dirname;
  const { stdout } = await execute(command, given, { maxBuffer: BYTES_MAX, cwd });
  return stdout.split("\n").filter((line) => line !== "");
}

function commandFor(place: Place, query: string): [string, string[]] {
  if (place.store === "sqlite") {
    if (HAS_SQLITE) return ["sqlite3", ["-batch", "-quote", place.path, query]];
    return byNode(BY_SQLITE_DRIVER, place.path, query);
  }
  const copy = `COPY (${query}) TO STDOUT`;
  if (HAS_PSQL) return ["psql", ["--no-psqlrc", "--quiet", `--command=${copy}`, place.url]];
  return byNode(BY_POSTGRES_DRIVER, place.url, copy);
}

function byNode(program: string, ...given: readonly string[]): [string, string[]] {
  return [process.execPath, ["--input-type=module", "--eval", program, "--", ...given]];
}
