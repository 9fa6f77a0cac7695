// What became agreed by another way than a comparison is history as well.
import assert from "node:assert/strict";
import { test } from "node:test";
import { history, planRollback, stateAt } from "../../src/engine/index.ts";
import { stampOf } from "../../src/core/stamp.ts";
import { fated } from "./fated.ts";
import { all, crowd, key, NEVER, person, sceneOf, wrote, type Scene } from "./scene.ts";

const ANN = { pipeline: "people", key: key("ann") };

const told = async (scene: Scene) =>
  (await all(history(scene.link, ANN))).map(({ kind, by, why, changes }) => [
    kind,
    by,
    why,
    changes,
  ]);

test("what a side had been changed to before our write came is history", async () => {
  const scene = await fated();
  scene.put("crm", "ann", { age: 31 });
  scene.fate = (_, write) => {
    scene.put("billing", "ann", { city: "Bergen" });
    scene.fate = (_batch, plainly) => plainly();
    return write();
  };
  await scene.run();
  assert.deepEqual(await told(scene), [
    ["update", "target", "run", [{ field: "city", from: "Oslo", to: "Bergen" }]],
    ["update", "source", "run", [{ field: "age", from: 30, to: 31 }]],
    ["create", "source", "run", (await told(scene)).at(-1)?.[3]],
  ]);
});

test("a row that left the filter is gone with its values, also for a rollback", async () => {
  const filters = { kind: "compare", field: "city", operator: "equals", value: "Oslo" } as const;
  const scene = await sceneOf({ pipeline: { filters, direction: "one-way", memory: "full" } });
  scene.put("crm", "ann", person("Ann"));
  crowd(scene, 3, "crm");
  await scene.run();
  const before = stampOf((scene.clock.now += 1000));
  scene.put("crm", "ann", { city: "Bergen" });
  const { id } = await scene.run();
  const [left, moved, created] = await told(scene);
  const fields = (city: string) => Object.entries({ id: "ann", ...person("Ann", 30, city) });
  assert.deepEqual(left, [
    "delete",
    "source",
    "filter",
    fields("Bergen").map(([field, from]) => ({ field, from, to: undefined })),
  ]);
  assert.deepEqual(moved?.[3], [{ field: "city", from: "Oslo", to: "Bergen" }]);
  assert.deepEqual(created?.slice(0, 3), ["create", "source", "run"]);
  assert.deepEqual(
    { ...(await stateAt(scene.link, { ...ANN, at: before })) },
    Object.fromEntries(fields("Oslo")),
  );
  const back = await planRollback(scene.link, { run: id }, NEVER);
  assert.equal(back.writes, 0);
  assert.deepEqual(
    back.notes.map(({ text }) => text),
    [
      "1 entry has moved on since and stays as it is",
      "1 entry stays in or out of the filter, as the source has them",
    ],
  );
  scene.put("crm", "ann", { city: "Oslo" });
  assert.equal(wrote(await scene.run(), "target").create, 1);
  assert.deepEqual(
    (await told(scene)).map(([kind]) => kind),
    ["create", "delete", "update", "create"],
  );
});

test("a row that the target creates gets what its source says of its own fields", async () => {
  const scene = await sceneOf({
    pipeline: {
      mapping: [
        { source: "id", target: "id" },
        { source: "name", target: "name" },
        { source: "age", target: "age", only: "to-target" },
        { source: "", target: "city", constant: "Oslo" },
      ],
    },
  });
  scene.put("billing", "ann", person("Ann", 30, "Bergen"));
  const view = await scene.run();
  assert.deepEqual(wrote(view, "source"), { create: 1, update: 0, delete: 0 });
  assert.deepEqual(wrote(view, "target"), { create: 0, update: 1, delete: 0 });
  assert.deepEqual(scene.people("billing")["ann"], { name: "Ann", age: null, city: "Oslo" });
  assert.deepEqual((await told(scene))[0], [
    "update",
    "source",
    "run",
    [
      { field: "age", from: 30, to: null },
      { field: "city", from: "Bergen", to: "Oslo" },
    ],
  ]);
  assert.equal((await scene.plan()).writes, 0);
});
