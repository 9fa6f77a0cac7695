// What we leave in a database that we write: which batches landed, in the transaction of their
// rows, and which database this is.
import type { DatabaseSync } from "node:sqlite";
import { assert } from "../../core/errors.ts";
import type { Batch, Mark } from "../../engine/replica.ts";
import { storedFrom, storedText } from "../../engine/stored.ts";
import { OURS, quote } from "./names.ts";

const MARKERS = quote(`${OURS}markers`);
const STORE = quote(`${OURS}store`);
const LINK = "link:";

/** Which database this is, and how often we wrote it. */
export interface Identity {
  readonly identity: string;
  readonly epoch: number;
}

/** What we left the first time we wrote here; undefined: we never did. */
export function readIdentity(db: DatabaseSync): Identity | undefined {
  if (!hasMarkers(db)) return undefined;
  const read = db.prepare(`SELECT value FROM ${STORE} WHERE name = ?`);
  const identity = read.get("identity")?.["value"];
  const epoch = read.get("epoch")?.["value"];
  return identity === undefined ? undefined : { identity: String(identity), epoch: Number(epoch) };
}

/** A link's markers, oldest first. */
export function readMarks(db: DatabaseSync, link: string): readonly Mark[] {
  if (!hasMarkers(db)) return [];
  return db
    .prepare(`SELECT id, missed, stored FROM ${MARKERS} WHERE link = ? ORDER BY seq`)
    .all(link)
    .map((row) => markOf(String(row["id"]), String(row["missed"]), String(row["stored"])));
}

/** Takes a link's markers away, and with the last link everything of ours. */
export function forgetLink(db: DatabaseSync, link: string): void {
  if (!hasMarkers(db)) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    db.prepare(`DELETE FROM ${MARKERS} WHERE link = ?`).run(link);
    db.prepare(`DELETE FROM ${STORE} WHERE name = ?`).run(LINK + link);
    const others = db.prepare(`SELECT 1 FROM ${STORE} WHERE name LIKE '${LINK}%' LIMIT 1`).get();
    if (others === undefined) db.exec(`DROP TABLE ${MARKERS}; DROP TABLE ${STORE}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** What is to be known of a batch. */
type Named = Pick<Batch, "id" | "link" | "settled">;

/** Markers inside the transaction of a batch. */
export interface Markers {
  /** Where the batch missed, if it landed before. */
  find(batch: Named): readonly number[] | undefined;
  /** Says that the batch landed, and how; what was said of it before is replaced. */
  leave(batch: Named, how: MarkText): void;
  /** Drops markers that are safe in the journal; true if there were any. */
  settle(batch: Named): boolean;
}

/** How a batch landed, as it is kept. */
export interface MarkText {
  readonly missed: string;
  readonly stored: string;
}

/** How a batch landed, as text. */
export function markText(missed: readonly number[], stored: Mark["stored"] | undefined): MarkText {
  return { missed: JSON.stringify(missed), stored: storedText(stored) };
}

/**
 * Markers of a database, made on the first one that is left. Without what makes them, they have to
 * be there.
 */
export function makeMarkers(
  db: DatabaseSync,
  fresh?: { readonly id: () => string; readonly epoch: () => number },
): Markers {
  const prepare = once(db);
  const tables = db.prepare(TABLES);
  const areThere = () => tables.get(`${OURS}markers`, `${OURS}store`)?.["tables"] === 2;
  return {
    find: ({ link, id }) => {
      if (!areThere()) return undefined;
      const row = prepare(`SELECT missed FROM ${MARKERS} WHERE link = ? AND id = ?`).get(link, id);
      return row === undefined ? undefined : positionsIn(String(row["missed"]));
    },
    leave: ({ link, id }, { missed, stored }) => {
      if (!areThere()) {
        assert(fresh !== undefined, "the tables of markers are not there");
        makeTables(db, fresh.id(), fresh.epoch());
      }
      prepare(
        `INSERT INTO ${MARKERS} (link, id, missed, stored) VALUES (?, ?, ?, ?)
           ON CONFLICT (link, id) DO UPDATE SET missed = excluded.missed, stored = excluded.stored`,
      ).run(link, id, missed, stored);
      prepare(`INSERT OR IGNORE INTO ${STORE} (name, value) VALUES (?, NULL)`).run(LINK + link);
      prepare(`UPDATE ${STORE} SET value = value + 1 WHERE name = 'epoch'`).run();
    },
    settle: ({ link, settled }) => {
      if (settled.length === 0 || !areThere()) return false;
      const drop = prepare(`DELETE FROM ${MARKERS} WHERE link = ? AND id = ?`);
      let count = 0;
      for (const id of settled) count += Number(drop.run(link, id).changes);
      return count > 0;
    },
  };
}

function makeTables(db: DatabaseSync, identity: string, epoch: number): void {
  db.exec(`
    CREATE TABLE ${MARKERS} (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      link TEXT NOT NULL,
      id TEXT NOT NULL,
      missed TEXT NOT NULL,
      stored TEXT NOT NULL,
      UNIQUE (link, id)
    );
    CREATE TABLE ${STORE} (name TEXT PRIMARY KEY, value) WITHOUT ROWID`);
  const put = db.prepare(`INSERT INTO ${STORE} (name, value) VALUES (?, ?)`);
  put.setReadBigInts(true);
  put.run("identity", identity);
  // Above everything that was said of this file before, so that the epoch only grows.
  put.run("epoch", BigInt(epoch));
}

const TABLES =
  "SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table' AND name IN (?, ?)";

function hasMarkers(db: DatabaseSync): boolean {
  return db.prepare(TABLES).get(`${OURS}markers`, `${OURS}store`)?.["tables"] === 2;
}

function markOf(id: string, missed: string, text: string): Mark {
  const stored = storedFrom(text);
  return { id, missed: positionsIn(missed), ...(stored && { stored }) };
}

function positionsIn(text: string): readonly number[] {
  const parsed: unknown = JSON.parse(text);
  return Array.isArray(parsed) ? parsed.filter((each) => typeof each === "number") : [];
}

function once(db: DatabaseSync): (sql: string) => ReturnType<DatabaseSync["prepare"]> {
  const statements = new Map<string, ReturnType<DatabaseSync["prepare"]>>();
  return (sql) => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const statement = db.prepare(sql);
    // run() also returns the last rowid of the user's rows, which may be beyond 2^53.
    statement.setReadBigInts(true);
    statements.set(sql, statement);
    return statement;
  };
}
