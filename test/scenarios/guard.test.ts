// Mission scenarios 8, 9 and 13: mass deletions, dry runs, and what leaves a filter.
import assert from "node:assert/strict";
import { test } from "node:test";
import { both, counts, sceneOf, type Item, type Scene } from "./scene.ts";

const THINGS = "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT, status TEXT)";

/** So many rows on both sides, agreed. */
async function agreed(scene: Scene, count: number): Promise<void> {
  both(scene, THINGS, fill(count));
  const { exit, error } = await scene.say("run");
  assert.deepEqual([exit, error], [0, null]);
}

const fill = (count: number): string => `
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
  INSERT INTO things SELECT i, 'name ' || i, 'active' FROM n`;

const GUARD = { deletes: { share: 0.2, floor: 0 } } as const;

/** 60 of 100 rows are gone on the left; one is new there and one is edited. */
async function massDeletion(scene: Scene): Promise<void> {
  await agreed(scene, 100);
  scene.sql(
    "left",
    "DELETE FROM things WHERE id <= 60",
    "INSERT INTO things VALUES (200, 'new', 'active')",
    "UPDATE things SET name = 'edited' WHERE id = 70",
  );
}

test("8. a deletion of 60 % is withheld, all else is done, and the exit code is 4", async (t) => {
  const scene = sceneOf(t, { direction: "two-way", guard: GUARD });
  await massDeletion(scene);
  const plan = await scene.say("plan");
  assert.equal(counts(plan).withheld, 60);
  const said = await scene.say("run");
  assert.equal(said.exit, 4);
  assert.equal(counts(said).withheld, 60);
  assert.deepEqual(counts(said).target, { create: 1, update: 1, delete: 0 });
  assert.equal(scene.rows("right").length, 101);
});

test("8. --allow-deletes releases them", async (t) => {
  const scene = sceneOf(t, { direction: "two-way", guard: GUARD });
  await massDeletion(scene);
  await scene.say("run");
  const said = await scene.say("run", "--allow-deletes");
  assert.equal(said.exit, 0);
  assert.deepEqual(counts(said).target, { create: 0, update: 0, delete: 60 });
  assert.deepEqual(scene.rows("left"), scene.rows("right"));
  assert.equal(scene.rows("left").length, 41);
});

test("8. --restore writes the entries back to the side that lost them", async (t) => {
  const scene = sceneOf(t, { direction: "two-way", guard: GUARD });
  await massDeletion(scene);
  const said = await scene.say("run", "--restore");
  assert.equal(said.exit, 0);
  assert.deepEqual(counts(said).source, { create: 60, update: 0, delete: 0 });
  assert.deepEqual(scene.rows("left"), scene.rows("right"));
  assert.equal(scene.rows("left").length, 101);
});

test("8. with onTrip: stop nothing is written at all, and the exit code is 5", async (t) => {
  const scene = sceneOf(t, { direction: "two-way", guard: { ...GUARD, onTrip: "stop" } });
  await massDeletion(scene);
  const before = [scene.rows("left"), scene.rows("right")];
  const said = await scene.say("run");
  assert.equal(said.exit, 5);
  assert.equal(said.error?.code, "GUARD_STOPPED");
  assert.deepEqual([scene.rows("left"), scene.rows("right")], before);
});

/** What a run did, seen from outside: per side the rows that it made, changed and took away. */
function difference(
  before: readonly { readonly [column: string]: unknown }[],
  after: readonly { readonly [column: string]: unknown }[],
): readonly string[] {
  const was = new Map(before.map((row) => [String(row["id"]), row]));
  const is = new Map(after.map((row) => [String(row["id"]), row]));
  const found: string[] = [];
  for (const id of new Set([...was.keys(), ...is.keys()])) {
    const from = was.get(id);
    const to = is.get(id);
    const kind = from === undefined ? "create" : to === undefined ? "delete" : "update";
    for (const field of Object.keys(to ?? from ?? {})) {
      if (from?.[field] === to?.[field]) continue;
      found.push(`${id} ${kind} ${field}: ${shown(from?.[field])} -> ${shown(to?.[field])}`);
    }
  }
  return found.toSorted();
}

const shown = (value: unknown): string => JSON.stringify(value ?? null);

/** The same, as a plan printed it. */
function planned(items: readonly Item[], side: string): readonly string[] {
  return items
    .flatMap(({ shown: id, writes }) =>
      writes
        .filter((write) => write.side === side)
        .flatMap(({ kind, changes }) =>
          changes.map(
            ({ field, from, to }) => `${id} ${kind} ${field}: ${shown(from)} -> ${shown(to)}`,
          ),
        ),
    )
    .filter((line) => !line.endsWith("null -> null"))
    .toSorted();
}

test("9. a dry run tells, value by value, what the next run does", async (t) => {
  const scene = sceneOf(t, { direction: "two-way" });
  await agreed(scene, 30);
  scene.sql(
    "left",
    "UPDATE things SET name = 'left ' || id WHERE id BETWEEN 1 AND 5",
    "DELETE FROM things WHERE id = 6",
    "INSERT INTO things VALUES (100, 'by left', NULL)",
    "UPDATE things SET status = 'left' WHERE id = 10",
  );
  scene.sql(
    "right",
    "UPDATE things SET status = 'right' WHERE id BETWEEN 4 AND 8",
    "DELETE FROM things WHERE id IN (9, 10)",
    "INSERT INTO things VALUES (101, 'by right', 'x'), (100, 'by right', NULL)",
    "UPDATE things SET name = 'other' WHERE id = 1",
  );
  const before = { left: scene.rows("left"), right: scene.rows("right") };
  const plan = await scene.say("plan", "--full");
  assert.deepEqual({ left: scene.rows("left"), right: scene.rows("right") }, before);
  const asked = plan.result.items.flatMap(({ questions }) =>
    questions.map(({ shown: id, field, why }) => [id, field, why]),
  );
  const run = await scene.say("run");
  assert.deepEqual(
    planned(plan.result.items, "source"),
    difference(before.left, scene.rows("left")),
  );
  assert.deepEqual(
    planned(plan.result.items, "target"),
    difference(before.right, scene.rows("right")),
  );
  const now = (await scene.say("conflicts")).result.questions;
  assert.deepEqual(
    now.map(({ shown: id, field, why }) => [id, field, why]),
    asked,
  );
  assert.deepEqual(
    new Set(asked.map((each) => each.join())),
    new Set(["1,name,conflict", "10,,conflict", "100,name,conflict", "6,,conflict"]),
  );
  const { planId: _, hash: __, ...told } = counts(plan);
  const { planId: ___, hash: ____, ...done } = counts(run);
  assert.deepEqual(done, told);
});

const ACTIVE = { field: "status", operator: "equals", value: "active" } as const;

test("13. one-way, what leaves the filter leaves the target, under the guard", async (t) => {
  const scene = sceneOf(t, { filters: [ACTIVE], guard: { deletes: { floor: 2, share: 0 } } });
  scene.sql("left", THINGS, fill(10));
  scene.sql("right", THINGS);
  await scene.say("run");
  assert.equal(scene.rows("right").length, 10);
  scene.sql("left", "UPDATE things SET status = 'archived' WHERE id = 3");
  const said = await scene.say("run");
  assert.equal(said.exit, 0);
  assert.deepEqual(counts(said).target, { create: 0, update: 0, delete: 1 });
  assert.deepEqual(scene.rows("right", "SELECT id FROM things WHERE id = 3"), []);
  scene.sql("left", "UPDATE things SET status = 'archived' WHERE id > 3");
  const tripped = await scene.say("run");
  assert.equal(tripped.exit, 4);
  assert.equal(counts(tripped).withheld, 7);
  assert.equal(scene.rows("right").length, 9);
  assert.equal((await scene.say("run", "--allow-deletes")).exit, 0);
  assert.deepEqual(
    scene.rows("right").map(({ id }) => id),
    [1, 2],
  );
});

test("13. whenFilteredOut: keep leaves the target row, as it was when it left", async (t) => {
  const scene = sceneOf(t, { filters: [ACTIVE], whenFilteredOut: "keep" });
  scene.sql("left", THINGS, fill(3));
  scene.sql("right", THINGS);
  await scene.say("run");
  scene.sql("left", "UPDATE things SET status = 'archived', name = 'later' WHERE id = 3");
  const said = await scene.say("run");
  assert.equal(said.exit, 0);
  assert.deepEqual(scene.rows("right")[2], { id: 3, name: "name 3", status: "active" });
});

test("13. two-way, what left is frozen on both sides until it is back", async (t) => {
  const scene = sceneOf(t, { direction: "two-way", filters: [ACTIVE] });
  both(scene, THINGS, fill(3));
  await scene.say("run");
  scene.sql("left", "UPDATE things SET status = 'archived' WHERE id = 3");
  scene.sql("right", "UPDATE things SET name = 'while away' WHERE id = 3");
  const said = await scene.say("run");
  assert.equal(said.exit, 0);
  assert.equal(scene.rows("left")[2]?.["name"], "name 3");
  assert.equal(scene.rows("right")[2]?.["status"], "active");
  scene.sql("left", "UPDATE things SET status = 'active' WHERE id = 3");
  await scene.say("run");
  assert.deepEqual(scene.rows("left"), scene.rows("right"));
  assert.equal(scene.rows("left")[2]?.["name"], "while away");
});
