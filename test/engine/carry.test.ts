import assert from "node:assert/strict";
import { test } from "node:test";
import type { Value } from "../../src/core/state.ts";
import { SyncError } from "../../src/core/errors.ts";
import { retryLetters } from "../../src/engine/index.ts";
import { fated, type Fate } from "./fated.ts";
import { key, NEVER, NOTHING, PEOPLE, person, wrote } from "./scene.ts";

test("applied: the side is at rest, also where it stored less than it was told", async () => {
  const hidden = (column: string, value: Value) =>
    column === "name" && typeof value === "string" ? value.toLowerCase() : value;
  const scene = await fated({ hidden });
  scene.put("crm", "di", person("DIANA"));
  await scene.run();
  scene.put("crm", "di", { name: "DI" });
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), { create: 0, update: 1, delete: 0 });
  assert.equal(scene.people("billing")["di"]?.["name"], "di");
  const rest = await scene.run();
  assert.deepEqual([wrote(rest, "source"), wrote(rest, "target")], [NOTHING, NOTHING]);
  assert.equal(scene.people("crm")["di"]?.["name"], "DI", "never written back");
  scene.put("billing", "di", { name: "dido" });
  await scene.run();
  assert.equal(scene.people("crm")["di"]?.["name"], "dido", "an edit there is no conflict");
});

test("stale: what the side holds is folded, and the rest of the run settles it", async () => {
  const scene = await fated();
  scene.put("crm", "ann", { name: "Anna" });
  scene.fate = async (_, write) => {
    scene.fate = (_batch, go) => go();
    scene.put("billing", "ann", { city: "Bergen" });
    return write();
  };
  const view = await scene.run();
  assert.deepEqual(scene.people("billing")["ann"], person("Anna", 30, "Bergen"));
  assert.deepEqual(scene.people("crm"), scene.people("billing"));
  assert.equal((await scene.plan()).writes, 0);
  assert.deepEqual(await scene.questions(), []);
  assert.equal(view.waits, false, "what was settled in the same run waits for nobody");
});

test("stale on the same field: a conflict is asked, nothing is overwritten", async () => {
  const scene = await fated();
  scene.put("crm", "ann", { name: "Anna" });
  scene.fate = async (_, write) => {
    scene.fate = (_batch, go) => go();
    scene.put("billing", "ann", { name: "Anneli" });
    return write();
  };
  await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["name"], "Anneli");
  assert.equal(scene.people("crm")["ann"]?.["name"], "Anna");
  const asked = await scene.questions();
  assert.deepEqual(
    asked.map(({ field, why }) => [field, why]),
    [["name", "conflict"]],
  );
});

test("refused: the write becomes a letter, others go on, and it is not sent again", async () => {
  const scene = await fated();
  scene.fate = async (batch, write) => {
    const outcomes = await write();
    scene.put("billing", "x", null); // it was not taken
    return outcomes.map((outcome, index) =>
      batch.writes[index]?.key === key("x")
        ? { kind: "refused", error: new SyncError("WRITE_REFUSED", "no x here") }
        : outcome,
    );
  };
  scene.put("crm", "x", person("X"));
  scene.put("crm", "y", person("Y"));
  const view = await scene.run();
  assert.equal(view.waits, true);
  assert.deepEqual(
    view.left.map(({ shown, why, message }) => [shown, why, message]),
    [["x", "refused", "no x here"]],
  );
  const [letter, ...more] = await scene.letters();
  assert.equal(more.length, 0);
  assert.deepEqual(
    { ...letter, key: "" },
    {
      pipeline: "people",
      key: "",
      shown: "x",
      side: "target",
      kind: "refused",
      code: "WRITE_REFUSED",
      errors: ["no x here"],
      attempts: 1,
      due: null,
    },
  );
  const sent = scene.batches.length;
  const again = await scene.run();
  assert.equal(scene.batches.length, sent, "the same content is not sent again");
  assert.equal(again.summary.pipelines["people"]?.rejected, 1);
  assert.equal(again.waits, true);
});

test("refused: another content is another try, and when it lands the letter is gone", async () => {
  const scene = await fated({
    fields: PEOPLE.fields.map((f) => (f.name === "name" ? { ...f, nullable: false } : f)),
  });
  scene.put("crm", "x", { name: null });
  await scene.run();
  assert.equal((await scene.letters()).length, 1);
  scene.put("crm", "x", { name: "X" });
  await scene.run();
  assert.deepEqual(await scene.letters(), []);
  assert.equal(scene.people("billing")["x"]?.["name"], "X");
});

test("later: it waits for its time, and a retry does not wait", async () => {
  const scene = await fated();
  const busy: Fate = async (batch) =>
    batch.writes.map(() => ({ kind: "later", error: new SyncError("CONSTRAINT", "not yet") }));
  scene.fate = busy;
  scene.put("crm", "ann", { name: "Anna" });
  const view = await scene.run();
  assert.deepEqual(view.left.map(({ why }) => why).includes("later"), true);
  const [letter] = await scene.letters();
  assert.equal(letter?.kind, "later");
  assert.notEqual(letter?.due, null);
  scene.fate = (_, write) => write();
  const retried = await retryLetters(scene.link, {}, NEVER);
  assert.equal(retried.tried, 1);
  assert.equal(scene.people("billing")["ann"]?.["name"], "Anna");
  assert.deepEqual(await scene.letters(), []);
});

test("later: a plan made meanwhile does not hold it, and applied does not write it", async () => {
  const scene = await fated();
  scene.fate = async (batch) =>
    batch.writes.map(() => ({ kind: "later", error: new SyncError("CONSTRAINT", "not yet") }));
  scene.put("crm", "ann", { city: "Rome" });
  await scene.run();
  scene.fate = (_, write) => write();
  scene.put("crm", "bo", { city: "Paris" });
  const plan = await scene.plan();
  assert.equal(plan.writes, 1);
  scene.clock.now += 3_600_000; // its time comes after the plan
  const view = await scene.apply(plan);
  assert.equal(wrote(view, "target").update, 1);
  assert.equal(scene.people("billing")["ann"]?.["city"], "Oslo");
  await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["city"], "Rome");
});

for (const onTrip of ["withhold", "stop"] as const) {
  test(`later: no run tries what waits for no row before its time (${onTrip})`, async () => {
    const scene = await fated({}, { guard: { onTrip } });
    const error = new SyncError("VALUE_UNREADABLE", "not yet");
    scene.fate = async (batch) => batch.writes.map(() => ({ kind: "later", error }));
    scene.put("crm", "ann", { name: "Anna" });
    await scene.run();
    scene.fate = (_, write) => write();
    const early = await scene.run();
    assert.deepEqual([early.leftCount, early.waits], [1, true], "it has left what it did not try");
    assert.match(early.left[0]?.message ?? "", /^not yet: it is tried again from \d{4}-/);
    const trial = await scene.run({ key: key("bo") });
    assert.equal(trial.leftCount, 0, "a trial run speaks of its own entry");
    assert.equal((await scene.letters()).length, 1);
    scene.clock.now += 3_600_000;
    assert.deepEqual((await scene.run()).left, []);
    assert.equal(scene.people("billing")["ann"]?.["name"], "Anna");
    assert.deepEqual(await scene.letters(), []);
  });
}

test("later: when its time has come, a run tries again by itself", async () => {
  const scene = await fated();
  scene.fate = async (batch) =>
    batch.writes.map(() => ({ kind: "later", error: new SyncError("CONSTRAINT", "not yet") }));
  scene.put("crm", "ann", { name: "Anna" });
  await scene.run();
  scene.fate = (_, write) => write();
  scene.clock.now += 3_600_000;
  const view = await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["name"], "Anna");
  assert.equal(view.waits, false);
});

test("a store out of reach ends the run; the next one finishes what was decided", async () => {
  const scene = await fated();
  scene.put("crm", "ann", { name: "Anna" });
  scene.fate = async () => {
    throw new SyncError("REPLICA_UNAVAILABLE", "billing is away");
  };
  await assert.rejects(scene.run(), { code: "REPLICA_UNAVAILABLE" });
  scene.fate = (_, write) => write();
  await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["name"], "Anna");
  assert.deepEqual(await scene.questions(), []);
});

test("a side that commits at its end is settled there, outcome by outcome", async () => {
  const scene = await fated({ capabilities: { commits: "finish" } });
  scene.put("crm", "ann", { name: "Anna" });
  scene.put("crm", "new", person("New"));
  scene.put("crm", "bo", null);
  const view = await scene.run();
  assert.deepEqual(wrote(view, "target"), { create: 1, update: 1, delete: 1 });
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
  assert.equal((await scene.plan()).writes, 0);
  assert.equal(view.waits, false);
});

test("a side that returns nothing is taken to hold exactly what it was told", async () => {
  const scene = await fated({ capabilities: { returns: false } });
  scene.put("crm", "ann", { name: "Anna" });
  await scene.run();
  assert.equal((await scene.plan()).writes, 0);
});

test("a write of a column outside the mapping never happens", async () => {
  const mapping = [
    { source: "id", target: "id" },
    { source: "name", target: "name" },
  ];
  const scene = await fated({}, { mapping });
  scene.put("billing", "ann", { city: "Only here" });
  scene.put("crm", "ann", { name: "Anna", city: "Only there" });
  await scene.run();
  assert.deepEqual(scene.people("billing")["ann"], person("Anna", 30, "Only here"));
  assert.deepEqual(scene.people("crm")["ann"], person("Anna", 30, "Only there"));
});

test("every write is remembered before it is sent (I1)", async () => {
  const scene = await fated();
  scene.put("crm", "ann", { name: "Anna" });
  let body: string | null | undefined;
  scene.fate = async (_, write) => {
    const [record] = await scene.link.journal.find("people", [key("ann")]);
    body = record?.body;
    return write();
  };
  await scene.run();
  assert.match(body ?? "", /"t":\[\[/, "a Told stands in the journal");
});
