// Connections that leave no trace. SQLite itself writes beside a database in WAL mode even when it
// only reads: the index of the log and, after a clean end of the last program, an empty log. A
// plan must not, so each state of the files has its own way of being read.
import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { SyncError } from "../../core/errors.ts";
import { READONLY_ROLLBACK, extendedCode, isBusy } from "./failure.ts";
import type { Quiet, SharedFile } from "./shared-file.ts";

/** A read-only connection, open for one call. */
export interface Reading {
  readonly db: DatabaseSync;
  /** One moment can be held without being in anybody's way. */
  readonly isSnapshot: boolean;
  /** Throws LIST_FAILED when what was read since it was opened may not be of one moment. */
  check(): void;
  /** From here on `db` stays at one moment, where `isSnapshot` allows it. */
  begin(): void;
  prepare(sql: string): StatementSync;
  isOpen(): boolean;
  close(): void;
}

/**
 * `plain`: as SQLite does it, where that leaves no trace or we write ourselves. `shared`: others
 * may be there, their index of the log is read and not written. `tidy`: there is no log; what
 * SQLite makes beside the file is taken away again. `still`: the same where nothing may be made.
 * `log`: a log that nobody has open, without index. The last two know no locks and are checked.
 */
type Mode = "plain" | "shared" | "tidy" | "still" | "log";

const QUERIES: { readonly [mode in Mode]: string } = {
  plain: "mode=ro",
  tidy: "mode=ro",
  shared: "mode=ro&readonly_shm=1",
  log: "mode=ro&vfs=unix-none",
  still: "mode=ro&immutable=1",
};

/** Opens a file as it is found now. Throws what SQLite says. */
export function openReading(
  path: string,
  { isWal, file }: { readonly isWal: boolean; readonly file: SharedFile },
): Reading {
  const before = traces(path);
  let { db, mode } = connectAs(path, file.isWritten() || !isWal ? "plain" : quietMode(path));
  let isOpen = true;
  let broken: Error | undefined;
  const closeDb = () => {
    if (mode === "log") file.closeLater(db);
    else if (db.isOpen) db.close();
    if (mode === "tidy" && !file.isWritten()) tidyUp(path);
  };
  const begin = () => {
    if (isWal && !db.isTransaction) db.exec("BEGIN; SELECT 1 FROM sqlite_schema");
  };
  const quiet: Quiet = {
    release: closeDb,
    resume: () => {
      mode = "plain";
      try {
        db = connect(path, mode);
        begin();
        // Nobody wrote since the first page, so the new moment is the old one.
        if (traces(path) !== before) broken = changed(path);
      } catch (error) {
        broken = error instanceof Error ? error : changed(path);
      }
      file.quiet.delete(quiet);
    },
  };
  if (mode !== "plain" && mode !== "tidy") file.quiet.add(quiet);
  return {
    get db() {
      return db;
    },
    isSnapshot: isWal,
    check: () => {
      if (broken !== undefined) throw broken;
      if ((mode === "still" || mode === "log") && traces(path) !== before) throw changed(path);
    },
    begin,
    prepare: (sql) => db.prepare(sql),
    isOpen: () => isOpen,
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      file.quiet.delete(quiet);
      closeDb();
    },
  };
}

function quietMode(path: string): Mode {
  if (statSync(`${path}-shm`, { throwIfNoEntry: false }) !== undefined) return "shared";
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log === undefined) return "tidy";
  if (log.size === 0) return "still";
  // Windows has no locks that get lost, and no such file system: there the index is made.
  return process.platform === "win32" ? "plain" : "log";
}

/** Where a way of reading is not open to us, the next best. */
function connectAs(path: string, mode: Mode): { db: DatabaseSync; mode: Mode } {
  try {
    return { db: connect(path, mode), mode };
  } catch (error) {
    if (extendedCode(error) === READONLY_ROLLBACK) return { db: rollBack(path, mode), mode };
    if (mode === "tidy" && !isBusy(error)) return { db: connect(path, "still"), mode: "still" };
    // An index that is not whole cannot be read without being made anew.
    if (mode === "shared" && !isBusy(error)) return { db: connect(path, "plain"), mode: "plain" };
    throw error;
  }
}

/**
 * A program (our own, it may be) was killed in the middle of a transaction. Undoing it is the only
 * way to see what was committed, and every program that opens the file does it.
 */
function rollBack(path: string, mode: Mode): DatabaseSync {
  const db = new DatabaseSync(new URL(`${pathToFileURL(path).href}?mode=rw`));
  try {
    db.exec("SELECT 1 FROM sqlite_schema");
  } finally {
    db.close();
  }
  return connect(path, mode);
}

/**
 * Takes away an empty log and its index, as every program does that was the last to have the file
 * open: only SQLite knows whether it is, and only a connection that might write may do so.
 */
function tidyUp(path: string): void {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log?.size !== 0) return;
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(new URL(`${pathToFileURL(path).href}?mode=rw`));
    db.exec("SELECT 1 FROM sqlite_schema");
  } catch {
    // Somebody else is there, or we may not write: what is left harms nobody.
  } finally {
    db?.close();
  }
}

function connect(path: string, mode: Mode): DatabaseSync {
  const url = new URL(`${pathToFileURL(path).href}?${QUERIES[mode]}`);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(url, { readOnly: true, enableForeignKeyConstraints: false });
    // Without locks the log's index has to be this connection's own.
    if (mode === "log") db.exec("PRAGMA locking_mode = EXCLUSIVE");
    db.exec("SELECT 1 FROM sqlite_schema");
    return db;
  } catch (error) {
    db?.close();
    throw error;
  }
}

/** What another program that writes would change. Not the time of a file's owner or rights. */
function traces(path: string): string {
  const parts = ["", "-wal"].map((suffix) => {
    const stat = statSync(path + suffix, { throwIfNoEntry: false, bigint: true });
    // An empty log says nothing: whoever only reads leaves one.
    if (stat === undefined || stat.size === 0n) return "-";
    return `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
  });
  return parts.join("; ");
}

function changed(path: string): SyncError {
  return new SyncError("LIST_FAILED", `${path} was changed while it was being read`, {
    where: path,
    hint: "Run again: another program began to write.",
  });
}
