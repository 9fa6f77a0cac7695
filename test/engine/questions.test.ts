import assert from "node:assert/strict";
import { test } from "node:test";
import { history, questions, resolve } from "../../src/engine/index.ts";
import type { Choice, QuestionView, Resolution } from "../../src/engine/index.ts";
import {
  all,
  everywhere,
  key,
  NEVER,
  NOTHING,
  person,
  sceneOf,
  wrote,
  type Scene,
} from "./scene.ts";

/** Ann's city is in question; Bo was deleted on one side and edited on the other. */
async function asked(): Promise<Scene> {
  const scene = await sceneOf();
  everywhere(scene, "ann", person("Ann"));
  everywhere(scene, "bo", person("Bo"));
  await scene.run();
  scene.put("crm", "ann", { city: "Bergen", age: 31 });
  scene.put("billing", "ann", { city: "Molde" });
  scene.put("crm", "bo", null);
  scene.put("billing", "bo", { age: 50 });
  await scene.run();
  return scene;
}

const answer = (scene: Scene, choice: Choice, more: Partial<Resolution> = {}) =>
  resolve(scene.link, { filter: {}, choice, author: "ada", ...more }, NEVER);

async function one(scene: Scene, field: string | null): Promise<QuestionView> {
  const found = (await scene.questions()).find((question) => question.field === field);
  assert.ok(found);
  return found;
}

test("a question shows the base, both values, and why it is open", async () => {
  const scene = await asked();
  const city = await one(scene, "city");
  assert.partialDeepStrictEqual(city, {
    pipeline: "people",
    shown: "ann",
    why: "conflict",
    base: "Oslo",
    held: { source: { value: "Bergen" }, target: { value: "Molde" } },
    isAnswered: false,
  });
  const whole = await one(scene, null);
  assert.partialDeepStrictEqual(whole, {
    shown: "bo",
    why: "conflict",
    held: { source: { value: null } },
  });
  assert.partialDeepStrictEqual(whole.held["target"]?.value, { age: 50 });
  assert.partialDeepStrictEqual(whole.base, { name: "Bo", age: 30 });
});

test("while a question is open everything else goes on, on the same entry too", async () => {
  const scene = await asked();
  assert.equal(scene.people("billing")["ann"]?.["age"], 31);
  scene.put("billing", "ann", { name: "Anna" });
  await scene.run();
  assert.equal(scene.people("crm")["ann"]?.["name"], "Anna");
  assert.equal((await one(scene, "city")).held["source"]?.value, "Bergen");
});

const CHOICES: readonly [Choice, string][] = [
  [{ kind: "side", side: "source" }, "Bergen"],
  [{ kind: "side", side: "target" }, "Molde"],
  [{ kind: "base" }, "Oslo"],
  [{ kind: "value", value: "Tromsø" }, "Tromsø"],
  [{ kind: "policy", strategy: "source-wins" }, "Bergen"],
  [{ kind: "policy", strategy: "server-wins" }, "Molde"],
];

for (const [choice, city] of CHOICES) {
  test(`a field is answered by ${JSON.stringify(choice)}`, async () => {
    const scene = await asked();
    const view = await answer(scene, choice, { filter: { field: "city" } });
    const { run, ...told } = view;
    assert.deepEqual(told, { answered: 1, confirmed: 1, left: [] });
    const [record] = await scene.link.journal.runs(1);
    assert.deepEqual([record?.id, record?.kind, record?.status], [run, "resolve", "done"]);
    const [change] = await all(history(scene.link, { pipeline: "people", key: key("ann") }));
    assert.equal(change?.run, run, "what was changed names the run");
    assert.equal(scene.people("crm")["ann"]?.["city"], city);
    assert.equal(scene.people("billing")["ann"]?.["city"], city);
    const rest = await scene.run();
    assert.deepEqual([wrote(rest, "source"), wrote(rest, "target")], [NOTHING, NOTHING]);
  });
}

test("an entry is answered by a side: it stays or goes", async () => {
  for (const [side, count] of [
    ["source", 1],
    ["target", 2],
  ] as const) {
    const scene = await asked();
    await answer(scene, { kind: "side", side }, { filter: { field: "*" } });
    assert.equal(Object.keys(scene.people("crm")).length, count);
    assert.equal(Object.keys(scene.people("billing")).length, count);
    if (count === 2) assert.equal(scene.people("crm")["bo"]?.["age"], 50);
  }
});

test("an entry is answered by delete, by base and by a word for deletions", async () => {
  for (const [choice, row] of [
    [{ kind: "delete" }, undefined],
    [{ kind: "base" }, person("Bo", 30)],
    [{ kind: "policy", strategy: "edit-wins" }, person("Bo", 50)],
    [{ kind: "policy", strategy: "delete-wins" }, undefined],
  ] as const) {
    const scene = await asked();
    await answer(scene, choice, { filter: { field: "*" } });
    assert.deepEqual(scene.people("crm")["bo"], row, JSON.stringify(choice));
    assert.deepEqual(scene.people("billing")["bo"], row);
    await scene.run();
    assert.equal((await scene.questions()).length, 1, "only the city is left");
  }
});

test("an answer that does not fit its question is refused, and nothing is answered", async () => {
  const scene = await asked();
  const before = await scene.questions();
  const refused = { code: "ANSWER_INVALID" };
  await assert.rejects(answer(scene, { kind: "delete" }, { filter: { field: "city" } }), refused);
  await assert.rejects(
    answer(scene, { kind: "value", value: 1 }, { filter: { field: "*" } }),
    refused,
  );
  await assert.rejects(answer(scene, { kind: "side", side: "nobody" }), refused);
  const city = { filter: { field: "city" } };
  await assert.rejects(answer(scene, { kind: "value", value: [1] }, city), refused);
  assert.deepEqual(await scene.questions(), before);
});

for (const initial of ["merge", "manual"] as const) {
  test(`what was never agreed on has no base to answer with: ${initial}`, async () => {
    const scene = await sceneOf({ pipeline: { initial } });
    scene.put("crm", "ann", person("Ann"));
    scene.put("billing", "ann", person("Anna"));
    await scene.run();
    const before = await scene.questions();
    const refused = { code: "ANSWER_INVALID", message: /never agreed on/ };
    await assert.rejects(answer(scene, { kind: "base" }), refused);
    assert.deepEqual(await scene.questions(), before);
    assert.deepEqual([scene.people("crm"), scene.people("billing")].map(Object.keys), [
      ["ann"],
      ["ann"],
    ]);
    const [record] = await scene.link.journal.runs(1);
    assert.equal(record?.kind, "run", "what is refused is no run");
  });
}

test("a strategy that settles nothing leaves the question open and says so", async () => {
  const scene = await asked();
  const view = await answer(scene, { kind: "policy", strategy: "merge" });
  assert.equal(view.answered, 0);
  assert.deepEqual(
    view.left.map(({ shown }) => shown),
    ["ann", "bo"],
  );
  assert.equal((await scene.questions()).length, 2);
});

test("an answer that had seen something else settles nothing", async () => {
  const scene = await asked();
  const { id, seen } = await one(scene, "city");
  scene.put("crm", "ann", { city: "Rome" });
  await scene.run();
  const outdated = await answer(
    scene,
    { kind: "side", side: "source" },
    { filter: { ids: [id] }, seen },
  );
  assert.equal(outdated.answered, 0);
  assert.match(outdated.left[0]?.message ?? "", /moved since/);
  const now = await one(scene, "city");
  assert.equal(now.id, id, "the question keeps its id");
  const view = await answer(
    scene,
    { kind: "side", side: "source" },
    { filter: { ids: [id] }, seen: now.seen },
  );
  assert.equal(view.answered, 1);
  assert.equal(scene.people("billing")["ann"]?.["city"], "Rome");
});

test("an answer is written by compare-and-set: who was faster is asked again", async () => {
  const scene = await asked();
  scene.put("billing", "ann", { city: "Rana" });
  const view = await answer(scene, { kind: "side", side: "source" }, { filter: { field: "city" } });
  assert.equal(view.answered, 1);
  assert.equal(view.confirmed, 0);
  await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["city"], "Rana", "nothing is overwritten unseen");
  const city = await one(scene, "city");
  assert.equal(city.held["target"]?.value, "Rana");
});

test("a question ends by itself when a side goes back or all agree", async () => {
  for (const [system, city] of [
    ["crm", "Oslo"],
    ["billing", "Oslo"],
    ["billing", "Bergen"],
  ] as const) {
    const scene = await asked();
    scene.put(system, "ann", { city });
    await scene.run();
    assert.deepEqual(
      (await scene.questions()).map(({ shown }) => shown),
      ["bo"],
    );
    assert.deepEqual(scene.people("crm")["ann"], scene.people("billing")["ann"]);
  }
});

test("ids that nobody asked are unknown; every filter finds its questions", async () => {
  const scene = await asked();
  const choice = { kind: "base" } as const;
  await assert.rejects(answer(scene, choice, { filter: { ids: ["q0000000000"] } }), {
    code: "QUESTION_UNKNOWN",
  });
  const found = async (filter: object) =>
    (await all(questions(scene.link, filter))).map(({ shown }) => shown);
  assert.deepEqual(await found({ key: key("bo") }), ["bo"]);
  assert.deepEqual(await found({ field: "city" }), ["ann"]);
  assert.deepEqual(await found({ field: "*" }), ["bo"]);
  assert.deepEqual(await found({ why: "withheld" }), []);
  assert.deepEqual(await found({ pipeline: "people", why: "conflict" }), ["ann", "bo"]);
  assert.deepEqual(await found({ pipeline: "other" }), []);
});

test("a rejected row is a question with every broken rule until it is repaired", async () => {
  const validation = [
    { field: "age", kind: "range", min: 0, max: 150 },
    { field: "age", kind: "allowed", values: [1, 2, 3, 30], errorMessage: "Odd age" },
  ] as const;
  const scene = await sceneOf({ pipeline: { validation } });
  everywhere(scene, "ann", person("Ann"));
  await scene.run();
  scene.put("crm", "ann", { age: 200, name: "Anna" });
  const view = await scene.run();
  assert.equal(view.summary.pipelines["people"]?.rejected, 1);
  const [question] = await scene.questions();
  assert.equal(question?.why, "rejected");
  assert.equal(question.errors.length, 2);
  assert.ok(question.errors.includes("Odd age"));
  assert.equal(scene.people("billing")["ann"]?.["age"], 30);
  assert.equal(scene.people("billing")["ann"]?.["name"], "Anna", "the other fields go on");
  assert.deepEqual(
    (await scene.letters()).map(({ kind }) => kind),
    ["rejected"],
  );
  scene.put("crm", "ann", { age: 3 });
  await scene.run();
  assert.deepEqual(await scene.questions(), []);
  assert.equal(scene.people("billing")["ann"]?.["age"], 3);
});

test("a row that breaks a rule is asked about also where only digests are remembered", async () => {
  const validation = [{ field: "age", kind: "range", min: 0, max: 150 }] as const;
  const scene = await sceneOf({ pipeline: { validation, direction: "one-way" } });
  scene.put("crm", "ann", person("Ann", 200));
  scene.put("crm", "bo", person("Bo"));
  await scene.run();
  const [question, ...more] = await scene.questions();
  assert.equal(more.length, 0);
  assert.partialDeepStrictEqual(question, { shown: "ann", field: null, why: "rejected" });
  assert.match(question?.errors.join() ?? "", /^source: .*age/);
  const letter = { shown: "ann", kind: "rejected", code: "RULE_BROKEN" };
  assert.partialDeepStrictEqual(await scene.letters(), [letter]);
  const told = await answer(scene, { kind: "base" }, { filter: { ids: [question?.id ?? ""] } });
  assert.partialDeepStrictEqual(told, { answered: 0, left: [{ id: question?.id }] });
  assert.match(told.left[0]?.message ?? "", /repair it or the rule/);
  scene.put("crm", "ann", { age: 20 });
  await scene.run();
  assert.deepEqual(await scene.questions(), []);
});

test("two answers about one entry are two that are confirmed", async () => {
  const scene = await sceneOf();
  scene.put("crm", "ann", person("Ann", 30, "Oslo"));
  scene.put("billing", "ann", person("Anna", 30, "Bergen"));
  await scene.run();
  assert.equal((await scene.questions()).length, 2);
  const told = await answer(scene, { kind: "side", side: "source" }, {});
  assert.partialDeepStrictEqual(told, { answered: 2, confirmed: 2, left: [] });
});

test("a new row that breaks a rule is not created, and the rest goes on", async () => {
  const validation = [{ field: "age", kind: "range", min: 0, max: 150 }] as const;
  for (const memory of ["full", "digest"] as const) {
    const scene = await sceneOf({ pipeline: { validation, direction: "one-way", memory } });
    scene.put("crm", "ann", person("Ann", 200));
    scene.put("crm", "bo", person("Bo"));
    const view = await scene.run();
    assert.deepEqual(Object.keys(scene.people("billing")), ["bo"], memory);
    assert.equal(view.summary.pipelines["people"]?.rejected, 1);
    assert.equal((await scene.letters()).length, 1);
    scene.put("crm", "ann", { age: 20 });
    await scene.run();
    assert.deepEqual(Object.keys(scene.people("billing")), ["ann", "bo"]);
    assert.deepEqual(await scene.letters(), []);
  }
});
