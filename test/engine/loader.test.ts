// Loads that are packed: whatever the rows are and whatever the target makes of them, they leave
// what page after page leaves, and that is what the plain way leaves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import type { FilterSpec } from "../../src/core/filter.ts";
import { creating } from "../../src/engine/compile/missing.ts";
import type { Batch, PipelineSettings, Replica } from "../../src/engine/index.ts";
import type { RowWrite } from "../../src/engine/replica.ts";
import type { MemoryCollection } from "../../src/testing/memory-collection.ts";
import { memoryReplica, type MemoryReplica } from "../../src/testing/memory-replica.ts";
import { key, NEVER, PEOPLE, personId, sceneOf, wrote, type Person, type Scene } from "./scene.ts";

type Way = "packed" | "by page" | "plain";

const OSLO: FilterSpec = { kind: "compare", field: "city", operator: "not_equals", value: "Rome" };
const RULES = [{ kind: "range", field: "age", min: 0, max: 90 }] as const;

/** What a target may be, beside one that takes everything. */
const TARGETS: readonly Partial<MemoryCollection>[] = [
  {},
  { uniqueSets: [["name"]] },
  {
    fields: PEOPLE.fields.map((field) =>
      field.name === "city" ? { ...field, type: { kind: "text", maxLength: 4 } } : field,
    ),
  },
  {
    fields: PEOPLE.fields.map((field) =>
      field.name === "age" ? { ...field, nullable: false, default: 0 } : field,
    ),
  },
  // It keeps whole decades, and says so.
  { store: (column, value) => (column === "age" ? decade(value) : value) },
  { isOrdered: true },
];

const decade = (value: Person[string]): Person[string] =>
  typeof value === "number" ? value - (value % 10) : (value ?? null);

const PIPELINES: readonly Partial<PipelineSettings>[] = [
  { memory: "digest" },
  { memory: "full" },
  { memory: "digest", validation: RULES, filters: OSLO },
  { memory: "full", validation: RULES, filters: OSLO },
  {
    memory: "digest",
    mapping: [
      { source: "id", target: "id" },
      { source: "city", target: "name" },
      { source: "name", target: "city" },
    ],
    filters: OSLO,
    validation: [{ kind: "type", field: "name", expected: "string" }],
  },
  {
    memory: "full",
    mapping: [
      { source: "id", target: "id" },
      { source: "name", target: "name", transform: "upper" },
      { source: "age", target: "age" },
    ],
  },
];

const row: fc.Arbitrary<Person> = fc.record({
  name: fc.oneof({ weight: 9, arbitrary: fc.stringMatching(/^[a-z]{6}$/) }, fc.constant("twice")),
  age: fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 9 }).map((n) => n * 10) },
    { weight: 1, arbitrary: fc.constantFrom(7, 99, null) },
  ),
  city: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom("Oslo", "Bern") },
    { weight: 1, arbitrary: fc.constantFrom("Rome", "Bergen", null) },
  ),
});

const rows = fc.array(fc.option(row, { nil: undefined, freq: 9 }), { maxLength: 30 });
const there = fc.dictionary(fc.nat(29).map(personId), row, { maxKeys: 3 });

for (const [index, pipeline] of PIPELINES.entries()) {
  test(`packed, page by page and plainly the same is left (pipeline ${index + 1})`, () =>
    fc.assert(
      fc.asyncProperty(fc.constantFrom(...TARGETS), rows, there, async (target, all, kept) => {
        const left = [];
        for (const way of ["packed", "by page", "plain"] as const) {
          const { scene } = await loading(way, pipeline, target);
          all.forEach((each, i) => each && scene.put("crm", personId(i), each));
          if (target.fields === undefined && target.uniqueSets === undefined) {
            for (const [id, each] of Object.entries(kept)) scene.put("billing", id, each);
          }
          const { summary } = await scene.run({ isPlain: way === "plain" });
          const again = await scene.run();
          const { people } = again.summary.pipelines;
          left.push({ summary, again: people, rows: scene.people("billing"), ...memoryOf(scene) });
        }
        const [packed, byPage, plain] = left;
        assert.deepEqual(packed, byPage);
        assert.deepEqual(packed, plain);
      }),
      { numRuns: 60 },
    ));
}

test("rows are packed over many pages, and what a rule rejects parts none of them", async () => {
  for (const memory of ["full", "digest"] as const) {
    const { scene, sent } = await loading("packed", { memory, validation: RULES }, {});
    for (let i = 0; i < 4000; i++) {
      const age = i % 500 === 7 ? 99 : 30;
      scene.put("crm", personId(i), { name: `n${i}`, age, city: "Oslo" });
    }
    const view = await scene.run();
    assert.deepEqual(wrote(view, "target"), { create: 3992, update: 0, delete: 0 });
    assert.equal(view.summary.pipelines["people"]?.rejected, 8);
    assert.deepEqual(
      sent.map(({ packed }) => packed?.count),
      [2994, 998],
    );
    const again = await scene.run();
    assert.equal(again.summary.pipelines["people"]?.unchanged, 3992);
  }
});

test("one row that its target keeps otherwise sends its page by itself", async () => {
  const store: MemoryCollection["store"] = (column, value) =>
    column === "age" ? decade(value) : value;
  const { scene, sent } = await loading("packed", { memory: "digest" }, { store });
  for (let i = 1000; i < 4000; i++) {
    scene.put("crm", personId(i), { name: `n${i}`, age: i === 2500 ? 7 : 30, city: "Oslo" });
  }
  await scene.run();
  const alone = sent.filter(({ packed }) => packed === undefined);
  assert.deepEqual(
    alone.map(({ writes }) => writes.length),
    [999, 1],
  );
  assert.ok(sent.length === 4 && sent[0]?.packed !== undefined);
  assert.equal(Object.keys(scene.people("billing")).length, 3000);
});

test("a collection that is to be made is made for the first row, once, then loaded", async () => {
  const made: string[] = [];
  const inner = memoryReplica({ name: "new", collections: [] });
  const replica = creating(
    {
      ...inner,
      create: async (collection, signal) => {
        await setImmediate();
        made.push(collection.name);
        await inner.create?.(collection, signal);
      },
    },
    [{ name: "people", key: ["id"], fields: PEOPLE.fields.map((each) => nullableBut(each, "id")) }],
  );
  const shape = { collection: "people", key: ["id"], columns: ["id", "name"] };
  const writer = await replica.writer(NEVER);
  const batches = ["a", "b"].map((id) => ({
    id,
    link: "l",
    shape,
    settled: [],
    writes: [write(id)],
  }));
  await Promise.all(batches.map((batch) => writer.write(batch, NEVER)));
  const packer = await writer.packer?.(shape, NEVER);
  assert.ok(packer?.add([["c", "C"]]) === true);
  const packed = { ...batches[0], id: "c", writes: [write("c")], packed: packer.end() };
  await writer.write(packed as Batch, NEVER); // all of it is there
  await writer.finish(NEVER);
  assert.deepEqual(made, ["people"]);
  assert.deepEqual(
    inner.rows("people").map(([id]) => id),
    ["a", "b", "c"],
  );
});

const nullableBut = <F extends { readonly name: string }>(field: F, key: string) => ({
  ...field,
  nullable: field.name !== key,
});

const write = (id: string): RowWrite => ({
  key: key(id),
  expected: { kind: "absent" },
  to: [id, id.toUpperCase()],
});

/** A scene whose batches are kept in a list; the way says how new rows go. */
async function loading(
  way: Way,
  pipeline: Partial<PipelineSettings>,
  target: Partial<MemoryCollection>,
): Promise<{ readonly scene: Scene; readonly sent: Batch[] }> {
  const sent: Batch[] = [];
  const wrap = (replica: MemoryReplica): Replica => ({
    ...replica,
    writer: async (signal) => {
      const { packer, ...writer } = await replica.writer(signal);
      return {
        ...writer,
        ...(way === "packed" && packer !== undefined ? { packer } : {}),
        write: (batch, until) => {
          sent.push(batch);
          return writer.write(batch, until);
        },
      };
    },
  });
  const capabilities = { marks: true, log: false, list: "snapshot" } as const;
  const people = { ...PEOPLE, capabilities };
  const scene = await sceneOf({
    wrap,
    collections: { crm: [people], billing: [{ ...people, ...target }] },
    pipeline: { direction: "one-way", ...pipeline },
  });
  return { scene, sent };
}

/** What is remembered, without what counts runs and moments. */
function memoryOf(scene: Scene): object {
  const plain = (text: string): string =>
    text.replaceAll(/\d{10,}/g, "N").replaceAll(/id-[\d.-]+/g, "ID");
  const { links } = scene.journal.snapshot();
  const all = [...links.values()].map(({ pipelines, history, facts }) => ({
    entries: JSON.parse(plain(JSON.stringify([...pipelines].map(([name, each]) => [name, each])))),
    history: history
      .map(({ key, by, why, changes }) => [key, by, why, plain(changes)].join(" "))
      .toSorted(),
    facts: [...facts.keys()].toSorted(),
  }));
  return { all };
}
