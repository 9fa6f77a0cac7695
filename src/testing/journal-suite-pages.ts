// What a journal promises of pages whose entries are large.
import { FLAGS } from "../engine/journal.ts";
import type { EntryRecord, LinkJournal } from "../engine/journal.ts";
import { PAGE_BYTES_MAX } from "../engine/replica.ts";
import type { JournalClaim } from "./journal-suite.ts";
import { entry, save } from "./journal-suite-entries.ts";
import { change } from "./journal-suite-records.ts";

/** So long that four of them are more than a page. */
const LARGE = Math.floor(PAGE_BYTES_MAX / 3.5);
const KEYS = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];

/** Bodies that are told from each other; one of them is more than a page by itself. */
const bodyOf = (key: string): string =>
  key + "x".repeat(key === "e" ? LARGE + PAGE_BYTES_MAX : LARGE);

async function saveAll(link: LinkJournal): Promise<void> {
  for (const key of KEYS) await save(link, entry(key, FLAGS.asks, bodyOf(key)));
}

/** Without its last text it is shorter than a page may be: that is where it ends. */
function isPage(texts: readonly string[]): boolean {
  return texts.slice(0, -1).reduce((sum, { length }) => sum + length, 0) < PAGE_BYTES_MAX;
}

/** Claims about pages of large entries. */
export const PAGE_CLAIMS: readonly JournalClaim[] = [
  {
    name: "a page of large entries ends by their length, and an empty one is the end",
    async holds({ assert, link }) {
      await saveAll(link);
      for (const only of [{}, { flags: FLAGS.asks }]) {
        const keys: string[] = [];
        for (let after: string | null = null; ;) {
          const page = await link.entries("p", { after, limit: 1000, ...only });
          assert.ok(isPage(page.bodies), "no page has more than it may");
          assert.ok(page.keys.every((key, at) => page.bodies[at] === bodyOf(key)));
          if (page.keys.length === 0) break;
          keys.push(...page.keys);
          after = page.keys.at(-1) ?? null;
        }
        assert.deepEqual(keys, KEYS);
      }
    },
  },
  {
    name: "large entries are found under the first of some keys",
    async holds({ assert, link }) {
      await saveAll(link);
      const asked = ["h", "e", "none", ...KEYS];
      const found: (EntryRecord | undefined)[] = [];
      while (found.length < asked.length) {
        const some = await link.find("p", asked.slice(found.length));
        assert.ok(some.length > 0, "one key at least is answered for");
        const there = some.filter((record) => record !== undefined);
        assert.ok(isPage(there.map(({ body }) => body ?? "")), "no answer is more than a page");
        found.push(...some);
      }
      assert.deepEqual(
        found.map((record) => record?.key),
        ["h", "e", undefined, ...KEYS],
      );
      assert.ok(found.every((each) => each === undefined || each.body === bodyOf(each.key)));
    },
  },
  {
    name: "a page of large changes ends by their length",
    async holds({ assert, link }) {
      for (const key of KEYS)
        await link.commit({ history: [change({ key, changes: bodyOf(key) })] });
      const keys: string[] = [];
      for (let before: number | null = null; ;) {
        const page = await link.history({ run: "r1" }, { before, limit: 1000 });
        assert.ok(isPage(page.map(({ changes }) => changes)), "no page has more than it may");
        if (page.length === 0) break;
        keys.push(...page.map(({ key }) => key));
        before = page.at(-1)?.seq ?? null;
      }
      assert.deepEqual(keys, KEYS.toReversed());
    },
  },
];
