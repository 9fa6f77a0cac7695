import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { encodeKey } from "../../src/core/key.ts";
import type { Capabilities } from "../../src/engine/replica.ts";
import { memoryReplica } from "../../src/testing/memory-replica.ts";
import type { MemoryReplica } from "../../src/testing/memory-replica.ts";
import { digesting } from "../../src/testing/digesting.ts";
import { replicaSuite } from "../../src/testing/replica-suite.ts";
import type { Subject, SuiteCollection } from "../../src/testing/replica-suite.ts";

/** Every way in which a memory replica may be told to behave passes the suite. */
const KINDS: readonly (readonly [string, Partial<Capabilities>, number?])[] = [
  ["memory", {}],
  ["memory, paged", { list: "paged", log: false }, 2],
  ["memory, by a column", { log: false, sinceColumns: ["integer"] }, 2],
  ["memory, at the end", { commits: "finish" }],
  ["memory, without memory of ids", { marks: false, returns: false }],
];

for (const [kind, capabilities, pageRows] of KINDS) {
  replicaSuite({
    test: (name, run) => test(`${kind}: ${name}`, run),
    assert,
    open: async (collections) => subjectOf(open(collections, capabilities, pageRows)),
  });
}

/** A wrapper keeps the promises that it adds. */
replicaSuite({
  test: (name, run) => test(`memory, digesting: ${name}`, run),
  assert,
  sha256,
  open: async (collections) => {
    const subject = subjectOf(open(collections, {}, undefined));
    return { ...subject, replica: digesting(subject.replica, { sha256 }) };
  },
});

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const signal = new AbortController().signal;
const shape = { collection: "t", key: ["id"], columns: ["id", "v"] };

test("a memory replica rounds as it is told, and returns what it stored", async () => {
  const replica = rounding();
  const [outcome] = await write(replica, [1, 1.7]);
  assert.deepEqual(outcome, { kind: "applied", row: [1, 1], at: 1 });
  replica.edit("t", [2], { v: 2.9 });
  assert.deepEqual(replica.rows("t"), [
    [1, 1],
    [2, 2],
  ]);
});

test("an image is what a crash leaves, and an old one goes back in time", async () => {
  const replica = rounding();
  await write(replica, [1, 1]);
  const image = replica.image();
  const { epoch } = await replica.describe(signal);
  replica.edit("t", [1], { v: 5 });
  replica.edit("t", [2], { v: 6 });
  assert.equal(replica.rows("t").length, 2);
  const reborn = memoryReplica({ ...OPTIONS, image: replica.image() });
  assert.deepEqual(reborn.rows("t"), [
    [1, 5],
    [2, 6],
  ]);
  replica.restore(image);
  const listed: string[] = [];
  for await (const page of replica.list(shape, null, signal)) listed.push(...page.keys);
  assert.equal(listed.length, 1);
  assert.deepEqual(replica.rows("t"), [[1, 1]]);
  assert.equal((await replica.describe(signal)).epoch, epoch);
  assert.deepEqual(await replica.marks("link", signal), [{ id: "id 1", missed: [] }]);
  assert.deepEqual(
    reborn.rows("t"),
    [
      [1, 5],
      [2, 6],
    ],
    "the copy moved with the original",
  );
});

test("keys that fold into one are refused", async () => {
  const foldKey = (key: string) => key.toLowerCase();
  const replica = memoryReplica({
    name: "m",
    collections: [
      { name: "t", key: ["id"], fields: [{ name: "id", type: { kind: "text" } }], foldKey },
    ],
  });
  replica.edit("t", ["a"], {});
  assert.throws(() => replica.edit("t", ["A"], {}), { code: "KEY_FOLDS" });
  assert.throws(() => replica.edit("t", ["b"], { nome: 1 }), { code: "COLUMN_MISSING" });
});

test("deleting follows references as they say, or does nothing at all", () => {
  const id = { name: "id", type: { kind: "integer" } } as const;
  const up = { name: "up", type: { kind: "integer" } } as const;
  const to = { columns: ["up"], references: ["id"] };
  const below = (
    name: string,
    collection: string,
    onDelete: "refuse" | "cascade" | "set-null",
  ) => ({
    name,
    key: ["id"],
    fields: [id, up],
    references: [{ ...to, collection, onDelete }],
  });
  const replica = memoryReplica({
    name: "m",
    collections: [
      { name: "top", key: ["id"], fields: [id] },
      below("middle", "top", "cascade"),
      below("loose", "top", "set-null"),
      below("bottom", "middle", "refuse"),
    ],
  });
  replica.edit("top", [1], {});
  replica.edit("middle", [1], { up: 1 });
  replica.edit("loose", [1], { up: 1 });
  replica.edit("bottom", [1], { up: 1 });
  assert.throws(() => replica.edit("top", [1], null), { code: "CONSTRAINT" });
  assert.equal(replica.rows("top").length, 1);
  assert.deepEqual(replica.rows("loose"), [[1, 1]]);
  replica.edit("bottom", [1], null);
  replica.edit("top", [1], null);
  assert.deepEqual(replica.rows("middle"), []);
  assert.deepEqual(replica.rows("loose"), [[1, null]]);
});

test("a paged listing shows what happened while it went on", async () => {
  const replica = memoryReplica({
    ...OPTIONS,
    collections: [{ ...OPTIONS.collections[0], capabilities: { list: "paged", writable: false } }],
    pageRows: 1,
  });
  replica.edit("t", [1], { v: 1 });
  replica.edit("t", [2], { v: 2 });
  const seen: unknown[] = [];
  for await (const page of replica.list(shape, null, signal)) {
    if (seen.length === 0) replica.edit("t", [2], { v: 3 });
    seen.push(...page.rows);
  }
  assert.deepEqual(seen, [
    [1, 1],
    [2, 3],
  ]);
  await assert.rejects(write(replica, [3, 3]), { code: "REPLICA_READ_ONLY" });
});

test("a cursor from before what was acknowledged is refused", async () => {
  const replica = rounding();
  replica.edit("t", [1], { v: 1 });
  await replica.acknowledge("1");
  await assert.rejects(
    async () => {
      for await (const page of replica.changes([shape], undefined, signal)) void page;
    },
    { code: "CURSOR_LOST" },
  );
});

const OPTIONS = {
  name: "m",
  collections: [
    {
      name: "t",
      key: ["id"],
      fields: [
        { name: "id", type: { kind: "integer" } },
        { name: "v", type: { kind: "real" } },
      ],
      hidden: (_: string, value: unknown) => (typeof value === "number" ? Math.floor(value) : null),
    },
  ],
} as const;

function rounding(): MemoryReplica {
  return memoryReplica(OPTIONS);
}

async function write(replica: MemoryReplica, to: readonly [number, number]) {
  const writer = await replica.writer(signal);
  const key = encodeKey([to[0]]) ?? "";
  const writes = [{ key, expected: { kind: "absent" as const }, to }];
  return writer.write({ id: `id ${to[0]}`, link: "link", shape, writes, settled: [] }, signal);
}

function open(
  collections: readonly SuiteCollection[],
  capabilities: Partial<Capabilities>,
  pageRows: number | undefined,
): MemoryReplica {
  return memoryReplica({
    name: "memory",
    collections: collections.map((each) => ({ ...each, capabilities })),
    ...(pageRows === undefined ? {} : { pageRows }),
  });
}

function subjectOf(replica: MemoryReplica): Subject {
  return {
    replica,
    edit: async (collection, key, row) => {
      replica.edit(collection, key, row);
    },
    look: async (collection) => replica.rows(collection),
    reopen: async () => replica,
    copy: async () => {
      const image = replica.image();
      return async () => replica.restore(image);
    },
    close: () => replica.close(),
  };
}
