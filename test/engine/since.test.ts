// Pipelines whose sides tell what changed: what a run looks at, what it says, and when it looks at
// everything again.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SyncError } from "../../src/core/errors.ts";
import type { Replica } from "../../src/engine/index.ts";
import type { MemoryReplica } from "../../src/testing/memory-replica.ts";
import { NOTHING, person, sceneOf, wrote } from "./scene.ts";
import {
  HOUR_MS,
  COUNTED,
  SINCE,
  counted,
  bumped,
  codes,
  agree,
  over,
  revisions,
} from "./since-scene.ts";

test("after everything was compared once, only what changed is looked at", async () => {
  const scene = await counted({ pipeline: { direction: "one-way" } });
  for (const id of ["ann", "bo", "cy"]) scene.put("crm", id, bumped(person(id)));
  const first = await scene.run();
  assert.deepEqual([wrote(first, "target").create, codes(first)], [3, []]);
  scene.put("crm", "bo", bumped(person("Bo")));
  scene.put("crm", "di", bumped(person("Di")));
  const second = await scene.run();
  assert.deepEqual(wrote(second, "target"), { create: 1, update: 1, delete: 0 });
  assert.deepEqual(scene.lists, { crm: 1, billing: 1 });
  agree(scene);
  assert.equal(second.notes.length, 1);
  assert.equal(
    second.notes[0]?.text,
    "only what changed by rev was compared; rows that are gone, and changes that were told too " +
      "late, show when everything is compared: within 24 hours, or with --everything",
  );
  const third = await scene.run();
  assert.deepEqual(wrote(third, "target"), NOTHING);
});

test("what is gone, and what was told too late, shows when its time has come", async () => {
  const scene = await counted({ pipeline: { direction: "one-way" } });
  for (const id of ["ann", "bo", "cy"]) scene.put("crm", id, bumped(person(id)));
  await scene.run();
  scene.put("crm", "ann", null);
  // A transaction that was long under way commits with what the column held when it began.
  scene.put("crm", "bo", { ...person("Bo"), rev: revisions - 2 });
  scene.put("crm", "cy", { ...person("Cy"), rev: revisions - 3 });
  const early = await scene.run();
  assert.deepEqual(wrote(early, "target"), { create: 0, update: 1, delete: 0 });
  assert.equal(scene.people("billing")["bo"]?.["name"], "Bo");
  scene.clock.now += 24 * HOUR_MS;
  const whole = await scene.run();
  assert.deepEqual(wrote(whole, "target"), { create: 0, update: 1, delete: 1 });
  assert.deepEqual(
    whole.notes.map(({ text }) => text),
    ["everything was compared: its time had come"],
  );
  agree(scene);
  assert.deepEqual(scene.lists, { crm: 2, billing: 2 });
  assert.deepEqual(codes(await scene.run()), ["SINCE_CHANGED"], "from here on only what changed");
});

test("with --everything a run looks at all; a clock that went back is not trusted", async () => {
  const scene = await counted();
  scene.put("crm", "ann", bumped(person("Ann")));
  await scene.run();
  scene.put("crm", "ann", null);
  await scene.run();
  assert.equal(Object.keys(scene.people("billing")).length, 1);
  const whole = await scene.run({ everything: true });
  assert.deepEqual([codes(whole), wrote(whole, "target").delete], [[], 1]);
  scene.clock.now -= HOUR_MS;
  assert.deepEqual(codes(await scene.run()), ["SINCE_WHOLE"]);
});

test("what changed on both sides is folded together, in the plan as well", async () => {
  const scene = await counted();
  for (const id of ["ann", "bo", "cy"]) scene.put("crm", id, bumped(person(id)));
  await scene.run();
  scene.put("crm", "ann", bumped({ name: "Anna" }));
  scene.put("billing", "ann", bumped({ name: "Anne" }));
  // Nothing tells that it is gone, but whoever looks sees it.
  scene.put("billing", "cy", null);
  scene.put("crm", "cy", bumped({ age: 41 }));
  scene.put("crm", "bo", bumped({ age: 31 }));
  scene.put("billing", "di", bumped(person("Di")));
  const plan = await scene.plan();
  const told = plan.summary.pipelines["people"];
  assert.deepEqual([told?.conflicts, plan.writes], [2, 2]);
  assert.deepEqual(codes(plan), ["SINCE_CHANGED"]);
  const applied = await scene.apply(plan);
  assert.deepEqual([wrote(applied, "source").create, wrote(applied, "target").update], [1, 1]);
  // Nothing tells of them any more, and what is open still counts.
  const later = await scene.run();
  assert.deepEqual([later.summary.pipelines["people"]?.conflicts, later.waits], [2, true]);
  assert.equal((await scene.questions()).length, 2);
  assert.deepEqual(scene.lists, { crm: 1, billing: 1 });
});

test("what could not be written is tried again, although nothing changed since", async () => {
  let isRefusing = true;
  const wrap = (replica: MemoryReplica): Replica => ({
    ...replica,
    writer: async (signal) => {
      const writer = await replica.writer(signal);
      const error = new SyncError("REPLICA_UNAVAILABLE", "busy");
      return {
        ...writer,
        write: async (batch, writing) =>
          isRefusing
            ? batch.writes.map(() => ({ kind: "later" as const, error }))
            : await writer.write(batch, writing),
      };
    },
  });
  const scene = await counted({ wrap });
  await scene.run();
  for (const id of ["ann", "bo", "cy"]) scene.put("crm", id, bumped(person(id)));
  await scene.run();
  assert.deepEqual(scene.people("billing"), {});
  isRefusing = false;
  scene.clock.now += HOUR_MS;
  assert.equal((await scene.plan()).writes, 3, "a plan knows of them");
  await scene.run();
  agree(scene);
});

test("a run that breaks off, is stopped or a trial does not move on", async () => {
  let isDown = false;
  const wrap = (replica: MemoryReplica): Replica => ({
    ...replica,
    writer: async (signal) => {
      if (isDown) throw new SyncError("REPLICA_UNAVAILABLE", "nobody answers");
      return await replica.writer(signal);
    },
  });
  const scene = await counted({ wrap });
  scene.put("crm", "ann", bumped(person("Ann")));
  await scene.run();
  const fact = async () => await scene.link.journal.fact("since people");
  const before = await fact();
  for (const id of ["bo", "cy", "di"]) scene.put("crm", id, bumped(person(id)));
  isDown = true;
  await assert.rejects(scene.run(), { code: "REPLICA_UNAVAILABLE" });
  isDown = false;
  await scene.run({ limit: 1 });
  await scene.run({ shouldDrain: () => true });
  assert.equal(await fact(), before);
  await scene.run();
  assert.notEqual(await fact(), before);
  agree(scene);
});

test("what changes while everything is compared comes with the next run", async () => {
  let isDue = false;
  const scene = await counted();
  const crm = scene.link.replicas.get("crm");
  assert.ok(crm !== undefined);
  const late: Replica = {
    ...crm,
    async *list(shape, after, signal) {
      for await (const page of crm.list(shape, after, signal)) {
        yield page;
        if (!isDue) continue;
        isDue = false;
        scene.put("crm", "ann", bumped(person("Anna")));
      }
    },
  };
  scene.link = over(scene.link, late);
  scene.put("crm", "ann", bumped(person("Ann")));
  isDue = true;
  await scene.run();
  assert.equal(scene.people("billing")["ann"]?.["name"], "Ann");
  await scene.run();
  agree(scene);
  assert.deepEqual(scene.lists, { crm: 1, billing: 1 });
});

test("a plan of everything is gone on from once it was applied", async () => {
  const scene = await counted();
  scene.put("crm", "ann", bumped(person("Ann")));
  const plan = await scene.plan();
  assert.equal(await scene.link.journal.fact("since people"), undefined);
  scene.put("crm", "bo", bumped(person("Bo")));
  await scene.apply(plan);
  assert.deepEqual(codes(await scene.run()), ["SINCE_CHANGED"]);
  agree(scene);
});

test("with onTrip: stop only what changed is looked at as well", async () => {
  const scene = await counted({ pipeline: { guard: { onTrip: "stop" } } });
  scene.put("crm", "ann", bumped(person("Ann")));
  await scene.run();
  scene.put("crm", "bo", bumped(person("Bo")));
  assert.deepEqual(codes(await scene.run()), ["SINCE_CHANGED"]);
  agree(scene);
  assert.deepEqual(scene.lists, { crm: 1, billing: 1 });
});

const edit = fc.record({
  side: fc.constantFrom("crm", "billing"),
  id: fc.constantFrom("ann", "bo", "cy", "di"),
  name: fc.constantFrom("x", "y", "z"),
  late: fc.integer({ min: 0, max: 2 }),
});
const step = fc.oneof(
  { weight: 3, arbitrary: edit },
  { weight: 1, arbitrary: fc.constant("run" as const) },
);

test("what the column tells in time is folded as if everything had been compared", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (script) => {
      const since = await counted();
      const { since: _, ...plain } = SINCE;
      const whole = await sceneOf({
        collections: { crm: [COUNTED], billing: [COUNTED] },
        pipeline: plain,
      });
      let seen = 0;
      const scenes = [since, whole];
      for (const scene of scenes) await scene.run();
      for (const one of [...script, "run" as const]) {
        if (one !== "run") {
          const { side, id, name, late } = one;
          const row = { name, age: name.length, rev: (seen += 1) - late };
          for (const scene of scenes) scene.put(side, id, row);
          continue;
        }
        const views = [await since.run(), await whole.run()];
        const [told, all] = views.map(({ summary }) => {
          const { unchanged: _unchanged, ...rest } = summary.pipelines["people"] ?? {};
          return rest;
        });
        assert.deepEqual(told, all);
        for (const system of ["crm", "billing"]) {
          assert.deepEqual(since.people(system), whole.people(system));
        }
        const asked = await Promise.all(scenes.map((scene) => scene.questions()));
        const [a, b] = asked.map((questions) =>
          questions.map(({ shown, field, why, held, base }) => ({ shown, field, why, held, base })),
        );
        assert.deepEqual(a, b);
      }
      assert.deepEqual(since.lists, { crm: 1, billing: 1 });
    }),
    { numRuns: 80 },
  );
});
