// First loads into PostgreSQL, as whole processes: from SQLite, CSV and PostgreSQL, beside the
// tools that people use for it.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Figure } from "./figures.ts";
import { peakFigure, ratioFigure, spreadOf, wallFigure } from "./figures.ts";
import { measure } from "./measure.ts";
import type { Cost } from "./measure.ts";
import { makeCustomers } from "./postgres.ts";
import type { Bench } from "./run.ts";
import { ask, execute, missing, startBenchServer } from "./servers.ts";
import type { BenchServer, Spent } from "./servers.ts";
import { FILTER_SQL, makeSource, MAPPED, removeDatabase, TARGET } from "./stores.ts";

/** One row in a thousand breaks a rule. */
const PLANT_SQL = "UPDATE customers SET score = -1 WHERE id % 1000 = 7";
const SELECT = `SELECT ${MAPPED.join(", ")} FROM customers WHERE ${FILTER_SQL} AND score >= 0`;
const SAME_DDL = `CREATE TABLE customers (id bigint PRIMARY KEY, full_name text, mail text,
  city text, state text, points double precision, visits bigint)`;
const WHOLE_DDL = `CREATE TABLE whole (id bigint PRIMARY KEY, name text, email text, city text,
  country text, status text, score double precision, visits bigint, note text, updated_at text)`;
const CONTENT_SQL = `SELECT count(*), sum(length(full_name || mail || city)) AS letters,
  sum(points) AS points, sum(visits * (id % 1009)) AS visits FROM customers`;

/** One way of doing it. */
interface Route {
  readonly name: string;
  readonly needs: readonly string[];
  readonly run: () => Cost;
  /** It brings the same columns and rows as we do. */
  readonly isSame: boolean;
  /** Our speed in terms of its own: what it should be. */
  readonly aim: string;
}

/** (g): from SQLite, and from CSV. */
export async function benchIntoPostgres(bench: Bench): Promise<readonly Figure[]> {
  const { folder, rows, say } = bench;
  say(`building ${rows} rows`);
  makeSource(join(folder, "source.db"), rows);
  plant(join(folder, "source.db"));
  const server = await startBenchServer(["source", "target"]);
  try {
    const url = server.url("target");
    const copy = `psql -qX "${url}" -c "\\copy customers from stdin csv"`;
    const database = `LOAD DATABASE FROM sqlite://${join(folder, "source.db")} INTO ${url}
      WITH include drop, create tables, create indexes, reset no sequences;`;
    const loader = { needs: ["pgloader"], isSame: false, aim: ">= 3" };
    const sqlite = await rounds(bench, server, {
      title: "SQLite",
      source: "{ type: sqlite, path: ./source.db }",
      routes: [
        {
          name: "sqlite3 -csv | psql \\copy",
          needs: ["sqlite3", "psql"],
          run: () => pipe(folder, `sqlite3 -csv source.db "${SELECT}" | ${copy}`),
          isSame: true,
          aim: ">= 1",
        },
        { ...loader, name: "pgloader, all columns", run: () => pgloader(folder, database) },
      ],
    });
    if (!makeCsv(folder)) return sqlite;
    const whole = `psql -qX "${url}" -c "\\copy whole from 'customers.csv' csv header"`;
    const file = `LOAD CSV FROM '${join(folder, "customers.csv")}' INTO ${url} TARGET TABLE whole
      WITH skip header = 1, fields terminated by ',', fields optionally enclosed by '"';`;
    const csv = await rounds(bench, server, {
      title: "CSV",
      source: "{ type: rows, path: ., format: csv, collections: { customers: { key: [id] } } }",
      routes: [
        {
          name: "psql \\copy, all columns and rows",
          needs: ["psql"],
          run: () => pipe(folder, whole),
          isSame: false,
          aim: ">= 1",
        },
        { ...loader, name: "pgloader, all columns and rows", run: () => pgloader(folder, file) },
      ],
    });
    return [...sqlite, ...csv];
  } finally {
    await server.stop();
  }
}

/** (h): from PostgreSQL, another database of the same server. */
export async function benchBetweenPostgres(bench: Bench): Promise<readonly Figure[]> {
  const { folder, rows, say } = bench;
  const server = await startBenchServer(["source", "target"]);
  try {
    say(`building ${rows} rows`);
    const [source, target] = [server.url("source"), server.url("target")];
    await fillServer(source, rows);
    const [from, to] = [`psql -qX "${source}"`, `psql -qX "${target}"`];
    const out = `${from} -c "copy (${SELECT}) to stdout (format binary)"`;
    const into = `${to} -c "copy customers from stdin (format binary)"`;
    const dump = `pg_dump -t customers --no-owner "${source}"`;
    return await rounds(bench, server, {
      title: "PostgreSQL",
      source: `{ type: postgres, url: "${source}", ssl: { mode: disable } }`,
      routes: [
        {
          name: "COPY | COPY, binary",
          needs: ["psql"],
          run: () => pipe(folder, `${out} | ${into}`),
          isSame: true,
          aim: ">= 0.8",
        },
        {
          name: "pg_dump | psql, all columns and rows",
          needs: ["pg_dump", "psql"],
          run: () => pipe(folder, `${to} -c "drop table customers"; ${dump} | ${to} -o /dev/null`),
          isSame: false,
          aim: "",
        },
      ],
    });
  } finally {
    await server.stop();
  }
}

/** (m): greatest memory of first loads of several sizes, from SQLite and from CSV. */
export async function benchLoadMemory(bench: Bench): Promise<readonly Figure[]> {
  const { folder, rows, cli, say } = bench;
  const figures: Figure[] = [];
  const server = await startBenchServer(["target"]);
  try {
    for (const count of [rows, rows * 5]) {
      say(`building ${count} rows`);
      removeDatabase(join(folder, "source.db"));
      makeSource(join(folder, "source.db"), count);
      plant(join(folder, "source.db"));
      const sources = [["SQLite", SQLITE], ...(makeCsv(folder) ? [["CSV", CSV]] : [])];
      if (makeCsv(folder, "random()", "shuffled")) sources.push(["shuffled CSV", SHUFFLED]);
      for (const [title = "", source = ""] of sources) {
        await reset(server, folder);
        writeConfig(folder, server.url("target"), source, title === "shuffled CSV");
        say(`first load of ${count} rows from ${title}`);
        const cost = measure([...cli, "run", "--json"], RUNNING(folder));
        const name = `peak memory, first load of ${count} rows from ${title}`;
        figures.push({ ...peakFigure("m", name, [cost]), aim: "<= 256, flat" });
      }
    }
  } finally {
    await server.stop();
  }
  return figures;
}

const SQLITE = "{ type: sqlite, path: ./source.db }";
const CSV = "{ type: rows, path: ., format: csv, collections: { customers: { key: [id] } } }";
const SHUFFLED = "{ type: rows, path: ., format: csv, collections: { shuffled: { key: [id] } } }";
/** 4: rows that were rejected wait. */
const RUNNING = (cwd: string) => ({ cwd, asksPeak: true, exits: [0, 4] });

interface Job {
  readonly title: string;
  readonly source: string;
  readonly routes: readonly Route[];
}

/** Rounds of ours and all others that can be had, one after the other. */
async function rounds(
  { folder, rows, rounds: count, cli, say }: Bench,
  server: BenchServer,
  { title, source, routes }: Job,
): Promise<readonly Figure[]> {
  writeConfig(folder, server.url("target"), source);
  const skipped: string[] = [];
  const others = routes.filter(({ name, needs }) => {
    const lacking = missing(needs);
    if (lacking !== undefined) skipped.push(`${name} (no ${lacking})`);
    return lacking === undefined;
  });
  if (skipped.length > 0) say(`skipped: ${skipped.join(", ")}`);
  const ours: Route = {
    name: `syncline run, ${rows} rows from ${title}`,
    needs: [],
    run: () => measure([...cli, "run", "--json"], RUNNING(folder)),
    isSame: true,
    aim: "",
  };
  const all = [ours, ...others];
  const costs = new Map<Route, Spent[]>(all.map((route) => [route, []]));
  let expected: string | undefined;
  for (let round = 0; round < count; round++) {
    say(`${title}, round ${round + 1} of ${count}`);
    for (const route of all) {
      await reset(server, folder);
      costs.get(route)?.push(await server.during(route.run));
      if (!route.isSame) continue;
      const found = await ask(server.url("target"), CONTENT_SQL);
      expected ??= found;
      if (found !== expected) throw new Error(`${route.name} left ${found}, not ${expected}`);
    }
  }
  return figuresOf(title, all, costs);
}

function figuresOf(
  title: string,
  [ours, ...others]: readonly Route[],
  costs: ReadonlyMap<Route, readonly Spent[]>,
): readonly Figure[] {
  const of = title === "PostgreSQL" ? "h" : "g";
  const costsOf = (route: Route | undefined) => (route && costs.get(route)) ?? [];
  const own = costsOf(ours);
  return [
    ...[ours, ...others].flatMap((route) => [
      wallFigure(of, route?.name ?? "", costsOf(route)),
      serverFigure(of, costsOf(route)),
    ]),
    ...others.map((route) => {
      const pairs = costsOf(route).map(({ wallMs }, at) => ({
        over: wallMs,
        under: own[at]?.wallMs ?? NaN,
      }));
      return ratioFigure(of, `${route.name} / syncline, wall`, route.aim, pairs);
    }),
    { ...peakFigure(of, "peak memory", own), aim: "<= 256" },
  ];
}

/** The server's part of a command's cost. */
export function serverFigure(of: string, rounds: readonly Spent[]): Figure {
  const name = "  the server's CPU meanwhile";
  return { of, name, unit: "s", ...spreadOf(rounds.map(({ serverMs }) => serverMs / 1000)) };
}

/** Nothing of ours or of others is left, and no checkpoint of before is still to come. */
async function reset(server: BenchServer, folder: string): Promise<void> {
  removeDatabase(join(folder, "journal.db"));
  await execute(server.url("target"), [
    "DROP SCHEMA IF EXISTS syncline CASCADE",
    "DROP TABLE IF EXISTS customers, whole",
    SAME_DDL,
    WHOLE_DDL,
    "CHECKPOINT",
  ]);
}

async function fillServer(url: string, rows: number): Promise<void> {
  const { Client } = await import("pg");
  const client = new Client({ connectionString: url });
  await client.connect();
  await makeCustomers(client, rows);
  await client.query(PLANT_SQL);
  await client.query("VACUUM ANALYZE customers");
  await client.end();
}

function plant(path: string): void {
  const db = new DatabaseSync(path);
  db.exec(PLANT_SQL);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}

/** False: there is no program here that makes it. */
function makeCsv(folder: string, order = "id", name = "customers"): boolean {
  if (missing(["sqlite3"]) !== undefined) return false;
  const sql = `SELECT * FROM customers ORDER BY ${order}`;
  const made = spawnSync("sh", ["-c", `sqlite3 -csv -header source.db "${sql}" > ${name}.csv`], {
    cwd: folder,
  });
  return made.status === 0;
}

function pipe(cwd: string, command: string): Cost {
  return measure(["bash", "-c", `set -o pipefail; ${command}`], { cwd });
}

function pgloader(cwd: string, commands: string): Cost {
  writeFileSync(join(cwd, "pgloader.load"), commands);
  return measure(["pgloader", "--root-dir", cwd, "--quiet", "pgloader.load"], { cwd });
}

/** Six fields and the key, two filters, four rules. */
function writeConfig(folder: string, url: string, source: string, isShuffled = false): void {
  const fields = MAPPED.map((name, i) => `      - { source: ${name}, target: ${TARGET[i]} }`);
  const text = `version: 1
journal: ./journal.db
systems:
  a: ${source}
  b: { type: postgres, url: "${url}", ssl: { mode: disable } }
pipelines:
  customers:
    source: a.${isShuffled ? "shuffled" : "customers"}
    target: b.customers
    mapping:
${fields.join("\n")}
    filters:
      - { field: status, operator: equals, value: active }
      - { field: visits, operator: less_than, value: 76 }
    validation:
      - { field: full_name, type: required }
      - { field: mail, type: type, config: { expectedType: string } }
      - { field: points, type: range, config: { min: 0, max: 1000 } }
      - { field: state, type: allowedValues, config: { allowedValues: [active, paused] } }
`;
  writeFileSync(join(folder, "syncline.yaml"), text);
}
