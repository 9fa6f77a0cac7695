// Pages of a first load that are under way while the next one is read: remembered as if they had
// been written one at a time, whatever becomes of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Ahead } from "../../src/engine/ahead.ts";
import type { Batch, Outcome, Replica } from "../../src/engine/index.ts";
import type { LinkState } from "../../src/testing/memory-link.ts";
import type { MemoryReplica } from "../../src/testing/memory-replica.ts";
import { crowd, PEOPLE, person, personId, sceneOf, wrote, type Scene } from "./scene.ts";

const ROWS = 4_700;
const CITIES = ["Oslo", "Rome", "Bern"];

interface Loading extends Scene {
  /** The most batches that were under way at once. */
  most: number;
  /** Ends the program, for a test, with the batch of this number; it lands. */
  killAt: number;
}

interface Options {
  readonly memory?: "full" | "digest";
  readonly unique?: boolean;
  /** Pages are packed where that is possible: else each is sent by itself. */
  readonly packs?: boolean;
}

async function loading(
  ahead: number,
  { memory = "digest", unique = false, packs = false }: Options,
): Promise<Loading> {
  let underWay = 0;
  let count = 0;
  const wrap = (replica: MemoryReplica): Replica => ({
    ...replica,
    writer: async (signal) => {
      const { packer, ...writer } = await replica.writer(signal);
      const write = async (batch: Batch, until: AbortSignal): Promise<readonly Outcome[]> => {
        scene.most = Math.max(scene.most, ++underWay);
        const number = ++count;
        const outcomes = await writer.write(batch, until);
        await setImmediate();
        underWay -= 1;
        if (number === scene.killAt) throw new Error("killed");
        return outcomes;
      };
      return { ...writer, ...(packs && packer !== undefined ? { packer } : {}), ahead, write };
    },
  });
  const capabilities = { marks: true, log: false, list: "snapshot" } as const;
  const people = { ...PEOPLE, capabilities };
  const target = unique ? { ...people, uniqueSets: [["city"]] } : people;
  const opened = await sceneOf({
    wrap,
    collections: { crm: [people], billing: [target] },
    pipeline: { memory, direction: "one-way" },
  });
  const scene: Loading = Object.assign(opened, { most: 0, killAt: 0 });
  return scene;
}

for (const memory of ["full", "digest"] as const) {
  test(`pages under way together leave what they leave one at a time: ${memory}`, async () => {
    const left = [];
    const ways = [0, 1, 9].map((ahead) => ({ ahead, packs: false }));
    for (const { ahead, packs } of [...ways, { ahead: 3, packs: true }]) {
      const scene = await loading(ahead, { memory, unique: memory === "digest", packs });
      crowd(scene, 3_300, "crm");
      // Rows that the target does not take, in the first page and in a later one.
      for (const i of [5, 2500]) scene.put("crm", personId(i), person("Doubled", i, CITIES[0]));
      scene.put("crm", personId(7), person("Before them", 7, CITIES[0]));
      const view = await scene.run();
      const { id: _, durationMs: _ms, ...said } = view;
      assert.ok(scene.most <= ahead + 1, `${scene.most} under way`);
      assert.ok(ahead === 0 || packs || scene.most > 1);
      const { links } = scene.journal.snapshot();
      left.push({ said, links: withoutRuns(links), people: scene.people("billing") });
    }
    for (const other of left.slice(1)) assert.deepEqual(other, left[0]);
  });
}

test("killed with several pages under way, every row that landed is known again", async () => {
  const kills = [1, 2, 3, 4, 5].map((killAt) => ({ killAt, packs: false, rows: 500 }));
  for (const killAt of [1, 2]) kills.push({ killAt, packs: true, rows: 1700 });
  for (const { killAt, packs, rows } of kills) {
    const scene = await loading(3, { packs });
    crowd(scene, ROWS, "crm");
    scene.killAt = killAt;
    await assert.rejects(scene.run(), /killed/);
    scene.killAt = 0;
    const landed = Object.keys(scene.people("billing")).length;
    assert.ok(landed >= killAt * rows, `${landed} landed`);
    for (let i = 0; i < ROWS; i += 400) scene.put("crm", personId(i), null);
    const gone = Math.ceil(ROWS / 400);
    const view = await scene.run();
    assert.ok((wrote(view, "target")?.delete ?? 0) <= gone);
    assert.deepEqual(scene.people("billing"), scene.people("crm"), `killed at ${killAt}`);
  }
});

test("what stopped one of them stops whoever waits, and nothing goes on after it", async () => {
  const saved: string[] = [];
  const landed: string[] = [];
  const ahead = new Ahead(async () => {
    await setImmediate();
    saved.push(landed.join(""));
  });
  const later = async (what: string): Promise<string> => {
    await setImmediate();
    return what;
  };
  const land = (what: string): void => void landed.push(what);
  ahead.addAndSave(later("a"), land);
  ahead.addAndSave(Promise.resolve("b"), land);
  await ahead.room(0);
  assert.deepEqual([landed, saved.at(-1)], [["a", "b"], "ab"], "in order, though b was quicker");
  ahead.addAndSave(later("c"), land);
  ahead.add(Promise.reject(new Error("out of reach")), land);
  ahead.addAndSave(later("d"), land);
  await assert.rejects(ahead.room(0), /out of reach/);
  await ahead.end();
  const last = saved.length;
  await setImmediate();
  assert.deepEqual([landed, saved.length], [["a", "b", "c"], last], "d never counts as landed");
});

/** What is remembered; of facts their names, of what counts commits and runs nothing. */
function withoutRuns(links: ReadonlyMap<string, LinkState>): unknown {
  return [...links].map(([name, { pipelines, history, facts }]) => {
    const changes = history.map(({ key, stamp, by, changes: what }) => [key, stamp, by, what]);
    return [name, pipelines, changes, [...facts.keys()].toSorted()];
  });
}
