// What we leave in a database that we write: which batches landed, in the transaction of their
// rows, and which database this is. It is all in a schema of ours, whose tables nobody else needs.
import { SyncError } from "../../core/errors.ts";
import type { Batch, Mark } from "../../engine/replica.ts";
import { storedFrom, storedText } from "../../engine/stored.ts";
import { textArray } from "./bundle.ts";
import type { Statement } from "./bundle.ts";
import { STATE, sqlState } from "./failure.ts";
import { readStanding } from "./identity.ts";
import { OURS, quote } from "./names.ts";
import type { Session } from "./session.ts";

/** The tables of one schema of ours. */
export interface Markers {
  /** Where the batch missed, if it landed before. */
  find(session: Session, batch: Batch, signal: AbortSignal): Promise<readonly number[] | undefined>;
  /** Says that the batch landed, and how, and drops those that are settled. */
  leaving(batch: Batch, missed: readonly number[], stored: Mark["stored"] | undefined): Statement;
  /** Drops markers that are safe in the journal; true if there were any. */
  settle(session: Session, batch: Batch, signal: AbortSignal): Promise<boolean>;
  /** Makes the tables where they are not, in a transaction of its own. */
  make(session: Session, id: () => string, signal: AbortSignal): Promise<void>;
  /** Statements without which our user can leave nothing there. */
  lacking(session: Session, signal: AbortSignal): Promise<readonly string[]>;
  /** A link's markers, oldest first. */
  all(session: Session, link: string, signal: AbortSignal): Promise<readonly Mark[]>;
  /** Takes a link's markers away, and with the last link everything of ours. */
  forget(session: Session, link: string, signal: AbortSignal): Promise<void>;
  /** Which database this is and how often we wrote it; undefined: we never did. */
  standing(
    session: Session,
    signal: AbortSignal,
  ): Promise<{ readonly identity: string; readonly epoch: number } | undefined>;
}

/** The schema may be one in which others have tables too: theirs are not called so. */
function tablesIn(ours: string) {
  const named = (name: (typeof NAMES)[number]) => `${ours}.${OURS}${name}`;
  return { markers: named("markers"), links: named("links"), store: named("store") };
}

const NAMES = ["markers", "links", "store"] as const;

/** Two programs that begin at the same moment make the tables one after the other. */
const MAKING = 5_393_412_771;

/** Markers in a schema, which may not be there yet. */
export function markersIn(schema: string): Markers {
  const ours = quote(schema);
  const { markers, links, store } = tablesIn(ours);
  return {
    find: async (session, { link, id }, signal) => {
      const sql = `SELECT missed FROM ${markers} WHERE link = $1 AND id = $2`;
      const [row] = await session.rows(sql, [link, id], signal);
      return row === undefined ? undefined : positionsIn(row[0] ?? "[]");
    },
    leaving: ({ link, id, settled }, missed, stored) => {
      const sql = `
        WITH settled AS (DELETE FROM ${markers} WHERE link = $1 AND id = ANY ($5::text[])),
             mark AS (INSERT INTO ${markers} (link, id, missed, stored) VALUES ($1, $2, $3, $4))
        INSERT INTO ${links} AS l (link, batches) VALUES ($1, 1)
          ON CONFLICT (link) DO UPDATE SET batches = l.batches + 1`;
      const how = [JSON.stringify(missed), storedText(stored)];
      const values = [link, id, ...how, textArray(settled)];
      return { sql, values };
    },
    settle: async (session, { link, settled }, signal) => {
      if (settled.length === 0) return false;
      const sql = `WITH gone AS (DELETE FROM ${markers} WHERE link = $1 AND id = ANY ($2::text[])
        RETURNING 1) SELECT count(*) FROM gone`;
      const [row] = await session.rows(sql, [link, settled], signal);
      return row?.[0] !== "0";
    },
    make: async (session, id, signal) => {
      if ((await accessTo(session, schema, signal)) === "written") return;
      const grants = await lackingIn(session, schema, signal);
      if (grants.length > 0) throw mayNot(session, schema, grants);
      await session.run(`BEGIN; SELECT pg_catalog.pg_advisory_xact_lock(${MAKING})`, signal);
      if ((await accessTo(session, schema, signal)) === "missing") {
        const { identity, epoch } = await readStanding(session, signal);
        const made = await makeTables(session, schema, signal);
        const sql = `INSERT INTO ${store} (name, value)
          VALUES ('identity', $1), ('epoch', $2), ('schema', $3)`;
        await session.rows(sql, [identity ?? id(), String(epoch), made], signal);
      }
      await session.run("COMMIT", signal);
    },
    lacking: (session, signal) => lackingIn(session, schema, signal),
    all: async (session, link, signal) => {
      if (!READABLE.has(await accessTo(session, schema, signal))) return [];
      const sql = `SELECT id, missed, stored FROM ${markers} WHERE link = $1 ORDER BY seq`;
      const rows = await session.rows(sql, [link], signal);
      return rows.map(([id, missed, stored]) => markOf(id ?? "", missed ?? "[]", stored ?? ""));
    },
    forget: async (session, link, signal) => {
      // Whoever may not write there has left nothing.
      if ((await accessTo(session, schema, signal)) !== "written") return;
      await session.run(`BEGIN; LOCK TABLE ${links}, ${store} IN SHARE ROW EXCLUSIVE MODE`, signal);
      await session.rows(`DELETE FROM ${markers} WHERE link = $1`, [link], signal);
      // Its batches count on: an epoch never goes back by itself.
      const moved = `WITH gone AS (DELETE FROM ${links} WHERE link = $1 RETURNING batches)
        UPDATE ${store} SET value = (value::bigint + (SELECT batches FROM gone))::text
         WHERE name = 'epoch' AND EXISTS (SELECT FROM gone)`;
      await session.rows(moved, [link], signal);
      const [others] = await session.rows(`SELECT count(*) FROM ${links}`, [], signal);
      if (others?.[0] === "0") await dropAll(session, ours, signal);
      await session.run("COMMIT", signal);
    },
    standing: async (session, signal) => {
      if (!READABLE.has(await accessTo(session, schema, signal))) return undefined;
      const sql = `SELECT (SELECT value FROM ${store} WHERE name = 'identity'),
        (SELECT value::bigint FROM ${store} WHERE name = 'epoch')
          + coalesce((SELECT sum(batches) FROM ${links}), 0)`;
      const [row] = await session.rows(sql, [], signal);
      return { identity: row?.[0] ?? "", epoch: Number(row?.[1]) };
    },
  };
}

/** What our user may do with tables of ours, which another user may have made. */
type Access = "missing" | "closed" | "read" | "written";

const READABLE: ReadonlySet<Access> = new Set<Access>(["read", "written"]);

async function accessTo(session: Session, schema: string, signal: AbortSignal): Promise<Access> {
  const may = (what: string) => `pg_catalog.has_table_privilege(c.oid, '${what}')`;
  const sql = `
    SELECT count(*),
           bool_and(pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND ${may("SELECT")}),
           bool_and(${may("INSERT")} AND ${may("UPDATE")} AND ${may("DELETE")})
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = ANY ($2::text[])`;
  const values = [schema, NAMES.map((name) => OURS + name)];
  const [[count, isRead, isWritten] = []] = await session.rows(sql, values, signal);
  if (count !== String(NAMES.length)) return "missing";
  if (isRead !== "t") return "closed";
  return isWritten === "t" ? "written" : "read";
}

/** Returns who made the schema: `made`, we did. */
async function makeTables(
  session: Session,
  schema: string,
  signal: AbortSignal,
): Promise<"made" | "found"> {
  const ours = quote(schema);
  const sql = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
  const [there] = await session.rows(sql, [schema], signal);
  // Somebody may have made it for us, because we may not.
  if (there === undefined) await session.run(`CREATE SCHEMA ${ours}`, signal);
  await session.run(tablesSql(ours), signal);
  return there === undefined ? "made" : "found";
}

function tablesSql(ours: string): string {
  const { markers, links, store } = tablesIn(ours);
  return `
    CREATE TABLE ${markers} (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      link text NOT NULL,
      id text NOT NULL,
      missed text NOT NULL,
      stored text NOT NULL,
      UNIQUE (link, id)
    );
    CREATE TABLE ${links} (link text PRIMARY KEY, batches bigint NOT NULL);
    CREATE TABLE ${store} (name text PRIMARY KEY, value text)`;
}

/** The statements that would let our user leave something there; none: it can. */
async function lackingIn(
  session: Session,
  schema: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [ours, user] = [quote(schema), quote(session.user)];
  const access = await accessTo(session, schema, signal);
  if (access === "written") return [];
  if (access !== "missing") {
    const tables = Object.values(tablesIn(ours)).join(", ");
    return [
      `GRANT USAGE ON SCHEMA ${ours} TO ${user};`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ${tables} TO ${user}; -- ${WHY}`,
    ];
  }
  const sql = `
    SELECT d.name, pg_catalog.has_database_privilege(d.name, 'CREATE'), n.oid IS NOT NULL,
           pg_catalog.has_schema_privilege(n.oid, 'USAGE')
             AND pg_catalog.has_schema_privilege(n.oid, 'CREATE')
      FROM (SELECT pg_catalog.current_database()) AS d (name)
      LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1`;
  const [[database, mayMake, isThere, mayFill] = []] = await session.rows(sql, [schema], signal);
  if (isThere === "t") {
    return mayFill === "t" ? [] : [`GRANT USAGE, CREATE ON SCHEMA ${ours} TO ${user}; -- ${WHY}`];
  }
  const all = quote(database ?? "");
  return mayMake === "t" ? [] : [`GRANT CREATE ON DATABASE ${all} TO ${user}; -- ${WHY}`];
}

function mayNot({ user }: Session, schema: string, grants: readonly string[]): SyncError {
  const message = `${user} may not keep what proves its writes in the schema ${schema}`;
  return new SyncError("REPLICA_DENIED", message, { hint: grants.join("\n") });
}

/** After a GRANT it is a comment of SQL. */
const WHY = "for the markers of writes; or say markers: false, or another schema";

/** What another user made stays, and a schema that others use as well, or that we did not make. */
async function dropAll(session: Session, ours: string, signal: AbortSignal): Promise<void> {
  const { markers, links, store } = tablesIn(ours);
  const made = `SELECT 1 FROM ${store} WHERE name = 'schema' AND value = 'made'`;
  const isMade = (await session.rows(made, [], signal)).length > 0;
  const tables = `DROP TABLE ${markers}, ${links}, ${store}`;
  for (const sql of isMade ? [tables, `DROP SCHEMA ${ours} RESTRICT`] : [tables]) {
    try {
      await session.run(`SAVEPOINT syncline; ${sql}`, signal);
    } catch (error) {
      const state = sqlState(error);
      if (state !== STATE.DEPENDED_ON && state !== STATE.DENIED) throw error;
      await session.run("ROLLBACK TO SAVEPOINT syncline", signal);
      return;
    }
  }
}

function markOf(id: string, missed: string, text: string): Mark {
  const stored = storedFrom(text);
  return { id, missed: positionsIn(missed), ...(stored && { stored }) };
}

function positionsIn(text: string): readonly number[] {
  const parsed: unknown = JSON.parse(text);
  return Array.isArray(parsed) ? parsed.filter((each) => typeof each === "number") : [];
}
