// What a one-way pipeline that remembers only digests does like one that remembers values.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Writer } from "../../src/engine/replica.ts";
import type { MemoryCollection } from "../../src/testing/memory-collection.ts";
import { crowd, NOTHING, PEOPLE, personId, sceneOf, wrote, type Person } from "./scene.ts";

const script = fc.array(
  fc.record({
    system: fc.constantFrom("crm", "crm", "crm", "billing"),
    id: fc.nat(5),
    row: fc.option(
      fc.record({ name: fc.constantFrom("a", "b"), age: fc.nat(3) }, { requiredKeys: [] }),
      { nil: null, freq: 4 },
    ),
    runs: fc.boolean(),
  }),
  { maxLength: 16 },
);

interface Edit {
  readonly system: string;
  readonly id: number;
  readonly row: Person | null;
  readonly runs: boolean;
}

async function play(memory: "full" | "digest", more: object, edits: readonly Edit[]) {
  const scene = await sceneOf({
    pipeline: { direction: "one-way", memory, guard: { floor: 2, share: 0 }, ...more },
  });
  const counts: unknown[] = [];
  const run = async (): Promise<void> => {
    const { summary } = await scene.run();
    counts.push(summary);
  };
  for (const { system, id, row, runs } of edits) {
    const isThere = scene.people(system)[personId(id)] !== undefined;
    if (row !== null || isThere) scene.put(system, personId(id), row);
    if (runs) await run();
  }
  await run();
  return { counts, crm: scene.people("crm"), billing: scene.people("billing") };
}

for (const more of [{}, { drift: "keep" }, { extra: "delete" }]) {
  test(`a digest does what values do (${JSON.stringify(more)})`, () =>
    fc.assert(
      fc.asyncProperty(script, async (edits) => {
        assert.deepEqual(await play("digest", more, edits), await play("full", more, edits));
      }),
      { numRuns: 100 },
    ));
}

test("a digest tells nothing of a row to who reads the journal", async () => {
  const scene = await sceneOf({ pipeline: { direction: "one-way" } });
  scene.put("crm", "ann", { name: "A secret", age: 31 });
  const view = await scene.run();
  assert.equal(wrote(view, "target").create, 1);
  const { bodies } = await scene.link.journal.entries("people", { after: null, limit: 9 });
  assert.doesNotMatch(bodies.join(), /secret/);
});

test("a row that a target rounds is known again when its outcome was not heard", async () => {
  let isDown = true;
  const round: MemoryCollection["store"] = (column, value) =>
    column === "age" ? Math.floor(Number(value) / 10) * 10 : value;
  const scene = await sceneOf({
    collections: { billing: [{ ...PEOPLE, store: round }] },
    pipeline: { direction: "one-way" },
    wrap: (replica) => ({
      ...replica,
      async writer(signal) {
        const inner = await replica.writer(signal);
        const write: Writer["write"] = async (batch) => {
          const outcomes = await inner.write(batch, signal);
          if (isDown) throw new Error("killed");
          return outcomes;
        };
        return { write, finish: (of) => inner.finish(of), abort: () => inner.abort() };
      },
    }),
  });
  scene.put("crm", "ann", { name: "Ann", age: 31 });
  await assert.rejects(scene.run(), /killed/);
  assert.equal(scene.people("billing")["ann"]?.["age"], 30);
  isDown = false;
  assert.deepEqual(wrote(await scene.run(), "target"), NOTHING);
});

test("a first load remembers where in its source's order each row was", async () => {
  const ordered = { ...PEOPLE, isOrdered: true };
  const scene = await sceneOf({
    collections: { crm: [ordered] },
    pipeline: { direction: "one-way", memory: "digest" },
  });
  crowd(scene, 3, "crm");
  await scene.run();
  const { bodies } = await scene.link.journal.entries("people", { after: null, limit: 10 });
  const places = bodies.map((body) => JSON.parse(body)[2]?.s?.[0]?.a);
  assert.deepEqual(places, ["1", "2", "3"], "older news of the source can be told from newer");
});
