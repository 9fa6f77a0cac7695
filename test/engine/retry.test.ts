// A letter ends only by its row: one that was repaired is written, one that was not stays a letter.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGE_ROWS_MAX, retryLetters } from "../../src/engine/index.ts";
import type { Commit, LinkJournal, PipelineSettings } from "../../src/engine/index.ts";
import { key, NEVER, PEOPLE, person, sceneOf, type Scene } from "./scene.ts";

const retry = (scene: Scene, filter: object = {}) => retryLetters(scene.link, filter, NEVER);

/** Names that cannot be read, and ages that break a rule. */
const TRANSFORM: Partial<PipelineSettings> = {
  mapping: [
    { source: "id", target: "id" },
    { source: "name", target: "name", transform: { over: legible, back: (name) => name } },
    { source: "age", target: "age" },
  ],
};
const RULE: Partial<PipelineSettings> = {
  validation: [{ kind: "range", field: "age", min: 0 }],
};
const UNIQUE: Partial<PipelineSettings> = {
  validation: [{ kind: "unique", field: "city", with: [] }],
};

function legible<T>(value: T): T {
  if (value === "bad") throw new Error("no such name");
  return value;
}

const WAYS = [
  ["one-way", "digest"],
  ["one-way", "full"],
  ["two-way", "full"],
] as const;

const CAUSES = [
  ["a transform that throws", TRANSFORM, { name: "bad" }, "VALUE_UNREADABLE"],
  ["a broken rule", RULE, { age: -1 }, "RULE_BROKEN"],
] as const;

for (const [direction, memory] of WAYS) {
  for (const [cause, settings, bad, code] of CAUSES) {
    const title = `${cause}, ${direction}, ${memory}`;

    test(`what was not repaired stays a letter (${title})`, async () => {
      const scene = await sceneOf({ pipeline: { direction, memory, ...settings } });
      scene.put("crm", "ann", person("Ann"));
      scene.put("crm", "bo", person("Bo"));
      await scene.run();
      scene.put("crm", "ann", bad);
      await scene.run();
      const before = await scene.letters();
      assert.deepEqual(
        before.map((letter) => [letter.shown, letter.code, letter.attempts]),
        [["ann", code, 1]],
      );
      const view = await retry(scene);
      assert.partialDeepStrictEqual(view, { tried: 1, written: 0, leftCount: 1 });
      assert.equal(view.left[0]?.message.includes(before[0]?.errors[0] ?? "?"), true);
      const [after] = await scene.letters();
      assert.deepEqual(after?.errors, before[0]?.errors);
      // A question counts no tries: its value is judged anew by every fold.
      assert.equal(after?.attempts, code === "RULE_BROKEN" && memory === "full" ? 1 : 2);
      await scene.run();
      assert.deepEqual(await scene.letters(), [after], "a run is not a retry");
    });

    test(`what was repaired is written by the retry (${title})`, async () => {
      const scene = await sceneOf({ pipeline: { direction, memory, ...settings } });
      scene.put("crm", "ann", { ...person("Ann"), ...bad });
      scene.put("crm", "bo", person("Bo"));
      await scene.run();
      assert.deepEqual(Object.keys(scene.people("billing")), ["bo"]);
      scene.put("crm", "ann", person("Anna", 31));
      for (const narrow of [{ code: "CONSTRAINT" }, { key: key("bo") }]) {
        assert.equal((await retry(scene, narrow)).tried, 0);
      }
      const view = await retry(scene, { code });
      assert.partialDeepStrictEqual(view, { tried: 1, written: 1, left: [], leftCount: 0 });
      assert.partialDeepStrictEqual(scene.people("billing")["ann"], { name: "Anna", age: 31 });
      assert.deepEqual(await scene.letters(), []);
      const { summary } = await scene.run();
      assert.partialDeepStrictEqual(summary.pipelines["people"], { rejected: 0, unchanged: 2 });
    });
  }

  test(`a row that doubles another is no less doubled (${direction}, ${memory})`, async () => {
    const scene = await sceneOf({ pipeline: { direction, memory, ...UNIQUE } });
    scene.put("crm", "ann", person("Ann", 1, "Oslo"));
    scene.put("crm", "bo", person("Bo", 2, "Oslo"));
    await scene.run();
    assert.partialDeepStrictEqual(await retry(scene), { tried: 2, written: 0, leftCount: 2 });
    assert.equal((await scene.letters()).length, 2);
    scene.put("crm", "bo", { city: "Rome" });
    assert.partialDeepStrictEqual(await retry(scene), { tried: 2, written: 2, leftCount: 0 });
  });

  test(`a refused write is sent again by a narrow retry (${direction}, ${memory})`, async () => {
    const billing = [{ ...PEOPLE, uniqueSets: [["city"]] }];
    const scene = await sceneOf({ collections: { billing }, pipeline: { direction, memory } });
    scene.put("billing", "other", person("Other"));
    scene.put("crm", "ann", person("Ann"));
    await scene.run();
    const again = await retry(scene, { key: key("ann") });
    assert.partialDeepStrictEqual(again, { tried: 1, written: 0, leftCount: 1 });
    const before = (await scene.letters())[0]?.attempts ?? 0;
    await retry(scene, { key: key("ann") });
    assert.equal((await scene.letters())[0]?.attempts, before + 1);
    scene.put("billing", "other", { city: "Rome" });
    assert.equal((await retry(scene, { key: key("ann") })).written, 1);
    assert.equal(scene.people("billing")["ann"]?.["city"], "Oslo");
    assert.deepEqual(await scene.letters(), []);
  });
}

test("tries are counted also of a row that was never agreed on", async () => {
  const scene = await sceneOf({ pipeline: { direction: "one-way", ...RULE } });
  scene.put("crm", "ann", person("Ann", -1));
  await scene.run();
  for (const attempts of [2, 3]) {
    await retry(scene);
    assert.equal((await scene.letters())[0]?.attempts, attempts);
  }
  await scene.run();
  assert.equal((await scene.letters())[0]?.attempts, 3);
  scene.put("crm", "ann", { age: 1, name: "x" });
  await retry(scene);
  assert.deepEqual(await scene.letters(), []);
});

test("a row that is gone is no letter: its deletion waits for the guard", async () => {
  const scene = await sceneOf({ pipeline: { direction: "one-way", ...RULE } });
  scene.put("crm", "ann", person("Ann"));
  scene.put("crm", "bo", person("Bo"));
  await scene.run();
  scene.put("crm", "ann", { age: -1 });
  await scene.run();
  scene.put("crm", "ann", null);
  const view = await retry(scene);
  assert.partialDeepStrictEqual(view, { tried: 1, written: 0, leftCount: 1 });
  assert.match(view.left[0]?.message ?? "", /the guard of the next run/);
  assert.deepEqual(await scene.letters(), []);
  assert.deepEqual(Object.keys(scene.people("billing")), ["ann", "bo"]);
  await scene.run();
  assert.deepEqual(Object.keys(scene.people("billing")), ["bo"]);
});

test("letters are tried page by page, however many there are", async () => {
  let records = 0;
  const wrapJournal = (journal: LinkJournal): LinkJournal =>
    new Proxy(journal, {
      get: (inner, name, self) => {
        if (name !== "commit") {
          const found: unknown = Reflect.get(inner, name, self);
          return typeof found === "function" ? found.bind(inner) : found;
        }
        return (commit: Commit) => {
          for (const of of commit.entries ?? []) records = Math.max(records, of.records.length);
          return inner.commit(commit);
        };
      },
    });
  const scene = await sceneOf({ pipeline: RULE, wrapJournal });
  const count = 3 * PAGE_ROWS_MAX + 1;
  for (let i = 0; i < count; i++) scene.put("crm", `p${i}`, person("n", -1));
  await scene.run();
  for (let i = 1; i < count; i++) scene.put("crm", `p${i}`, { age: 1 });
  records = 0;
  const view = await retry(scene);
  assert.partialDeepStrictEqual(view, { tried: count, written: count - 1, leftCount: 1 });
  assert.ok(records <= 2 * PAGE_ROWS_MAX, `${records} records in one commit`);
});
