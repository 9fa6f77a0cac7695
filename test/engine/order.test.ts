// The order of writes over a link: parents first, deletes children first, and what no order can do.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PipelineSettings } from "../../src/engine/index.ts";
import type { MemoryCollection } from "../../src/testing/memory-collection.ts";
import { sceneOf, wrote, type Scene } from "./scene.ts";

const id = { name: "id", type: { kind: "integer" } } as const;
const refersTo = (collection: string) =>
  ({ columns: ["ref"], collection, references: ["id"], onDelete: "refuse" }) as const;

function collection(name: string, ...references: readonly string[]): MemoryCollection {
  const fields = [id, { name: "ref", type: { kind: "integer" } } as const];
  return { name, fields, key: ["id"], isOrdered: false, references: references.map(refersTo) };
}

function pipeline(name: string, over: Partial<PipelineSettings> = {}): PipelineSettings {
  const sides = ["crm", "billing"].map((system, index) => ({
    name: index === 0 ? "source" : "target",
    at: { system, collection: name },
  }));
  return { name, sides, direction: "two-way", guard: { floor: 10_000, share: 1 }, ...over };
}

/** The source takes everything in any order; the target holds on to its references. */
async function linked(...targets: readonly MemoryCollection[]): Promise<Scene> {
  const sources = targets.map((each) => ({ ...each, references: [] }));
  return sceneOf({
    collections: { crm: sources, billing: targets },
    pipelines: targets.map(({ name }) => pipeline(name)),
  });
}

const put = (scene: Scene, name: string, key: number, ref: number | null): void =>
  void scene.replica("crm").edit(name, [key], { ref });
const gone = (scene: Scene, name: string, key: number): void =>
  void scene.replica("crm").edit(name, [key], null);
const same = (scene: Scene, ...names: readonly string[]): void => {
  for (const name of names) {
    assert.deepEqual(scene.replica("billing").rows(name), scene.replica("crm").rows(name), name);
  }
};

test("pipelines run parents first, whatever order they are written in", async () => {
  const scene = await linked(collection("c", "b"), collection("b", "a"), collection("a"));
  assert.deepEqual(
    scene.link.pipelines.map(({ name }) => name),
    ["a", "b", "c"],
  );
  put(scene, "c", 1, 1);
  put(scene, "b", 1, 1);
  put(scene, "a", 1, null);
  const view = await scene.run();
  assert.deepEqual(view.left, []);
  same(scene, "a", "b", "c");
});

test("deletes run children first, over the whole link", async () => {
  const scene = await linked(collection("c", "b"), collection("b", "a"), collection("a"));
  for (const name of ["a", "b", "c"]) put(scene, name, 1, name === "a" ? null : 1);
  await scene.run();
  for (const name of ["a", "b", "c"]) gone(scene, name, 1);
  const view = await scene.run();
  assert.deepEqual(view.left, []);
  assert.equal(view.waits, false);
  same(scene, "a", "b", "c");
});

test("a child that moves lets its old parent go in the same run", async () => {
  const scene = await linked(collection("child", "parent"), collection("parent"));
  put(scene, "parent", 1, null);
  put(scene, "child", 1, 1);
  await scene.run();
  gone(scene, "parent", 1);
  put(scene, "parent", 2, null);
  put(scene, "child", 1, 2);
  const view = await scene.run();
  assert.deepEqual(view.left, []);
  same(scene, "parent", "child");
});

test("references within one table come right over many pages", async () => {
  const scene = await linked(collection("tree", "tree"));
  const half = 1200;
  // What stands first refers to what stands last: key order is the wrong order.
  for (let i = 1; i <= half; i++) put(scene, "tree", half + i, null);
  for (let i = 1; i <= half; i++) put(scene, "tree", i, 2 * half + 1 - i);
  const view = await scene.run();
  assert.deepEqual(view.left, []);
  assert.equal(view.waits, false);
  same(scene, "tree");
});

test("a whole tree is deleted in one run, leaves first", async () => {
  const scene = await linked(collection("tree", "tree"));
  for (let i = 50; i >= 1; i--) put(scene, "tree", i, i === 50 ? null : i + 1);
  await scene.run();
  for (let i = 1; i <= 50; i++) gone(scene, "tree", i);
  const view = await scene.run();
  assert.deepEqual(view.left, []);
  assert.equal(wrote(view, "target", "tree").delete, 50);
  same(scene, "tree");
});

test("a child without a parent waits as a letter, and arrives with it", async () => {
  const scene = await linked(collection("child", "parent"), collection("parent"));
  put(scene, "child", 1, 7);
  put(scene, "child", 2, null);
  const view = await scene.run();
  assert.deepEqual(
    view.left.map(({ shown, why }) => [shown, why]),
    [["1", "later"]],
  );
  assert.equal(view.waits, true);
  put(scene, "parent", 7, null);
  const after = await scene.run();
  same(scene, "parent", "child");
  assert.equal(after.waits, false, "its waiting time does not matter once its parent is there");
});

test("a plan over parents and children is applied in their order", async () => {
  const scene = await linked(collection("child", "parent"), collection("parent"));
  put(scene, "child", 1, 1);
  put(scene, "parent", 1, null);
  const view = await scene.apply(await scene.plan());
  assert.deepEqual(view.left, []);
  same(scene, "parent", "child");
  gone(scene, "parent", 1);
  gone(scene, "child", 1);
  const back = await scene.apply(await scene.plan());
  assert.deepEqual(back.left, []);
  same(scene, "parent", "child");
});

test("two tables that refer to each other come right in one run", async () => {
  const scene = await linked(collection("b", "a"), collection("a", "b"));
  put(scene, "a", 1, null);
  put(scene, "b", 1, 1);
  await scene.run();
  put(scene, "a", 1, 1);
  put(scene, "b", 2, 1);
  put(scene, "a", 2, 2);
  const view = await scene.run();
  assert.equal(view.waits, false);
  same(scene, "a", "b");
});

test("a delete that would take rows of other tables with it is not made", async () => {
  const cascading = {
    ...collection("child"),
    references: [{ ...refersTo("parent"), onDelete: "cascade" } as const],
  };
  const scene = await linked(cascading, collection("parent"));
  put(scene, "parent", 1, null);
  put(scene, "child", 1, 1);
  await scene.run();
  gone(scene, "parent", 1);
  await scene.run();
  const children = scene.replica("billing").rows("child");
  assert.equal(children.length, 1, "the child that nobody deleted is still there");
});

test("rows that swap a unique value are named where the store cannot do both at once", async () => {
  const unique: MemoryCollection = { ...collection("seat"), uniqueSets: [["ref"]] };
  const scene = await sceneOf({
    collections: { crm: [collection("seat")], billing: [unique] },
    pipelines: [pipeline("seat")],
  });
  put(scene, "seat", 1, 10);
  put(scene, "seat", 2, 20);
  await scene.run();
  put(scene, "seat", 1, 20);
  put(scene, "seat", 2, 10);
  const view = await scene.run();
  const rows = scene.replica("billing").rows("seat");
  if (!view.waits) return same(scene, "seat");
  assert.deepEqual(rows, [
    [1, 10],
    [2, 20],
  ]);
  assert.deepEqual(
    (await scene.letters()).map(({ shown }) => shown),
    ["1", "2"],
  );
});
