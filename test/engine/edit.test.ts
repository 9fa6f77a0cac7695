// An edit of a letter: what a person says of a row that was refused, and what that leads to.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LinkJournal, PipelineSettings } from "../../src/engine/index.ts";
import { blame, editLetter, history, retryLetters } from "../../src/engine/index.ts";
import type { Value } from "../../src/core/state.ts";
import { all, key, NEVER, NOTHING, PEOPLE, person, sceneOf, wrote, type Scene } from "./scene.ts";

const RULES: NonNullable<PipelineSettings["validation"]> = [
  { kind: "range", field: "age", min: 0, max: 150, errorMessage: "nobody is that old" },
  { kind: "cross", field: "city", operator: "not_equals", other: "name" },
  { kind: "unique", field: "name", with: [], errorMessage: "a name is one person's" },
];

const TWO_WAY = { memory: "full", validation: RULES } as const;
const ONE_WAY = { ...TWO_WAY, direction: "one-way" } as const;

const edit = (scene: Scene, id: string, fields: { readonly [field: string]: Value }) =>
  editLetter(scene.link, { pipeline: "people", key: key(id), fields, author: "ada" }, NEVER);

const broken = (error: RegExp) => ({ code: "ANSWER_INVALID", message: error });

/** Everything at rest: a further run writes nothing and has nothing to say. */
async function assertRest(scene: Scene): Promise<void> {
  const view = await scene.run();
  assert.deepEqual([wrote(view, "source"), wrote(view, "target")], [NOTHING, NOTHING]);
  assert.deepEqual([view.waits, view.summary.pipelines["people"]?.rejected], [false, 0]);
  assert.deepEqual(await scene.letters(), []);
}

/** Each of them breaks a rule in another way: a value, a row, two rows. */
const BAD: readonly (readonly [what: string, row: object, fields: { [field: string]: Value }])[] = [
  ["a value breaks a rule", person("Bo", 400), { age: 40 }],
  ["a row breaks a rule as a whole", person("Bo", 40, "Bo"), { city: "Rome" }],
  ["both", person("Bo", 400, "Bo"), { age: 40, city: "Rome" }],
  ["a row doubles another", person("Ann", 40, "Rome"), { name: "Bo" }],
];

for (const [what, row, fields] of BAD) {
  test(`where ${what}, an edit mends it there, and reaches the other side`, async () => {
    const scene = await sceneOf({ pipeline: TWO_WAY });
    scene.put("crm", "ann", person("Ann"));
    await scene.run();
    scene.put("crm", "bo", row as never);
    await scene.run();
    assert.ok((await scene.letters()).some(({ shown }) => shown === "bo"));
    const view = await edit(scene, "bo", fields);
    assert.deepEqual([view.left, view.kept], [[], []]);
    assert.deepEqual(view.sides, {
      source: { ...NOTHING, update: 1 },
      target: { ...NOTHING, create: 1 },
    });
    const mended = { ...row, ...fields };
    assert.deepEqual(scene.people("crm")["bo"], mended);
    assert.deepEqual(scene.people("billing")["bo"], mended);
    await retryLetters(scene.link, {}, NEVER); // its twin
    await assertRest(scene);
  });

  test(`where ${what} and is never written, an edit is what the other side gets`, async () => {
    const scene = await sceneOf({ pipeline: ONE_WAY });
    scene.put("crm", "bo", row as never);
    if (what.includes("doubles")) scene.put("crm", "ann", person("Ann"));
    await scene.run();
    const view = await edit(scene, "bo", fields);
    assert.deepEqual(view.kept, ["source"]);
    assert.deepEqual(scene.people("crm")["bo"], row);
    assert.deepEqual(scene.people("billing")["bo"], { ...row, ...fields });
    if (what.includes("doubles")) {
      // Its twin is one for as long as the source holds both.
      await edit(scene, "ann", { name: "Anna" });
    }
    await assertRest(scene);
    const [field] = Object.keys(fields);
    const credits = await blame(scene.link, { pipeline: "people", key: key("bo") });
    assert.equal(credits.find((each) => each.field === field)?.by, "answer:ada");
    assert.equal(credits.find((each) => each.field === "id")?.by, "source");
    const changes = await all(history(scene.link, { pipeline: "people", key: key("bo") }));
    const [last] = changes;
    assert.deepEqual([last?.by, last?.kind], ["answer:ada", "update"]);
    const to = last?.changes.map((change) => [change.field, change.to]);
    assert.deepEqual(Object.fromEntries(to ?? []), fields);
    // What it was before its author said so, where the row was taken at all.
    if (what !== "a value breaks a rule") {
      assert.deepEqual(
        last?.changes.map(({ from }) => from),
        Object.keys(fields).map((name) => (row as { [field: string]: Value })[name]),
      );
    }
  });
}

test("an edit that is not enough is refused with everything that is still wrong", async () => {
  for (const pipeline of [TWO_WAY, ONE_WAY]) {
    const scene = await sceneOf({ pipeline });
    scene.put("crm", "ann", person("Ann"));
    scene.put("crm", "bo", person("Bo", 400, "Bo"));
    await scene.run();
    const before = await scene.link.journal.generation();
    await assert.rejects(
      edit(scene, "bo", { name: "Ann" }),
      broken(/that old[^]*one person's: bo and ann/),
    );
    await assert.rejects(edit(scene, "bo", { age: -1, city: "Rome" }), broken(/that old/));
    await assert.rejects(edit(scene, "bo", { age: 40 }), broken(/city/));
    assert.equal(await scene.link.journal.generation(), before);
    assert.equal(scene.people("billing")["bo"], undefined);
    assert.equal(scene.people("crm")["bo"]?.["age"], 400);
  }
});

test("what cannot be edited is said, and what to do instead", async () => {
  const scene = await sceneOf({ pipeline: TWO_WAY });
  scene.put("crm", "bo", person("Bo", 400));
  await scene.run();
  await assert.rejects(edit(scene, "bo", { agee: 40 }), { hint: /Did you mean 'age'/ });
  await assert.rejects(edit(scene, "bo", { age: "forty" }), broken(/age cannot hold that value/));
  await assert.rejects(edit(scene, "bo", { id: "bob" }), broken(/names the entry/));
  await assert.rejects(edit(scene, "bo", {}), broken(/No field is named/));
  await assert.rejects(edit(scene, "cy", { age: 40 }), { code: "ENTRY_UNKNOWN" });
  scene.put("crm", "bo", null);
  await assert.rejects(edit(scene, "bo", { age: 40 }), broken(/gone|as a whole/));
  const digest = await sceneOf({ pipeline: { ...ONE_WAY, memory: "digest" } });
  digest.put("crm", "bo", person("Bo", 400));
  await digest.run();
  await assert.rejects(edit(digest, "bo", { age: 40 }), broken(/remembers digests/));
});

test("a row that cannot be read is not edited", async () => {
  const mapping = [
    { source: "id", target: "id" },
    {
      source: "name",
      target: "name",
      transform: (value: unknown) => {
        if (value === "bad") throw new Error("no such name");
        return value as Value;
      },
    },
  ];
  const scene = await sceneOf({ pipeline: { ...ONE_WAY, validation: [], mapping } });
  scene.put("crm", "bo", { name: "bad" });
  await scene.run();
  await assert.rejects(
    edit(scene, "bo", { name: "good" }),
    broken(/cannot be read[^]*no such name/),
  );
});

test("an edit of a refused write is another content, and written at once", async () => {
  for (const direction of ["one-way", "two-way"] as const) {
    const scene = await sceneOf({
      collections: { billing: [{ ...PEOPLE, uniqueSets: [["city"]] }] },
      pipeline: { direction, memory: "full" },
    });
    scene.put("crm", "ann", person("Ann", 30, "Oslo"));
    scene.put("crm", "bo", person("Bo", 30, "Oslo"));
    await scene.run();
    const refused = await edit(scene, "bo", { age: 31 });
    assert.deepEqual(
      refused.left.map(({ why }) => why),
      ["refused"],
    );
    await edit(scene, "bo", { city: "Rome" });
    assert.deepEqual(scene.people("billing")["bo"], person("Bo", 31, "Rome"));
    const own = direction === "two-way" ? person("Bo", 31, "Rome") : person("Bo", 30, "Oslo");
    assert.deepEqual(scene.people("crm")["bo"], own);
    await assertRest(scene);
  }
});

test("a source that changes after an edit is judged, and asked where it differs", async () => {
  const scene = await sceneOf({ pipeline: ONE_WAY });
  scene.put("crm", "bo", person("Bo", 40, "Bo"));
  await scene.run();
  await edit(scene, "bo", { city: "Rome" });
  scene.put("crm", "bo", { age: 41 }); // the row still breaks the rule, and is another one
  const view = await scene.run();
  assert.equal(view.waits, true);
  assert.deepEqual(
    (await scene.letters()).map(({ kind }) => kind),
    ["rejected"],
  );
  assert.deepEqual(scene.people("billing")["bo"], person("Bo", 40, "Rome"));
  scene.put("crm", "bo", { city: "Bonn" });
  await scene.run();
  const [question, ...more] = await scene.questions();
  assert.equal(more.length, 0);
  assert.deepEqual([question?.why, question?.field, question?.base], ["conflict", "city", "Rome"]);
  assert.deepEqual(scene.people("billing")["bo"], person("Bo", 41, "Rome"));
  scene.put("crm", "bo", { city: "Rome" });
  await scene.run();
  await assertRest(scene);
});

test("a source that wins says what stands once it changes what was edited", async () => {
  const scene = await sceneOf({
    pipeline: { ...ONE_WAY, conflicts: { strategy: "source-wins" } },
  });
  scene.put("crm", "bo", person("Bo", 40, "Bo"));
  await scene.run();
  await edit(scene, "bo", { city: "Rome" });
  await assertRest(scene);
  scene.put("crm", "bo", { city: "Bonn" });
  await scene.run();
  assert.deepEqual(scene.people("billing")["bo"], person("Bo", 40, "Bonn"));
  await assertRest(scene);
});

test("an edited row that stays as it is is no news; one that nobody edited is", async () => {
  const scene = await sceneOf({ pipeline: { ...ONE_WAY, validation: [] } });
  scene.put("crm", "ann", person("Ann", 30));
  scene.put("crm", "bo", person("Ann", 40));
  await scene.run();
  await scene.reopen(ONE_WAY);
  await scene.run();
  const found = async () => (await scene.letters()).map(({ shown }) => shown);
  assert.deepEqual(await found(), ["ann", "bo"]);
  await edit(scene, "bo", { name: "Bo" });
  await scene.run();
  assert.deepEqual(await found(), ["ann"]);
  assert.deepEqual(scene.people("billing")["bo"], person("Bo", 40));
});

test("what a person once said of a row keeps no new rule from it", async () => {
  const scene = await sceneOf({ pipeline: { ...TWO_WAY, validation: RULES.slice(0, 1) } });
  scene.put("crm", "ann", person("Ann", 30));
  scene.put("crm", "bo", person("Ann", 400));
  await scene.run();
  await edit(scene, "bo", { age: 40 });
  await assertRest(scene);
  await scene.reopen(TWO_WAY);
  await scene.run();
  assert.deepEqual([...new Set((await scene.letters()).map(({ shown }) => shown))], ["ann", "bo"]);
});

test("an edit lands only on the row that was read", async () => {
  let isFaster = false;
  const scene: Scene = await sceneOf({
    pipeline: TWO_WAY,
    wrapJournal: (journal) =>
      committing(journal, async (commit) => {
        await journal.commit(commit);
        // Between the decision and its writes.
        if (!isFaster || (commit.entries?.length ?? 0) === 0) return;
        isFaster = false;
        scene.put("crm", "bo", { age: 50, city: "Bonn" });
      }),
  });
  scene.put("crm", "bo", person("Bo", 400, "Bo"));
  await scene.run();
  isFaster = true;
  await edit(scene, "bo", { age: 40, city: "Rome" });
  assert.deepEqual(scene.people("crm")["bo"], person("Bo", 50, "Bonn"), "nobody overwrote it");
  await scene.run();
  const asked = (await scene.questions()).map(({ why, field }) => [why, field]);
  assert.deepEqual(asked, [
    ["conflict", "age"],
    ["conflict", "city"],
  ]);
});

/** The same journal, which commits in this way. */
function committing(journal: LinkJournal, commit: LinkJournal["commit"]): LinkJournal {
  return new Proxy(journal, {
    get: (of, name: keyof LinkJournal) => {
      const found = name === "commit" ? commit : of[name];
      return typeof found === "function" ? found.bind(of) : found;
    },
  });
}
