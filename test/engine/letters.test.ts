import assert from "node:assert/strict";
import { test } from "node:test";
import { letters, retryLetters } from "../../src/engine/index.ts";
import {
  all,
  everywhere,
  key,
  NEVER,
  NOTHING,
  PEOPLE,
  person,
  sceneOf,
  wrote,
  type Scene,
} from "./scene.ts";

/** Billing takes no age above a hundred, and needs a name. */
async function strict(): Promise<Scene> {
  const fields = PEOPLE.fields.map((field) =>
    field.name === "name" ? { ...field, nullable: false } : field,
  );
  const scene = await sceneOf({
    collections: { billing: [{ ...PEOPLE, fields, uniqueSets: [["city"]] }] },
  });
  scene.put("crm", "ann", person("Ann"));
  await scene.run();
  return scene;
}

const retry = (scene: Scene, filter: object = {}) => retryLetters(scene.link, filter, NEVER);

test("a refused write is a letter with its cause; all others go on", async () => {
  const scene = await strict();
  scene.put("crm", "bo", person("Bo", 30, "Oslo"));
  scene.put("crm", "cy", person("Cy", 30, "Rome"));
  const view = await scene.run();
  assert.equal(view.waits, true);
  assert.deepEqual(Object.keys(scene.people("billing")), ["ann", "cy"]);
  const [letter, ...more] = await scene.letters();
  assert.equal(more.length, 0);
  assert.partialDeepStrictEqual(letter, {
    shown: "bo",
    side: "target",
    kind: "refused",
    code: "CONSTRAINT",
  });
});

test("a letter ends when its row is gone, or its side holds the same by itself", async () => {
  const scene = await strict();
  scene.put("crm", "bo", person("Bo", 30, "Oslo"));
  scene.put("crm", "cy", person("Cy", 30, "Oslo"));
  await scene.run();
  assert.equal((await scene.letters()).length, 2);
  scene.put("crm", "bo", null);
  scene.put("crm", "cy", person("Cy", 31, "Rome"));
  scene.put("billing", "cy", person("Cy", 31, "Rome"));
  const view = await scene.run();
  assert.deepEqual(await scene.letters(), []);
  assert.equal(view.waits, false);
  assert.equal(view.summary.pipelines["people"]?.rejected, 0);
});

test("a retry that is refused counts its attempts; one that lands ends the letter", async () => {
  const scene = await strict();
  scene.put("crm", "bo", person("Bo", 30, "Oslo"));
  await scene.run();
  const again = await retry(scene);
  assert.deepEqual([again.tried, again.written], [1, 0]);
  assert.equal(again.left[0]?.why, "refused");
  assert.equal((await scene.letters()).length, 1);
  scene.replica("billing").edit("people", ["ann"], { city: "Elsewhere" });
  const landed = await retry(scene);
  assert.deepEqual([landed.tried, landed.written], [1, 1]);
  assert.deepEqual(landed.left, []);
  assert.deepEqual(await scene.letters(), []);
  const [last, before] = await scene.link.journal.runs(2);
  assert.deepEqual([last?.id, last?.kind, last?.status], [landed.run, "retry", "done"]);
  assert.deepEqual([before?.id, before?.kind], [again.run, "retry"]);
  assert.equal((await retry(scene)).run, null, "nothing to try is no run");
  assert.equal(scene.people("billing")["bo"]?.["city"], "Oslo");
});

test("a retry means only the letters that fit", async () => {
  const scene = await strict();
  scene.put("crm", "bo", person("Bo", 30, "Oslo"));
  scene.put("crm", "cy", person("Cy", 30, "Oslo"));
  await scene.run();
  assert.equal((await retry(scene, { key: key("bo") })).tried, 1);
  assert.equal((await retry(scene, { code: "VALUE_NOT_HELD" })).tried, 0);
  assert.equal((await retry(scene, { pipeline: "other" })).tried, 0);
  assert.equal((await all(letters(scene.link, { key: key("cy") }))).length, 1);
  assert.equal((await all(letters(scene.link, { code: "CONSTRAINT" }))).length, 2);
  assert.equal((await all(letters(scene.link, { code: "KEY_FOLDS" }))).length, 0);
});

test("a value that the other side cannot hold is refused with its field named", async () => {
  const fields = PEOPLE.fields.map((field) =>
    field.name === "age"
      ? { ...field, type: { kind: "integer", min: 0, max: 100 } as const }
      : field,
  );
  const scene = await sceneOf({ collections: { billing: [{ ...PEOPLE, fields }] } });
  everywhere(scene, "ann", person("Ann"));
  scene.put("crm", "bo", person("Bo", 1000));
  await scene.run();
  assert.deepEqual(Object.keys(scene.people("billing")), ["ann"]);
  const [letter] = await scene.letters();
  assert.match(letter?.errors.join() ?? "", /age/);
  assert.doesNotMatch(letter?.errors.join() ?? "", /1000/, "never an entry's data");
  scene.put("crm", "bo", { age: 10 });
  await scene.run();
  assert.deepEqual(await scene.letters(), []);
  assert.equal(scene.people("billing")["bo"]?.["age"], 10);
});

test("a row that its lens cannot read is a letter, and no deletion", async () => {
  const mapping = [
    { source: "id", target: "id" },
    { source: "name", target: "name", transform: (value: unknown) => strictly(value) },
  ];
  for (const memory of ["full", "digest"] as const) {
    const scene = await sceneOf({ pipeline: { direction: "one-way", memory, mapping } });
    scene.put("crm", "ann", { name: "Ann" });
    await scene.run();
    scene.put("crm", "ann", { name: "bad" });
    for (let i = 0; i < 2; i++) {
      const view = await scene.run();
      assert.deepEqual(wrote(view, "target"), NOTHING, memory);
      assert.equal(view.summary.pipelines["people"]?.rejected, 1);
      assert.equal(view.waits, true);
    }
    assert.equal(scene.people("billing")["ann"]?.["name"], "ANN");
    assert.deepEqual(
      (await scene.letters()).map(({ kind }) => kind),
      ["unreadable"],
    );
    scene.put("crm", "ann", { name: "good" });
    assert.equal((await scene.run()).waits, false);
    assert.equal(scene.people("billing")["ann"]?.["name"], "GOOD");
    assert.deepEqual(await scene.letters(), []);
  }
});

function strictly(value: unknown): string {
  if (value === "bad") throw new Error("no such name");
  return typeof value === "string" ? value.toUpperCase() : "";
}
