import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { isSyncError, SyncError } from "../../src/core/errors.ts";
import { MIGRATIONS } from "../../src/journals/sqlite/schema.ts";
import { sqliteJournal } from "../../src/journals/sqlite/index.ts";
import { newFolder } from "./folder.ts";

const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;
const commit = { entries: [{ pipeline: "p", records: [{ key: "a", body: "1", flags: 0 }] }] };
const newer = [
  ...MIGRATIONS,
  { version: 9, name: "more", sql: "CREATE TABLE more (a TEXT) STRICT" },
];

/** Names and contents of a folder, but for the lock's file. */
function contents(folder: string): readonly (readonly [string, string])[] {
  return readdirSync(folder)
    .filter((name) => !name.endsWith("-lock"))
    .map((name) => [name, readFileSync(join(folder, name), "base64")] as const);
}

async function refusal(path: string): Promise<SyncError> {
  try {
    await sqliteJournal({ path });
  } catch (error) {
    if (error instanceof SyncError) return error;
    throw error;
  }
  return assert.fail("it was opened");
}

test("a newer program's journal is refused by name and left byte for byte", async (t) => {
  const folder = newFolder(t);
  const path = join(folder, "journal.db");
  const journal = await sqliteJournal({ path, program: "syncline 9.0.0", migrations: newer });
  await (await journal.open("link", "write")).commit(commit);
  // As if that program had been killed: what it has committed is still in the write-ahead log.
  const left = newFolder(t);
  for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, join(left, `journal.db${suffix}`));
  await journal.close();

  for (const each of [folder, left]) {
    const before = contents(each);
    const error = await refusal(join(each, "journal.db"));
    assert.equal(error.code, "JOURNAL_NEWER");
    assert.match(error.message, /schema 9, written by syncline 9\.0\.0; this program knows 1/);
    assert.ok(error.message.includes(join(each, "journal.db")));
    assert.match(error.hint ?? "", /newer/);
    for (const [name, bytes] of before) {
      assert.equal(readFileSync(join(each, name), "base64"), bytes, name);
    }
  }
  const again = await sqliteJournal({ path: join(left, "journal.db"), migrations: newer });
  const link = await again.open("link", "read");
  assert.equal((await link.count("p")).entries, 1);
  await again.close();
});

test("an older journal is brought up to date once, with all that it remembers", async (t) => {
  const path = join(newFolder(t), "journal.db");
  const older = await sqliteJournal({ path, program: "syncline 1", now: () => 11 });
  const link = await older.open("link", "write");
  await link.commit(commit);
  // While it is written by a program that does not know the new schema, it stays as it is.
  const isLocked = (error: unknown) => isSyncError(error, "JOURNAL_LOCKED");
  await assert.rejects(sqliteJournal({ path, migrations: newer }), isLocked);
  await older.close();
  for (const now of [22, 33]) {
    const journal = await sqliteJournal({
      path,
      migrations: newer,
      program: "syncline 9",
      now: () => now,
    });
    assert.equal(journal.identity, older.identity);
    assert.equal((await (await journal.open("link", "read")).count("p")).entries, 1);
    await journal.close();
  }
  const database = new DatabaseSync(path);
  const applied = database.prepare("SELECT * FROM migration ORDER BY version").all();
  database.close();
  assert.deepEqual(
    applied.map(({ version, name, program, applied }) => [version, name, program, applied]),
    [
      [1, "tables", "syncline 1", 11],
      [9, "more", "syncline 9", 22],
    ],
  );
});

test("a journal that became another one since it was opened is not written", async (t) => {
  const path = join(newFolder(t), "journal.db");
  const [first, second] = [await sqliteJournal({ path }), await sqliteJournal({ path })];
  await (await sqliteJournal({ path, migrations: newer })).close();
  const isNewer = (error: unknown) => isSyncError(error, "JOURNAL_NEWER");
  await assert.rejects(first.open("link", "write"), isNewer);
  rmSync(path);
  await (await sqliteJournal({ path })).close();
  const isReplaced = (error: unknown) => isSyncError(error, "JOURNAL_REPLACED");
  await assert.rejects(second.open("link", "write"), isReplaced);
  // Neither of them has kept the lock.
  const third = await sqliteJournal({ path });
  await third.open("link", "write");
  for (const journal of [first, second, third]) await journal.close();
});

test("a migration that fails leaves the journal as it was", async (t) => {
  const folder = newFolder(t);
  const path = join(folder, "journal.db");
  await (await sqliteJournal({ path })).close();
  const broken = [...newer, { version: 10, name: "broken", sql: "CREATE TABLE link (a)" }];
  await assert.rejects(sqliteJournal({ path, migrations: broken }));
  await (await sqliteJournal({ path })).close();
});

test("numbers of migrations only grow", () => {
  const versions = MIGRATIONS.map(({ version }) => version);
  assert.deepEqual(
    versions,
    versions.map((_, i) => i + 1),
  );
});

test("a file that is no database, or somebody else's, is refused and left as it is", async (t) => {
  const folder = newFolder(t);
  const text = join(folder, "text.db");
  writeFileSync(text, "this is a text that is long enough not to be empty\n".repeat(50));
  const theirs = join(folder, "theirs.db");
  const database = new DatabaseSync(theirs);
  database.exec("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)");
  database.close();
  const before = contents(folder);
  for (const [path, what] of [
    [text, /is not a database/],
    [theirs, /is a database, but not a journal/],
  ] as const) {
    const error = await refusal(path);
    assert.equal(error.code, "JOURNAL_CORRUPT");
    assert.match(error.message, what);
    assert.ok(error.message.includes(path));
    assert.match(error.hint ?? "", /journal:/);
  }
  assert.deepEqual(contents(folder), before);
});

test("an empty file becomes a journal", async (t) => {
  const path = join(newFolder(t), "journal.db");
  writeFileSync(path, "");
  await (await sqliteJournal({ path })).close();
});

test("a damaged journal is named as such", async (t) => {
  const path = join(newFolder(t), "journal.db");
  const journal = await sqliteJournal({ path });
  const link = await journal.open("link", "write");
  const records = Array.from({ length: 2_000 }, (_, i) => ({ key: `k${i}`, body: "x", flags: 0 }));
  await link.commit({ entries: [{ pipeline: "p", records }] });
  await journal.close();
  const bytes = readFileSync(path);
  // All pages but the first, which says that it is a journal.
  bytes.fill(0xee, 4096);
  writeFileSync(path, bytes);
  const error = await refusal(path);
  assert.equal(error.code, "JOURNAL_CORRUPT");
  assert.ok(error.message.includes(path));
});

test("a damaged lock is told apart from a damaged journal", async (t) => {
  const path = join(newFolder(t), "journal.db");
  writeFileSync(`${path}-lock`, "not a database, but long enough to be taken for one".repeat(50));
  const error = await refusal(path);
  assert.equal(error.code, "JOURNAL_CORRUPT");
  assert.ok(error.message.includes(`${path}-lock`));
  assert.match(error.hint ?? "", /Delete it/);
});

test("where nothing may be written, the message says which file", async (t) => {
  const folder = newFolder(t);
  asNobody(t, folder);
  const path = join(folder, "journal.db");
  writeFileSync(join(folder, "file"), "");
  const below = await refusal(join(folder, "file", "journal.db"));
  assert.equal(below.code, "JOURNAL_READ_ONLY");
  chmodSync(folder, 0o555);
  const inside = await refusal(path);
  assert.equal(inside.code, "JOURNAL_READ_ONLY");
  assert.ok(inside.message.includes(path));
  chmodSync(folder, 0o755);
  const journal = await sqliteJournal({ path });
  await journal.close();
  chmodSync(path, 0o444);
  chmodSync(folder, 0o555);
  const opening = sqliteJournal({ path }).then((journal) => journal.open("link", "write"));
  await assert.rejects(opening, (error) => isSyncError(error, "JOURNAL_READ_ONLY"));
  chmodSync(folder, 0o755);
});

test("a full disk refuses the commit as a whole, and the next one goes on", async (t) => {
  const folder = mountSmall(t);
  if (folder === undefined) return t.skip("only root can mount a small file system");
  const before = await sqliteJournal({ path: join(folder, "closed.db") });
  // The last connection takes the log and its index away, so that they have to be made again.
  assert.deepEqual(await before.links(), []);
  await before.close();
  const path = join(folder, "journal.db");
  const journal = await sqliteJournal({ path });
  const link = await journal.open("link", "write");
  const page = (n: number) => ({
    entries: [
      {
        pipeline: "p",
        records: Array.from({ length: 500 }, (_, i) => {
          return { key: `k${n * 1000 + i}`, body: "x".repeat(200), flags: n % 2 };
        }),
      },
    ],
    facts: [{ name: "cursor", value: `${n}` }],
  });
  writeFileSync(join(folder, "filler"), "x".repeat(1_000_000));
  let saved = 0;
  const fill = async (): Promise<never> => {
    for (;;) {
      await link.commit(page(saved + 1));
      saved++;
    }
  };
  await assert.rejects(fill(), (error) => {
    assert.ok(isSyncError(error, "DISK_FULL"));
    return error.message.includes(path);
  });
  assert.ok(saved > 0);
  const check = async () => {
    assert.equal(await link.fact("cursor"), `${saved}`);
    assert.equal(await link.generation(), saved);
    assert.equal((await link.count("p")).entries, 500 * saved);
    assert.equal(
      (await link.entries("p", { after: null, limit: 99_999 })).keys.length,
      500 * saved,
    );
  };
  await check();
  await assert.rejects(link.commit(page(saved + 1)), (error) => isSyncError(error, "DISK_FULL"));
  fillUp(join(folder, "rest"));
  const isFull = (error: unknown) => isSyncError(error, "DISK_FULL");
  await assert.rejects(sqliteJournal({ path: join(folder, "new.db") }), isFull);
  await assert.rejects(sqliteJournal({ path: join(folder, "closed.db") }), isFull);
  rmSync(join(folder, "rest"));
  rmSync(join(folder, "filler"));
  await link.commit(page(++saved));
  await check();
  await journal.close();
  const database = new DatabaseSync(path);
  assert.deepEqual(
    { ...database.prepare("PRAGMA integrity_check").get() },
    { integrity_check: "ok" },
  );
  database.close();
});

/** Takes all the room that is left. */
function fillUp(path: string): void {
  try {
    for (;;) appendFileSync(path, "x".repeat(512));
  } catch (error) {
    assert.ok(error instanceof Error && "code" in error && error.code === "ENOSPC");
  }
}

/** Root may write everywhere: what is refused has to be tried as somebody else. */
function asNobody(t: TestContext, folder: string): void {
  if (!isRoot) return;
  chownSync(folder, NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  t.after(() => process.seteuid?.(0));
}

function mountSmall(t: TestContext): string | undefined {
  if (!isRoot || process.platform !== "linux") return undefined;
  const folder = mkdtempSync(join(tmpdir(), "syncline-"));
  try {
    execFileSync("/bin/mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], {
      stdio: "ignore",
    });
    // Lazily, because a failed test still has files open in it.
    t.after(() => execFileSync("/bin/umount", ["-l", folder]));
    return folder;
  } catch {
    return undefined;
  } finally {
    t.after(() => rmSync(folder, { recursive: true }));
  }
}

test(
  "a journal below a folder that takes no folders is refused",
  { skip: !existsSync("/dev/fd") },
  async () => {
    await assert.rejects(sqliteJournal({ path: "/dev/fd/.syncline/journal.db" }), {
      code: "JOURNAL_READ_ONLY",
    });
  },
);
