// Writes whose outcome is unknown, and the markers that prove what became of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SyncError } from "../../src/core/errors.ts";
import { fated } from "./fated.ts";
import { NEVER } from "./scene.ts";

test("unknown, and it had landed: the next run finds it done and writes nothing", async () => {
  for (const marks of [true, false]) {
    const scene = await fated({ capabilities: { marks } });
    scene.put("crm", "ann", { name: "Anna" });
    scene.fate = async (batch, write) => {
      await write();
      scene.fate = (_batch, go) => go();
      return batch.writes.map(() => ({
        kind: "unknown",
        error: new SyncError("OUTCOME_UNKNOWN", "no answer"),
      }));
    };
    await scene.run();
    const position = scene.replica("billing").position();
    await scene.run();
    assert.equal(scene.replica("billing").position(), position, `marks: ${marks}`);
    assert.equal((await scene.plan()).writes, 0);
    assert.deepEqual(await scene.questions(), []);
  }
});

test("unknown, and it had not landed: it is sent again", async () => {
  for (const marks of [true, false]) {
    const scene = await fated({ capabilities: { marks } });
    scene.put("crm", "ann", { name: "Anna" });
    scene.fate = async (batch) => {
      scene.fate = (_batch, go) => go();
      return batch.writes.map(() => ({
        kind: "unknown",
        error: new SyncError("OUTCOME_UNKNOWN", "no answer"),
      }));
    };
    await scene.run();
    await scene.run();
    assert.equal(scene.people("billing")["ann"]?.["name"], "Anna", `marks: ${marks}`);
    assert.equal((await scene.plan()).writes, 0);
  }
});

test("a marker of an unknown outcome is kept until it has proved what landed", async () => {
  const scene = await fated();
  scene.put("crm", "ann", { name: "Anna" });
  scene.put("crm", "bo", null); // sent after it, with the markers that the store may forget
  scene.fate = async (batch, write) => {
    scene.fate = (_batch, go) => go();
    await write();
    scene.put("billing", "ann", { name: "Anneli" });
    const error = new SyncError("OUTCOME_UNKNOWN", "no answer");
    return batch.writes.map(() => ({ kind: "unknown", error }));
  };
  await scene.run();
  assert.deepEqual(await scene.questions(), [], "the user had seen what we wrote");
  await scene.run();
  assert.equal(scene.people("crm")["ann"]?.["name"], "Anneli");
});

test("markers that are settled are given back to the store with the next batch", async () => {
  const scene = await fated();
  for (const name of ["a", "b", "c", "d"]) {
    scene.put("crm", "ann", { name });
    await scene.run();
  }
  const marks = await scene.replica("billing").marks("crm+billing", NEVER);
  assert.equal(marks.length, 2, "this run's, and the last one before as the proof of it");
});

test("markers that a failed run had left are given back as well", async () => {
  const scene = await fated();
  for (const name of ["a", "b", "c"]) {
    scene.put("crm", "ann", { name });
    scene.fate = async (_, write) => {
      await write();
      throw new SyncError("REPLICA_UNAVAILABLE", "billing went away");
    };
    await assert.rejects(scene.run());
    scene.fate = (_, write) => write();
    await scene.run();
  }
  for (const name of ["d", "e"]) {
    scene.put("crm", "ann", { name });
    await scene.run();
  }
  const marks = await scene.replica("billing").marks("crm+billing", NEVER);
  assert.equal(marks.length, 2);
});
