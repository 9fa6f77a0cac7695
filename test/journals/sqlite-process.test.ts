import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { isSyncError } from "../../src/core/errors.ts";
import { sqliteJournal } from "../../src/journals/sqlite/index.ts";
import { newFolder, startOther } from "./folder.ts";

/** The version that all entries and the fact agree on; other.ts saves them together. */
async function versionIn(path: string): Promise<number> {
  const journal = await sqliteJournal({ path });
  const link = await journal.open("link", "write");
  const { bodies, flags } = await link.entries("p", { after: null, limit: 1_000 });
  const version = Number((await link.fact("version")) ?? 0);
  assert.equal(bodies.length, version === 0 ? 0 : 500);
  assert.deepEqual([...new Set(bodies)], version === 0 ? [] : [`${version}`]);
  assert.deepEqual(new Set(flags).size, version === 0 ? 0 : 1);
  assert.equal(await link.generation(), version);
  const counts = await link.count("p");
  assert.equal(counts.flags.get(1) ?? 0, version % 2 === 1 ? 500 : 0);
  await journal.close();
  return version;
}

function newPath(t: TestContext): string {
  return join(newFolder(t), "journal.db");
}

test("a writer killed inside a commit leaves all of the one before and nothing else", async (t) => {
  // The first 500 looks are those of the check before the transaction.
  for (const look of [1, 500, 501, 502, 750, 999, 1_000]) {
    const path = newPath(t);
    const other = startOther(t, path, "die", `${look}`);
    assert.equal(await other.ended, "SIGKILL", `look ${look}`);
    assert.equal(await versionIn(path), 1, `look ${look}`);
  }
});

test("a writer killed at any moment has kept every commit it was told is saved", async (t) => {
  for (const lines of [1, 2, 5, 30]) {
    const path = newPath(t);
    const other = startOther(t, path, "write");
    let told = 0;
    for (let i = 0; i < lines; i++) told = Number(await other.line());
    await other.kill();
    assert.ok(existsSync(`${path}-wal`), "the write-ahead log is left behind");
    for (let line = await other.line(); line !== undefined; line = await other.line()) {
      told = Number(line);
    }
    assert.ok(told >= lines);
    const version = await versionIn(path);
    assert.ok(version >= told, `told ${told}, kept ${version}`);
  }
});

test("the lock says who holds it and dies with that program; readers read meanwhile", async (t) => {
  const path = newPath(t);
  const other = startOther(t, path, "hold");
  assert.equal(await other.line(), "held");
  const journal = await sqliteJournal({ path });
  await assert.rejects(journal.open("another link", "write"), (error) => {
    assert.ok(isSyncError(error, "JOURNAL_LOCKED"));
    assert.ok(error.message.includes(path));
    assert.ok(error.message.includes("other 1.2.3"));
    assert.ok(error.message.includes(`process ${other.pid}`));
    assert.match(error.message, /since \d{4}-\d\d-\d\dT\d\d:\d\d/);
    return true;
  });
  const reader = await journal.open("link", "read");
  assert.deepEqual(await reader.pipelines(), []);
  await other.kill();
  const link = await journal.open("link", "write");
  await link.commit({ facts: [{ name: "a", value: "1" }] });
  assert.equal(await reader.fact("a"), "1");
  await journal.close();
});

test("a reader sees what another program commits while that goes on", async (t) => {
  const path = newPath(t);
  const other = startOther(t, path, "write");
  assert.equal(await other.line(), "1");
  const journal = await sqliteJournal({ path });
  const reader = await journal.open("link", "read");
  for (let i = 0; i < 20; i++) {
    const told = Number(await other.line());
    assert.ok(Number(await reader.fact("version")) >= told);
    const { bodies } = await reader.entries("p", { after: null, limit: 1_000 });
    assert.equal(new Set(bodies).size, 1, "no page is torn");
  }
  await journal.close();
  await other.kill();
});

test("programs that make a journal at the same moment make one", async (t) => {
  const path = newPath(t);
  const others = Array.from({ length: 4 }, () => startOther(t, path, "open"));
  const identities = await Promise.all(others.map(({ line }) => line()));
  assert.equal(new Set(identities).size, 1);
  assert.match(identities[0] ?? "", /^[0-9a-f-]{36}$/);
});
