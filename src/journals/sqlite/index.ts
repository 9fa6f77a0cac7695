// The journal in a SQLite file: the default memory of links, one writer at a time, any readers.
import { randomUUID } from "node:crypto";
import { SyncError } from "../../core/errors.ts";
import type { Access, Journal, LinkJournal } from "../../engine/journal.ts";
import type { Database, Query } from "./database.ts";
import { checkSame, fileId, locate, openReader, openWriter, prepare } from "./file.ts";
import { SqliteLink } from "./link.ts";
import { WriterLock } from "./lock.ts";
import { namesOf } from "./names.ts";
import { WriteQueue } from "./queue.ts";
import { startSaver } from "./saver.ts";
import type { HandsOver } from "./saver.ts";
import { identityOf, standingOf } from "./schema.ts";
import type { Migration } from "./schema.ts";

export type { Migration } from "./schema.ts";

/** Where the journal is, and who opens it. */
export interface SqliteJournalOptions {
  /** The file; it and its folder are made where they are missing. */
  readonly path: string;
  /** Name and version of the program: what others are told while it writes. */
  readonly program?: string;
  /** ms since the epoch. */
  readonly now?: () => number;
  readonly newId?: () => string;
  /** All steps of the schema that the program knows. Only tests have others. */
  readonly migrations?: readonly Migration[];
  /** When commits go to a thread. Only tests have it otherwise. */
  readonly handsOver?: HandsOver;
}

const LINKS: Query<readonly [string]> = { sql: "SELECT name FROM link" };
const DEFAULTS = { program: "syncline", now: Date.now, newId: randomUUID };

/**
 * Opens the journal in a file, making it or bringing it up to date where that is needed. Refuses
 * files of newer programs (JOURNAL_NEWER) and files that are no journals (JOURNAL_CORRUPT), and
 * leaves both as they are.
 */
export async function sqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const author = { ...DEFAULTS, ...options };
  const identity = await prepare(locate(options.path), author, options.migrations);
  return new SqliteJournal({ ...author, path: locate(options.path), identity });
}

type Rare = "migrations" | "handsOver";
type Opened = Required<Omit<SqliteJournalOptions, Rare>> &
  Pick<SqliteJournalOptions, Rare> & { readonly identity: string };

/** What is held while at least one link is open for writing. */
interface Writing {
  readonly lock: WriterLock;
  readonly database: Database;
  readonly queue: WriteQueue;
  readonly links: Set<string>;
}

class SqliteJournal implements Journal {
  readonly identity: string;
  readonly #opened: Opened;
  readonly #links = new Set<SqliteLink>();
  #reader: Database | undefined;
  #writing: Writing | undefined;

  constructor(opened: Opened) {
    this.identity = opened.identity;
    this.#opened = opened;
  }

  async open(link: string, access: Access): Promise<LinkJournal> {
    if (access === "read") {
      const opened = new SqliteLink(link, {
        database: this.#read(),
        release: () => void this.#links.delete(opened),
      });
      this.#links.add(opened);
      return opened;
    }
    this.#writing ??= startWriting(this.#opened);
    const { database, queue, links } = this.#writing;
    if (links.has(link)) {
      throw new SyncError("JOURNAL_LOCKED", `link ${link} is open for writing already`, {
        hint: "Close it first.",
      });
    }
    links.add(link);
    const release = async () => {
      this.#links.delete(opened);
      await this.#release(link);
    };
    const opened = new SqliteLink(link, { database, queue, release });
    this.#links.add(opened);
    return opened;
  }

  async links(): Promise<readonly string[]> {
    return namesOf(this.#read().rows(LINKS));
  }

  async close(): Promise<void> {
    for (const link of this.#links) await link.close();
    this.#reader?.close();
    this.#reader = undefined;
  }

  #read(): Database {
    this.#reader ??= openReader(this.#opened.path);
    return this.#reader;
  }

  async #release(link: string): Promise<void> {
    const writing = this.#writing;
    writing?.links.delete(link);
    if (writing === undefined || writing.links.size > 0) return;
    this.#writing = undefined;
    await writing.queue.close();
    writing.database.close();
    writing.lock.close();
  }
}

function startWriting(opened: Opened): Writing {
  const { path, program, now, identity, migrations, handsOver } = opened;
  const lock = new WriterLock(path, { program, pid: process.pid, since: now() });
  let database: Database | undefined;
  try {
    database = openWriter(path);
    // Between its opening and the lock the file may have become another one, or a newer one.
    if (standingOf(database, migrations) !== "current" || identityOf(database) !== identity) {
      throw new SyncError("JOURNAL_REPLACED", `${path} was replaced after it was opened`, {
        hint: "Start again: another program has made it anew.",
      });
    }
    const known = fileId(path);
    const queue = new WriteQueue(database, {
      check: () => checkSame(path, known),
      startSaver: () => startSaver({ path, file: known }),
      handsOver,
    });
    return { lock, database, queue, links: new Set() };
  } catch (error) {
    database?.close();
    lock.close();
    throw error;
  }
}
