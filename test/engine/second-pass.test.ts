// Rows of several collections that refer to each other, where the store looks at every reference at
// once: they are created without it and get it afterwards, and let go of it before they are
// deleted.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PipelineSettings } from "../../src/engine/index.ts";
import type { MemoryCollection } from "../../src/testing/memory-collection.ts";
import { sceneOf, wrote, type Scene } from "./scene.ts";

const field = (name: string, nullable = true) =>
  ({ name, type: { kind: "integer" }, nullable }) as const;

type To = readonly [column: string, collection: string];

/** A collection that refers to others by columns, all of which but `needed` may be NULL. */
function collection(name: string, to: readonly To[], needed?: string): MemoryCollection {
  const fields = to.map(([column]) => field(column, column !== needed));
  return {
    name,
    fields: [field("id", false), ...fields, field("note")],
    key: ["id"],
    isOrdered: false,
    references: to.map(([column, at]) => ({
      columns: [column],
      collection: at,
      references: ["id"],
      onDelete: "refuse",
    })),
  };
}

function pipeline(name: string, over: Partial<PipelineSettings>): PipelineSettings {
  const sides = ["crm", "billing"].map((system, index) => ({
    name: index === 0 ? "source" : "target",
    at: { system, collection: name },
  }));
  return { name, sides, direction: "two-way", guard: { floor: 10_000, share: 1 }, ...over };
}

/** The source takes everything in any order; the target holds on to its references. */
async function linked(
  targets: readonly MemoryCollection[],
  over: Partial<PipelineSettings> = {},
): Promise<Scene> {
  const crm = targets.map((each) => ({ ...each, references: [] }));
  return sceneOf({
    collections: { crm, billing: targets },
    pipelines: targets.map(({ name }) => pipeline(name, over)),
    pageRows: 10,
  });
}

type Row = { readonly [column: string]: number | null };

const put = (scene: Scene, name: string, key: number, row: Row | null): void =>
  void scene.replica("crm").edit(name, [key], row);

const same = (scene: Scene, ...names: readonly string[]): void => {
  for (const name of names) {
    assert.deepEqual(scene.replica("billing").rows(name), scene.replica("crm").rows(name), name);
  }
};

const COMPANY = [
  collection("departments", [["head", "employees"]]),
  collection(
    "employees",
    [
      ["department", "departments"],
      ["boss", "employees"],
    ],
    "department",
  ),
];
const NAMES = ["departments", "employees"];

/** Every department is led by one who works in another one, and all of them have a boss. */
function company(scene: Scene, count: number): void {
  for (let i = 1; i <= count; i++) {
    const next = (i % count) + 1;
    put(scene, "departments", i, { head: next, note: i });
    put(scene, "employees", i, { department: i, boss: next, note: i });
  }
}

for (const memory of ["full", "digest"] as const) {
  const direction = memory === "digest" ? "one-way" : "two-way";
  for (const way of ["run", "apply"] as const) {
    test(`a ring is created and deleted by one ${way}, remembered as ${memory}`, async () => {
      const scene = await linked(COMPANY, { memory, direction });
      const go = async () =>
        way === "run" ? scene.run() : scene.apply(await scene.plan({ allowDeletes: true }));
      company(scene, 3);
      const view = await go();
      assert.deepEqual(view.left, []);
      assert.equal(view.waits, false);
      same(scene, ...NAMES);
      // This store looks at each row by itself: those of one collection have to be parted as well.
      for (const name of NAMES) {
        assert.deepEqual(wrote(view, "target", name), { create: 3, update: 3, delete: 0 });
      }
      assert.equal((await scene.plan()).writes, 0);
      for (const name of NAMES) for (const key of [1, 2, 3]) put(scene, name, key, null);
      const gone = await go();
      assert.deepEqual(gone.left, []);
      assert.equal(gone.waits, false);
      assert.deepEqual(scene.replica("billing").rows("departments"), []);
      same(scene, ...NAMES);
    });
  }
}

test("rows of one collection that refer to each other over pages come in one run", async () => {
  const scene = await linked([collection("tree", [["up", "tree"]])]);
  for (let i = 1; i <= 1200; i++) put(scene, "tree", i, { up: (i % 1200) + 1, note: i });
  assert.deepEqual((await scene.run()).left, []);
  same(scene, "tree");
});

test("a row of a ring that waits for one that nobody brings holds up nobody else", async () => {
  const scene = await linked(COMPANY);
  company(scene, 2);
  put(scene, "departments", 7, { head: 99, note: 7 });
  put(scene, "employees", 8, { department: 98, boss: 1, note: 8 });
  const view = await scene.run();
  assert.deepEqual(
    view.left.map(({ pipeline: name, shown, why }) => [name, shown, why]),
    [
      ["departments", "7", "later"],
      ["employees", "8", "later"],
    ],
    "what refers to nothing is not put in without it",
  );
  assert.equal(scene.replica("billing").rows("departments").length, 2);
});

test("where no reference of a ring may be NULL its rows are left by name", async () => {
  const scene = await linked([
    collection("a", [["b", "b"]], "b"),
    collection("b", [["a", "a"]], "a"),
  ]);
  put(scene, "a", 1, { b: 1 });
  put(scene, "b", 1, { a: 1 });
  const view = await scene.run();
  assert.deepEqual(
    view.left.map(({ pipeline: name, why }) => [name, why]),
    [
      ["a", "later"],
      ["b", "later"],
    ],
  );
  assert.deepEqual(scene.replica("billing").rows("a"), []);
});

test("what a user does to a row that is there in part is an edit like any other", async () => {
  const scene = await linked(COMPANY);
  company(scene, 2);
  put(scene, "departments", 1, { head: 2, note: 1 });
  // The first run ends before the rest of department 1 is there.
  put(scene, "employees", 2, { department: 1, boss: 77, note: 2 });
  const view = await scene.run();
  assert.equal(view.waits, true);
  const there = scene.replica("billing").rows("departments");
  assert.deepEqual(there[0], [1, null, 1]);
  scene.replica("billing").edit("departments", [1], { note: 5 });
  put(scene, "employees", 77, { department: 1, boss: null, note: 0 });
  const after = await scene.run();
  assert.equal(after.waits, false);
  same(scene, ...NAMES);
  assert.deepEqual(scene.replica("crm").rows("departments")[0], [1, 2, 5]);
});

test("whatever refers to whom, what can be put in is put in, and what goes goes", async () => {
  const keys = [1, 2, 3, 4];
  const maybe = fc.option(fc.constantFrom(...keys));
  const each = fc.record({ head: maybe, boss: maybe, department: fc.constantFrom(...keys) });
  const rows = fc.array(each, { minLength: 4, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(rows, rows, fc.boolean(), async (first, second, isDigest) => {
      const scene = await linked(
        COMPANY,
        isDigest ? { memory: "digest", direction: "one-way" } : {},
      );
      for (const state of [first, second, undefined]) {
        for (const [at, key] of keys.entries()) {
          const { head, boss, department } = state?.[at] ?? {};
          const isThere = state !== undefined;
          put(scene, "departments", key, isThere ? { head: head ?? null, note: at } : null);
          const employee = { department: department ?? null, boss: boss ?? null, note: at };
          put(scene, "employees", key, isThere ? employee : null);
        }
        const view = await scene.run();
        assert.deepEqual([view.left, view.waits], [[], false]);
        same(scene, ...NAMES);
        assert.equal((await scene.plan()).writes, 0);
      }
    }),
    { numRuns: 60 },
  );
});
