// A replica whose keys are brought from one name to another on their way, promise by promise.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OwnRow, Value } from "../../src/core/state.ts";
import type { Page, Replica, Shape, Unkeyed } from "../../src/engine/replica.ts";
import { templated } from "../../src/engine/templated.ts";
import { illegible, whyIllegible } from "../../src/engine/illegible.ts";
import { makeSorter } from "../../src/spool/sorter.ts";
import { digesting } from "../../src/testing/digesting.ts";
import type { MemoryCollection } from "../../src/testing/memory-collection.ts";
import { memoryReplica } from "../../src/testing/memory-replica.ts";
import { all, key, NEVER } from "./scene.ts";

const SORTER = () => makeSorter(200);

const THINGS: MemoryCollection = {
  name: "things",
  key: ["id"],
  fields: [
    { name: "id", type: { kind: "text" } },
    { name: "v", type: { kind: "text" } },
  ],
};

const SHAPE: Shape = {
  collection: "things",
  key: ["id"],
  columns: ["id", "v"],
  templates: [{ prefix: "req-", suffix: "", type: { kind: "integer" } }],
};

/** A replica that lists these pages. */
function listing(pages: readonly Page[]): Replica {
  const inner = memoryReplica({ name: "to", collections: [THINGS] });
  return {
    ...inner,
    async *list() {
      yield* pages;
    },
  };
}

const BIG = 2n ** 60n;
const named = (id: string): string => key(id);

test("a listing comes in the order of entries, whole only if what it is made of is", async () => {
  const odd: Unkeyed = { code: "KEY_MISSING", where: "there" };
  const rows: OwnRow[] = [["req-10", "a"], ["req-9", BIG], ["x", "b"], illegible(["why"])];
  const keys = ["req-10", "req-9", "x", "req-2"].map(named);
  const page = { keys, rows, positions: [1, BIG, 3, 4], unkeyed: [odd] };
  const covers = { after: null, to: null, proof: "paged" } as const;
  const whole = templated(listing([page, { keys: [], rows: [], covers }]), SORTER);
  const listed = await all(whole.list(SHAPE, null, NEVER));
  assert.deepEqual(
    listed.flatMap((each) => each.keys),
    [key(2), key(9), key(10)],
  );
  const [first, ...others] = listed.flatMap((each) => each.rows);
  assert.deepEqual(first && whyIllegible(first), ["why"]);
  assert.deepEqual(others, [
    ["req-9", BIG],
    ["req-10", "a"],
  ]);
  assert.deepEqual(
    listed.flatMap((each) => each.positions ?? []),
    [4, BIG, 1],
  );
  assert.deepEqual([listed[0]?.others, listed[0]?.unkeyed], [1, [odd]]);
  assert.deepEqual(listed.at(-1)?.covers, covers);
  const part = templated(listing([page]), SORTER);
  assert.ok((await all(part.list(SHAPE, null, NEVER))).every((each) => !each.covers));
  const after = await all(whole.list(SHAPE, key(2), NEVER));
  assert.deepEqual(
    after.flatMap((each) => each.keys),
    [key(9), key(10)],
  );
});

test("many rows are sorted in pages that follow each other", async () => {
  const count = 2500;
  const ids = Array.from({ length: count }, (_, at) => `req-${at}`).toSorted();
  const page: Page = {
    keys: ids.map(named),
    rows: ids.map((id) => [id, id]),
    covers: { after: null, to: null, proof: "snapshot" },
  };
  const pages = await all(templated(listing([page]), SORTER).list(SHAPE, null, NEVER));
  assert.deepEqual(
    pages.map(({ keys }) => keys.length),
    [1000, 1000, 500],
  );
  assert.deepEqual(
    pages.flatMap(({ keys }) => keys),
    Array.from({ length: count }, (_, at) => key(at)),
  );
  assert.deepEqual(
    pages.map(({ covers }) => [covers?.after, covers?.to, covers?.proof]),
    [
      [null, key(999), "snapshot"],
      [key(999), key(1999), "snapshot"],
      [key(1999), null, "snapshot"],
    ],
  );
});

test("rows are read by the names of their entries, as many as a page holds", async () => {
  const inner = memoryReplica({ name: "to", collections: [THINGS] });
  inner.edit("things", ["req-1"], { v: "a" });
  inner.edit("things", ["req-3"], { v: "c" });
  const few: Replica = {
    ...inner,
    read: (shape, keys, signal) => inner.read(shape, keys.slice(0, 2), signal),
  };
  const replica = templated(few, SORTER);
  const odd = key("odd");
  const page = await replica.read(SHAPE, [odd, key(1), key(2), odd, key(3)], NEVER);
  assert.deepEqual(page.keys, [odd, key(1), key(2), odd]);
  assert.deepEqual(page.rows, [null, ["req-1", "a"], null, null]);
  assert.deepEqual((await replica.read(SHAPE, [odd], NEVER)).rows, [null]);
  assert.deepEqual((await replica.read(SHAPE, [], NEVER)).keys, []);
});

test("a write under a key without a name is refused, and no other takes its place", async () => {
  const inner = memoryReplica({ name: "to", collections: [THINGS] });
  const writer = await templated(inner, SORTER).writer(NEVER);
  const write = (of: Value, id: string) =>
    ({ key: key(of), expected: { kind: "absent" }, to: [id, "v"] }) as const;
  const batch = { id: "b1", link: "l", shape: SHAPE, settled: [] };
  const both = [write(1, "req-1"), write("x", "req-x")];
  const outcomes = await writer.write({ ...batch, writes: both }, NEVER);
  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    ["later", "refused"],
  );
  assert.deepEqual(inner.rows("things"), []);
  const again = await writer.write({ ...batch, id: "b2", writes: both.slice(0, 1) }, NEVER);
  assert.deepEqual(
    again.map(({ kind }) => kind),
    ["applied"],
  );
  assert.deepEqual(inner.rows("things"), [["req-1", "v"]]);
});

test("what a deletion reaches is told under the names of entries, or under none", async () => {
  const children: MemoryCollection = {
    ...THINGS,
    name: "children",
    fields: [...THINGS.fields, { name: "of", type: { kind: "text" } }],
    references: [
      { columns: ["of"], collection: "things", references: ["id"], onDelete: "cascade" },
    ],
  };
  const inner = memoryReplica({ name: "to", collections: [THINGS, children] });
  inner.edit("things", ["req-1"], { v: "a" });
  inner.edit("children", ["req-5"], { of: "req-1" });
  inner.edit("children", ["other"], { of: "req-1" });
  const replica = templated(inner, SORTER);
  const below = { ...SHAPE, collection: "children", columns: ["id", "of"] };
  const deletions = { shape: SHAPE, keys: [key(1), key("odd")], referring: [SHAPE, below] };
  const pages = replica.reach?.(deletions, NEVER);
  assert.ok(pages !== undefined);
  const reached = (await all(pages)).flat();
  const told = reached.map(({ from, key: of }) => JSON.stringify([from, of ?? null]));
  const expected = [
    [key(1), null],
    [key(1), key(5)],
  ];
  assert.deepEqual(told.toSorted(), expected.map((each) => JSON.stringify(each)).toSorted());
});

test("what would tell rows without their keys is there for other shapes only", async () => {
  const inner = memoryReplica({ name: "to", collections: [THINGS] });
  const digests = digesting(inner, { sha256: (bytes) => String(bytes.length) });
  const replica = templated(digests, SORTER);
  const { templates: _, ...plain } = SHAPE;
  const text = { kind: "text" } as const;
  const fields = [{ column: "id", type: text }];
  const digester = (shape: Shape) =>
    replica.digester?.({ shape, fields, salt: "0123456789abcdef" }, NEVER);
  assert.equal(await digester(SHAPE), undefined);
  assert.ok((await digester(plain)) !== undefined);
  const writer = await replica.writer(NEVER);
  assert.equal(await writer.packer?.(SHAPE, NEVER), undefined);
  assert.ok((await writer.packer?.(plain, NEVER)) !== undefined);
});
