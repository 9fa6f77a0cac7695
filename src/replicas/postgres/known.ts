// Tables that were looked up before, as long as they are what they were: a read of a few rows must
// not ask for everything that is to be known of their table.
import { readTable } from "./catalogue.ts";
import type { Table } from "./catalogue.ts";
import { tableName } from "./names.ts";
import type { TableName } from "./names.ts";
import type { Session } from "./session.ts";

/** Tables of one database. */
export interface Tables {
  /** As it is now. Throws COLLECTION_MISSING. */
  get(session: Session, name: string, signal: AbortSignal): Promise<Table>;
}

/** Tables that are remembered; those that are needed again are looked up again. */
const KNOWN_MAX = 500;

/** Remembers tables; `ours`: schemas that hold what is ours. */
export function makeTables(ours: readonly string[]): Tables {
  const known = new Map<string, { readonly stamp: string; readonly table: Table }>();
  return {
    get: async (session, name, signal) => {
      const ask = (sql: string, values: readonly (string | null | readonly string[])[]) =>
        session.rows(sql, values, signal);
      const parts = tableName(name);
      // Before the table: what changes in between shows the next time.
      const stamp = parts === undefined ? undefined : await stampOf(session, parts, signal);
      const found = known.get(name);
      if (found !== undefined && found.stamp === stamp) return found.table;
      known.delete(name);
      const table = await readTable(ask, name, ours);
      if (known.size >= KNOWN_MAX) known.clear();
      if (stamp !== undefined) known.set(name, { stamp, table });
      return table;
    },
  };
}

/** Which versions of which rows of the catalogue a table is made of; undefined: there is none. */
async function stampOf(
  session: Session,
  { schema, table }: TableName,
  signal: AbortSignal,
): Promise<string | undefined> {
  const [row] = await session.rows(STAMP, [schema, table], signal);
  return row?.[0] ?? undefined;
}

const version = (row: string): string => `${row}.tableoid || ' ' || ${row}.xmin || ${row}.ctid`;

/** What an update changes is another version of its row, in another place. */
const STAMP = `
WITH RECURSIVE rel AS (
  SELECT c.oid, ${version("c")} AS version
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = $2
), att AS (
  SELECT a.atttypid, a.attcollation, ${version("a")} AS version
    FROM rel JOIN pg_catalog.pg_attribute a ON a.attrelid = rel.oid WHERE a.attnum > 0
), typ AS (
  SELECT atttypid AS oid FROM att
  UNION
  SELECT more.oid FROM typ JOIN pg_catalog.pg_type t ON t.oid = typ.oid
    CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) AS more (oid) WHERE more.oid <> 0
)
SELECT md5(string_agg(version, ',' ORDER BY version)) FROM (
  SELECT version FROM rel
  UNION ALL SELECT version FROM att
  UNION ALL SELECT ${version("t")} FROM typ JOIN pg_catalog.pg_type t ON t.oid = typ.oid
  UNION ALL SELECT ${version("e")} FROM typ JOIN pg_catalog.pg_enum e ON e.enumtypid = typ.oid
  UNION ALL SELECT ${version("i")} FROM rel JOIN pg_catalog.pg_index i ON i.indrelid = rel.oid
  UNION ALL SELECT ${version("f")} FROM rel
    JOIN pg_catalog.pg_constraint f ON f.conrelid = rel.oid
) AS all_of_it`;
