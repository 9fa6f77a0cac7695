// The file of a journal: where it really is, made and brought up to date before anyone opens it.
import { existsSync, mkdirSync, realpathSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isSyncError, SyncError } from "../../core/errors.ts";
import { Database } from "./database.ts";
import { WriterLock } from "./lock.ts";
import { identityOf, migrate, standingOf } from "./schema.ts";
import type { Author, Migration, Standing } from "./schema.ts";

/** How often, and how long each time, a program is waited for that makes the same journal. */
const TRIES_MAX = 50;
const TRY_MS = 20;

/** The path of a journal, whatever links lead to it once it is there: its lock lies beside it. */
export function locate(path: string): string {
  const asked = resolve(path);
  try {
    makeFolder(dirname(asked));
    return existsSync(asked) ? realpathSync(asked) : asked;
  } catch (error) {
    throw new SyncError("JOURNAL_READ_ONLY", `${asked} cannot be made: its folder is refused`, {
      hint: "Check the path in `journal:` and who owns the folder.",
      cause: error,
    });
  }
}

/** Level by level: `recursive` never ends below a folder that takes none (`/dev/fd`). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!existsSync(folder)) throw error; // another program may have made it
  }
}

/** Makes the journal or brings it up to date where that is needed; returns its identity. */
export async function prepare(
  path: string,
  author: Author,
  migrations?: readonly Migration[],
): Promise<string> {
  for (let tries = 1; ; tries++) {
    const { standing, identity } = look(path, migrations);
    if (standing === "current" && identity !== undefined) return identity;
    try {
      bringUpToDate(path, author, migrations);
    } catch (error) {
      // Another program may be making it at this moment, which does not take it long.
      if (!isSyncError(error, "JOURNAL_LOCKED") || tries === TRIES_MAX) throw error;
      await delay(TRY_MS);
    }
  }
}

/** Opens the connection that writes, with every commit synced to the disk (I14). */
export function openWriter(path: string): Database {
  const database = new Database(path);
  database.exec("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864");
  return database;
}

/** Opens a connection that only reads. */
export function openReader(path: string): Database {
  const database = new Database(path);
  database.exec("PRAGMA query_only = ON");
  return database;
}

/** Throws JOURNAL_REPLACED when the path leads to another file than `known`. */
export function checkSame(path: string, known: string): void {
  if (fileId(path) === known) return;
  throw new SyncError("JOURNAL_REPLACED", `${path} was moved or replaced while it was in use`, {
    hint: "Nothing more was saved. Put the file back, or start again with the one that is there.",
  });
}

/** Names the file behind a path for as long as it exists; "": there is none. */
export function fileId(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? "" : `${stats.dev}:${stats.ino}`;
}

function look(
  path: string,
  migrations: readonly Migration[] | undefined,
): { readonly standing: Standing; readonly identity?: string } {
  if (!existsSync(path)) return { standing: "new" };
  // Read-only: a file that is refused is left byte for byte as it is.
  const database = new Database(path, { readOnly: true });
  try {
    const standing = standingOf(database, migrations);
    return standing === "current" ? { standing, identity: identityOf(database) } : { standing };
  } finally {
    database.close();
  }
}

function bringUpToDate(
  path: string,
  author: Author,
  migrations: readonly Migration[] | undefined,
): void {
  const { program, now } = author;
  const lock = new WriterLock(path, { program, pid: process.pid, since: now() });
  try {
    const database = openWriter(path);
    try {
      database.exec("PRAGMA journal_mode = WAL");
      migrate(database, author, migrations);
    } finally {
      database.close();
    }
  } finally {
    lock.close();
  }
}
