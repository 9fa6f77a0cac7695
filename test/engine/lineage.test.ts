import assert from "node:assert/strict";
import { test } from "node:test";
import { stampOf } from "../../src/core/stamp.ts";
import { runFeed } from "../../src/engine/feed.ts";
import { resolve, retryLetters, stateAt } from "../../src/engine/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import type { MemoryImage } from "../../src/testing/memory-journal.ts";
import {
  crowd,
  key,
  NEVER,
  NOTHING,
  person,
  personId,
  sceneOf,
  wrote,
  type Scene,
} from "./scene.ts";

const OLDER = { code: "JOURNAL_REPLACED", message: /older .* billing/, hint: /--refill journal/ };
const refill = ["journal"];

async function putBack(scene: Scene, image: MemoryImage): Promise<void> {
  scene.journal.restore(image);
  await scene.reopen();
}

/** Both agree on LATER and that one is gone; a user of crm takes both back; the journal is old. */
async function withOlderJournal(): Promise<Scene> {
  const scene = await sceneOf({ pipeline: { guard: { floor: 5 } } });
  crowd(scene, 4, "crm", "billing");
  await scene.run();
  const copy = scene.journal.snapshot();
  scene.put("crm", personId(1), { name: "LATER" });
  scene.put("crm", personId(2), null);
  await scene.run();
  scene.put("crm", personId(1), { name: "n1" });
  scene.put("crm", personId(2), { name: "n2", age: 2 });
  await putBack(scene, copy);
  return scene;
}

test("a journal that is older than a store stops everything that would write", async () => {
  const scene = await withOlderJournal();
  const before = [scene.people("crm"), scene.people("billing")];
  await assert.rejects(scene.run(), OLDER);
  await assert.rejects(scene.plan(), OLDER);
  await assert.rejects(
    scene.run({ trust: ["billing", "crm"] }).then(() => scene.run()),
    OLDER,
  );
  await assert.rejects(runFeed(scene.link, {}, NEVER), OLDER);
  await assert.rejects(retryLetters(scene.link, {}, NEVER), OLDER);
  const choice = { kind: "side", side: "source" } as const;
  await assert.rejects(resolve(scene.link, { filter: {}, choice, author: "me" }, NEVER), OLDER);
  assert.deepEqual([scene.people("crm"), scene.people("billing")], before);
});

for (const way of ["run", "plan and apply"] as const) {
  test(`refill, ${way}: rows meet anew, what differs is asked, nothing is deleted`, async () => {
    const scene = await withOlderJournal();
    const of = { refill };
    const view = way === "run" ? await scene.run(of) : await scene.apply(await scene.plan(of));
    assert.deepEqual(
      view.notes.map(({ code }) => code),
      ["JOURNAL_REPLACED"],
    );
    assert.deepEqual(wrote(view, "source"), NOTHING);
    assert.deepEqual(wrote(view, "target"), { create: 1, update: 0, delete: 0 });
    assert.equal(scene.people("billing")[personId(2)]?.["name"], "n2", "what came back is back");
    const asked = (await scene.questions()).map(({ shown, field }) => [shown, field]);
    assert.deepEqual(asked, [[personId(1), "name"]]);
    assert.deepEqual((await scene.run()).notes, [], "it is the journal of both from now on");
    scene.put("billing", personId(3), { name: "and on" });
    await scene.run();
    assert.equal(scene.people("crm")[personId(3)]?.["name"], "and on");
  });
}

test("what an older journal recorded is no account of what there was meanwhile", async () => {
  const scene = await withOlderJournal();
  const of = { pipeline: "people", key: key(personId(1)) };
  const at = stampOf(scene.clock.now);
  await scene.run({ refill });
  await assert.rejects(stateAt(scene.link, { ...of, at }), { code: "HISTORY_NOT_KEPT" });
  assert.notEqual(await stateAt(scene.link, { ...of, at: stampOf(scene.clock.now) }), null);
});

test("a plan that refills the journal forgets nothing before it is applied", async () => {
  const scene = await withOlderJournal();
  const before = await scene.link.journal.count("people");
  const plan = await scene.plan({ refill });
  assert.deepEqual(await scene.link.journal.count("people"), before);
  assert.equal(plan.writes, 1);
});

test("trust: what an older journal remembers counts, what differs from it as edited", async () => {
  const scene = await withOlderJournal();
  const view = await scene.run({ trust: refill });
  assert.deepEqual(wrote(view, "source"), { create: 0, update: 1, delete: 1 });
  assert.equal(scene.people("crm")[personId(1)]?.["name"], "LATER");
  await scene.run();
});

test("an older journal is settled only by a run over all of it", async () => {
  const scene = await withOlderJournal();
  await scene.run({ refill, limit: 1 });
  const again = { code: "JOURNAL_REPLACED", hint: /Say again/ };
  await assert.rejects(scene.run(), again);
  await scene.run({ refill, shouldDrain: () => true });
  await assert.rejects(scene.plan(), again);
  await scene.run({ refill });
  await scene.run();
  assert.equal((await scene.questions()).length, 1);
});

test("a plan that was drained half way goes on with what it has met", async () => {
  const scene = await sceneOf({ pipeline: { guard: { floor: 5 } }, pageRows: 2 });
  crowd(scene, 200, "crm");
  await scene.run();
  const copy = scene.journal.snapshot();
  scene.put("crm", "late", person("Late"));
  await scene.run();
  crowd(scene, 300, "crm");
  await putBack(scene, copy);
  const plan = await scene.plan({ refill });
  await scene.apply(plan);
  assert.deepEqual(scene.people("crm"), scene.people("billing"));
  assert.equal((await scene.link.journal.count("people")).entries, 301);
});

test("one-way: the target alone proves that the journal is older", async () => {
  const pipeline = { direction: "one-way", guard: { floor: 5 } } as const;
  const scene = await sceneOf({ pipeline });
  crowd(scene, 4, "crm");
  await scene.run();
  const copy = scene.journal.snapshot();
  scene.put("crm", "new", person("New"));
  await scene.run();
  scene.put("crm", personId(1), null);
  await putBack(scene, copy);
  await assert.rejects(scene.run(), OLDER);
  const view = await scene.run({ refill });
  assert.deepEqual(wrote(view, "target"), NOTHING, "nothing is deleted");
  assert.equal(view.summary.pipelines["people"]?.extra, 1, "and what only the target has is told");
});

test("another journal of the same link in between is told as well", async () => {
  const scene = await withOlderJournal();
  await putBack(scene, memoryJournal().snapshot());
  const { notes } = await scene.run();
  assert.deepEqual(
    notes.map(({ code }) => code),
    ["JOURNAL_LOST", "JOURNAL_LOST"].slice(0, notes.length),
  );
  const other = scene.journal.snapshot();
  await scene.run();
  await putBack(scene, other);
  await scene.run();
});

test("a batch of which nothing lands leaves the proof of the one before", async () => {
  const scene = await sceneOf({
    wrap: (replica) =>
      replica.name === "crm"
        ? replica
        : {
            ...replica,
            writer: async (signal) => {
              const writer = await replica.writer(signal);
              return {
                ...writer,
                write: (batch, of) => {
                  // A user of billing is quicker.
                  if (batch.writes.some(({ key }) => key.includes("p001")))
                    replica.edit("people", ["p001"], { name: `theirs ${batch.id}` });
                  return writer.write(batch, of);
                },
                finish: (of) => writer.finish(of),
                abort: () => writer.abort(),
              };
            },
          },
  });
  crowd(scene, 2, "crm", "billing");
  await scene.run();
  scene.put("crm", personId(0), { name: "one" });
  await scene.run();
  const copy = scene.journal.snapshot();
  scene.put("crm", personId(0), { name: "two" });
  await scene.run();
  scene.put("crm", personId(1), { name: "late" });
  await scene.run();
  await putBack(scene, copy);
  await assert.rejects(scene.run(), OLDER);
});

test("the last run that wrote is known however many have passed since", async () => {
  const scene = await sceneOf();
  crowd(scene, 2, "crm");
  await scene.run();
  for (let i = 0; i < 60; i++) await scene.run();
  await scene.run();
});
