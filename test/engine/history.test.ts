import assert from "node:assert/strict";
import { test } from "node:test";
import { blame, history, planRollback, resolve, stateAt } from "../../src/engine/index.ts";
import { isoOf, STAMPS_PER_MS, stampOf } from "../../src/core/stamp.ts";
import { all, crowd, everywhere, key, NEVER, person, sceneOf, type Scene } from "./scene.ts";

const ANN = { pipeline: "people", key: key("ann") };

async function agreed(): Promise<Scene> {
  const scene = await sceneOf({ pipeline: { guard: { floor: 3, share: 0 } } });
  everywhere(scene, "ann", person("Ann"));
  crowd(scene, 6, "crm", "billing");
  await scene.run();
  return scene;
}

test("history tells who changed what, newest first, with old and new value", async () => {
  const scene = await agreed();
  scene.put("crm", "ann", { city: "Bergen" });
  scene.put("billing", "ann", { age: 31 });
  await scene.run();
  const changes = await all(history(scene.link, ANN));
  assert.deepEqual(
    changes
      .map(({ kind, by, changes: of }) => [kind, by, of])
      .slice(0, 2)
      .toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))),
    [
      ["update", "source", [{ field: "city", from: "Oslo", to: "Bergen" }]],
      ["update", "target", [{ field: "age", from: 30, to: 31 }]],
    ],
  );
  assert.equal(changes.at(-1)?.kind, "create");
  assert.equal((await all(history(scene.link, { ...ANN, limit: 1 }))).length, 1);
});

test("a deletion keeps all that was there, and a creation after it begins anew", async () => {
  const scene = await agreed();
  scene.put("crm", "ann", null);
  await scene.run();
  scene.put("billing", "ann", person("Ann II"));
  await scene.run();
  const changes = await all(history(scene.link, ANN));
  assert.deepEqual(
    changes.map(({ kind }) => kind),
    ["create", "delete", "create"],
  );
  assert.deepEqual(
    changes[1]?.changes.map(({ field, from }) => [field, from]),
    [
      ["id", "ann"],
      ["name", "Ann"],
      ["age", 30],
      ["city", "Oslo"],
    ],
  );
});

test("what an entry was is told for every time, also while it was not there", async () => {
  const scene = await agreed();
  const times: number[] = [scene.clock.now];
  const note = () => times.push((scene.clock.now += 1000));
  scene.put("crm", "ann", { city: "Bergen" });
  await scene.run();
  note();
  scene.put("crm", "ann", null);
  await scene.run();
  note();
  scene.put("billing", "ann", person("Ann II"));
  await scene.run();
  note();
  const states = [];
  for (const time of times) states.push(await stateAt(scene.link, { ...ANN, at: stampOf(time) }));
  assert.deepEqual(
    states.map((state) => state && [state["name"], state["city"]]),
    [["Ann", "Oslo"], ["Ann", "Bergen"], null, ["Ann II", "Oslo"]],
  );
  assert.equal(await stateAt(scene.link, { ...ANN, at: stampOf(Date.UTC(2025, 1, 1)) }), null);
});

test("a creation has the values of then, whatever became of them since", async () => {
  const scene = await sceneOf();
  scene.put("crm", "ann", person("Ann"));
  await scene.run();
  scene.put("billing", "ann", { city: "Bergen" });
  await scene.run();
  scene.put("crm", "ann", null);
  await scene.run();
  scene.put("billing", "ann", { name: "Ann II" });
  await scene.run();
  const changes = await all(history(scene.link, ANN));
  const created = changes.filter(({ kind }) => kind === "create");
  assert.deepEqual(
    created.map((change) => change.changes.map(({ field, from, to }) => [field, from, to])),
    [
      [
        ["id", undefined, "ann"],
        ["name", undefined, "Ann II"],
        ["age", undefined, null],
        ["city", undefined, null],
      ],
      [
        ["id", undefined, "ann"],
        ["name", undefined, "Ann"],
        ["age", undefined, 30],
        ["city", undefined, "Oslo"],
      ],
    ],
  );
});

test("what was before the kept history nobody is told, nor rolled back to", async () => {
  const scene = await sceneOf();
  for (const name of ["v1", "v2", "v3", "v4"]) {
    scene.put("crm", "ann", { name });
    await scene.run();
    scene.clock.now += 1000;
  }
  const changes = (await all(history(scene.link, ANN))).map(({ at }) => stampOf(Date.parse(at)));
  const [, third = 0, second = 0, first = 0] = changes;
  const nameAt = async (at: number) => (await stateAt(scene.link, { ...ANN, at }))?.["name"];
  assert.equal(await nameAt(first + STAMPS_PER_MS), "v1");
  assert.equal(await nameAt(0), undefined);
  scene.link = { ...scene.link, retention: { days: 90, changes: 2 } };
  await scene.run();
  assert.equal(await nameAt(third + STAMPS_PER_MS), "v3");
  assert.equal(await nameAt(second + STAMPS_PER_MS), "v2");
  const since = isoOf(second);
  const refused = { code: "HISTORY_NOT_KEPT", message: new RegExp(`is kept since ${since}`) };
  for (const at of [first + STAMPS_PER_MS, 0]) {
    await assert.rejects(nameAt(at), refused);
    await assert.rejects(planRollback(scene.link, { ...ANN, to: at }, NEVER), refused);
  }
});

test("where values were not kept from the first day, what was before is unknown", async () => {
  const scene = await sceneOf({ pipeline: { direction: "one-way" } });
  everywhere(scene, "ann", person("Ann"));
  everywhere(scene, "bo", person("Bo"));
  await scene.run();
  await scene.reopen({ direction: "one-way", memory: "full" });
  await scene.run();
  scene.put("crm", "ann", { name: "Anna" });
  await scene.run();
  const refused = { code: "HISTORY_NOT_KEPT" };
  await assert.rejects(stateAt(scene.link, { ...ANN, at: 0 }), refused);
  await assert.rejects(stateAt(scene.link, { ...ANN, key: key("bo"), at: 0 }), refused);
  assert.equal(await stateAt(scene.link, { ...ANN, key: key("nobody"), at: 0 }), null);
});

test("a deletion that is overruled leaves a record", async () => {
  const scene = await sceneOf({ pipeline: { conflicts: { deletes: "edit-wins" } } });
  everywhere(scene, "ann", person("Ann"));
  await scene.run();
  scene.put("crm", "ann", null);
  scene.put("billing", "ann", { city: "Bergen" });
  await scene.run();
  assert.equal(scene.people("crm")["ann"]?.["city"], "Bergen");
  const changes = await all(history(scene.link, ANN));
  const lost = changes.filter(({ kind }) => kind === "overruled");
  assert.deepEqual(
    lost.map(({ by, changes: of }) => [by, of.map(({ from, to }) => [from, to])]),
    [
      [
        "source",
        [
          [undefined, "ann"],
          [undefined, "Ann"],
          [undefined, 30],
          [undefined, "Bergen"],
        ],
      ],
    ],
  );
  scene.put("crm", "ann", { city: "Molde" });
  await scene.run();
  assert.equal(
    (await all(history(scene.link, ANN))).filter(({ kind }) => kind === "overruled").length,
    1,
  );
});

test("blame tells who decided each field, and when", async () => {
  const scene = await agreed();
  scene.put("billing", "ann", { age: 31 });
  await scene.run();
  scene.put("crm", "ann", { city: "Bergen" });
  scene.put("billing", "ann", { city: "Molde" });
  await scene.run();
  await resolve(
    scene.link,
    { filter: {}, choice: { kind: "value", value: "Rana" }, author: "ada" },
    NEVER,
  );
  const by = new Map((await blame(scene.link, ANN)).map((view) => [view.field, view]));
  assert.equal(by.get("age")?.by, "target");
  assert.equal(by.get("city")?.by, "answer:ada");
  assert.equal(by.get("city")?.value, "Rana");
  assert.equal(by.get("(presence)")?.value, true);
  await assert.rejects(blame(scene.link, { ...ANN, key: key("nobody") }), {
    code: "ENTRY_UNKNOWN",
  });
});

test("a pipeline that remembers digests says how to keep a history", async () => {
  const scene = await sceneOf({ pipeline: { direction: "one-way" } });
  everywhere(scene, "ann", person("Ann"));
  await scene.run();
  const refused = { code: "HISTORY_NOT_KEPT", hint: /memory: full/ };
  await assert.rejects(all(history(scene.link, ANN)), refused);
  await assert.rejects(stateAt(scene.link, { ...ANN, at: 1 }), refused);
  await assert.rejects(blame(scene.link, ANN), refused);
});
