// What a journal promises of entries: their order, pages, flags and counts.
import type { EntryRecord, LinkJournal } from "../engine/journal.ts";
import { FLAGS } from "../engine/journal.ts";
import type { JournalClaim } from "./journal-suite.ts";

/** How many entries the claim about many of them takes. */
const MANY = 10_000;
const ALPHABET = Array.from({ length: 255 }, (_, i) => String.fromCharCode(i + 1));
/** Bodies that a codec, a column's type or a text of SQL might spoil. */
const BODIES = [
  "",
  " ",
  "0",
  "1e400",
  "NULL",
  "é 漢 😀 \u{10ffff}",
  "\uffff\ufeff\ue000",
  "line\r\nline\ttab\u0001",
  `'";--\\ %_?1 $1 :a @a`,
  "x".repeat(200_000),
  "😀".repeat(5_000),
];

/** Saves records of the pipeline "p". */
export function save(link: LinkJournal, ...records: readonly EntryRecord[]): Promise<void> {
  return link.commit({ entries: [{ pipeline: "p", records }] });
}

/** An entry whose body tells it from others. */
export function entry(key: string, flags = 0, body = `body of ${key}`): EntryRecord {
  return { key, body, flags };
}

/** The keys of the pipeline "p" in the order in which its pages give them. */
export async function keysOf(link: LinkJournal, flags?: number): Promise<readonly string[]> {
  const keys: string[] = [];
  for (let after: string | null = null; ;) {
    const range = { after, limit: 3, ...(flags === undefined ? {} : { flags }) };
    const page = await link.entries("p", range);
    keys.push(...page.keys);
    after = page.keys.at(-1) ?? null;
    if (page.keys.length < range.limit) return keys;
  }
}

function inOrder(counts: ReadonlyMap<number, number>): readonly (readonly [number, number])[] {
  return [...counts].sort(([a], [b]) => a - b);
}

/** Claims about entries. */
export const ENTRY_CLAIMS: readonly JournalClaim[] = [
  {
    name: "entries come in key order, whatever order they were saved in",
    async holds({ assert, link }) {
      await save(link, entry("d"), entry("b"), entry("c"));
      await save(link, entry("a"), entry("e"));
      const { keys, bodies, flags } = await link.entries("p", { after: null, limit: 10 });
      assert.deepEqual(keys, ["a", "b", "c", "d", "e"]);
      assert.deepEqual(
        bodies,
        keys.map((key) => `body of ${key}`),
      );
      assert.deepEqual(flags, [0, 0, 0, 0, 0]);
    },
  },
  {
    name: "a page begins after its key, which need not exist, and ends at its limit",
    async holds({ assert, link }) {
      await save(link, entry("a"), entry("c"), entry("e"));
      const keys = async (after: string | null, limit: number) =>
        (await link.entries("p", { after, limit })).keys;
      assert.deepEqual(await keys("a", 10), ["c", "e"]);
      assert.deepEqual(await keys("b", 10), ["c", "e"]);
      assert.deepEqual(await keys(null, 2), ["a", "c"]);
      assert.deepEqual(await keys("e", 10), []);
    },
  },
  {
    name: "every character of the key alphabet sorts as JavaScript sorts it",
    async holds({ assert, link }) {
      const keys = ALPHABET.flatMap((char) => [char, `k${char}`, `k${char}${char}`, `${char}k`]);
      const unique = [...new Set(keys)];
      await save(link, ...unique.map((key) => entry(key)).reverse());
      assert.deepEqual(await keysOf(link), unique.sort());
      const found = await link.find("p", unique);
      assert.deepEqual(
        found.map((record) => record?.key),
        unique,
      );
    },
  },
  {
    name: "a key that begins with another one comes after it and is not mistaken for it",
    async holds({ assert, link }) {
      await save(link, entry("ab"), entry("a"), entry("abc"), entry("a\u0001"));
      assert.deepEqual(await keysOf(link), ["a", "a\u0001", "ab", "abc"]);
      await save(link, { key: "ab", body: null, flags: 0 });
      assert.deepEqual(await keysOf(link), ["a", "a\u0001", "abc"]);
    },
  },
  {
    name: "a body is returned as it was saved, whatever is in it",
    async holds({ assert, link }) {
      const records = BODIES.map((body, i) => entry(`k${i}`, 0, body));
      await save(link, ...records);
      assert.deepEqual(
        await link.find(
          "p",
          records.map(({ key }) => key),
        ),
        records,
      );
      const { bodies } = await link.entries("p", { after: null, limit: 100 });
      assert.deepEqual([...bodies].sort(), [...BODIES].sort());
    },
  },
  {
    name: "find answers in the order in which it was asked, also twice and for the unknown",
    async holds({ assert, link }) {
      const records = Array.from({ length: 25 }, (_, i) => entry(`k${i + 10}`, i % 4));
      await save(link, ...records);
      const asked = [...records.map(({ key }) => key).reverse(), "none", "k12", "k12"];
      const found = await link.find("p", asked);
      assert.deepEqual(
        found,
        asked.map((key) => records.find((record) => record.key === key)),
      );
      assert.deepEqual(await link.find("p", []), []);
      assert.deepEqual(await link.find("unknown", ["a"]), [undefined]);
    },
  },
  {
    name: "an entry saved again replaces itself, a forgotten one is gone, the rest stays",
    async holds({ assert, link }) {
      await save(link, entry("a"), entry("b"), entry("c"));
      await save(link, entry("b", 2, "new"), { key: "c", body: null, flags: 9 });
      await save(link, { key: "never there", body: null, flags: 0 });
      assert.deepEqual(await link.entries("p", { after: null, limit: 9 }), {
        keys: ["a", "b"],
        bodies: ["body of a", "new"],
        flags: [0, 2],
      });
      assert.deepEqual(await link.find("p", ["c"]), [undefined]);
      await save(link, entry("c"));
      assert.deepEqual(await keysOf(link), ["a", "b", "c"], "it can come again");
    },
  },
  {
    name: "of two records of one entry in a commit the later one counts",
    async holds({ assert, link }) {
      await save(link, entry("a", 1, "side"), entry("a", 1, "by side"));
      assert.equal((await link.find("p", ["a"]))[0]?.body, "by side");
      await save(link, entry("a", 1, "first"), entry("b"), entry("a", 2, "second"));
      await link.commit({
        entries: [
          { pipeline: "p", records: [entry("b", 4, "third"), entry("c")] },
          { pipeline: "p", records: [{ key: "c", body: null, flags: 0 }, entry("b", 8, "last")] },
        ],
      });
      assert.deepEqual(await link.entries("p", { after: null, limit: 9 }), {
        keys: ["a", "b"],
        bodies: ["second", "last"],
        flags: [2, 8],
      });
      const { entries, flags } = await link.count("p");
      assert.equal(entries, 2);
      assert.deepEqual(inOrder(flags), [
        [2, 1],
        [8, 1],
      ]);
    },
  },
  {
    name: "entries are found by any of several flags, in key order and in pages",
    async holds({ assert, link }) {
      const combinations = Array.from({ length: 64 }, (_, i) => i % 32);
      await save(link, ...combinations.map((flags, i) => entry(`k${i + 10}`, flags)));
      for (const mask of [1, 2, 3, 5, 8, 16, 31, 0]) {
        const wanted = combinations.flatMap((flags, i) =>
          (flags & mask) === 0 ? [] : [`k${i + 10}`],
        );
        assert.deepEqual(await keysOf(link, mask), wanted, `mask ${mask}`);
      }
      await save(link, entry("k11", 0), { key: "k13", body: null, flags: 0 });
      const { keys } = await link.entries("p", { after: null, limit: 1, flags: FLAGS.asks });
      assert.deepEqual(keys, ["k15"]);
    },
  },
  {
    name: "counts follow every change of entries and flags",
    async holds({ assert, link }) {
      await save(link, entry("a"), entry("b", FLAGS.asks | FLAGS.withheld), entry("c", FLAGS.gone));
      const first = await link.count("p");
      assert.equal(first.entries, 2, "what is gone is not counted");
      assert.deepEqual(inOrder(first.flags), [
        [FLAGS.asks, 1],
        [FLAGS.withheld, 1],
        [FLAGS.gone, 1],
      ]);
      await save(link, entry("a", FLAGS.asks), entry("b"), { key: "c", body: null, flags: 0 });
      const second = await link.count("p");
      assert.equal(second.entries, 2);
      assert.deepEqual([...second.flags], [[FLAGS.asks, 1]]);
      assert.deepEqual(await link.count("unknown"), { entries: 0, flags: new Map() });
    },
  },
  {
    name: "pipelines of a link, and links of a journal, do not see each other's entries",
    async holds({ assert, journal, link }) {
      const other = await journal.open("other", "write");
      await save(link, entry("a"));
      await save(other, entry("b"));
      await link.commit({ entries: [{ pipeline: "q", records: [entry("c")] }] });
      assert.deepEqual(await keysOf(link), ["a"]);
      assert.deepEqual(await keysOf(other), ["b"]);
      assert.deepEqual(await link.pipelines(), ["p", "q"]);
      assert.deepEqual(await other.pipelines(), ["p"]);
      assert.deepEqual(await journal.links(), ["link", "other"]);
    },
  },
  {
    name: `${MANY} entries, saved in pages and changed here and there, are all there`,
    async holds({ assert, link }) {
      const key = (i: number) => `k${String(i).padStart(6, "0")}`;
      const all = new Map<string, EntryRecord>();
      const put = async (records: readonly EntryRecord[]) => {
        for (const record of records) all.set(record.key, record);
        await save(link, ...records);
      };
      const each = Array.from({ length: MANY }, (_, i) => entry(key(i)));
      for (let i = 0; i < MANY; i += 1000) await put(each.slice(i, i + 1000));
      await put(each.filter((_, i) => i % 97 === 5).map((record) => ({ ...record, flags: 1 })));
      await put(each.filter((_, i) => i > 3000 && i < 3500).map(({ key }) => entry(key, 2, "x")));
      await put(Array.from({ length: 50 }, (_, i) => entry(`${key(i * 150)}a`)));
      const keys: string[] = [];
      for (let after: string | null = null; ;) {
        const page = await link.entries("p", { after, limit: 700 });
        for (const [i, key] of page.keys.entries()) {
          keys.push(key);
          const record = { key, body: page.bodies[i] ?? null, flags: page.flags[i] ?? -1 };
          assert.deepEqual(record, all.get(key));
        }
        after = page.keys.at(-1) ?? null;
        if (page.keys.length < 700) break;
      }
      assert.deepEqual(keys, [...all.keys()].sort());
      const flagged = [...all.values()].filter(({ flags }) => flags === 1);
      assert.deepEqual((await link.count("p")).flags.get(1), flagged.length);
      assert.equal((await link.count("p")).entries, all.size);
    },
  },
];
