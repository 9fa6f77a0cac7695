// The same customers in a PostgreSQL server that the benchmark starts itself.
import { readFileSync } from "node:fs";
import type { Client } from "pg";

/** As stores.ts makes them in SQLite. */
const CUSTOMERS = `CREATE TABLE customers (id bigint PRIMARY KEY, name text, email text, city text,
    country text, status text, score double precision, visits bigint, note text, updated_at text);
  INSERT INTO customers SELECT i, 'Customer number ' || i, 'customer' || i || '@example.com',
    'City ' || i % 5000, 'C' || i % 90, CASE WHEN i % 97 = 0 THEN 'closed' ELSE 'active' END,
    (i % 800) / 8.0, i % 77, 'note ' || upper(encode((i * 7919)::text::bytea, 'hex')),
    '2026-' || lpad((1 + i % 12)::text, 2, '0') || '-01T10:00:00Z'
    FROM generate_series(1, ROWS::bigint) AS i;
  VACUUM ANALYZE customers`;

/** Makes the table, with its rows. */
export async function makeCustomers(client: Client, rows: number): Promise<void> {
  for (const statement of CUSTOMERS.replace("ROWS", String(rows)).split(";")) {
    await client.query(statement);
  }
}

/** CPU time of a server's sessions that have ended; undefined where the system does not tell. */
export function spentMs(postmaster: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  const stat = readFileSync(`/proc/${postmaster}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields[WAITED], fields[WAITED + 1]].map(Number);
  return ((user ?? NaN) + (system ?? NaN)) * TICK_MS;
}

/** Of children that were waited for, counted from the state of the process. */
const WAITED = 13;
const TICK_MS = 10;
