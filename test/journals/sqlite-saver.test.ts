// Commits that a thread saves: the same as if they had been saved here, in the order in which they
// were asked for.
import assert from "node:assert/strict";
import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { isSyncError } from "../../src/core/errors.ts";
import type {
  Commit,
  HistoryRecord,
  JoinedEntries,
  LinkJournal,
  RunRecord,
} from "../../src/engine/journal.ts";
import { bodiesBy } from "../../src/engine/commit.ts";
import { sha256 } from "../../src/threads/sha256.ts";
import { fileId, openWriter } from "../../src/journals/sqlite/file.ts";
import { sqliteJournal } from "../../src/journals/sqlite/index.ts";
import { WriteQueue } from "../../src/journals/sqlite/queue.ts";
import { packCommit, unpackCommit } from "../../src/journals/sqlite/saver.ts";
import type { Packed, SaverData } from "../../src/journals/sqlite/saver.ts";
import { startShortCut } from "../../src/threads/short-cut.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import { newFolder } from "./folder.ts";

const SOON = { entriesMin: 1, commitsBefore: 0 } as const;
const key = fc.integer({ min: 1, max: 400 }).map((n) => `k${String(n).padStart(3, "0")}`);
const text = fc.string({ maxLength: 4 }).filter((chars) => !chars.includes("\0"));
const plainly = <T extends object>(of: { [name in keyof T]: fc.Arbitrary<T[name]> }) =>
  fc.record(of, { noNullPrototype: true });
const rare = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 60, arbitrary: usual }, { weight: 1, arbitrary: other });

const records = fc.array(
  plainly({
    key,
    body: rare<string | null>(text, fc.constant(null)),
    flags: rare(fc.constant(0), fc.integer({ min: 1, max: 31 })),
  }),
  { maxLength: 40 },
);
const history = fc.oneof(
  fc.uniqueArray(key, { maxLength: 5 }).map((keys) => keys.map((each) => changeOf(each, "a"))),
  fc.array(fc.tuple(key, text), { maxLength: 3 }).map((all) => all.map((of) => changeOf(...of))),
);
const one = plainly({
  key,
  body: text.map((each) => `[${each}]`),
  isOdd: rare(fc.constant(false), fc.constant(true)),
  flags: fc.integer({ min: 0, max: 31 }),
});
const joined: fc.Arbitrary<JoinedEntries> = fc
  .tuple(
    fc.uniqueArray(one, { selector: (each) => each.key, minLength: 1, maxLength: 200 }),
    plainly({
      pipeline: fc.constantFrom("p", "q"),
      isDigest: fc.boolean(),
      hasHistory: fc.boolean(),
    }),
  )
  .map(([some, { pipeline, isDigest, hasHistory }]): JoinedEntries => {
    const all = some.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    const texts = all.flatMap(({ body, isOdd }) => (isOdd ? [] : [body])).join("\0");
    const odd = all.flatMap(({ body, isOdd, flags }, at) => (isOdd ? [{ at, body, flags }] : []));
    const { pipeline: _p, key: _k, ...change } = changeOf("", "joined");
    return {
      pipeline,
      count: all.length,
      keys: all.map((each) => each.key).join("\0"),
      bodies: isDigest ? { texts: bytesOf(texts), before: "<", after: ">" } : texts,
      odd,
      ...(hasHistory ? { history: change } : {}),
    };
  });
const bytesOf = (texts: string): Uint8Array =>
  new TextEncoder().encode(texts === "" ? "" : `${texts}\0`);
const commit: fc.Arbitrary<Commit> = fc.record(
  {
    joined: fc.array(joined, { maxLength: 2 }),
    entries: fc.array(plainly({ pipeline: fc.constantFrom("p", "q"), records }), {
      maxLength: 2,
    }),
    history,
    facts: fc.array(
      plainly({ name: fc.constantFrom("x", "y"), value: fc.option(text, { nil: null }) }),
      { maxLength: 2 },
    ),
    runs: rare<readonly RunRecord[]>(
      fc.constant([]),
      fc.nat(3).map((n) => [runOf(`run ${n}`)]),
    ),
  },
  { requiredKeys: [], noNullPrototype: true },
);

test("a commit comes out of its packing as it went in", () =>
  fc.assert(
    fc.property(commit, (whole) => {
      const packed = packCommit("link", whole);
      if (packed === undefined) return;
      const { joined: all = [], entries = [], history: changes = [], facts = [] } = whole;
      const filled = entries.filter((each) => each.records.length > 0);
      const again = unpackCommit(structuredClone(packed));
      assert.deepEqual(again, { joined: all, entries: filled, history: changes, facts });
    }),
  ));

test("commits that a thread saves are as if they had been saved here, in their order", (t) =>
  fc.assert(
    fc.asyncProperty(fc.array(commit, { maxLength: 25 }), async (commits) => {
      const path = join(newFolder(t), "journal.db");
      const journal = await sqliteJournal({ path, handsOver: SOON });
      const other = memoryJournal();
      const [link, plain] = [await journal.open("l", "write"), await other.open("l", "write")];
      // All at once: the later ones wait behind the earlier.
      await Promise.all(commits.map((each) => link.commit(each)));
      for (const each of commits) await plain.commit(withDigests(each));
      assert.deepEqual(await contentOf(link), await contentOf(plain));
      await journal.close();
    }),
    { numRuns: 20, endOnFailure: true },
  ));

test("a thread that dies before it says what it saved leaves each change once", async (t) => {
  const path = join(newFolder(t), "journal.db");
  const journal = await sqliteJournal({ path });
  const database = openWriter(path);
  const program = new URL("dying-saver-thread.ts", import.meta.url);
  const answers: boolean[] = [];
  const dying = startShortCut<Packed>(program, { path, file: fileId(path) } satisfies SaverData);
  const queue = new WriteQueue(database, {
    check: () => undefined,
    startSaver: () => ({
      ask: async (packed) => {
        const isDone = await dying.ask(packed);
        answers.push(isDone);
        return isDone;
      },
      close: () => dying.close(),
    }),
    handsOver: SOON,
  });
  const commitOf = (name: string): Commit => ({
    entries: [{ pipeline: "p", records: [{ key: name, body: name, flags: 0 }] }],
    history: [changeOf(`${name} 1`, "a"), changeOf(`${name} 2`, "a")],
  });
  const unchanged: Commit = {
    entries: [{ pipeline: "p", records: [{ key: "k0", body: "", flags: 0 }] }],
  };
  // The first one is alone in its transaction, or the others are with it: nobody can tell.
  await Promise.all([
    queue.commit("l", commitOf("k1")),
    queue.commit("l", unchanged),
    queue.commit("m", commitOf("k2")),
    queue.commit("l", commitOf("k3")),
  ]);
  await queue.commit("l", commitOf("k4"));
  await queue.close();
  database.close();
  assert.deepEqual(answers.slice(0, 4), [false, false, false, false], "nothing was heard of");
  const link = await journal.open("l", "read");
  const other = await journal.open("m", "read");
  const keysOf = async (of: LinkJournal) =>
    (await of.history({}, { before: null, limit: 100 })).map((change) => change.key).toReversed();
  assert.deepEqual(await keysOf(link), ["k1 1", "k1 2", "k3 1", "k3 2", "k4 1", "k4 2"]);
  assert.deepEqual(await keysOf(other), ["k2 1", "k2 2"]);
  assert.equal((await link.count("p")).entries, 4);
  await journal.close();
});

test("a journal that was replaced is not written, by no thread either", async (t) => {
  const folder = newFolder(t);
  const path = join(folder, "journal.db");
  const journal = await sqliteJournal({ path, handsOver: SOON });
  const link = await journal.open("l", "write");
  const large = (body: string): Commit => ({
    entries: [{ pipeline: "p", records: [{ key: "k", body, flags: 0 }] }],
  });
  await link.commit(large("1"));
  await link.commit(large("2"));
  renameSync(path, `${path}.moved`);
  copyFileSync(`${path}.moved`, path);
  await assert.rejects(link.commit(large("3")), (e) => isSyncError(e, "JOURNAL_REPLACED"));
  const [kept] = await link.find("p", ["k"]);
  assert.equal(kept?.body, "2");
  await journal.close();
});

function changeOf(of: string, changes: string): HistoryRecord {
  return { pipeline: "p", key: of, stamp: 1, run: "run 1", by: "a", why: "run", changes };
}

function runOf(id: string): RunRecord {
  return { id, kind: "run", started: 1, finished: 2, status: "done", summary: "{}" };
}

async function contentOf(link: LinkJournal): Promise<unknown> {
  const page = { after: null, limit: 10_000 };
  const pipelines = await Promise.all(
    ["p", "q"].map(async (name) => [
      await link.entries(name, page),
      await link.entries(name, { ...page, flags: 31 }),
      (await link.count(name)).entries,
    ]),
  );
  const facts = [await link.fact("x"), await link.fact("y")];
  const found = await link.history({}, { before: null, limit: 10_000 });
  const changes = found.map((change) => ({ ...change, seq: 0 }));
  const names = (await link.pipelines()).toSorted();
  return [pipelines, facts, changes, names, await link.generation(), await link.runs(100)];
}

/** The same commit for a journal that makes no digests. */
function withDigests(of: Commit): Commit {
  const all = (of.joined ?? []).map((each) => ({
    ...each,
    bodies: typeof each.bodies === "string" ? each.bodies : bodiesBy(sha256, each.bodies),
  }));
  return { ...of, joined: all };
}
