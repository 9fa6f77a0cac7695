// How many rows go to a side at once, and how many in a second, on a clock of the test.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LinkJournal, PipelineSettings, Replica, Writer } from "../../src/engine/index.ts";
import { Pace } from "../../src/engine/pace.ts";
import { crowd, envOf, NEVER, person, personId, sceneOf, wrote } from "./scene.ts";
import type { Scene, SceneOptions } from "./scene.ts";

/** Rows that were handed to a system together, and when. */
interface Handed {
  readonly rows: number;
  readonly at: number;
}

/** A scene that takes down every batch of every system. */
async function listened(
  pipeline: Partial<PipelineSettings>,
  options: Pick<SceneOptions, "systems" | "wrapJournal"> = {},
): Promise<Scene & { readonly handed: Handed[] }> {
  const handed: Handed[] = [];
  let clock = { now: 0 };
  const wrap = (replica: Replica): Replica => ({
    ...replica,
    writer: async (signal) => {
      const writer = await replica.writer(signal);
      return {
        ...writer,
        write: (batch, abort) => {
          handed.push({ rows: batch.packed?.count ?? batch.writes.length, at: clock.now });
          return writer.write(batch, abort);
        },
      } satisfies Writer;
    },
  });
  const scene = await sceneOf({ pipeline, wrap, ...options });
  clock = scene.clock;
  return Object.assign(scene, { handed });
}

/** The most rows that came within a second. */
function mostIn(handed: readonly Handed[]): number {
  const from = ({ at }: Handed): number =>
    handed
      .filter((each) => each.at >= at && each.at < at + 1000)
      .reduce((n, { rows }) => n + rows, 0);
  return Math.max(0, ...handed.map(from));
}

const sum = (handed: readonly Handed[]): number => handed.reduce((n, { rows }) => n + rows, 0);

test("rows are let through at once up to a second's worth, and then as they may", async () => {
  const clock = { now: 0 };
  const env = { ...envOf(clock), now: () => clock.now };
  const pace = new Pace(env);
  const pipeline = (await sceneOf({ pipeline: { rowsPerSecond: 10 } })).link.pipelines[0];
  assert.ok(pipeline);
  const at: number[] = [];
  for (const rows of [4, 6, 1, 0, 9, 10]) {
    await pace.turn(pipeline, rows, NEVER);
    at.push(clock.now);
  }
  assert.deepEqual(at, [0, 0, 1000, 1000, 1000, 2000]);
  clock.now = -5000;
  await pace.turn(pipeline, 10, NEVER);
  assert.equal(clock.now, -4000, "a clock that is put back keeps nobody waiting for hours");
  const other = { ...pipeline, name: "other" };
  await pace.turn(other, 25, NEVER);
  assert.equal(clock.now, -4000, "each pipeline has its own");
  await pace.turn(other, 1, NEVER);
  assert.equal(clock.now, -2000 + 1000 - 1000, "more than a second's worth counts for longer");
});

test("a wait for its turn ends with the signal", async () => {
  const scene = await listened({ rowsPerSecond: 1, direction: "one-way" });
  crowd(scene, 3, "crm");
  const stopping = new AbortController();
  const pace = new Pace({
    ...scene.link.env,
    sleep: async (_, signal) => {
      stopping.abort(new Error("enough"));
      signal.throwIfAborted();
    },
  });
  const [pipeline] = scene.link.pipelines;
  assert.ok(pipeline);
  await pace.turn(pipeline, 1, stopping.signal);
  await assert.rejects(pace.turn(pipeline, 1, stopping.signal), /enough/);
});

test("in no second more rows are let through than may be, and none waits longer than needed", () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.record({ rows: fc.nat(20), pause: fc.nat(1500) }), { maxLength: 30 }),
      async (most, turns) => {
        const clock = { now: 0 };
        const pace = new Pace({ ...envOf(clock), now: () => clock.now });
        const scene = { name: "people", rowsPerSecond: most };
        const handed: Handed[] = [];
        for (const { rows, pause } of turns) {
          clock.now += pause;
          const asked = clock.now;
          const some = Math.min(rows, most);
          await pace.turn(scene, some, NEVER);
          // A millisecond earlier it would have been too many.
          const early = [...handed, { rows: some, at: clock.now - 1 }];
          assert.ok(clock.now === asked || mostIn(early) > most);
          handed.push({ rows: some, at: clock.now });
          assert.ok(mostIn(handed) <= most);
        }
      },
    ),
  ));

for (const memory of ["full", "digest"] as const) {
  test(`a first load, changes and deletions keep to the pace (${memory})`, async () => {
    const guard = { floor: 100 };
    const scene = await listened({ memory, guard, direction: "one-way", rowsPerSecond: 7 });
    crowd(scene, 45, "crm");
    const started = scene.clock.now;
    assert.equal(wrote(await scene.run(), "target").create, 45);
    assert.equal(sum(scene.handed), 45);
    assert.ok(mostIn(scene.handed) <= 7, `${mostIn(scene.handed)} in a second`);
    assert.ok(scene.clock.now - started < 8000, "nor slower than it may");
    // The pace is that of a run.
    scene.clock.now += 1000;
    for (let i = 0; i < 40; i++) {
      scene.put("crm", personId(i), i % 2 === 0 ? null : { name: `new ${i}`, age: i });
    }
    const view = await scene.run();
    assert.deepEqual(wrote(view, "target"), { create: 0, update: 20, delete: 20 });
    assert.ok(mostIn(scene.handed) <= 7, `${mostIn(scene.handed)} in a second`);
    assert.deepEqual(scene.people("billing"), scene.people("crm"));
    const before = scene.handed.length;
    await scene.run();
    assert.equal(scene.handed.length, before);
  });
}

test("all sides of a pipeline together keep to its pace, a plan as well", async () => {
  const systems = ["crm", "billing", "shop"];
  const scene = await listened({ rowsPerSecond: 5 }, { systems });
  crowd(scene, 12, "crm");
  await scene.apply(await scene.plan());
  assert.equal(sum(scene.handed), 24);
  assert.ok(mostIn(scene.handed) <= 5, `${mostIn(scene.handed)} in a second`);
  for (const system of systems) assert.equal(Object.keys(scene.people(system)).length, 12);
});

test("a row with more sides than a second has rows is written, and counts for longer", async () => {
  const systems = ["crm", "billing", "shop"];
  const scene = await listened({ rowsPerSecond: 1 }, { systems });
  crowd(scene, 4, "crm");
  const started = scene.clock.now;
  await scene.run();
  assert.equal(sum(scene.handed), 8);
  assert.ok(scene.clock.now - started >= 6000, "two seconds each");
});

test("what is told is sent without waiting: until then it is not decided for good", async () => {
  const saved: number[] = [];
  let clock = { now: 0 };
  const wrapJournal = (journal: LinkJournal): LinkJournal => {
    const commit = journal.commit.bind(journal);
    journal.commit = async (of) => {
      if ((of.entries ?? []).some(({ records }) => records.length > 0)) saved.push(clock.now);
      await commit(of);
    };
    return journal;
  };
  const pipeline = { rowsPerSecond: 1, direction: "one-way", memory: "full" } as const;
  const scene = await listened(pipeline, { wrapJournal });
  clock = scene.clock;
  crowd(scene, 20, "crm");
  await scene.run();
  for (let i = 0; i < 20; i++) scene.put("crm", personId(i), person(`n ${i}`));
  scene.handed.length = 0;
  await scene.run();
  assert.equal(scene.handed.length, 20);
  for (const { at } of scene.handed) {
    const before = saved.filter((each) => each <= at).at(-1) ?? 0;
    assert.ok(at - before < 100, `${at - before} ms`);
  }
});

for (const [batchRows, load] of [
  [1, 1],
  [10, 10],
  [1000, 1000],
  [undefined, 2001],
] as const) {
  test(`a batch has ${batchRows ?? "as many rows as there are"} at most`, async () => {
    const scene = await listened({
      direction: "one-way",
      guard: { floor: 9999 },
      ...(batchRows === undefined ? {} : { batchRows }),
    });
    crowd(scene, 2500, "crm");
    assert.equal(wrote(await scene.run(), "target").create, 2500);
    const most = () => Math.max(...scene.handed.map(({ rows }) => rows));
    assert.equal(most(), load, "new rows: pages of a load go together where nobody has said");
    assert.equal(sum(scene.handed), 2500);
    scene.handed.length = 0;
    for (let i = 0; i < 1500; i++) scene.put("crm", personId(i), { name: "new", age: 1 });
    assert.equal(wrote(await scene.run(), "target").update, 1500);
    assert.equal(most(), Math.min(1000, load), "changed rows");
    assert.equal(sum(scene.handed), 1500);
    assert.deepEqual(scene.people("billing"), scene.people("crm"));
  });
}

test("a pace or a batch that is said otherwise is no other pipeline", async () => {
  const scene = await listened({ batchRows: 5, rowsPerSecond: 5 });
  const { digest, pipelines } = scene.link;
  await scene.reopen({});
  assert.equal(scene.link.digest, digest);
  assert.equal(scene.link.pipelines[0]?.written, pipelines[0]?.written);
});
