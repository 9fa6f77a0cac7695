// Stores that commit at the end: what one writer keeps staged is limited, and settled in pages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { PAGE_ROWS_MAX, STAGED_WRITES_MAX, type Replica } from "../../src/engine/index.ts";
import { countEffects, lethalJournal } from "../../src/testing/lethal.ts";
import { PEOPLE, sceneOf } from "./scene.ts";

test("a writer is finished before it has staged too much, and another one goes on", async () => {
  const writers: number[] = [];
  const effects = countEffects({
    die: () => {
      throw new Error("nobody dies here");
    },
  });
  const counted = (inner: Replica): Replica => ({
    ...inner,
    writer: async (signal) => {
      const writer = await inner.writer(signal);
      const at = writers.push(0) - 1;
      return {
        ...writer,
        write: async (batch, writeSignal) => {
          writers[at] = (writers[at] ?? 0) + batch.writes.length;
          return await writer.write(batch, writeSignal);
        },
      };
    },
  });
  const scene = await sceneOf({
    collections: { billing: [{ ...PEOPLE, capabilities: { commits: "finish", marks: false } }] },
    pipeline: { direction: "one-way" },
    wrap: counted,
    wrapJournal: (journal) => lethalJournal(journal, effects),
  });
  const count = STAGED_WRITES_MAX + 2 * PAGE_ROWS_MAX;
  for (let n = 0; n < count; n++) scene.put("crm", `${n}`, { name: "n", age: n, city: null });
  const { summary } = await scene.run();
  assert.equal(summary.pipelines["people"]?.sides["target"]?.create, count);
  assert.equal(scene.replica("billing").rows("people").length, count);
  assert.ok(writers.length === 2 && writers.every((staged) => staged <= STAGED_WRITES_MAX));
  // Decided by pages and settled by pages; never a commit for each.
  const commits = effects.names.filter((name) => name === "journal commit").length;
  assert.ok(commits < (4 * count) / PAGE_ROWS_MAX, `${commits} commits`);
  assert.equal((await scene.plan()).summary.pipelines["people"]?.sides["target"]?.create, 0);
});
