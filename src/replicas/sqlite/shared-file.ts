// What all of this process have open on one database file. POSIX drops all locks of a process on a
// file as soon as the process closes any descriptor of it, also those that SQLite holds through
// another one; and SQLite shares the index of a log between all connections of a process. So a
// file that we look at ourselves stays open until nobody here uses it, and readers that leave no
// trace make way before somebody here writes.
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\0";
const WAL_FORMAT = 2;

/** What the header of a database file says. */
export interface Header {
  readonly isWal: boolean;
  /** Grows with transactions; in WAL mode only with those that touch the first page. */
  readonly changeCounter: number;
}

/** A reader that leaves no trace, and how it makes way for a writer. */
export interface Quiet {
  /** Closes its connection. */
  release(): void;
  /** Opens another one that takes part in SQLite's locks, at the same moment. Never throws. */
  resume(): void;
}

/** A file that this process holds open. */
export interface SharedFile {
  /** Readers that leave no trace. */
  readonly quiet: Set<Quiet>;
  /** undefined: no database; an empty file is one without tables. */
  header(): Header | undefined;
  isWritten(): boolean;
  startWriting(): void;
  endWriting(): void;
  /** Closes a connection that has a descriptor of its own, when nobody uses the file any more. */
  closeLater(connection: DatabaseSync): void;
  release(): void;
}

interface Held {
  readonly descriptor: number;
  readonly quiet: Set<Quiet>;
  readonly later: DatabaseSync[];
  users: number;
  writers: number;
}

/** By device and inode: two names of one file are one file to the kernel's locks. */
const held = new Map<string, Held>();

/** Holds a file; throws what the file system says when it cannot be read. */
export function holdFile(path: string): SharedFile {
  const { dev, ino } = statSync(path, { bigint: true });
  const name = `${dev}:${ino}`;
  const file = held.get(name) ?? openFile(path);
  file.users++;
  held.set(name, file);
  return {
    quiet: file.quiet,
    header: () => readHeader(file.descriptor),
    isWritten: () => file.writers > 0,
    startWriting: () => {
      file.writers++;
      const readers = [...file.quiet];
      for (const reader of readers) reader.release();
      for (const reader of readers) reader.resume();
    },
    endWriting: () => {
      file.writers--;
    },
    closeLater: (connection) => {
      file.later.push(connection);
    },
    release: () => {
      file.users--;
      if (file.users > 0) return;
      held.delete(name);
      for (const connection of file.later) connection.close();
      closeSync(file.descriptor);
    },
  };
}

function openFile(path: string): Held {
  return { descriptor: openSync(path, "r"), quiet: new Set(), later: [], users: 0, writers: 0 };
}

function readHeader(descriptor: number): Header | undefined {
  const bytes = Buffer.alloc(HEADER_BYTES);
  const length = readSync(descriptor, bytes, 0, HEADER_BYTES, 0);
  if (length === 0) return { isWal: false, changeCounter: 0 };
  if (length < HEADER_BYTES || bytes.toString("latin1", 0, MAGIC.length) !== MAGIC)
    return undefined;
  return { isWal: bytes[19] === WAL_FORMAT, changeCounter: bytes.readUInt32BE(24) };
}
