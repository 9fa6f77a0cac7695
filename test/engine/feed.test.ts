// Logs: where they are read on, also after they have forgotten what comes next.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SyncError } from "../../src/core/errors.ts";
import { runFeed } from "../../src/engine/feed.ts";
import type { Replica } from "../../src/engine/index.ts";
import type { MemoryReplica } from "../../src/testing/memory-replica.ts";
import { NEVER, PEOPLE, person, sceneOf, type Scene, type SceneOptions } from "./scene.ts";

const ORDERED = { ...PEOPLE, isOrdered: true };
const feed = (scene: Scene) => runFeed(scene.link, {}, NEVER);

function logged(more: SceneOptions = {}): Promise<Scene> {
  return sceneOf({ collections: { crm: [ORDERED], billing: [ORDERED] }, ...more });
}

/** Another link has used the log up. */
async function forgetLog(scene: Scene): Promise<void> {
  const crm = scene.replica("crm");
  await crm.acknowledge(String(crm.position()));
}

const agree = (scene: Scene): void =>
  assert.deepEqual(scene.people("billing"), scene.people("crm"));

test("after a first comparison a log is read from where it stood before that", async () => {
  const scene = await logged();
  scene.put("crm", "ann", person("Ann"));
  await scene.run();
  const head = await scene.link.journal.fact("cursor crm");
  assert.equal(head, "1", "our own write to billing, and no later change of crm");
  scene.put("crm", "bo", person("Bo"));
  await feed(scene);
  agree(scene);
});

test("a log that forgot what comes next is read on after everything was compared", async () => {
  const scene = await logged();
  scene.put("crm", "ann", person("Ann"));
  await scene.run();
  scene.put("crm", "bo", person("Bo"));
  await forgetLog(scene);
  for (let i = 0; i < 2; i++) {
    await assert.rejects(feed(scene), (error: Error & { code?: string; hint?: string }) => {
      assert.equal(error.code, "CURSOR_LOST");
      assert.match(error.hint ?? "", /syncline run/);
      return true;
    });
  }
  await scene.run({ limit: 1 });
  await assert.rejects(feed(scene), { code: "CURSOR_LOST" }, "a trial run has not seen everything");
  await scene.run();
  agree(scene);
  scene.put("crm", "cy", person("Cy"));
  await feed(scene);
  agree(scene);
});

test("what changes while everything is compared comes with the log", async () => {
  let isDue = false;
  const wrap = (replica: MemoryReplica): Replica => ({
    ...replica,
    async *list(shape, after, signal) {
      for await (const page of replica.list(shape, after, signal)) {
        yield page;
        if (replica.name === "crm" && isDue) {
          isDue = false;
          replica.edit("people", ["late"], { name: "Late" });
        }
      }
    },
  });
  const scene = await logged({ wrap });
  scene.put("crm", "ann", person("Ann"));
  isDue = true;
  await scene.run();
  assert.deepEqual(Object.keys(scene.people("billing")), ["ann"]);
  await feed(scene);
  agree(scene);
});

test("a run that breaks off leaves no cursor, and nothing is acknowledged", async () => {
  let isDown = true;
  const wrap = (replica: MemoryReplica): Replica => ({
    ...replica,
    writer: async (signal) => {
      if (isDown) throw new SyncError("REPLICA_UNAVAILABLE", "nobody answers");
      return await replica.writer(signal);
    },
  });
  const scene = await logged({ wrap });
  scene.put("crm", "ann", person("Ann"));
  await assert.rejects(scene.run(), { code: "REPLICA_UNAVAILABLE" });
  assert.equal(await scene.link.journal.fact("cursor crm"), undefined);
  isDown = false;
  await feed(scene);
  agree(scene);
});

test("with onTrip: stop a run joins its log as well", async () => {
  const scene = await logged({ pipeline: { guard: { onTrip: "stop" } } });
  scene.put("crm", "ann", person("Ann"));
  await forgetLog(scene);
  await assert.rejects(feed(scene), { code: "CURSOR_LOST" });
  await scene.run();
  scene.put("crm", "bo", person("Bo"));
  await feed(scene);
  agree(scene);
});

test("a store that went back is read on from where it is, not from where it was", async () => {
  const scene = await logged();
  scene.put("crm", "ann", person("Ann"));
  const image = scene.replica("crm").image();
  for (let age = 0; age < 5; age++) scene.put("crm", "ann", person("Ann", age));
  await scene.run();
  scene.replica("crm").restore(image);
  await assert.rejects(feed(scene), { code: "EPOCH_WENT_BACK" });
  await scene.run({ trust: ["crm"] });
  scene.put("crm", "ann", person("Anna"));
  await feed(scene);
  agree(scene);
});

test("a plan asks no log for anything: it leaves no trace", async () => {
  let asked = 0;
  const wrap = (replica: MemoryReplica): Replica => ({
    ...replica,
    head: async () => {
      asked += 1;
      return "0";
    },
  });
  const scene = await logged({ wrap });
  await scene.plan();
  assert.equal(asked, 0);
  await scene.run({ limit: 1 });
  assert.equal(asked, 0);
  await scene.run();
  assert.equal(asked, 2);
  await scene.run();
  assert.equal(asked, 2, "they have their cursors");
});

test("a side with a write of unknown outcome is looked at before it is written", async () => {
  const kinds: string[] = [];
  let loses = false;
  const wrap = (replica: MemoryReplica): Replica => ({
    ...replica,
    writer: async (signal) => {
      const writer = await replica.writer(signal);
      return {
        ...writer,
        write: async (batch, abort) => {
          const outcomes = await writer.write(batch, abort);
          if (loses) throw new SyncError("REPLICA_UNAVAILABLE", "the answer was lost");
          kinds.push(...outcomes.map(({ kind }) => kind));
          return outcomes;
        },
      };
    },
  });
  const scene = await logged({ wrap });
  scene.put("crm", "ann", person("Ann"));
  await scene.run();
  loses = true;
  scene.put("crm", "ann", { name: "Anna" });
  await assert.rejects(scene.run(), { code: "REPLICA_UNAVAILABLE" });
  loses = false;
  scene.put("crm", "ann", { name: "Anneli" });
  await feed(scene);
  assert.deepEqual(kinds, ["applied", "applied"], "nothing was sent against what is there no more");
  agree(scene);
});
