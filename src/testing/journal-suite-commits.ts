// What a journal promises of commits: all or nothing, in order, still there when opened again.
import { isSyncError } from "../core/errors.ts";
import type { Commit } from "../engine/journal.ts";
import type { JournalClaim } from "./journal-suite.ts";
import { entry, keysOf, save } from "./journal-suite-entries.ts";
import { change, plan, run } from "./journal-suite-records.ts";

/** A commit with something of everything. */
const EVERYTHING: Commit = {
  entries: [{ pipeline: "p", records: [entry("a", 1), entry("b")] }],
  history: [change({ key: "a", run: "r1" })],
  facts: [{ name: "cursor", value: "17" }],
  runs: [run("r1")],
  plans: [plan("plan-1", "hash-1")],
  blocks: [{ plan: "plan-1", seq: 0, body: "block" }],
};
/** Its last part cannot be saved. */
const HALF: Commit = { ...EVERYTHING, blocks: [{ plan: "no such plan", seq: 0, body: "" }] };

/** Claims about commits. */
export const COMMIT_CLAIMS: readonly JournalClaim[] = [
  {
    name: "a commit that fails at its end has saved nothing of its beginning",
    async holds({ assert, link }) {
      await assert.rejects(link.commit(HALF), (error) => isSyncError(error, "PLAN_UNKNOWN"));
      assert.deepEqual(await keysOf(link), []);
      assert.deepEqual(await link.count("p"), { entries: 0, flags: new Map() });
      assert.deepEqual(await link.history({}, { before: null, limit: 9 }), []);
      assert.equal(await link.fact("cursor"), undefined);
      assert.deepEqual(await link.runs(9), []);
      assert.equal(await link.plan("latest"), undefined);
      assert.equal(await link.generation(), 0);
      assert.deepEqual(await link.pipelines(), []);
      await link.commit(EVERYTHING);
      assert.deepEqual(await keysOf(link), ["a", "b"]);
    },
  },
  {
    name: "what breaks the contract is refused before anything is saved",
    async holds({ assert, link }) {
      for (const broken of [entry(""), entry("b", 0, "\ud800"), entry("b", 0, "a\u0000b")]) {
        const saved = save(link, entry("a"), broken);
        await assert.rejects(saved, (error) => error instanceof Error);
      }
      assert.deepEqual(await keysOf(link), []);
    },
  },
  {
    name: "commits asked for at once land in that order",
    async holds({ assert, link }) {
      const commits = Array.from({ length: 30 }, (_, i) =>
        link.commit({
          entries: [{ pipeline: "p", records: [entry("a", 0, `${i}`)] }],
          history: [change({ key: "a", run: `r${i}` })],
        }),
      );
      await Promise.all(commits);
      assert.equal((await link.find("p", ["a"]))[0]?.body, "29");
      const changes = await link.history({}, { before: null, limit: 100 });
      assert.deepEqual(
        changes.map(({ run }) => run),
        Array.from({ length: 30 }, (_, i) => `r${29 - i}`),
      );
      assert.equal(await link.generation(), 30);
    },
  },
  {
    name: "when commits of several links wait together, one that fails harms no other link",
    async holds({ assert, journal, link }) {
      const other = await journal.open("other", "write");
      const settled = await Promise.allSettled([
        save(link, entry("a")),
        other.commit(HALF),
        save(link, entry("b")),
      ]);
      assert.deepEqual(
        settled.map(({ status }) => status),
        ["fulfilled", "rejected", "fulfilled"],
      );
      assert.deepEqual(await keysOf(link), ["a", "b"]);
      assert.deepEqual(await keysOf(other), []);
    },
  },
  {
    name: "generation grows with each commit that has entries, and with no other",
    async holds({ assert, link }) {
      assert.equal(await link.generation(), 0);
      await save(link, entry("a"));
      const first = await link.generation();
      await link.commit({ ...EVERYTHING, entries: [] });
      await link.commit({ entries: [{ pipeline: "empty", records: [] }] });
      assert.deepEqual(await link.pipelines(), ["p"]);
      assert.equal(await link.generation(), first);
      await save(link, { key: "a", body: null, flags: 0 });
      assert.ok((await link.generation()) > first);
    },
  },
  {
    name: "everything is there when the journal is opened again",
    async holds({ assert, journal, link, connect }) {
      await link.commit(EVERYTHING);
      const { identity } = journal;
      await link.close();
      await journal.close();
      const again = await connect();
      assert.equal(again.identity, identity);
      const reopened = await again.open("link", "write");
      assert.deepEqual(await reopened.find("p", ["a", "b"]), EVERYTHING.entries?.[0]?.records);
      assert.equal(await reopened.fact("cursor"), "17");
      assert.deepEqual(await reopened.runs(9), EVERYTHING.runs);
      assert.deepEqual(await reopened.plan("latest"), EVERYTHING.plans?.[0]);
      assert.deepEqual(await reopened.blocks("plan-1", -1, 9), [{ seq: 0, body: "block" }]);
      assert.equal((await reopened.history({}, { before: null, limit: 9 })).length, 1);
      assert.equal(await reopened.generation(), 1);
      assert.equal((await reopened.count("p")).entries, 2);
    },
  },
  {
    name: "a forgotten pipeline leaves nothing but a grown generation, the others stay",
    async holds({ assert, link }) {
      await link.commit(EVERYTHING);
      await link.commit({
        entries: [{ pipeline: "q", records: [entry("z")] }],
        history: [change({ pipeline: "q", key: "z", run: "r2" })],
      });
      const before = await link.generation();
      await link.forget("p");
      assert.ok((await link.generation()) > before);
      assert.deepEqual(await link.pipelines(), ["q"]);
      assert.deepEqual(await keysOf(link), []);
      assert.deepEqual(await link.count("p"), { entries: 0, flags: new Map() });
      const changes = await link.history({}, { before: null, limit: 9 });
      assert.deepEqual(
        changes.map(({ pipeline }) => pipeline),
        ["q"],
      );
      assert.equal(await link.fact("cursor"), "17");
      await save(link, entry("new"));
      assert.deepEqual(await keysOf(link), ["new"]);
      assert.equal((await link.count("p")).entries, 1);
    },
  },
  {
    name: "a forgotten link leaves nothing, the others stay, and it can begin anew",
    async holds({ assert, journal, link }) {
      const other = await journal.open("other", "write");
      await link.commit(EVERYTHING);
      await other.commit(EVERYTHING);
      await link.forget(undefined);
      assert.deepEqual(await link.pipelines(), []);
      assert.deepEqual(await keysOf(link), []);
      assert.equal(await link.fact("cursor"), undefined);
      assert.deepEqual(await link.runs(9), []);
      assert.equal(await link.plan("latest"), undefined);
      assert.deepEqual(await link.blocks("plan-1", -1, 9), []);
      assert.deepEqual(await link.history({}, { before: null, limit: 9 }), []);
      assert.deepEqual(await journal.links(), ["other"]);
      assert.deepEqual(await keysOf(other), ["a", "b"]);
      await save(link, entry("new"));
      assert.deepEqual(await keysOf(link), ["new"]);
    },
  },
];
