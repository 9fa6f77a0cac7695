import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deletesAllowed } from "../../src/engine/guard.ts";
import type { RunView } from "../../src/engine/index.ts";
import { crowd, everywhere, person, personId, sceneOf, wrote, type Scene } from "./scene.ts";

const GUARD = { share: 0.1, floor: 3, cap: 8, onTrip: "withhold" } as const;

/** So many people on both sides, agreed. */
async function agreed(count: number, guard: object = GUARD, more: object = {}): Promise<Scene> {
  const scene = await sceneOf({ pipeline: { guard, ...more } });
  crowd(scene, count, "crm", "billing");
  await scene.run();
  return scene;
}

function lose(scene: Scene, system: string, count: number, from = 0): void {
  for (let i = from; i < from + count; i++) scene.put(system, personId(i), null);
}

const withheld = ({ summary }: Pick<RunView, "summary">): number =>
  summary.pipelines["people"]?.withheld ?? -1;

test("as many deletions as share, floor and cap allow pass, and one more trips", async () => {
  const table = [
    { known: 10, allowed: 3 }, // the floor
    { known: 30, allowed: 3 }, // floor and share are equal
    { known: 50, allowed: 5 }, // the share
    { known: 59, allowed: 5 }, // rounded down
    { known: 100, allowed: 8 }, // the cap
  ];
  for (const { known, allowed } of table) {
    assert.equal(deletesAllowed(GUARD, known), allowed);
    const fine = await agreed(known);
    lose(fine, "crm", allowed);
    const passed = await fine.run();
    assert.equal(wrote(passed, "target").delete, allowed);
    assert.equal(withheld(passed), 0);
    assert.equal(passed.guards.length, 0);
    const tripped = await agreed(known);
    lose(tripped, "crm", allowed + 1);
    const view = await tripped.run();
    assert.equal(wrote(view, "target").delete, 0);
    assert.equal(withheld(view), allowed + 1);
    assert.deepEqual(view.guards, [
      { pipeline: "people", side: "target", deletions: allowed + 1, known, limit: allowed },
    ]);
    assert.equal(view.waits, true);
  }
});

test("the limit never falls when more is known, and never exceeds the cap", () =>
  fc.assert(
    fc.property(
      fc.nat(1000),
      fc.nat(1000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (a, b, share) => {
        const guard = { share, floor: 5, cap: 50, onTrip: "withhold" } as const;
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        assert.ok(deletesAllowed(guard, less) <= deletesAllowed(guard, more));
        assert.ok(deletesAllowed(guard, more) <= 50);
      },
    ),
  ));

test("what is not a deletion goes on when the guard trips", async () => {
  const scene = await agreed(20);
  lose(scene, "crm", 10);
  scene.put("crm", "new", person("New"));
  scene.put("crm", personId(15), { name: "renamed" });
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), { create: 1, update: 1, delete: 0 });
  assert.equal(Object.keys(scene.people("billing")).length, 21);
});

test("each side has its own count: as many may go from both as from one", async () => {
  const scene = await agreed(20);
  lose(scene, "crm", 3, 0);
  lose(scene, "billing", 3, 10);
  const view = await scene.run();
  assert.equal(wrote(view, "target").delete, 3);
  assert.equal(wrote(view, "source").delete, 3);
  const other = await agreed(20);
  lose(other, "crm", 3, 0);
  lose(other, "billing", 4, 10);
  const tripped = await other.run();
  assert.deepEqual(
    tripped.guards.map(({ side, deletions }) => [side, deletions]),
    [["source", 4]],
  );
  assert.equal(withheld(tripped), 4, "what the other side loses passes");
  assert.equal(wrote(tripped, "target").delete, 3);
});

test("deletions that were withheld earlier count again", async () => {
  const scene = await agreed(20);
  lose(scene, "crm", 4);
  assert.equal(withheld(await scene.run()), 4);
  lose(scene, "crm", 1, 10);
  const view = await scene.run();
  assert.equal(view.guards[0]?.deletions, 5);
  assert.equal(withheld(view), 5);
});

test("a deletion that was withheld passes once enough of the others are back", async () => {
  const scene = await agreed(20);
  lose(scene, "crm", 4);
  await scene.run();
  scene.put("crm", personId(0), { name: "n0", age: 0 });
  const view = await scene.run();
  assert.equal(withheld(view), 0);
  assert.equal(wrote(view, "target").delete, 3);
  assert.deepEqual(await scene.questions(), []);
});

test("--allow-deletes lets all pass, and with a number at most so many", async () => {
  const scene = await agreed(20);
  lose(scene, "crm", 6);
  const plan = await scene.plan({ allowDeletes: 5 });
  assert.equal(withheld(plan), 6);
  const enough = await scene.plan({ allowDeletes: 6 });
  assert.equal(withheld(enough), 0);
  assert.notEqual(plan.hash, enough.hash, "letting deletions pass changes the hash");
  const view = await scene.run({ allowDeletes: true });
  assert.equal(wrote(view, "target").delete, 6);
  assert.equal(Object.keys(scene.people("billing")).length, 14);
});

test("a number that is smaller than the guard's own limit binds as well", async () => {
  const scene = await agreed(20);
  lose(scene, "crm", 3);
  assert.equal(withheld(await scene.run({ allowDeletes: 2 })), 3);
});

test("--restore writes the entries back to the side that lost them", async () => {
  const scene = await agreed(20);
  lose(scene, "crm", 10);
  await scene.run();
  const view = await scene.run({ restore: true });
  assert.equal(wrote(view, "source").create, 10);
  assert.deepEqual(scene.people("crm"), scene.people("billing"));
  assert.deepEqual(await scene.questions(), []);
  const rest = await scene.run();
  assert.equal(rest.waits, false);
  assert.deepEqual(wrote(rest, "source"), { create: 0, update: 0, delete: 0 });
});

test("--restore takes deletions back, and keeps what others edited meanwhile", async () => {
  const conflicts = { deletes: "delete-wins" };
  const scene = await agreed(20, GUARD, { conflicts });
  lose(scene, "crm", 10);
  scene.put("billing", personId(3), { name: "renamed", age: 3 });
  assert.equal(withheld(await scene.run()), 10);
  const view = await scene.run({ restore: true });
  assert.equal(wrote(view, "source").create, 10);
  assert.equal(scene.people("crm")[personId(3)]?.["name"], "renamed");
  assert.deepEqual(scene.people("crm"), scene.people("billing"));
  assert.deepEqual(await scene.questions(), []);
});

test("a one-way source is never written: --restore leaves its deletions withheld", async () => {
  const scene = await agreed(20, GUARD, { direction: "one-way", memory: "full" });
  lose(scene, "crm", 10);
  await scene.run();
  const view = await scene.run({ restore: true });
  assert.equal(Object.keys(scene.people("crm")).length, 10);
  assert.equal(withheld(view), 10);
});

test("an empty listing of a side withholds everything and blanks nothing", async () => {
  const scene = await agreed(20);
  lose(scene, "billing", 20);
  const view = await scene.run();
  assert.equal(withheld(view), 20);
  assert.equal(Object.keys(scene.people("crm")).length, 20);
});

test("a side that lists nothing trips the guard under its floor, but for a last row", async () => {
  const guard = { share: 0.1, floor: 25 };
  const scene = await agreed(2, guard);
  lose(scene, "crm", 2);
  const view = await scene.run();
  assert.equal(withheld(view), 2);
  assert.deepEqual(
    view.guards.map(({ side, deletions, limit, emptied }) => [side, deletions, limit, emptied]),
    [["target", 2, 1, "source"]],
  );
  assert.equal(Object.keys(scene.people("billing")).length, 2);
  const allowed = await scene.run({ allowDeletes: true });
  assert.deepEqual(wrote(allowed, "target"), { create: 0, update: 0, delete: 2 });

  const last = await agreed(1, guard);
  lose(last, "crm", 1);
  assert.deepEqual(wrote(await last.run(), "target"), { create: 0, update: 0, delete: 1 });

  const most = await agreed(3, guard);
  lose(most, "crm", 2);
  assert.deepEqual(wrote(await most.run(), "target"), { create: 0, update: 0, delete: 2 });
});

test("where everything may go by its share, an empty listing may be followed", async () => {
  const scene = await agreed(5, { share: 1 });
  lose(scene, "crm", 5);
  assert.deepEqual(wrote(await scene.run(), "target"), { create: 0, update: 0, delete: 5 });
});

test("a one-way target that was emptied is written again, and nothing is withheld", async () => {
  const scene = await agreed(5, { share: 0.1, floor: 25 }, { direction: "one-way" });
  lose(scene, "billing", 5);
  const view = await scene.run();
  assert.deepEqual([withheld(view), wrote(view, "target").create], [0, 5]);
});

test("with onTrip: stop nothing is written before the verdict", async () => {
  const scene = await agreed(20, { ...GUARD, onTrip: "stop" });
  lose(scene, "crm", 10);
  scene.put("crm", "new", person("New"));
  const before = scene.people("billing");
  await assert.rejects(scene.run(), { code: "GUARD_STOPPED" });
  assert.deepEqual(scene.people("billing"), before);
  const view = await scene.run({ allowDeletes: true });
  assert.deepEqual(wrote(view, "target"), { create: 1, update: 0, delete: 10 });
});

test("with onTrip: stop a plan that trips is not applied either", async () => {
  const scene = await agreed(20, { ...GUARD, onTrip: "stop" });
  lose(scene, "crm", 10);
  scene.put("crm", "new", person("New"));
  const before = scene.people("billing");
  const plan = await scene.plan();
  await assert.rejects(scene.apply(plan), { code: "GUARD_STOPPED" });
  assert.deepEqual(scene.people("billing"), before);
  const view = await scene.apply(await scene.plan({ allowDeletes: true }));
  assert.deepEqual(wrote(view, "target"), { create: 1, update: 0, delete: 10 });
});

test("a first meeting never deletes", async () => {
  const scene = await sceneOf({ pipeline: { guard: { floor: 0, share: 0 } } });
  crowd(scene, 5, "crm");
  everywhere(scene, "both", person("Both"));
  const view = await scene.run();
  assert.equal(withheld(view), 0);
  assert.equal(Object.keys(scene.people("billing")).length, 6);
});
