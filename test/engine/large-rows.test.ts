// Where the engine holds rows together, their bytes are limited as their number is.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createHash } from "node:crypto";
import { weightOf } from "../../src/core/weight.ts";
import {
  PAGE_BYTES_MAX,
  STAGED_BYTES_MAX,
  planRollback,
  verify,
  type Batch,
  type Replica,
} from "../../src/engine/index.ts";
import { isFull } from "../../src/engine/sending.ts";
import { inPages } from "../../src/engine/in-pages.ts";
import { digesting } from "../../src/testing/digesting.ts";
import { all, NEVER, PEOPLE, person, sceneOf, type Scene } from "./scene.ts";
import { bumped, counted } from "./since-scene.ts";

/** A name that is half a page; no two are alike. */
const large = (id: string): string => id.padEnd(PAGE_BYTES_MAX / 2, "x");
const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `p${at + 10}`);

function fill(scene: Scene, system: string, count: number, prefix = ""): void {
  for (const id of ids(count)) scene.put(system, id, person(prefix + large(id)));
}

/** Every batch that a system is handed, by its writers. */
function listening(name: string, batches: Batch[][]) {
  return (inner: Replica): Replica => ({
    ...inner,
    writer: async (signal) => {
      const writer = await inner.writer(signal);
      if (inner.name !== name) return writer;
      const own: Batch[] = [];
      batches.push(own);
      return {
        ...writer,
        write: (batch, writeSignal) => {
          own.push(batch);
          return writer.write(batch, writeSignal);
        },
      };
    },
  });
}

/** What its rows weigh without the last of them. */
const weightIn = ({ writes }: Batch): number =>
  writes.slice(0, -1).reduce((sum, { to }) => sum + weightOf(to ?? []), 0);

test("a batch of large rows ends by their bytes", async () => {
  const batches: Batch[][] = [];
  const scene = await sceneOf({ wrap: listening("billing", batches) });
  fill(scene, "crm", 9);
  await scene.run();
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
  const sent = batches.flat();
  assert.ok(sent.length > 3 && sent.every((batch) => weightIn(batch) < PAGE_BYTES_MAX));
});

test("what is put together for one marker is a page", () => {
  const send = { id: "b", side: 1, writes: [], keys: [] };
  assert.equal(isFull({ ...send, bytes: PAGE_BYTES_MAX - 1 }), false);
  assert.equal(isFull({ ...send, bytes: PAGE_BYTES_MAX }), true);
});

test("a writer is finished where what it has staged weighs too much", async () => {
  const batches: Batch[][] = [];
  const scene = await sceneOf({
    collections: { billing: [{ ...PEOPLE, capabilities: { commits: "finish", marks: false } }] },
    pipeline: { direction: "one-way" },
    wrap: listening("billing", batches),
  });
  const count = 2 + (2 * STAGED_BYTES_MAX) / PAGE_BYTES_MAX;
  fill(scene, "crm", count);
  await scene.run();
  assert.deepEqual(scene.people("billing"), scene.people("crm"));
  assert.equal(batches.filter((own) => own.length > 0).length, 2);
});

test("what a side tells of large rows is read again, a page at a time", async () => {
  const asked: number[] = [];
  const scene = await counted({
    pipeline: { direction: "one-way" },
    wrap: (inner) => ({
      ...inner,
      read: async (shape, keys, signal) => {
        const page = await inner.read(shape, keys, signal);
        if (inner.name === "crm") asked.push(page.keys.length);
        return page;
      },
    }),
  });
  scene.put("crm", "ann", bumped(person("ann")));
  await scene.run();
  asked.length = 0;
  for (const id of ids(14)) scene.put("crm", id, bumped(person(large(id))));
  const { summary } = await scene.run();
  assert.equal(summary.pipelines["people"]?.sides["target"]?.create, 14);
  assert.equal(scene.people("billing")["p23"]?.["name"], large("p23"));
  assert.ok(asked.length > 1 && asked.every((count) => count <= 2), asked.join());
});

test("differences of large rows are counted, and the first of them named", async () => {
  const scene = await sceneOf();
  fill(scene, "crm", 6);
  fill(scene, "billing", 6, "other ");
  const { pipelines, differences } = await verify(scene.link, {}, NEVER);
  assert.equal(pipelines["people"]?.different, 6);
  assert.equal(differences.length, 1);
});

test("a range of large rows is compared row by row", async () => {
  const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  const scene = await sceneOf({
    wrap: (inner) => (inner.name === "crm" ? digesting(inner, { sha256 }) : inner),
  });
  fill(scene, "crm", 14);
  fill(scene, "billing", 14);
  const { pipelines } = await verify(scene.link, {}, NEVER);
  const { equal, ranges, descended } = pipelines["people"] ?? {};
  assert.deepEqual({ equal, ranges, descended }, { equal: 14, ranges: 1, descended: 1 });
});

test("a rollback of more than is held in memory is refused", async () => {
  const scene = await sceneOf();
  fill(scene, "crm", 20);
  await scene.run();
  fill(scene, "crm", 20, "new ");
  const { id } = await scene.run();
  const whole = planRollback(scene.link, { run: id }, NEVER);
  await assert.rejects(whole, { code: "LIMIT_EXCEEDED", hint: /--key/ });
});

test("what comes one by one is collected into pages", async () => {
  const pages = await all(inPages([1, 2, 3, 4, 5], (item) => (item * PAGE_BYTES_MAX) / 3));
  assert.deepEqual(pages, [[1, 2], [3], [4], [5]]);
  const many = await all(
    inPages(
      Array.from({ length: 2001 }, (_, at) => at),
      () => 0,
    ),
  );
  assert.deepEqual(
    many.map(({ length }) => length),
    [1000, 1000, 1],
  );
});
