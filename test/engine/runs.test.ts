import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunRecord } from "../../src/engine/index.ts";
import { person, sceneOf } from "./scene.ts";

test("a run that never said how it ended is killed, as the next one says", async () => {
  const scene = await sceneOf();
  scene.put("crm", "ann", person("Ann"));
  await scene.run();
  const gone: RunRecord = {
    id: "gone",
    kind: "run",
    started: scene.clock.now,
    finished: null,
    status: "running",
    summary: "",
  };
  await scene.link.journal.commit({ runs: [gone] });
  const next = await scene.run();
  const [last, before, first] = await scene.link.journal.runs(9);
  assert.deepEqual([last?.id, last?.status], [next.id, "done"]);
  assert.deepEqual(before, { ...gone, status: "killed" });
  assert.equal(first?.status, "done");
});
