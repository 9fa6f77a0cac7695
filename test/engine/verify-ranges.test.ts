// Digests of ranges say the same as rows do: whatever sides hold, `verify` finds what it finds row
// by row, and it reads no row of a range in which all sides agree.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { OwnRow, Value } from "../../src/core/state.ts";
import { RANGE_ROWS, verify } from "../../src/engine/index.ts";
import type { PipelineSettings, Replica, VerifyView } from "../../src/engine/index.ts";
import { digesting } from "../../src/testing/digesting.ts";
import type { DigestingOptions } from "../../src/testing/digesting.ts";
import { crowd, NEVER, PEOPLE, person, personId, sceneOf } from "./scene.ts";
import type { Scene, SceneOptions } from "./scene.ts";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Replicas of these systems digest by themselves. */
function wrapFor(systems: readonly string[], options: Partial<DigestingOptions> = {}) {
  return (replica: Replica): Replica =>
    systems.includes(replica.name) ? digesting(replica, { sha256, ...options }) : replica;
}

/** What was found, without how. */
function foundBy({ pipelines, differences }: VerifyView) {
  const counts = Object.entries(pipelines).map(([name, all]) => {
    const { ranges, descended, ...rest } = all;
    return { name, rest, isWhole: (ranges ?? 0) >= (descended ?? 0) };
  });
  return { counts, differences };
}

const verified = (scene: Scene) => verify(scene.link, {}, NEVER);
const byRows = (scene: Scene) => verify(scene.link, { byRows: true }, NEVER);

const OSLO = { kind: "compare", field: "city", operator: "equals", value: "Oslo" } as const;
const trimmed = (column: string, value: Value): Value =>
  column === "name" && typeof value === "string" ? value.slice(0, 1) : value;

const SCENES: readonly SceneOptions[] = [
  {},
  { pipeline: { direction: "one-way", memory: "digest" } },
  { pipeline: { filters: OSLO } },
  { pipeline: { filters: OSLO, direction: "one-way", memory: "full", whenFilteredOut: "keep" } },
  {
    pipeline: {
      mapping: [
        { source: "id", target: "id" },
        { source: "name", target: "city" },
      ],
    },
  },
  {
    pipeline: {
      direction: "one-way",
      memory: "full",
      mapping: [
        { source: "id", target: "id" },
        { source: "name", target: "name", transform: "upper" },
        { source: "age", target: "age" },
      ],
      validation: [{ kind: "range", field: "age", min: 0, max: 3 }],
    },
  },
  { collections: { billing: [{ ...PEOPLE, store: trimmed }] } },
  { collections: { billing: [{ ...PEOPLE, hidden: trimmed }] } },
  { collections: { crm: [{ ...PEOPLE, hidden: trimmed }] } },
  { systems: ["crm", "billing", "shop"] },
];

const SYSTEMS = [["crm"], ["billing"], ["crm", "billing"], ["crm", "billing", "shop"]] as const;

const edit = fc.record({
  system: fc.constantFrom("crm", "billing", "shop"),
  id: fc.nat(12),
  row: fc.option(
    fc.record(
      {
        name: fc.constantFrom("a", "A", "bc", "é"),
        age: fc.option(fc.integer({ min: 0, max: 4 }), { nil: null }),
        city: fc.constantFrom("Oslo", "Oslo", "Rome"),
      },
      { requiredKeys: ["city"] },
    ),
    { nil: null, freq: 4 },
  ),
  runs: fc.boolean(),
});

test("digests of ranges find what rows find, in every kind of pipeline", async () => {
  const used = { ranges: 0, equal: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        scene: fc.constantFrom(...SCENES),
        systems: fc.constantFrom(...SYSTEMS),
        rowsMax: fc.integer({ min: 1, max: 4 }),
        batch: fc.integer({ min: 1, max: 3 }),
        rangesMax: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
        betweenMax: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
        edits: fc.array(edit, { maxLength: 30 }),
      }),
      async ({ scene: options, systems, edits, rangesMax, betweenMax, ...sizes }) => {
        const ends = {
          ...(rangesMax === undefined ? {} : { rangesMax }),
          ...(betweenMax === undefined ? {} : { betweenMax }),
        };
        const wrap = wrapFor(systems, { ...sizes, ...ends });
        const scene = await sceneOf({ ...options, wrap });
        for (const { system, id, row, runs } of edits) {
          if (!scene.link.replicas.has(system)) continue;
          const isThere = scene.people(system)[personId(id)] !== undefined;
          if (row !== null || isThere) scene.put(system, personId(id), row);
          if (runs) await scene.run();
        }
        const [ranges, rows] = [await verified(scene), await byRows(scene)];
        assert.deepEqual(foundBy(ranges), foundBy(rows));
        assert.equal(rows.pipelines["people"]?.ranges, undefined);
        used.ranges += ranges.pipelines["people"]?.ranges ?? 0;
        used.equal += ranges.pipelines["people"]?.equal ?? 0;
      },
    ),
    { numRuns: 300 },
  );
  assert.ok(used.ranges > 100 && used.equal > 100, JSON.stringify(used));
});

test("rows are read only in a range where the digests differ", async () => {
  let pages = 0;
  const wrap = (replica: Replica): Replica => {
    const inner = digesting(replica, { sha256 });
    return {
      ...inner,
      list: () => assert.fail("a side was listed that digests by itself"),
      digester: async (spec, signal) => {
        const found = await inner.digester?.(spec, signal);
        assert.ok(found !== undefined);
        const list: typeof found.list = (after, to) => {
          pages += 1;
          return found.list(after, to);
        };
        return { ...found, list };
      },
    };
  };
  const scene = await sceneOf();
  const count = 2 * RANGE_ROWS + 5;
  for (let i = 0; i < count; i++) {
    for (const system of ["crm", "billing"]) scene.put(system, idOf(i), person(`n${i}`, i));
  }
  await scene.run();
  const sides = scene.link.pipelines[0]?.sides.map((side) => ({
    ...side,
    replica: wrap(side.replica),
  }));
  const [pipeline] = scene.link.pipelines;
  assert.ok(pipeline !== undefined && sides !== undefined);
  const link = { ...scene.link, pipelines: [{ ...pipeline, sides }] };
  const equal = (await verify(link, {}, NEVER)).pipelines["people"];
  assert.partialDeepStrictEqual(equal, { equal: count, ranges: 3, descended: 0 });
  assert.equal(pages, 0);
  scene.put("billing", idOf(RANGE_ROWS + 3), { name: "x" });
  const { pipelines, differences } = await verify(link, {}, NEVER);
  const counts = { equal: count - 1, different: 1, ranges: 3, descended: 1 };
  assert.partialDeepStrictEqual(pipelines["people"], counts);
  assert.equal(differences[0]?.shown, idOf(RANGE_ROWS + 3));
  assert.equal(pages, 2);
});

const idOf = (index: number): string => `p${String(index).padStart(6, "0")}`;

test("a side that cannot digest any further is not asked again: the rest is read", async () => {
  const sizes = { rowsMax: 2, batch: 1, betweenMax: 2 };
  const scene = await sceneOf({ wrap: wrapFor(["crm", "billing"], sizes) });
  crowd(scene, 20, "crm", "billing");
  await scene.run();
  const { people } = (await verified(scene)).pipelines;
  assert.partialDeepStrictEqual(people, { equal: 20, ranges: 3, descended: 1 });
});

test("a range with more rows than its digest speaks of is compared row by row", async () => {
  const scene = await sceneOf({ wrap: wrapFor(["billing"]) });
  crowd(scene, 3, "crm", "billing");
  await scene.run();
  for (let i = 0; i < 50; i++) scene.put("crm", `q${i}`, person("new"));
  const { pipelines } = await verified(scene);
  const counts = { equal: 3, onlySource: 50, ranges: 1, descended: 1 };
  assert.partialDeepStrictEqual(pipelines["people"], counts);
});

test("a value that has not its type's form is never taken for one that has", async () => {
  // Loosely typed stores hold such values; text on one side looks like the number on the other.
  const strange: OwnRow = [personId(1), "n1", "1", null];
  const scene = await sceneOf({
    wrap: (replica) =>
      replica.name === "billing" ? digesting(replica, { sha256 }) : withRow(replica, strange),
  });
  crowd(scene, 3, "crm", "billing");
  const [ranges, rows] = [await verified(scene), await byRows(scene)];
  assert.deepEqual(foundBy(ranges), foundBy(rows));
  assert.partialDeepStrictEqual(ranges.pipelines["people"], { different: 1, descended: 1 });
});

/** The same replica, in whose listing a row is another one. */
function withRow(replica: Replica, row: OwnRow): Replica {
  return {
    ...replica,
    list: async function* list(shape, after, signal) {
      for await (const page of replica.list(shape, after, signal)) {
        yield { ...page, rows: page.rows.map((own) => (own?.[0] === row[0] ? row : own)) };
      }
    },
  };
}

test("a pipeline whose sides do not show the same to each other is compared by rows", async () => {
  const mapping: PipelineSettings["mapping"] = [
    { source: "id", target: "id" },
    { source: "name", target: "name", transform: "upper" },
  ];
  const scene = await sceneOf({
    pipeline: { direction: "one-way", mapping },
    wrap: wrapFor(["crm"]),
  });
  crowd(scene, 3, "crm");
  await scene.run();
  const { pipelines } = await verified(scene);
  assert.partialDeepStrictEqual(pipelines["people"], { equal: 3 });
  assert.equal(pipelines["people"]?.ranges, undefined);
});

test("what only some of the sides show is compared among those", async () => {
  const mapping = ["id", "name"].map((name) => ({ source: name, target: name }));
  const scene = await sceneOf({
    systems: ["crm", "billing", "shop"],
    pipeline: {
      sides: ["crm", "billing", "shop"].map((name) => ({
        name,
        at: { system: name, collection: "people" },
        ...(name === "billing" ? { mapping } : {}),
      })),
    },
    wrap: wrapFor(["crm", "billing", "shop"]),
  });
  crowd(scene, 3, "crm", "billing", "shop");
  await scene.run();
  scene.put("shop", personId(1), { age: 99 });
  const [ranges, rows] = [await verified(scene), await byRows(scene)];
  assert.deepEqual(foundBy(ranges), foundBy(rows));
  assert.partialDeepStrictEqual(ranges.pipelines["people"], { equal: 5, different: 1 });
});

test("a number and a text that looks like it are two keys", async () => {
  const [id, ...fields] = PEOPLE.fields;
  assert.ok(id !== undefined);
  const loose = { ...PEOPLE, fields: [{ ...id, type: { kind: "any" } as const }, ...fields] };
  const scene = await sceneOf({ collections: { crm: [loose] }, wrap: wrapFor(["billing"]) });
  scene.replica("crm").edit("people", [5], { name: "a" });
  scene.replica("billing").edit("people", ["5"], { name: "a" });
  const [ranges, rows] = [await verified(scene), await byRows(scene)];
  assert.deepEqual(foundBy(ranges), foundBy(rows));
  assert.partialDeepStrictEqual(ranges.pipelines["people"], { onlySource: 1, onlyTarget: 1 });
});
