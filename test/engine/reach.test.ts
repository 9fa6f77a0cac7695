// What a deletion would reach in its store keeps it from passing, in a plan as in a run.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { planRollback } from "../../src/engine/index.ts";
import type { PipelineSettings, Reference } from "../../src/engine/index.ts";
import type { MemoryCollection } from "../../src/testing/memory-collection.ts";
import { NEVER, sceneOf, wrote, type Scene } from "./scene.ts";

type OnDelete = Reference["onDelete"];

const id = { name: "id", type: { kind: "integer" } } as const;
const ref = { name: "ref", type: { kind: "integer" } } as const;

/** A collection whose rows refer to those of another one; or to none. */
function collection(name: string, to?: string, onDelete: OnDelete = "cascade"): MemoryCollection {
  const reference = { columns: ["ref"], collection: to ?? "", references: ["id"], onDelete };
  const references = to === undefined ? [] : [reference];
  return { name, fields: [id, ref], key: ["id"], isOrdered: false, references };
}

function pipeline(name: string, over: Partial<PipelineSettings>): PipelineSettings {
  const sides = ["crm", "billing"].map((system, index) => ({
    name: index === 0 ? "source" : "target",
    at: { system, collection: name },
  }));
  return { name, sides, direction: "two-way", guard: { floor: 10_000, share: 1 }, ...over };
}

/** The source refers to nothing; the target does what its references say. */
async function linked(
  targets: readonly MemoryCollection[],
  over: Partial<PipelineSettings> = {},
  piped: readonly string[] = targets.map(({ name }) => name),
): Promise<Scene> {
  const crm = targets.map((each) => ({ ...each, references: [] }));
  const pipelines = piped.map((name) => pipeline(name, over));
  return sceneOf({ collections: { crm, billing: targets }, pipelines });
}

const PARENT = collection("parent");
const CHILD = collection("child", "parent");

function put(scene: Scene, at: string, key: number, to: number | null, system = "crm"): void {
  scene.replica(system).edit(at, [key], { ref: to });
}
const gone = (scene: Scene, at: string, key: number): void =>
  void scene.replica("crm").edit(at, [key], null);

/** What a plan would delete on the target: collection and key. */
async function deletions(scene: Scene, allowDeletes?: true): Promise<readonly string[]> {
  const plan = await scene.plan(allowDeletes && { allowDeletes });
  const items = await scene.items(plan);
  return items
    .filter(({ writes }) => writes.some(({ kind, side }) => kind === "delete" && side === "target"))
    .map(({ pipeline: name, shown }) => `${name} ${shown}`)
    .sort();
}

const rowsOf = (scene: Scene, names: readonly string[]): readonly string[] =>
  names.flatMap((name) =>
    scene
      .replica("billing")
      .rows(name)
      .map(([key]) => `${name} ${JSON.stringify(key)}`),
  );

/** Plans, runs, and holds that both came to the same: the rows that are gone are those planned. */
async function agreeing(scene: Scene, names: readonly string[]): Promise<readonly string[]> {
  const planned = await deletions(scene);
  const before = rowsOf(scene, names);
  const view = await scene.run();
  const after = rowsOf(scene, names);
  const lost = before.filter((row) => !after.includes(row)).sort();
  assert.deepEqual(lost, planned);
  assert.deepEqual(view.left, []);
  return lost;
}

test("a deletion that would reach a row which nobody deletes is withheld in the plan", async () => {
  for (const onDelete of ["cascade", "set-null", "set-default"] as const) {
    const scene = await linked([PARENT, collection("child", "parent", onDelete)]);
    put(scene, "parent", 1, null);
    put(scene, "parent", 2, null);
    await scene.run();
    put(scene, "child", 10, 1, "billing");
    gone(scene, "parent", 1);
    gone(scene, "parent", 2);
    const plan = await scene.plan();
    assert.equal(plan.summary.pipelines["parent"]?.withheld, 1);
    assert.deepEqual(wrote(plan, "target", "parent").delete, 1);
    const [note] = plan.notes.filter(({ code }) => code === "CASCADE_WITHHELD");
    assert.equal(note?.pipeline, "parent");
    assert.match(note?.text ?? "", /^target: the deletion of 1 is withheld: rows of child refer/);
    assert.match(note?.text ?? "", /--allow-deletes/);
    assert.deepEqual(await agreeing(scene, ["parent", "child"]), ["parent 2"]);
    const run = await scene.run();
    assert.equal(run.waits, true, "it still waits for a person");
    assert.deepEqual(
      run.notes.map(({ code }) => code),
      ["CASCADE_WITHHELD"],
    );
    const allowed = await scene.plan({ allowDeletes: true });
    assert.equal(wrote(allowed, "target", "parent").delete, 1);
    assert.deepEqual(allowed.notes, []);
    await scene.apply(allowed);
    assert.deepEqual(rowsOf(scene, ["parent"]), []);
  }
});

test("rows that the same cycle deletes, or leads away, are no obstacle", async () => {
  for (const memory of ["full", "digest"] as const) {
    const direction = memory === "digest" ? "one-way" : "two-way";
    const scene = await linked([PARENT, CHILD], { memory, direction });
    for (const parent of [1, 2, 3, 4]) put(scene, "parent", parent, null);
    for (const child of [10, 11, 12, 13]) put(scene, "child", child, child - 9);
    await scene.run();
    for (const parent of [1, 2, 3]) gone(scene, "parent", parent);
    gone(scene, "child", 10);
    put(scene, "child", 11, 4);
    put(scene, "child", 12, null);
    const lost = await agreeing(scene, ["parent", "child"]);
    assert.deepEqual(lost, ["child 10", "parent 1", "parent 2", "parent 3"], memory);
  }
});

test("a row that comes to refer to a deleted one keeps it, in the plan as in the run", async () => {
  for (const memory of ["full", "digest"] as const) {
    const direction = memory === "digest" ? "one-way" : "two-way";
    const scene = await linked([PARENT, CHILD], { memory, direction });
    for (const parent of [1, 2, 3, 4]) put(scene, "parent", parent, null);
    put(scene, "child", 10, 4);
    put(scene, "child", 11, 2);
    await scene.run();
    for (const parent of [1, 2, 3]) gone(scene, "parent", parent);
    put(scene, "child", 10, 1);
    put(scene, "child", 11, 4);
    put(scene, "child", 13, 3);
    const plan = await scene.plan();
    const notes = plan.notes.filter(({ code }) => code === "CASCADE_WITHHELD");
    assert.match(notes[0]?.text ?? "", /^target: 2 deletions .* rows of child refer/, memory);
    assert.deepEqual(await agreeing(scene, ["parent", "child"]), ["parent 2"], memory);
  }
});

test("a row that stays keeps everything above it, through any number of tables", async () => {
  const scene = await linked([PARENT, CHILD, collection("grandchild", "child")]);
  for (const key of [1, 2]) {
    put(scene, "parent", key, null);
    put(scene, "child", key, key);
    put(scene, "grandchild", key, key);
  }
  await scene.run();
  for (const name of ["parent", "child"]) for (const key of [1, 2]) gone(scene, name, key);
  gone(scene, "grandchild", 2);
  const names = ["parent", "child", "grandchild"];
  assert.deepEqual(await agreeing(scene, names), ["child 2", "grandchild 2", "parent 2"]);
  gone(scene, "grandchild", 1);
  assert.deepEqual(await agreeing(scene, names), ["child 1", "grandchild 1", "parent 1"]);
});

test("rows of one table go leaves first, and a ring that takes itself along stays", async () => {
  const scene = await linked([collection("tree", "tree")]);
  for (const key of [1, 2, 3, 4, 5, 6]) put(scene, "tree", key, null);
  const up: readonly (readonly [number, number])[] = [
    [2, 1],
    [3, 2],
    [4, 4],
    [5, 6],
    [6, 5],
  ];
  for (const [key, to] of up) put(scene, "tree", key, to);
  await scene.run();
  for (const key of [1, 2, 3, 4, 5, 6]) gone(scene, "tree", key);
  assert.deepEqual(await agreeing(scene, ["tree"]), ["tree 1", "tree 2", "tree 3", "tree 4"]);
});

test("a table that no pipeline knows is asked as well", async () => {
  const scene = await linked([PARENT, CHILD], {}, ["parent"]);
  put(scene, "parent", 1, null);
  await scene.run();
  put(scene, "child", 10, 1, "billing");
  gone(scene, "parent", 1);
  assert.deepEqual(await agreeing(scene, ["parent", "child"]), []);
});

test("deletions that the guard withholds keep those that would reach them", async () => {
  const scene = await linked([PARENT, CHILD]);
  put(scene, "parent", 1, null);
  for (const key of [10, 11, 12]) put(scene, "child", key, 1);
  await scene.run();
  gone(scene, "parent", 1);
  for (const key of [10, 11, 12]) gone(scene, "child", key);
  const view = await scene.run({ allowDeletes: 2 });
  assert.deepEqual(view.guards.length, 1);
  assert.deepEqual(view.left, []);
  assert.equal(rowsOf(scene, ["parent", "child"]).length, 4);
});

test("a rollback takes nothing along that came since, unless a person allows it", async () => {
  const scene = await linked([PARENT, CHILD]);
  for (const key of [1, 2]) put(scene, "parent", key, null);
  put(scene, "child", 10, 2);
  const { id: run } = await scene.run();
  put(scene, "child", 11, 1, "billing");
  const plan = await planRollback(scene.link, { run }, NEVER);
  assert.deepEqual(
    plan.notes.map(({ code, pipeline: of }) => [code, of]),
    [["CASCADE_WITHHELD", "parent"]],
  );
  assert.equal(wrote(plan, "target", "parent").delete, 1);
  assert.deepEqual((await scene.apply(plan)).left, []);
  assert.deepEqual(rowsOf(scene, ["parent", "child"]), ["parent 1", "child 11"]);
  const all = await planRollback(scene.link, { run, allowDeletes: true }, NEVER);
  assert.deepEqual((await scene.apply(all)).left, []);
  assert.deepEqual(rowsOf(scene, ["parent", "child"]), []);
});

test("whatever refers to what, a plan and its run delete the same rows", async () => {
  const names = ["a", "b", "c"] as const;
  const acts: readonly OnDelete[] = ["cascade", "set-null", "set-default"];
  const keys = [0, 1, 2, 3];
  const lose = fc.record(Object.fromEntries(names.map((name) => [name, fc.subarray(keys)])));
  const refs = fc.array(fc.option(fc.constantFrom(...keys)), { minLength: 8, maxLength: 8 });
  const to = fc.option(fc.constantFrom(...keys));
  // Some of these keys are new.
  const moved = fc.array(
    fc.tuple(fc.constantFrom("b", "c"), fc.constantFrom(0, 1, 2, 3, 4, 5), to),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.record({ lose, refs, moved, first: fc.constantFrom(...acts) }),
      fc.record({
        second: fc.constantFrom(...acts),
        isDigest: fc.boolean(),
        extra: fc.subarray(keys),
      }),
      async (script, { second, isDigest, extra }) => {
        const scene = await linked(
          [collection("a"), collection("b", "a", script.first), collection("c", "b", second)],
          isDigest ? { memory: "digest", direction: "one-way" } : {},
        );
        for (const key of keys) put(scene, "a", key, null);
        for (const key of keys) put(scene, "b", key, script.refs[key] ?? null);
        for (const key of keys) put(scene, "c", key, script.refs[key + 4] ?? null);
        await scene.run();
        for (const key of extra) put(scene, "c", key + 100, key, "billing");
        for (const [name, key, at] of script.moved) put(scene, name, key, at);
        for (const name of names) for (const key of script.lose[name] ?? []) gone(scene, name, key);
        await agreeing(scene, names);
      },
    ),
    { numRuns: 150 },
  );
});
