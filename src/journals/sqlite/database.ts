// One connection to a journal's file, and what its errors mean for a person.
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { SyncError } from "../../core/errors.ts";

/** How long a connection waits where another one is in the way for a moment. */
const BUSY_MS_MAX = 5_000;

/** A query and the type of its rows. Every table is STRICT, so that the type is what comes. */
export interface Query<Row extends readonly SQLOutputValue[]> {
  readonly sql: string;
  /** Never there: it only carries the type. */
  readonly row?: Row;
}

/** A connection with its prepared statements. Its errors are SyncErrors that name the file. */
export class Database {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(
    path: string,
    options: { readonly readOnly?: boolean; readonly busyMs?: number } = {},
  ) {
    this.path = path;
    const { readOnly = false, busyMs = BUSY_MS_MAX } = options;
    try {
      this.#connection = new DatabaseSync(path, { readOnly, timeout: busyMs });
    } catch (error) {
      throw explain(error, path);
    }
  }

  /** Runs statements that take no values. */
  exec(sql: string): void {
    try {
      this.#connection.exec(sql);
    } catch (error) {
      throw explain(error, this.path);
    }
  }

  /** All rows, as arrays. */
  rows<Row extends readonly SQLOutputValue[]>(
    query: Query<Row>,
    ...values: readonly SQLInputValue[]
  ): readonly Row[] {
    try {
      // With setReturnArrays a row is an array, which the types of node:sqlite do not say.
      return this.#prepare(query.sql).all(...values) as unknown as readonly Row[];
    } catch (error) {
      throw explain(error, this.path);
    }
  }

  /** Rows one by one, for as long as they are wanted. */
  *each<Row extends readonly SQLOutputValue[]>(
    query: Query<Row>,
    ...values: readonly SQLInputValue[]
  ): Generator<Row, void> {
    try {
      for (const row of this.#prepare(query.sql).iterate(...values)) {
        yield row as unknown as Row; // As in rows().
      }
    } catch (error) {
      throw explain(error, this.path);
    }
  }

  /** The first row, if there is one. */
  row<Row extends readonly SQLOutputValue[]>(
    query: Query<Row>,
    ...values: readonly SQLInputValue[]
  ): Row | undefined {
    return this.rows(query, ...values)[0];
  }

  /** Runs one statement; returns how many rows it changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    try {
      return Number(this.#prepare(sql).run(...values).changes);
    } catch (error) {
      throw explain(error, this.path);
    }
  }

  /** Does the work in one transaction: all of it is durable afterwards, or none of it happened. */
  transaction<Result>(work: () => Result): Result {
    this.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      // On a full disk SQLite may have rolled back already.
      if (this.#connection.isTransaction) this.#connection.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#statements.clear();
    if (this.#connection.isOpen) this.#connection.close();
  }

  #prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#connection.prepare(sql);
    statement.setReturnArrays(true);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** What an error of SQLite means. Anything else is returned as it is. */
function explain(error: unknown, path: string): unknown {
  const code = primaryCode(error);
  if (code === undefined) return error;
  const fault = FAULTS[code === IOERR && isFull(path) ? FULL : code];
  if (fault === undefined) return error;
  return new SyncError(fault.code, `${path} ${fault.what}`, { hint: fault.hint, cause: error });
}

/** SQLite's primary result code of an error, if it is one of SQLite. */
function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
}

const IOERR = 10;
const FULL = 13;

const LOCKED = {
  code: "JOURNAL_LOCKED",
  what: "is busy: another program holds it",
  hint: "Close other programs that have this file open, then try again.",
} as const;
const DAMAGED = {
  code: "JOURNAL_CORRUPT",
  what: "cannot be read: it is damaged",
  hint: "Move it away and restore a copy. Without a journal, the next plan is a first meeting.",
} as const;
const FAULTS: Readonly<
  Record<number, { code: SyncError["code"]; what: string; hint: string } | undefined>
> = {
  5: LOCKED,
  6: LOCKED,
  8: {
    code: "JOURNAL_READ_ONLY",
    what: "cannot be written",
    hint: "Check who owns the file and its folder, and whether the disk is mounted read-only.",
  },
  [IOERR]: {
    code: "JOURNAL_CORRUPT",
    what: "cannot be read or written: the disk reports an error",
    hint: "Check the disk. Nothing of the last commit was acknowledged.",
  },
  11: DAMAGED,
  [FULL]: {
    code: "DISK_FULL",
    what: "cannot grow: there is no space left",
    hint: "Make room and run again: nothing was half saved, and the next run goes on.",
  },
  14: {
    code: "JOURNAL_READ_ONLY",
    what: "cannot be opened: its folder must exist and be writable, for readers too",
    hint: "Check the path in `journal:` and who owns the folder.",
  },
  26: {
    code: "JOURNAL_CORRUPT",
    what: "is not a database",
    hint: "Check the path in `journal:`; the file was left as it is.",
  },
};

function isFull(path: string): boolean {
  try {
    return statfsSync(dirname(path)).bavail === 0;
  } catch {
    return false;
  }
}
