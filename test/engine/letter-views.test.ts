// What letters tell: which of them fit, what is kept of each, what they have in common, and what
// would become of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PipelineSettings } from "../../src/engine/index.ts";
import {
  letterDetails,
  letterGroups,
  letters,
  retryLetters,
  testLetters,
} from "../../src/engine/index.ts";
import { all, key, NEVER, PEOPLE, person, sceneOf, type Scene } from "./scene.ts";

const RULES: NonNullable<PipelineSettings["validation"]> = [
  { kind: "range", field: "age", min: 0, max: 150, errorMessage: "nobody is that old" },
  { kind: "unique", field: "name", with: [], errorMessage: "a name is one person's" },
];

/** Billing has each city once; rules reject ages, and names that come twice. */
async function scenes(memory: "full" | "digest"): Promise<Scene> {
  const scene = await sceneOf({
    collections: { billing: [{ ...PEOPLE, uniqueSets: [["city"]] }] },
    pipeline: { direction: "one-way", memory, validation: RULES },
  });
  scene.put("crm", "ann", person("Ann", 30, "Oslo"));
  scene.put("crm", "bo", person("Bo", 40, "Oslo"));
  scene.put("crm", "cy", person("Cy", 400, "Rome"));
  scene.put("crm", "di", person("Di", 50, "Bonn"));
  scene.put("crm", "ed", person("Di", 60, "Kyiv"));
  await scene.run();
  return scene;
}

const tested = async (scene: Scene, filter: object = {}) => {
  const found = await all(testLetters(scene.link, filter, NEVER));
  return found.map(({ shown, verdict, errors }) => [shown, verdict, ...errors]);
};

for (const memory of ["full", "digest"] as const) {
  test(`letters are found by side, kind, code, and what their errors say (${memory})`, async () => {
    const scene = await scenes(memory);
    const found = async (filter: object) => {
      const views = await all(letters(scene.link, filter));
      return views.map(({ shown }) => shown).join(" ");
    };
    assert.equal(await found({}), "bo cy di ed");
    assert.equal(await found({ side: "target" }), "bo");
    assert.equal(await found({ kind: "refused" }), "bo");
    assert.equal(await found({ kind: "rejected" }), "cy di ed");
    assert.equal(await found({ kind: "later" }), "");
    assert.equal(await found({ code: "RULE_BROKEN", side: "source" }), "cy di ed");
    assert.equal(await found({ error: "that old" }), "cy");
    assert.equal(await found({ error: "one person's", key: key("ed") }), "ed");
    assert.equal(await found({ pipeline: "other" }), "");
  });

  test(`letters are counted by what they have in common (${memory})`, async () => {
    const scene = await scenes(memory);
    const groups = (by: "cause" | "code" | "kind" | "side" | "pipeline") =>
      letterGroups(letters(scene.link, {}), by);
    assert.deepEqual(await groups("code"), [
      { code: "RULE_BROKEN", letters: 3 },
      { code: "CONSTRAINT", letters: 1 },
    ]);
    assert.deepEqual(await groups("pipeline"), [{ pipeline: "people", letters: 4 }]);
    assert.deepEqual(
      (await groups("side")).map(({ side, letters: count }) => [side, count]),
      [
        ["source", 3],
        ["target", 1],
      ],
    );
    assert.deepEqual(
      (await groups("kind")).map(({ kind }) => kind),
      ["rejected", "refused"],
    );
    const [first, ...rest] = await groups("cause");
    // Both rows are one cause, whichever rows they are.
    const cause = "a name is one person's";
    const common = { pipeline: "people", side: "source", code: "RULE_BROKEN" };
    assert.deepEqual(first, { ...common, cause, letters: 2 });
    assert.equal(rest.length, 2);
  });

  test(`letters are judged by rows and rules of now, without a write (${memory})`, async () => {
    const scene = await scenes(memory);
    assert.deepEqual(
      (await tested(scene)).map(([shown, verdict]) => `${shown} ${verdict}`),
      ["bo tries", "cy fails", "di fails", "ed fails"],
    );
    scene.put("crm", "cy", { age: 40 });
    scene.put("crm", "ed", { name: "Ed" });
    scene.put("crm", "bo", { city: "Paris" });
    const before = await scene.link.journal.generation();
    assert.deepEqual(await tested(scene), [
      ["bo", "passes"],
      ["cy", "passes"],
      ["di", "passes"],
      ["ed", "passes"],
    ]);
    assert.equal(await scene.link.journal.generation(), before);
    assert.deepEqual(Object.keys(scene.people("billing")), ["ann"]);
    assert.equal((await scene.letters()).length, 4, "they stay until they are tried");
    const view = await retryLetters(scene.link, { kind: "rejected" }, NEVER);
    assert.deepEqual([view.tried, view.written, view.left], [3, 3, []]);
    assert.deepEqual(Object.keys(scene.people("billing")), ["ann", "cy", "di", "ed"]);
  });
}

test("what fails is told with every error of now, and the row as its side holds it", async () => {
  const scene = await scenes("digest");
  scene.put("crm", "cy", { age: -1, name: "Di" });
  const [cy] = await all(testLetters(scene.link, { key: key("cy") }, NEVER));
  assert.equal(cy?.verdict, "fails");
  assert.equal(cy?.errors.length, 2, cy?.errors.join("; "));
  assert.deepEqual({ ...cy?.row }, { id: "cy", name: "Di", age: -1, city: "Rome" });
  assert.deepEqual(cy?.writes, []);
});

test("a letter whose row is gone waits for the guard if the other side has it", async () => {
  const scene = await sceneOf({ pipeline: { validation: RULES } });
  scene.put("crm", "cy", person("Cy", 40));
  await scene.run();
  scene.put("crm", "cy", { age: 400 });
  await scene.run();
  scene.put("crm", "cy", null);
  assert.deepEqual(
    (await tested(scene)).map(([, verdict]) => verdict),
    ["waits"],
  );
  assert.equal(Object.keys(scene.people("billing")).length, 1);
});

test("values of a refused write are kept; of a digest it is said that they are not", async () => {
  const full = await scenes("full");
  const [bo, cy, di] = await all(letterDetails(full.link, {}));
  assert.equal(bo?.write, "create");
  assert.deepEqual({ ...bo?.values }, { id: "bo", name: "Bo", age: 40, city: "Oslo" });
  assert.equal(cy?.write, null);
  assert.equal(cy?.values?.["age"], 400);
  assert.deepEqual([di?.values, di?.write], [null, null]);
  assert.match(di?.unkept ?? "", /nothing is kept of a row that was not taken/);
  const digest = await scenes("digest");
  const [refused] = await all(letterDetails(digest.link, { kind: "refused" }));
  assert.deepEqual([refused?.write, refused?.values], ["create", null]);
  assert.match(refused?.unkept ?? "", /digests/);
});

test("all that is wrong with the values of a row is one letter", async () => {
  const validation: typeof RULES = [
    ...RULES,
    { kind: "length", field: "city", max: 5, errorMessage: "a short name, please" },
  ];
  const scene = await sceneOf({ pipeline: { validation } });
  scene.put("crm", "cy", person("Cy", 400, "Llanfairpwll"));
  await scene.run();
  assert.deepEqual(
    (await scene.letters()).map(({ errors }) => errors),
    [["age: nobody is that old", "city: a short name, please"]],
  );
});

test("what a run sends again, because others may have made way, is one try", async () => {
  const scene = await scenes("full");
  const [letter] = await all(letters(scene.link, { kind: "refused" }));
  assert.equal(letter?.attempts, 1);
});

test("a refused deletion has no values, and says so by what it writes", async () => {
  const scene = await sceneOf({
    collections: {
      billing: [
        PEOPLE,
        {
          name: "bills",
          fields: [
            { name: "id", type: { kind: "text" } },
            { name: "person", type: { kind: "text" } },
          ],
          key: ["id"],
          references: [
            { columns: ["person"], collection: "people", references: ["id"], onDelete: "refuse" },
          ],
        },
      ],
    },
  });
  scene.put("crm", "ann", person("Ann"));
  await scene.run();
  scene.replica("billing").edit("bills", ["b1"], { person: "ann" });
  scene.put("crm", "ann", null);
  await scene.run({ allowDeletes: true });
  const [letter] = await all(letterDetails(scene.link, {}));
  assert.deepEqual([letter?.write, letter?.values, letter?.unkept], ["delete", null, null]);
});
