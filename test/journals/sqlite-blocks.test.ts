import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import fc from "fast-check";
import type { EntryRecord, LinkJournal } from "../../src/engine/journal.ts";
import { CHARS_MAX } from "../../src/journals/sqlite/blocks.ts";
import { sqliteJournal } from "../../src/journals/sqlite/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";

const folder = mkdtempSync(join(tmpdir(), "syncline-"));
const path = join(folder, "journal.db");
const journal = await sqliteJournal({ path });
const link = await journal.open("link", "write");
after(async () => {
  await journal.close();
  rmSync(folder, { recursive: true });
});

const key = fc.integer({ min: 0, max: 300 }).map((n) => `k${n.toString(7)}`);
const body = fc.oneof(
  { weight: 6, arbitrary: fc.string({ maxLength: 20 }).map((text) => text.replaceAll("\0", "")) },
  { weight: 2, arbitrary: fc.integer({ min: 100, max: 1_500 }).map((n) => "x".repeat(n)) },
  { weight: 1, arbitrary: fc.constant("y".repeat(CHARS_MAX + 10)) },
  { weight: 3, arbitrary: fc.constant(null) },
);
const flags = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 31 }));
const records: fc.Arbitrary<EntryRecord[]> = fc.array(
  fc.record({ key, body, flags }, { noNullPrototype: true }),
  {
    minLength: 1,
    maxLength: 60,
  },
);

async function listOf(link: LinkJournal, pipeline: string, limit: number, flags?: number) {
  const found: EntryRecord[] = [];
  for (let after: string | null = null; ;) {
    const range = { after, limit, ...(flags === undefined ? {} : { flags }) };
    const page = await link.entries(pipeline, range);
    page.keys.forEach((key, i) => {
      found.push({ key, body: page.bodies[i] ?? null, flags: page.flags[i] ?? -1 });
    });
    after = page.keys.at(-1) ?? null;
    if (page.keys.length < limit) return found;
  }
}

let pipelines = 0;

test("whatever is saved and forgotten, the file answers as memory does", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(records, { minLength: 1, maxLength: 12 }),
      fc.array(key, { maxLength: 30 }),
      fc.integer({ min: 1, max: 100 }),
      async (commits, asked, limit) => {
        const pipeline = `p${pipelines++}`;
        const model = await memoryJournal().open("link", "write");
        for (const records of commits) {
          const commit = { entries: [{ pipeline, records }] };
          await Promise.all([model.commit(commit), link.commit(commit)]);
        }
        for (const mask of [undefined, 1, 2, 6, 31]) {
          assert.deepEqual(
            await listOf(link, pipeline, limit, mask),
            await listOf(model, pipeline, limit, mask),
          );
        }
        assert.deepEqual(await link.find(pipeline, asked), await model.find(pipeline, asked));
        const [is, expected] = [await link.count(pipeline), await model.count(pipeline)];
        assert.equal(is.entries, expected.entries);
        assert.deepEqual(new Map(is.flags), new Map(expected.flags));
        holdBlocks(pipeline);
      },
    ),
    { numRuns: 60 },
  ));

test("blocks stay filled when entries come in any order", async () => {
  const each = Array.from({ length: 5_000 }, (_, i) => (i * 2_741) % 5_000);
  const keyOf = (n: number) => `k${String(n).padStart(5, "0")}`;
  for (let i = 0; i < each.length; i += 20) {
    const some = each
      .slice(i, i + 20)
      .map((n) => ({ key: keyOf(n), body: "b".repeat(93), flags: 0 }));
    await link.commit({ entries: [{ pipeline: "any order", records: some }] });
  }
  const blocks = holdBlocks("any order");
  const chars = blocks.reduce((sum, { keys, bodies }) => sum + keys.length + bodies.length, 0);
  assert.ok(chars / blocks.length > CHARS_MAX * 0.45, `${chars / blocks.length}`);
});

test("a block that was filled in order has room for what grows", async () => {
  const records = Array.from({ length: 2_000 }, (_, i) => ({
    key: `k${String(i).padStart(5, "0")}`,
    body: "b".repeat(93),
    flags: 0,
  }));
  for (let i = 0; i < records.length; i += 500) {
    const some = records.slice(i, i + 500);
    await link.commit({ entries: [{ pipeline: "in order", records: some }] });
  }
  const filled = holdBlocks("in order").length;
  assert.ok(filled < (2_000 * 101) / (CHARS_MAX * 0.8), `${filled} blocks`);
  const grown = records
    .filter((_, i) => i % 10 === 0)
    .map((each) => ({ ...each, body: each.body + "+".repeat(60) }));
  await link.commit({ entries: [{ pipeline: "in order", records: grown }] });
  assert.equal(holdBlocks("in order").length, filled);
});

interface BlockRow {
  readonly last: string;
  readonly keys: string;
  readonly bodies: string;
  readonly flags: string;
  readonly flagged: number;
}

/** Looks past the journal: blocks are in order, apart, full of entries and not too long. */
function holdBlocks(pipeline: string): readonly BlockRow[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database
    .prepare(
      `SELECT last, keys, bodies, flags, flagged FROM entry_block
        JOIN pipeline ON pipeline.id = pipeline_id WHERE name = ? ORDER BY last`,
    )
    .all(pipeline) as unknown as readonly BlockRow[];
  const ends = rows.map(({ last }) => last);
  database.close();
  let before = "";
  for (const { last, keys, bodies, flags, flagged } of rows) {
    const names = keys.split("\0");
    assert.equal(names.at(-1), last);
    for (const name of names) {
      assert.ok(name > before, `${name} after ${before}, of ${ends.join()}`);
      before = name;
    }
    assert.equal(bodies.split("\0").length, names.length);
    const each = flags === "" ? [] : flags.split(",").map(Number);
    assert.equal(
      flagged,
      each.reduce((all, flag) => all | flag, 0),
    );
    // An even cut leaves a block at most one entry above the limit.
    const longest = Math.max(...bodies.split("\0").map(({ length }) => length));
    assert.ok(names.length === 1 || keys.length + bodies.length <= CHARS_MAX + longest);
  }
  return rows;
}
