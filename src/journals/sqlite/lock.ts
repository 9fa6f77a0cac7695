// One writer for each journal: a transaction that is held open on a small file beside it. The
// operating system ends it with the process, however that dies, so no lock is ever left behind.
import { isSyncError, SyncError } from "../../core/errors.ts";
import { Database } from "./database.ts";
import type { Query } from "./database.ts";

/** Who asks for the lock, so that others can be told who has it. */
export interface Claim {
  readonly program: string;
  readonly pid: number;
  /** ms since the epoch. */
  readonly since: number;
}

/** How long another program's few milliseconds with the lock's file are waited for. */
const BUSY_MS_MAX = 1_000;
/** How often a lock is tried that others took and gave back while it was being signed. */
const TRIES_MAX = 10;

/** The lock of one journal, held from its construction until it is closed. */
export class WriterLock {
  readonly #database: Database;

  /** Throws JOURNAL_LOCKED when another connection holds it. */
  constructor(journal: string, claim: Claim) {
    this.#database = new Database(`${journal}-lock`, { busyMs: BUSY_MS_MAX });
    try {
      this.#take(journal, claim);
    } catch (error) {
      this.#database.close();
      if (!isSyncError(error, "JOURNAL_CORRUPT")) throw error;
      throw new SyncError("JOURNAL_CORRUPT", `${journal}-lock, the journal's lock, is damaged`, {
        hint: "Delete it while no program uses the journal: nothing is remembered in it.",
        cause: error,
      });
    }
  }

  close(): void {
    this.#database.close();
  }

  /** The name is committed first, where others can read it, and the lock is then taken again. */
  #take(journal: string, claim: Claim): void {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      this.#hold(journal);
      sign(this.#database, claim);
      this.#database.exec("COMMIT");
      this.#hold(journal);
      const holder = holderOf(this.#database);
      if (holder?.pid === claim.pid && holder.since === claim.since) return;
      this.#database.exec("ROLLBACK");
    }
    throw locked(journal, undefined);
  }

  /** Holds the write lock of the file, which leaves it readable. */
  #hold(journal: string): void {
    try {
      // One writer at a time is all that is wanted: waiting would only delay the message.
      this.#database.exec("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE");
    } catch (error) {
      if (!isSyncError(error, "JOURNAL_LOCKED")) throw error;
      this.#database.exec(`PRAGMA busy_timeout = ${BUSY_MS_MAX}`);
      throw locked(journal, holderOf(this.#database));
    }
    this.#database.exec(`PRAGMA busy_timeout = ${BUSY_MS_MAX}`);
  }
}

function sign(database: Database, { program, pid, since }: Claim): void {
  database.exec(`
    CREATE TABLE IF NOT EXISTS holder (program TEXT, pid INTEGER, since INTEGER) STRICT;
    DELETE FROM holder;
  `);
  database.run("INSERT INTO holder (program, pid, since) VALUES (?, ?, ?)", program, pid, since);
}

const IS_SIGNED: Query<readonly [number]> = {
  sql: "SELECT 1 FROM sqlite_schema WHERE name = 'holder'",
};
const HOLDER: Query<readonly [string, number, number]> = {
  sql: "SELECT program, pid, since FROM holder",
};

function holderOf(database: Database): Claim | undefined {
  if (database.row(IS_SIGNED) === undefined) return undefined;
  const row = database.row(HOLDER);
  if (row === undefined) return undefined;
  const [program, pid, since] = row;
  return { program, pid, since };
}

function locked(journal: string, holder: Claim | undefined): SyncError {
  const who =
    holder === undefined
      ? "another program"
      : `${holder.program} (process ${holder.pid}, since ${new Date(holder.since).toISOString()})`;
  return new SyncError("JOURNAL_LOCKED", `${journal} is being written by ${who}`, {
    hint: "Wait for it or stop it. Commands that only read work meanwhile.",
  });
}
