// The fast paths (rows that are compared where they lie, bulk creates) are one semantics with the
// plain way: whatever happens in a world, both leave the same rows, the same memory and the same
// counts behind.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PipelineSettings } from "../../src/engine/index.ts";
import { all, key, personId, sceneOf, type Person, type Scene } from "./scene.ts";
import { history } from "../../src/engine/index.ts";

const PIPELINES: readonly Partial<PipelineSettings>[] = [
  { direction: "two-way" },
  { direction: "one-way", memory: "full" },
  { direction: "one-way", memory: "digest" },
  { direction: "one-way", memory: "full", drift: "keep", extra: "delete" },
  {
    direction: "one-way",
    memory: "full",
    filters: { kind: "compare", field: "city", operator: "equals", value: "Oslo" },
  },
  {
    direction: "two-way",
    filters: { kind: "compare", field: "city", operator: "equals", value: "Oslo" },
  },
  {
    direction: "one-way",
    memory: "full",
    mapping: [
      { source: "id", target: "id" },
      { source: "name", target: "name", transform: "upper" },
      { source: "age", target: "age" },
    ],
    validation: [{ kind: "range", field: "age", min: 0, max: 3 }],
  },
];

interface Edit {
  readonly system: string;
  readonly id: number;
  readonly row: Person | null;
  readonly runs: boolean;
}

const edits: fc.Arbitrary<readonly Edit[]> = fc.array(
  fc.record({
    system: fc.constantFrom("crm", "crm", "billing"),
    id: fc.nat(5),
    row: fc.option(
      fc.record(
        {
          name: fc.constantFrom("a", "A", "b"),
          age: fc.integer({ min: 0, max: 4 }),
          city: fc.constantFrom("Oslo", "Oslo", "Rome"),
        },
        { requiredKeys: [] },
      ),
      { nil: null, freq: 4 },
    ),
    runs: fc.boolean(),
  }),
  { maxLength: 14 },
);

async function play(
  pipeline: Partial<PipelineSettings>,
  script: readonly Edit[],
  isPlain: boolean,
) {
  const scene = await sceneOf({ pipeline: { guard: { floor: 2, share: 0 }, ...pipeline } });
  const counts: unknown[] = [];
  for (const { system, id, row, runs } of script) {
    const isThere = scene.people(system)[personId(id)] !== undefined;
    if (row !== null || isThere) scene.put(system, personId(id), row);
    if (runs) counts.push((await scene.run({ isPlain })).summary);
  }
  counts.push((await scene.run({ isPlain })).summary);
  counts.push((await scene.run({ isPlain })).summary);
  return {
    counts,
    sides: [scene.people("crm"), scene.people("billing")],
    memory: await memory(scene),
  };
}

/** Everything that is remembered, without ids and stamps. */
async function memory(scene: Scene): Promise<unknown> {
  const { journal } = scene.link;
  const { keys, bodies, flags } = await journal.entries("people", { after: null, limit: 99 });
  const texts = bodies.map((body) =>
    body.replaceAll(/\d{10,}/g, "N").replaceAll(/id-[\d.-]+/g, "ID"),
  );
  const changes: unknown[] = [];
  if (scene.link.pipelines[0]?.memory === "full") {
    for (let id = 0; id < 6; id++) {
      const of = await all(history(scene.link, { pipeline: "people", key: key(personId(id)) }));
      changes.push(of.map(({ kind, by, changes: fields }) => [kind, by, fields]));
    }
  }
  return { keys, texts, flags, changes };
}

for (const [index, pipeline] of PIPELINES.entries()) {
  test(`the fast way and the plain way are one (pipeline ${index + 1})`, () =>
    fc.assert(
      fc.asyncProperty(edits, async (script) => {
        assert.deepEqual(await play(pipeline, script, false), await play(pipeline, script, true));
      }),
      { numRuns: 60 },
    ));
}
