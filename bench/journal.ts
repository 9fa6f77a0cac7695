// What an entry costs in the journal, beside the layout it was measured against: a row for each
// entry, with the same statements, on the same disk, in the same run. Own CPU is what to look at:
// wall time belongs to the disk.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { StatementSync } from "node:sqlite";
import type { EntryRecord, LinkJournal } from "../src/engine/journal.ts";
import { sqliteJournal } from "../src/journals/sqlite/index.ts";

/** µs of own CPU and of wall time for one entry. */
export interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

/** What each job costs an entry. */
export interface LayoutFigures {
  /** New entries in key order, in commits of a page. */
  readonly append: Cost;
  /** All entries in key order, in pages. */
  readonly read: Cost;
  /** One entry in a hundred, at random, in commits of a page. */
  readonly updateFew: Cost;
  readonly findFew: Cost;
  /** Every entry, in commits of a page. */
  readonly updateAll: Cost;
}

/** Both layouts in one run. */
export interface JournalFigures {
  readonly entries: number;
  readonly journal: LayoutFigures;
  readonly rowPerEntry: LayoutFigures;
}

const PAGE = 1_000;

/** Measures once; medians over rounds are the caller's. */
export async function benchJournal(
  entries = 1_000_000,
  parent = tmpdir(),
): Promise<JournalFigures> {
  const records = Array.from({ length: entries }, (_, i) => recordOf(i, 0));
  const folder = mkdtempSync(join(parent, "syncline-bench-"));
  try {
    const journal = await sqliteJournal({ path: join(folder, "journal.db") });
    const link = await journal.open("link", "write");
    const ofJournal = await measureLayout(records, blocksLayout(link));
    await journal.close();
    const rows = rowsLayout(join(folder, "rows.db"));
    const rowPerEntry = await measureLayout(records, rows);
    rows.close();
    return { entries, journal: ofJournal, rowPerEntry };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What is measured; promises only where the journal gives them. */
interface Layout {
  readonly save: (records: readonly EntryRecord[]) => Promise<void> | void;
  /** Reads the page after a key; returns its last key and whether there are more. */
  readonly next: (after: string | null) => Promise<string | undefined> | string | undefined;
  readonly find: (keys: readonly string[]) => Promise<number> | number;
}

function blocksLayout(link: LinkJournal): Layout {
  return {
    save: (records) => link.commit({ entries: [{ pipeline: "p", records }] }),
    next: async (after) => {
      const { keys } = await link.entries("p", { after, limit: PAGE });
      return keys.length < PAGE ? undefined : keys.at(-1);
    },
    find: async (keys) => (await link.find("p", keys)).length,
  };
}

function rowsLayout(path: string): Layout & { readonly close: () => void } {
  const db = new DatabaseSync(path);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE entry (pipeline INTEGER NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
      flags INTEGER NOT NULL, PRIMARY KEY (pipeline, key)) STRICT, WITHOUT ROWID;
    CREATE INDEX flagged ON entry (pipeline, flags, key) WHERE flags <> 0`);
  const ten = Array.from({ length: 10 }, (_, i) => i);
  const slots = ten.map((i) => `(1, ?${3 * i + 1}, ?${3 * i + 2}, ?${3 * i + 3})`).join();
  const put = arrays(
    db.prepare(`INSERT INTO entry VALUES ${slots}
      ON CONFLICT DO UPDATE SET body = excluded.body, flags = excluded.flags`),
  );
  // Counts by flag are kept in the commit, so that what is replaced has to be looked up.
  const flagsOf = arrays(
    db.prepare(
      `SELECT flags FROM entry WHERE pipeline = 1 AND key IN (${ten.map(() => "?").join()})`,
    ),
  );
  const lastKey = arrays(db.prepare("SELECT max(key) FROM entry WHERE pipeline = 1"));
  const list = arrays(
    db.prepare(`SELECT key, body, flags FROM entry WHERE pipeline = 1 AND key > ?
      ORDER BY key LIMIT ${PAGE}`),
  );
  const get = arrays(db.prepare("SELECT body, flags FROM entry WHERE pipeline = 1 AND key = ?"));
  return {
    save: (records) => {
      db.exec("BEGIN");
      const last = String(Object.values(lastKey.get() ?? {})[0] ?? "");
      const isNew = (records[0]?.key ?? "") > last;
      for (let i = 0; i + 10 <= records.length; i += 10) {
        const some = records.slice(i, i + 10);
        if (!isNew) flagsOf.all(...some.map(({ key }) => key));
        put.run(...some.flatMap(({ key, body, flags }) => [key, body, flags]));
      }
      db.exec("COMMIT");
    },
    next: (after) => {
      const rows = list.all(after ?? "");
      const columns = [0, 1, 2].map((i) => rows.map((row) => Object.values(row)[i]));
      return rows.length < PAGE ? undefined : String(columns[0]?.at(-1));
    },
    find: (keys) => keys.map((key) => get.get(key)).length,
    close: () => db.close(),
  };
}

async function measureLayout(
  records: readonly EntryRecord[],
  { save, next, find }: Layout,
): Promise<LayoutFigures> {
  const saveAll = async (records: readonly EntryRecord[]) => {
    for (let i = 0; i < records.length; i += PAGE) await save(records.slice(i, i + PAGE));
  };
  const few = Array.from({ length: records.length / 100 }, (_, i) => (i * 7_919) % records.length)
    .sort((a, b) => a - b)
    .map((i) => recordOf(i, 1));
  const append = await costOf(records.length, () => saveAll(records));
  const read = await costOf(records.length, async () => {
    let after = await next(null);
    while (after !== undefined) after = await next(after);
  });
  const findFew = await costOf(few.length, async () => {
    for (let i = 0; i < few.length; i += PAGE) {
      await find(few.slice(i, i + PAGE).map(({ key }) => key));
    }
  });
  const updateFew = await costOf(few.length, () => saveAll(few));
  const updateAll = await costOf(records.length, () => saveAll(records));
  return { append, read, updateFew, findFew, updateAll };
}

async function costOf(entries: number, work: () => Promise<void>): Promise<Cost> {
  const [cpu, wall] = [process.cpuUsage(), process.hrtime.bigint()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  const nanoseconds = Number(process.hrtime.bigint() - wall);
  return { cpu: (user + system) / entries, wall: nanoseconds / 1_000 / entries };
}

/** An entry as a link with six fields leaves it: about 150 characters. */
function recordOf(i: number, version: number): EntryRecord {
  const values = [`name ${i} of something`, `a.b${i}@example.org`, i * 7, "2024-05-01", version];
  const body = JSON.stringify([
    [...values, "active"],
    [0, 7_345_678_901_234_567],
  ]);
  return { key: `2${String(i).padStart(8, "0")}`, body, flags: 0 };
}

function arrays(statement: StatementSync): StatementSync {
  statement.setReturnArrays(true);
  return statement;
}
