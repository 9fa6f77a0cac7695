import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { isSyncError } from "../../src/core/errors.ts";
import { openWriter } from "../../src/journals/sqlite/file.ts";
import { sqliteJournal } from "../../src/journals/sqlite/index.ts";
import { WriterLock } from "../../src/journals/sqlite/lock.ts";
import { journalSuite } from "../../src/testing/journal-suite.ts";
import { newFolder } from "./folder.ts";

const record = { key: "a", body: "1", flags: 0 };
const commit = { entries: [{ pipeline: "p", records: [record] }] };

journalSuite({
  test,
  assert,
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), "syncline-"));
    return {
      connect: () => sqliteJournal({ path: join(folder, "journal.db") }),
      dispose: async () => rmSync(folder, { recursive: true }),
    };
  },
});

test("a missing folder is made, and the identity is the one that was injected", async (t) => {
  const path = join(newFolder(t), "deep", "er", "journal.db");
  const journal = await sqliteJournal({ path, newId: () => "id-1", now: () => 5 });
  assert.equal(journal.identity, "id-1");
  await journal.close();
  const again = await sqliteJournal({ path, newId: () => "id-2" });
  assert.equal(again.identity, "id-1");
  await again.close();
});

test("a journal is one, whichever symbolic link leads to it", async (t) => {
  const folder = newFolder(t);
  mkdirSync(join(folder, "real"));
  symlinkSync(join(folder, "real"), join(folder, "folder"));
  symlinkSync(join(folder, "real", "journal.db"), join(folder, "file.db"));
  // This link leads nowhere before it is opened.
  const first = await sqliteJournal({ path: join(folder, "file.db") });
  await first.open("link", "write");
  const second = await sqliteJournal({ path: join(folder, "folder", "journal.db") });
  assert.equal(second.identity, first.identity);
  const isLocked = (error: unknown) => isSyncError(error, "JOURNAL_LOCKED");
  await assert.rejects(second.open("link", "write"), isLocked);
  await first.close();
  await second.close();
});

test("a program waits for another one that is making the journal", async (t) => {
  const path = join(newFolder(t), "journal.db");
  const maker = new WriterLock(path, { program: "maker", pid: 1, since: 0 });
  const opening = sqliteJournal({ path });
  setImmediate(() => maker.close());
  await (await opening).close();
});

test("what is acknowledged is synced: the log is synced at every commit", async (t) => {
  const path = join(newFolder(t), "journal.db");
  await (await sqliteJournal({ path })).close();
  const writer = openWriter(path);
  assert.deepEqual(writer.row({ sql: "PRAGMA journal_mode" }), ["wal"]);
  const full = 2;
  assert.deepEqual(writer.row({ sql: "PRAGMA synchronous" }), [full]);
  writer.close();
});

test("commits that wait together are one transaction with one sync", async (t) => {
  const path = join(newFolder(t), "journal.db");
  const journal = await sqliteJournal({ path });
  const [a, b] = [await journal.open("a", "write"), await journal.open("b", "write")];
  await a.commit(commit);
  const before = transactionsIn(`${path}-wal`);
  await Promise.all(Array.from({ length: 50 }, () => [a.commit(commit), b.commit(commit)]).flat());
  assert.equal(transactionsIn(`${path}-wal`) - before, 1);
  assert.equal(await b.generation(), 50);
  await journal.close();
});

test("a commit that fails takes those with it that its link had waiting behind it", async (t) => {
  const journal = await sqliteJournal({ path: join(newFolder(t), "journal.db") });
  const [a, b] = [await journal.open("a", "write"), await journal.open("b", "write")];
  const save = (value: string) => ({ facts: [{ name: "cursor", value }] });
  const stray = { ...save("2"), blocks: [{ plan: "none", seq: 0, body: "" }] };
  const settled = await Promise.allSettled([
    a.commit(save("1")),
    a.commit(stray),
    a.commit(save("3")),
    b.commit(save("4")),
    // More than one transaction takes.
    ...Array.from({ length: 2_000 }, () => a.commit(save("5"))),
  ]);
  const statuses = settled.map(({ status }) => status);
  assert.deepEqual(statuses.slice(0, 4), ["fulfilled", "rejected", "rejected", "fulfilled"]);
  assert.deepEqual([...new Set(statuses.slice(4))], ["rejected"]);
  assert.equal(await a.fact("cursor"), "1");
  assert.equal(await b.fact("cursor"), "4");
  await a.commit(save("6"));
  assert.equal(await a.fact("cursor"), "6");
  await journal.close();
});

test("a journal that is moved away while it is written acknowledges nothing more", async (t) => {
  const path = join(newFolder(t), "journal.db");
  const journal = await sqliteJournal({ path });
  const link = await journal.open("link", "write");
  await link.commit(commit);
  const isReplaced = (error: unknown) => isSyncError(error, "JOURNAL_REPLACED");
  renameSync(path, `${path}.old`);
  await assert.rejects(link.commit(commit), isReplaced);
  const made = new DatabaseSync(path);
  made.exec("CREATE TABLE mine (a)");
  made.close();
  await assert.rejects(link.commit(commit), isReplaced);
  rmSync(path);
  renameSync(`${path}.old`, path);
  await link.commit(commit);
  assert.equal(await link.generation(), 2);
  await journal.close();
});

test("what is forgotten leaves no row in any table", async (t) => {
  const path = join(newFolder(t), "journal.db");
  const journal = await sqliteJournal({ path });
  const link = await journal.open("link", "write");
  const everything = {
    ...commit,
    history: [{ pipeline: "p", key: "a", stamp: 1, run: "r", by: "", why: "", changes: "" }],
    facts: [{ name: "cursor", value: "1" }],
    runs: [{ id: "r", kind: "run", started: 1, finished: 2, status: "done", summary: "" } as const],
    plans: [
      {
        ...({ id: "x", made: 1, hash: "h", config: "c", generation: 0 } as const),
        ...({ status: "open", summary: "" } as const),
      },
    ],
    blocks: [{ plan: "x", seq: 0, body: "" }],
  };
  await link.commit(everything);
  await link.prunePlans(0);
  await link.forget("p");
  assert.deepEqual(rowsOf(path), { fact: 1, link: 1, run: 1 });
  await link.commit(everything);
  await link.forget(undefined);
  assert.deepEqual(rowsOf(path), {});
  await journal.close();
});

/** How many rows each table has that has any, but for those of the journal itself. */
function rowsOf(path: string): Readonly<Record<string, number>> {
  const database = new DatabaseSync(path, { readOnly: true });
  const tables = database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => String(name))
    .filter((name) => !["journal", "migration", "sqlite_sequence"].includes(name));
  const counts = tables.map((name) => {
    const row = database.prepare(`SELECT count(*) AS rows FROM ${name}`).get();
    return [name, Number(row?.["rows"])] as const;
  });
  database.close();
  return Object.fromEntries(counts.filter(([, rows]) => rows > 0));
}

/** Counts the frames of a write-ahead log that end a transaction (of its current generation). */
function transactionsIn(path: string): number {
  const log = readFileSync(path);
  const pageBytes = log.readUInt32BE(8);
  const salt = log.subarray(16, 24);
  let commits = 0;
  for (let at = 32; at + 24 + pageBytes <= log.length; at += 24 + pageBytes) {
    if (!log.subarray(at + 8, at + 16).equals(salt)) break;
    if (log.readUInt32BE(at + 4) > 0) commits++;
  }
  return commits;
}
