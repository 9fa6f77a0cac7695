// A database file as one replica holds it: readers for single calls, writing connections.
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { SyncError } from "../../core/errors.ts";
import { failureOf } from "./failure.ts";
import { openReading } from "./reading.ts";
import type { Reading } from "./reading.ts";
import { holdFile } from "./shared-file.ts";
import type { Header, SharedFile } from "./shared-file.ts";

/** A connection that writes. */
export interface Writing {
  readonly db: DatabaseSync;
  close(): void;
}

/** A database file with everything that this replica has open on it. */
export interface DatabaseFile {
  readonly path: string;
  /** A read-only connection that leaves no trace. Throws what is wrong with the file. */
  read(): Reading;
  /** A connection that writes. Never makes a file. */
  write(): Writing;
  header(): Header;
  close(): void;
}

/**
 * Why a file cannot be written, as far as its permissions and those of its folder say; undefined:
 * nothing is in the way. In its folder SQLite keeps what it needs to undo a write.
 */
export function writingRefusal(path: string): SyncError | undefined {
  let place = path;
  try {
    const file = realpathSync(path);
    for (place of [file, dirname(file)]) accessSync(place, constants.W_OK);
    return undefined;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
    // Whatever else is wrong with it, opening it says better.
    if (!READ_ONLY_CODES.has(code)) return undefined;
    const hint = `Check the permissions of ${place}: a side that is written needs them.`;
    return new SyncError("REPLICA_READ_ONLY", `${path} cannot be written`, { hint, cause });
  }
}

const READ_ONLY_CODES: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EROFS"]);

/** Gets ready to use a file. Opens nothing yet. */
export function databaseFile(path: string): DatabaseFile {
  let shared: { readonly file: SharedFile; readonly inode: bigint } | undefined;
  const readings = new Set<Reading>();
  const hold = (): SharedFile => {
    const inode = inodeOf(path);
    if (shared !== undefined && shared.inode !== inode) {
      shared.file.release();
      shared = undefined;
    }
    shared ??= { file: holdOrThrow(path), inode };
    return shared.file;
  };
  const header = (): Header => {
    const found = hold().header();
    if (found !== undefined) return found;
    throw new SyncError("REPLICA_NOT_A_DATABASE", `${path} is not a SQLite database`, {
      where: path,
      hint: "Check the path in the configuration.",
    });
  };
  return {
    path,
    read: () => {
      const { isWal } = header();
      const reading = openReading(path, { isWal, file: hold() });
      for (const each of readings) if (!each.isOpen()) readings.delete(each);
      readings.add(reading);
      return reading;
    },
    write: () => {
      header();
      return openWriting(path, hold());
    },
    header,
    close: () => {
      for (const reading of readings) reading.close();
      shared?.file.release();
      shared = undefined;
    },
  };
}

function openWriting(path: string, file: SharedFile): Writing {
  // Before it opens: what a reader without trace has open would make it read-only as well.
  file.startWriting();
  try {
    const db = new DatabaseSync(new URL(`${pathToFileURL(path).href}?mode=rw`));
    db.exec("PRAGMA foreign_keys = ON");
    return {
      db,
      close: () => {
        if (!db.isOpen) return;
        db.close();
        file.endWriting();
      },
    };
  } catch (error) {
    file.endWriting();
    throw error;
  }
}

function inodeOf(path: string): bigint {
  const stat = statOf(path);
  if (stat === undefined) {
    throw new SyncError("REPLICA_UNAVAILABLE", `there is no file ${path}`, {
      where: path,
      hint: "Check the path in the configuration; paths are relative to its file.",
    });
  }
  if (stat.isDirectory()) {
    throw new SyncError("REPLICA_NOT_A_DATABASE", `${path} is a folder, not a database file`, {
      where: path,
      hint: "Name the database file inside it.",
    });
  }
  return stat.ino;
}

function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false, bigint: true });
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function holdOrThrow(path: string): SharedFile {
  try {
    return holdFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): unknown {
  const failure = failureOf(cause, path);
  if (failure !== cause) return failure;
  return new SyncError("REPLICA_UNAVAILABLE", `${path} cannot be read`, {
    where: path,
    cause,
    hint: "Check the permissions of the file and of its folder.",
  });
}
