// What a journal promises of programs that use it at once: one writer for a link, any readers.
import { isSyncError } from "../core/errors.ts";
import type { JournalClaim } from "./journal-suite.ts";
import { entry, keysOf, save } from "./journal-suite-entries.ts";

/** Claims about who may do what at the same time. */
export const ACCESS_CLAIMS: readonly JournalClaim[] = [
  {
    name: "a link has one writer, in this program and in any other",
    async holds({ assert, journal, connect }) {
      const isLocked = (error: unknown) => isSyncError(error, "JOURNAL_LOCKED");
      await assert.rejects(journal.open("link", "write"), isLocked);
      await assert.rejects((await connect()).open("link", "write"), isLocked);
    },
  },
  {
    name: "the lock is free when the writer has closed its link",
    async holds({ assert, journal, link, connect }) {
      await save(link, entry("a"));
      await link.close();
      const other = await connect();
      const second = await other.open("link", "write");
      await save(second, entry("b"));
      await second.close();
      const third = await journal.open("link", "write");
      assert.deepEqual(await keysOf(third), ["a", "b"]);
    },
  },
  {
    name: "closing one link leaves another one open, and the journal locked",
    async holds({ assert, journal, link, connect }) {
      const other = await journal.open("other", "write");
      await other.close();
      await save(link, entry("a"));
      assert.deepEqual(await keysOf(link), ["a"]);
      const opening = (await connect()).open("link", "write");
      await assert.rejects(opening, (error) => isSyncError(error, "JOURNAL_LOCKED"));
    },
  },
  {
    name: "a reader beside a writer sees every finished commit",
    async holds({ assert, link, connect }) {
      const reader = await (await connect()).open("link", "read");
      assert.deepEqual(await keysOf(reader), []);
      assert.equal(await reader.generation(), 0);
      await save(link, entry("a"), entry("b", 1));
      assert.deepEqual(await keysOf(reader), ["a", "b"]);
      assert.equal((await reader.count("p")).flags.get(1), 1);
      await link.forget(undefined);
      await save(link, entry("c"));
      assert.deepEqual(await keysOf(reader), ["c"]);
    },
  },
  {
    name: "a reader changes nothing",
    async holds({ assert, link, connect }) {
      await save(link, entry("a"));
      const reader = await (await connect()).open("link", "read");
      const isRefused = (error: unknown) => isSyncError(error, "JOURNAL_READ_ONLY");
      await assert.rejects(save(reader, entry("b")), isRefused);
      await assert.rejects(reader.forget("p"), isRefused);
      await assert.rejects(reader.forget(undefined), isRefused);
      await assert.rejects(reader.prunePlans(0), isRefused);
      await assert.rejects(reader.pruneRuns({ since: 0, countMax: 0 }), isRefused);
      await assert.rejects(reader.pruneHistory({ since: 0, countMax: 0 }), isRefused);
      assert.deepEqual(await keysOf(link), ["a"]);
    },
  },
  {
    name: "reading what was never written remembers nothing of it",
    async holds({ assert, journal, connect }) {
      const reader = await (await connect()).open("never", "read");
      assert.deepEqual(await keysOf(reader), []);
      assert.deepEqual(await reader.pipelines(), []);
      assert.deepEqual(await reader.runs(9), []);
      assert.deepEqual(await journal.links(), []);
    },
  },
  {
    name: "a closed link refuses to go on, and what it was asked for before is saved",
    async holds({ assert, journal, link }) {
      const saved = save(link, entry("a"));
      await link.close();
      await link.close();
      await saved;
      const isClosed = (error: unknown) => isSyncError(error, "ABORTED");
      await assert.rejects(save(link, entry("b")), isClosed);
      await assert.rejects(link.entries("p", { after: null, limit: 1 }), isClosed);
      const again = await journal.open("link", "write");
      assert.deepEqual(await keysOf(again), ["a"]);
      const waiting = save(again, entry("c"));
      await journal.close();
      await waiting;
    },
  },
];
