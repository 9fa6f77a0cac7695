import assert from "node:assert/strict";
import { test } from "node:test";
import { removePipeline } from "../../src/engine/index.ts";
import { resolve, retryLetters } from "../../src/engine/index.ts";
import { memoryJournal } from "../../src/testing/memory-journal.ts";
import {
  crowd,
  everywhere,
  key,
  NEVER,
  NOTHING,
  person,
  personId,
  sceneOf,
  wrote,
  type Scene,
} from "./scene.ts";

async function agreed(): Promise<Scene> {
  const scene = await sceneOf({ pipeline: { guard: { floor: 5 } } });
  crowd(scene, 10, "crm", "billing");
  await scene.run();
  return scene;
}

/** Billing is another database now, or an older copy of itself. */
function replaced(scene: Scene, identity: string): void {
  const replica = scene.replica("billing");
  replica.restore({ ...replica.image(), identity });
}

test("another database under the same name stops every run and plan", async () => {
  const scene = await agreed();
  scene.put("crm", personId(1), { name: "edited" });
  replaced(scene, "another");
  const before = [scene.people("crm"), scene.people("billing")];
  const refused = { code: "IDENTITY_CHANGED", hint: /--trust billing/ };
  await assert.rejects(scene.run(), refused);
  await assert.rejects(scene.plan(), refused);
  assert.deepEqual([scene.people("crm"), scene.people("billing")], before);
});

test("a plan is not applied to another database", async () => {
  const scene = await agreed();
  scene.put("crm", personId(1), { name: "edited" });
  const plan = await scene.plan();
  replaced(scene, "another");
  await assert.rejects(scene.apply(plan), { code: "IDENTITY_CHANGED" });
});

test("trust: what it holds now is the truth, deletions under the guard", async () => {
  const scene = await agreed();
  replaced(scene, "another");
  scene.put("billing", personId(1), { name: "theirs" });
  scene.put("billing", personId(2), null);
  const view = await scene.run({ trust: ["billing"] });
  assert.equal(scene.people("crm")[personId(1)]?.["name"], "theirs");
  assert.equal(wrote(view, "source").delete, 1);
  assert.deepEqual(
    view.notes.map(({ code }) => code),
    ["IDENTITY_CHANGED"],
  );
  await scene.run();
});

test("a database restored from an old copy stops the link", async () => {
  const scene = await agreed();
  const copy = scene.replica("billing").image();
  scene.put("crm", personId(1), { name: "later" });
  await scene.run();
  scene.replica("billing").restore(copy);
  await assert.rejects(scene.run(), { code: "EPOCH_WENT_BACK" });
});

test("refill: a database restored from an old copy is brought up to date", async () => {
  const scene = await agreed();
  const copy = scene.replica("billing").image();
  scene.put("crm", personId(1), { name: "later" });
  scene.put("crm", "new", person("New"));
  scene.put("crm", personId(3), null);
  await scene.run();
  scene.replica("billing").restore(copy);
  const view = await scene.run({ refill: ["billing"] });
  assert.deepEqual(wrote(view, "source"), NOTHING);
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
  assert.equal(scene.people("crm")[personId(1)]?.["name"], "later");
  const rest = await scene.run();
  assert.deepEqual([wrote(rest, "source"), wrote(rest, "target")], [NOTHING, NOTHING]);
  scene.put("billing", personId(4), { name: "and on" });
  await scene.run();
  assert.equal(scene.people("crm")[personId(4)]?.["name"], "and on", "it leads again");
});

test("refill: a one-way source cannot be, and that is said", async () => {
  const scene = await sceneOf({ pipeline: { direction: "one-way" } });
  crowd(scene, 3, "crm");
  await scene.run();
  const copy = scene.replica("crm").image();
  scene.put("crm", personId(1), { name: "later" });
  await scene.run();
  scene.replica("crm").restore(copy);
  const refused = { code: "USAGE", message: /--refill crm .*people/, hint: /--trust crm/ };
  await assert.rejects(scene.run({ refill: ["crm"] }), refused);
  await assert.rejects(scene.plan({ refill: ["crm"] }), refused);
  await scene.run({ refill: ["billing"], trust: ["crm"] });
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
});

test("an old copy is settled only by a run over all of it", async () => {
  const scene = await agreed();
  const copy = scene.replica("billing").image();
  for (const id of [1, 2]) scene.put("crm", personId(id), { name: "later" });
  await scene.run();
  scene.replica("billing").restore(copy);
  const refill = ["billing"];
  await scene.run({ refill, key: key(personId(1)) });
  await assert.rejects(scene.run(), { code: "EPOCH_WENT_BACK", hint: /--refill billing/ });
  await scene.run({ refill, limit: 1 });
  await assert.rejects(scene.plan(), { code: "EPOCH_WENT_BACK" });
  await scene.run({ refill, shouldDrain: () => true });
  await assert.rejects(scene.run(), { code: "EPOCH_WENT_BACK" });
  await scene.apply(await scene.plan({ refill, key: key(personId(1)) }));
  await assert.rejects(scene.run(), { code: "EPOCH_WENT_BACK" });
  await scene.apply(await scene.plan({ refill }));
  await scene.run();
  assert.equal(scene.people("billing")[personId(2)]?.["name"], "later");
  assert.deepEqual(scene.people("crm"), scene.people("billing"));
});

test("nothing is answered or sent again while a system is another one than before", async () => {
  const scene = await agreed();
  scene.put("crm", personId(1), { name: "one" });
  scene.put("billing", personId(1), { name: "two" });
  await scene.run();
  replaced(scene, "another");
  const choice = { kind: "side", side: "source" } as const;
  const answer = resolve(scene.link, { filter: {}, choice, author: "me" }, NEVER);
  await assert.rejects(answer, { code: "IDENTITY_CHANGED" });
  await assert.rejects(retryLetters(scene.link, {}, NEVER), { code: "IDENTITY_CHANGED" });
  assert.equal((await scene.questions()).length, 1);
});

test("trust of an old copy: what it lost is undone, under the guard", async () => {
  const scene = await agreed();
  const copy = scene.replica("billing").image();
  scene.put("crm", personId(1), { name: "later" });
  await scene.run();
  scene.replica("billing").restore(copy);
  await scene.run({ trust: ["billing"] });
  assert.equal(scene.people("crm")[personId(1)]?.["name"], "n1");
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
});

test("a lost journal is noticed: rows meet anew, and nothing is deleted", async () => {
  const scene = await agreed();
  scene.put("crm", personId(1), { name: "edited" });
  await scene.run();
  scene.put("crm", personId(2), null);
  scene.put("billing", personId(3), { city: "Bergen" });
  scene.journal.restore(memoryJournal().snapshot());
  await scene.reopen();
  const view = await scene.run();
  assert.deepEqual(
    view.notes.map(({ code }) => code),
    ["JOURNAL_LOST"],
  );
  assert.equal(wrote(view, "target").delete + wrote(view, "source").delete, 0);
  assert.equal(Object.keys(scene.people("crm")).length, 10, "what was deleted is back");
  const asked = await scene.questions();
  assert.deepEqual(
    asked.map(({ shown, field }) => [shown, field]),
    [[personId(3), "city"]],
  );
});

test("an edited configuration is explained once", async () => {
  const scene = await agreed();
  await scene.reopen({ guard: { floor: 6 } });
  assert.deepEqual(
    (await scene.plan()).notes.map(({ code, pipeline }) => [code, pipeline]),
    [["MAPPING_EDITED", "people"]],
  );
  await scene.run({ key: key(personId(1)) });
  assert.equal((await scene.plan()).notes.length, 1, "a trial run has not said all of it");
  await scene.run();
  assert.deepEqual((await scene.plan()).notes, []);
});

test("a store without an identity gets one by its first write", async () => {
  const scene = await sceneOf();
  everywhere(scene, "ann", person("Ann"));
  await scene.run();
  assert.equal(await scene.link.journal.fact("identity billing"), "billing");
  await scene.run();
});

test("a renamed pipeline is explained, and its old memory can be forgotten", async () => {
  const scene = await agreed();
  await scene.reopen({ name: "persons" });
  const codes = async () => (await scene.plan()).notes.map(({ code }) => code);
  assert.deepEqual(await codes(), ["PIPELINE_UNKNOWN"]);
  await removePipeline(scene.link, "people");
  assert.deepEqual(await codes(), []);
  assert.equal(Object.keys(scene.people("crm")).length, 10);
});
