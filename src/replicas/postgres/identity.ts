// Which database this is and how old, as the server itself knows it.
import { STATE, sqlState } from "./failure.ts";
import type { Session } from "./session.ts";

/** What a server says of a database in which we have left nothing. */
export interface Standing {
  /** The cluster's own number and the database's; absent: the server does not tell us. */
  readonly identity: string | undefined;
  /** Transactions that changed anything: fewer of them than before is an older copy. */
  readonly epoch: number;
}

/** Asks for identity and epoch; leaves nothing behind. */
export async function readStanding(session: Session, signal: AbortSignal): Promise<Standing> {
  const [row] = await session.rows(
    `SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot()),
       (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()),
       pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')`,
    [],
    signal,
  );
  const [transactions, database, isAllowed] = row ?? [];
  const system = isAllowed === "t" ? await systemOf(session, signal) : undefined;
  return {
    identity: system === undefined ? undefined : `postgres ${system} ${database}`,
    epoch: Number(transactions),
  };
}

async function systemOf(session: Session, signal: AbortSignal): Promise<string | undefined> {
  try {
    const sql = "SELECT system_identifier FROM pg_catalog.pg_control_system()";
    const [row] = await session.rows(sql, [], signal);
    return row?.[0] ?? undefined;
  } catch (error) {
    // Where servers only look like PostgreSQL's.
    if (sqlState(error) === STATE.DENIED || sqlState(error) === STATE.NOT_SUPPORTED)
      return undefined;
    throw error;
  }
}
