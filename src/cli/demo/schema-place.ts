// A side of the demonstration in a PostgreSQL: one schema, which the demonstration has made itself
// and which says so. Nothing else of the database is ever touched.
import { SyncError } from "../../core/errors.ts";
import { openDatabase } from "../../replicas/postgres/connect.ts";
import { STATE, failureOf, sqlState } from "../../replicas/postgres/failure.ts";
import { OURS } from "../../replicas/postgres/names.ts";
import type { Session } from "../../replicas/postgres/session.ts";
import { usage } from "../arguments.ts";
import { safe } from "../values.ts";
import type { World } from "../world.ts";
import type { Cell, Column, Dataset } from "./entries.ts";
import { byKey, positionOf, quoted } from "./place.ts";
import type { Changes, Place, Row } from "./place.ts";

/** The only schema that is touched. */
const DEMO_SCHEMA = "syncline_demo";
/** The variable that the configuration of the demonstration takes the address from. */
export const DEMO_VARIABLE = "SYNCLINE_DEMO_URL";

/** What says that a schema or table was made by a demonstration, and may go with the next one. */
const MARK = "Made by `syncline demo`. It may be dropped.";
/** Two demonstrations at once would be in each other's way. */
const ONE_AT_A_TIME = 5_393_412_772;
/** Rows in one statement. */
const ROWS_MAX = 1000;

/** The schema, open for the length of one demonstration. */
export interface DemoSchema {
  readonly place: Place;
  close(): Promise<void>;
}

/**
 * Makes the schema, or makes it anew where an earlier demonstration has left it. Throws where
 * somebody else's schema has that name, or holds what no demonstration has made.
 */
export async function openDemoSchema(url: string, world: World): Promise<DemoSchema> {
  const database = openDatabase({ url, environment: world.env });
  const { signal } = world.stopping;
  // It holds the lock until everything is closed.
  const keeper = await database.take(signal);
  const close = async () => {
    database.giveBack(keeper, "used");
    await database.close();
  };
  try {
    await lock(keeper, signal);
    await within(keeper, signal, () => makeSchema(keeper, signal));
  } catch (error) {
    await close();
    throw failureOf(error, database.title);
  }
  const place = placeIn((work) =>
    database.use(signal, (session) =>
      within(session, signal, () => work((sql, values) => session.rows(sql, values, signal))),
    ),
  );
  return { place, close };
}

async function lock(session: Session, signal: AbortSignal): Promise<void> {
  const sql = "SELECT pg_catalog.pg_try_advisory_lock($1)";
  const [row] = await session.rows(sql, [ONE_AT_A_TIME], signal);
  if (row?.[0] === "t") return;
  throw new SyncError("REPLICA_UNAVAILABLE", "Another demonstration runs in this database.", {
    hint: "Wait for its end.",
  });
}

async function makeSchema(session: Session, signal: AbortSignal): Promise<void> {
  const sql = `SELECT pg_catalog.obj_description(oid, 'pg_namespace')
    FROM pg_catalog.pg_namespace WHERE nspname = $1`;
  const [found] = await session.rows(sql, [DEMO_SCHEMA], signal);
  if (found !== undefined) {
    if (found[0] !== MARK) throw notOurs(`There is a schema ${DEMO_SCHEMA} which`);
    return empty(session, signal);
  }
  try {
    await session.run(`CREATE SCHEMA ${DEMO_SCHEMA}`, signal);
  } catch (error) {
    if (sqlState(error) === STATE.DENIED) throw await mayMakeNone(session, signal);
    throw error;
  }
  await session.run(`COMMENT ON SCHEMA ${DEMO_SCHEMA} IS '${MARK}'`, signal);
}

/** Drops what earlier demonstrations have made; that and nothing else must be there. */
async function empty(session: Session, signal: AbortSignal): Promise<void> {
  const sql = `
    SELECT c.relname, c.relkind = 'r' AND (pg_catalog.starts_with(c.relname, $3)
             OR pg_catalog.obj_description(c.oid, 'pg_class') IS NOT DISTINCT FROM $2)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;
  const tables = await session.rows(sql, [DEMO_SCHEMA, MARK, OURS], signal);
  const strange = tables.find(([, isOurs]) => isOurs !== "t");
  if (strange !== undefined)
    throw notOurs(`${DEMO_SCHEMA}.${safe(strange[0] ?? "")} is something that`);
  if (tables.length === 0) return;
  const names = tables.map(([name]) => tableIn(name ?? ""));
  try {
    await session.run(`DROP TABLE ${names.join(", ")} RESTRICT`, signal);
  } catch (error) {
    if (sqlState(error) === STATE.DEPENDED_ON)
      throw notOurs(`Tables of ${DEMO_SCHEMA} are needed by something that`);
    throw error;
  }
}

function notOurs(what: string): SyncError {
  const hint = "Rename or drop it, or name another database: nothing was touched.";
  return usage(`${what} the demonstration has not made.`, hint);
}

/** Inside a transaction that has failed: its end is somebody else's. */
async function mayMakeNone(session: Session, signal: AbortSignal): Promise<SyncError> {
  await session.run("ROLLBACK", signal);
  const [row] = await session.rows("SELECT pg_catalog.current_database()", [], signal);
  const grant = `GRANT CREATE ON DATABASE ${quoted(row?.[0] ?? "")} TO ${quoted(session.user)};`;
  return new SyncError("REPLICA_DENIED", `${session.user} may not make a schema.`, { hint: grant });
}

type Ask = (sql: string, values: readonly string[]) => Promise<readonly (string | null)[][]>;

function placeIn(inTransaction: <T>(work: (ask: Ask) => Promise<T>) => Promise<T>): Place {
  return {
    title: "PostgreSQL",
    visit: `export ${DEMO_VARIABLE}=…      # the address that you gave`,
    stays:
      `The schema ${DEMO_SCHEMA} stays until the next demonstration, or until you say\n` +
      `  DROP SCHEMA ${DEMO_SCHEMA} CASCADE`,
    system:
      `{ type: postgres, url: "\${${DEMO_VARIABLE}}", ` +
      `schema: ${DEMO_SCHEMA}, markers: ${DEMO_SCHEMA} }`,
    makeTable: (dataset, version) =>
      inTransaction(async (ask) => {
        const { columns, key } = dataset;
        const table = tableIn(dataset.table);
        const definitions = columns.map(({ name, type }) => {
          const notNull = key.includes(name) ? " NOT NULL" : "";
          return `${quoted(name)} ${TYPES[type]}${notNull}`;
        });
        definitions.push(`PRIMARY KEY (${key.map(quoted).join(", ")})`);
        await ask(`CREATE TABLE ${table} (${definitions.join(", ")})`, []);
        await ask(`COMMENT ON TABLE ${table} IS '${MARK}'`, []);
        await insert(ask, dataset, [...(version?.rows.values() ?? [])]);
      }),
    change: (dataset, changes) => inTransaction((ask) => change(ask, dataset, changes)),
    rows: (dataset) => inTransaction(async (ask) => byKey(dataset, await read(ask, dataset))),
  };
}

const TYPES: { readonly [type in Column["type"]]: string } = {
  TEXT: "text",
  INTEGER: "bigint",
  REAL: "double precision",
  BOOLEAN: "boolean",
  JSON: "jsonb",
};

async function change(ask: Ask, dataset: Dataset, changes: Changes): Promise<void> {
  const { columns, key } = dataset;
  const { deleted, inserted, updated } = changes;
  const table = tableIn(dataset.table);
  const isSame = (name: string) => `t.${quoted(name)} = ${cellIn(dataset, name)}`;
  const where = key.map(isSame).join(" AND ");
  await each(deleted, (rows) => ask(`DELETE FROM ${table} t USING ${ROWS} WHERE ${where}`, [rows]));
  await insert(ask, dataset, inserted);
  const rest = columns.filter(({ name }) => !key.includes(name));
  const sets = rest.map(({ name }) => `${quoted(name)} = ${cellIn(dataset, name)}`).join(", ");
  await each(updated, (rows) => {
    return ask(`UPDATE ${table} t SET ${sets} FROM ${ROWS} WHERE ${where}`, [rows]);
  });
}

async function insert(ask: Ask, dataset: Dataset, rows: readonly Row[]): Promise<void> {
  const names = dataset.columns.map(({ name }) => quoted(name)).join(", ");
  const cells = dataset.columns.map(({ name }) => cellIn(dataset, name)).join(", ");
  const sql = `INSERT INTO ${tableIn(dataset.table)} (${names}) SELECT ${cells} FROM ${ROWS}`;
  await each(rows, (some) => ask(sql, [some]));
}

/** Rows that are bound as one text: over a network each statement costs a journey. */
const ROWS = "pg_catalog.json_array_elements($1::json) AS r (cells)";

function cellIn(dataset: Dataset, name: string): string {
  const position = positionOf(dataset, name);
  const type = TYPES[dataset.columns[position]?.type ?? "TEXT"];
  return `(r.cells->>${position})::${type}`;
}

async function each(rows: readonly Row[], work: (some: string) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_MAX) {
    await work(JSON.stringify(rows.slice(at, at + ROWS_MAX)));
  }
}

async function read(ask: Ask, { table, columns, key }: Dataset): Promise<readonly Row[]> {
  const names = columns.map(({ name }) => `${quoted(name)}::text`).join(", ");
  const isText = (name: string) =>
    columns.some((each) => each.name === name && each.type === "TEXT");
  const order = key.map((name) => `${quoted(name)}${isText(name) ? ' COLLATE "C"' : ""}`);
  const rows = await ask(`SELECT ${names} FROM ${tableIn(table)} ORDER BY ${order.join(", ")}`, []);
  return rows.map((row) => row.map((text, i) => cellOf(text, columns[i]?.type ?? "TEXT")));
}

/** As the dataset and SQLite have it. */
function cellOf(text: string | null, type: Column["type"]): Cell {
  if (text === null) return null;
  if (type === "BOOLEAN") return text === "true" ? 1 : 0;
  return type === "INTEGER" || type === "REAL" ? Number(text) : text;
}

function tableIn(table: string): string {
  return `${DEMO_SCHEMA}.${quoted(table)}`;
}

/** Works in one transaction; a connection on which it failed is not used again. */
async function within<T>(
  session: Session,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  await session.run("BEGIN", signal);
  const result = await work();
  await session.run("COMMIT", signal);
  return result;
}
