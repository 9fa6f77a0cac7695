// The tables of a journal, as numbered migrations, and how a file is told to be one of ours.
import { SyncError } from "../../core/errors.ts";
import type { Database, Query } from "./database.ts";

/** One step of the schema. Once it has been published it is never changed, only followed. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** Who applies a migration, when, and where new identities come from. */
export interface Author {
  readonly program: string;
  readonly now: () => number;
  readonly newId: () => string;
}

/** What a file is, seen by a program that knows the schema up to some version. */
export type Standing = "new" | "older" | "current";

/** Marks the file as a journal of ours in SQLite's header: "SYNJ". */
const APPLICATION_ID = 0x53594e4a;

const TABLES = `
  CREATE TABLE journal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    identity TEXT NOT NULL,
    created INTEGER NOT NULL
  ) STRICT;

  -- seq numbers the link's runs, plans and changes, so that the newest is always the greatest.
  CREATE TABLE link (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    generation INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE pipeline (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    link_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    UNIQUE (link_id, name)
  ) STRICT;

  -- Some dozens of entries in key order (blocks.ts). last is the greatest key of them, flagged
  -- all flags that occur in them.
  CREATE TABLE entry_block (
    pipeline_id INTEGER NOT NULL,
    last TEXT NOT NULL,
    keys TEXT NOT NULL,
    bodies TEXT NOT NULL,
    flags TEXT NOT NULL,
    flagged INTEGER NOT NULL,
    PRIMARY KEY (pipeline_id, last)
  ) STRICT;

  -- Finds the few blocks with flags among all that have none.
  CREATE INDEX entry_block_flagged ON entry_block (pipeline_id, last, flagged) WHERE flagged <> 0;

  -- How many entries have exactly these flags: kept in the transaction of the entries.
  CREATE TABLE entry_count (
    pipeline_id INTEGER NOT NULL,
    flags INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    PRIMARY KEY (pipeline_id, flags)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE fact (
    link_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (link_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE run (
    link_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    started INTEGER NOT NULL,
    finished INTEGER,
    status TEXT NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (link_id, seq),
    UNIQUE (link_id, id)
  ) STRICT;

  CREATE TABLE plan (
    link_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    id TEXT NOT NULL,
    made INTEGER NOT NULL,
    hash TEXT NOT NULL,
    config TEXT NOT NULL,
    generation INTEGER NOT NULL,
    status TEXT NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (link_id, seq),
    UNIQUE (link_id, id)
  ) STRICT;

  CREATE TABLE plan_block (
    link_id INTEGER NOT NULL,
    plan_seq INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (link_id, plan_seq, seq)
  ) STRICT;

  CREATE TABLE history (
    link_id INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    pipeline_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    stamp INTEGER NOT NULL,
    run TEXT NOT NULL,
    author TEXT NOT NULL,
    why TEXT NOT NULL,
    changes TEXT NOT NULL,
    PRIMARY KEY (link_id, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX history_of_entry ON history (link_id, pipeline_id, key, seq);
  CREATE INDEX history_of_run ON history (link_id, run, seq);
`;

const OWNER: Query<readonly [number]> = { sql: "PRAGMA application_id" };
const ANY_TABLE: Query<readonly [number]> = { sql: "SELECT 1 FROM sqlite_schema LIMIT 1" };
const IDENTITY: Query<readonly [string]> = { sql: "SELECT identity FROM journal" };
const NEWEST_MIGRATION: Query<readonly [version: number, program: string]> = {
  sql: "SELECT version, program FROM migration ORDER BY version DESC LIMIT 1",
};

/** Every migration there is, in order. */
export const MIGRATIONS: readonly Migration[] = [{ version: 1, name: "tables", sql: TABLES }];

/**
 * Tells what a file is without changing it. Refuses one that a newer program wrote, and a database
 * that is somebody else's.
 */
export function standingOf(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): Standing {
  const known = migrations.at(-1)?.version ?? 0;
  if (database.row(OWNER)?.[0] !== APPLICATION_ID) {
    if (isEmpty(database)) return "new";
    throw new SyncError("JOURNAL_CORRUPT", `${database.path} is a database, but not a journal`, {
      hint: "Check the path in `journal:`; the file was left as it is.",
    });
  }
  const [version, program] = database.row(NEWEST_MIGRATION) ?? damaged(database);
  if (version > known) {
    throw new SyncError(
      "JOURNAL_NEWER",
      `${database.path} has schema ${version}, written by ${program}; this program knows ${known}`,
      { hint: "Use that version of the program or a newer one. The file was left as it is." },
    );
  }
  return version < known ? "older" : "current";
}

/** Brings a journal up to date, each step with its record in one transaction. */
export function migrate(
  database: Database,
  author: Author,
  migrations: readonly Migration[] = MIGRATIONS,
): void {
  database.transaction(() => {
    if (standingOf(database, migrations) === "new") begin(database);
    const applied = database.row(NEWEST_MIGRATION)?.[0] ?? 0;
    for (const { version, name, sql } of migrations) {
      if (version <= applied) continue;
      database.exec(sql);
      database.run(
        "INSERT INTO migration (version, name, program, applied) VALUES (?, ?, ?, ?)",
        version,
        name,
        author.program,
        author.now(),
      );
    }
    database.run(
      "INSERT INTO journal (one, identity, created) VALUES (1, ?, ?) ON CONFLICT DO NOTHING",
      author.newId(),
      author.now(),
    );
  });
}

/** Which journal this is. */
export function identityOf(database: Database): string {
  const [identity] = database.row(IDENTITY) ?? damaged(database);
  return identity;
}

function begin(database: Database): void {
  database.exec(`
    PRAGMA application_id = ${APPLICATION_ID};
    CREATE TABLE migration (
      version INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      program TEXT NOT NULL,
      applied INTEGER NOT NULL
    ) STRICT;
  `);
}

function isEmpty(database: Database): boolean {
  return database.row(ANY_TABLE) === undefined;
}

function damaged(database: Database): never {
  throw new SyncError("JOURNAL_CORRUPT", `${database.path} is a journal without its first rows`, {
    hint: "Move it away and restore a copy.",
  });
}
