import assert from "node:assert/strict";
import { test } from "node:test";
import type { PipelineSettings } from "../../src/engine/settings.ts";
import type { MemoryCollection, MemoryField } from "../../src/testing/memory-collection.ts";
import { ID, NAME, NEVER, linkOf, pair, pipelineOf, refusals, table } from "./compiling.ts";
import type { Tables } from "./compiling.ts";

test("parents stand first, in any order of settings; a ring of them does no harm", async () => {
  const refers = (name: string, to: string): MemoryCollection => ({
    ...table(name, { name: "of", type: { kind: "integer" } }),
    references: [{ columns: ["of"], collection: to, references: ["id"], onDelete: "refuse" }],
  });
  const names = async (...collections: readonly MemoryCollection[]) => {
    const settings = collections.map((each) => pair({}, each.name));
    const link = await linkOf(settings, { crm: collections, hub: collections });
    return link.pipelines.map((pipeline) => pipeline.name);
  };
  const [a, b, c] = [refers("a", "b"), refers("b", "c"), table("c")];
  assert.deepEqual(await names(a, b, c), ["c", "b", "a"]);
  assert.deepEqual(await names(b, c, a), ["c", "b", "a"]);
  assert.deepEqual(await names(refers("a", "a"), c), ["a", "c"]);
  assert.deepEqual(await names(refers("a", "b"), refers("b", "a"), c), ["c", "a", "b"]);
});

test("all tables at once: a pipeline for each; what is missing is made when written", async () => {
  const tables = { crm: [table("b", NAME), table("a", NAME)], hub: [table("a", NAME)] };
  const star = pair({ createMissing: true }, "*");
  const link = await linkOf([{ ...star, name: "all" }], tables);
  assert.deepEqual(
    link.pipelines.map((pipeline) => pipeline.name),
    ["all.a", "all.b"],
  );
  const hub = link.replicas.get("hub");
  assert.ok(hub);
  const shape = link.pipelines[1]?.sides[1]?.shape;
  assert.ok(shape);
  const pages = [];
  for await (const page of hub.list(shape, null, NEVER)) pages.push(page);
  assert.deepEqual(pages, [
    { keys: [], rows: [], covers: { after: null, to: null, proof: "snapshot" } },
  ]);
  const writer = await hub.writer(NEVER);
  const write = { key: "", expected: { kind: "absent" }, to: [1, "Ada"] } as const;
  const writes = [{ ...write, key: "a1\u0001" }];
  const batch = { id: "1", link: "link", shape, writes, settled: [] };
  const [outcome] = await writer.write(batch, NEVER);
  await writer.finish(NEVER);
  assert.equal(outcome?.kind, "applied");
  // Somebody else may make the table between the look and the write.
  const late = await linkOf([{ ...star, name: "all" }], tables);
  const lateHub = late.replicas.get("hub");
  const [b] = (await lateHub?.describe(NEVER))?.collections.get("b")?.key ?? [];
  await lateHub?.create?.({ name: "b", fields: [ID, NAME].map(plain), key: [b ?? ""] }, NEVER);
  const lateWriter = await lateHub?.writer(NEVER);
  const [second] = (await lateWriter?.write(batch, NEVER)) ?? [];
  assert.equal(second?.kind, "applied");
  const after = await hub.describe(NEVER);
  assert.deepEqual([...after.collections.keys()], ["a", "b"]);
  assert.deepEqual((await hub.read(shape, ["a1\u0001"], NEVER)).rows, [[1, "Ada"]]);

  assert.deepEqual(await refusals([pair({ name: "all" }, "*")], tables), [
    "pipelines.all.target COLLECTION_MISSING",
  ]);
});

test("pipelines that lead back to where they began are refused, trees are not", async () => {
  const collections = [table("people", NAME)];
  const tables = { crm: collections, hub: collections, erp: collections };
  const between = (name: string, from: string, to: string, direction: "one-way" | "two-way") => ({
    name,
    direction,
    sides: [
      { name: "source", at: { system: from, collection: "people" } },
      { name: "target", at: { system: to, collection: "people" } },
    ],
  });
  const two = "two-way" as const;
  const one = "one-way" as const;
  const chain = [between("a", "crm", "hub", two), between("b", "hub", "erp", two)];
  assert.deepEqual(await refusals(chain, tables), []);
  // Whoever only follows leads nowhere.
  const follower = { name: "erp", at: { system: "erp", collection: "people" }, follows: true };
  const led = (name: string, system: string) => ({
    name,
    direction: two,
    sides: [{ name: system, at: { system, collection: "people" } }, follower],
  });
  const followed = [between("a", "crm", "hub", two), led("b", "crm"), led("c", "hub")];
  assert.deepEqual(await refusals(followed, tables), []);
  const fan = [between("a", "crm", "hub", one), between("b", "erp", "hub", one)];
  assert.deepEqual(await refusals(fan, tables), []);
  const rings = [
    [...chain, between("c", "erp", "crm", two)],
    [...chain, between("c", "crm", "erp", one)],
    [between("a", "crm", "hub", one), between("b", "hub", "crm", one)],
    [between("a", "crm", "hub", two), between("b", "crm", "hub", two)],
  ];
  for (const ring of rings) {
    assert.deepEqual(await refusals(ring, tables), ["pipelines.a CONFIG_INVALID"]);
  }
});

test("the digest of a pipeline is of its settings and collections, in any order", async () => {
  const digestOf = async (over: Partial<PipelineSettings>, tables?: Tables) =>
    (await pipelineOf(pair(over), tables)).digest;
  const one = await digestOf({ initial: "source", direction: "two-way" });
  assert.equal(await digestOf({ direction: "two-way", initial: "source" }), one);
  assert.notEqual(await digestOf({ direction: "two-way" }), one);
  assert.notEqual(
    await digestOf(
      { initial: "source", direction: "two-way" },
      { crm: [table("people", NAME)], hub: [table("people", NAME)] },
    ),
    one,
  );
});

function plain({ name, type }: MemoryField) {
  return { name, type, nullable: true };
}
