// What a column that tells what changed cannot tell: then everything is compared.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SyncError } from "../../src/core/errors.ts";
import { RECENT_MAX } from "../../src/engine/recent.ts";
import { removePipeline } from "../../src/engine/index.ts";
import type { PipelineSettings, Replica } from "../../src/engine/index.ts";
import type { MemoryReplica } from "../../src/testing/memory-replica.ts";
import { linkOf, pair, refusals, table } from "./compiling.ts";
import { person } from "./scene.ts";
import { HOUR_MS, COUNTED, SINCE, counted, bumped, codes, agree, over } from "./since-scene.ts";

test("what a person says of a system, or another configuration, is about everything", async () => {
  const scene = await counted();
  scene.put("crm", "ann", bumped(person("Ann")));
  await scene.run();
  assert.deepEqual(codes(await scene.run({ trust: ["crm"] })), []);
  assert.equal(scene.lists["crm"], 2);
  await scene.reopen({ ...SINCE, conflicts: { strategy: "source-wins" } });
  assert.deepEqual(codes(await scene.run()), ["MAPPING_EDITED"]);
  assert.equal(scene.lists["crm"], 3);
  const since = { field: "age", overlap: { kind: "number" as const, count: 1 } };
  await scene.reopen({ ...SINCE, conflicts: { strategy: "source-wins" }, since });
  const { notes } = await scene.run();
  assert.deepEqual(
    notes.map(({ text }) => text),
    ["everything was compared: what tells of changes is another than before"],
  );
});

test("a pipeline taken away, or whose journal is refilled, begins with everything", async () => {
  const collections = { crm: [COUNTED], billing: [COUNTED] };
  const sides = ["crm", "billing"].map((system, at) => ({
    name: at === 0 ? "source" : "target",
    at: { system, collection: "people" },
  }));
  const one: PipelineSettings = { ...SINCE, name: "one", sides };
  const other: PipelineSettings = { ...one, name: "other" };
  const scene = await counted({ collections, pipelines: [one, other] });
  scene.put("crm", "ann", bumped(person("Ann")));
  scene.put("crm", "bo", bumped(person("Bo")));
  await scene.run();
  await scene.run();
  assert.equal(scene.lists["crm"], 2, "once for each");
  await removePipeline(scene.link, "one");
  const again = await scene.run();
  assert.deepEqual([scene.lists["crm"], again.summary.pipelines["one"]?.unchanged], [3, 2]);
  await scene.plan({ refill: ["journal"] });
  assert.equal(scene.lists["crm"], 5);
  await scene.run({ refill: ["journal"] });
  assert.equal(scene.lists["crm"], 7);
});

test("rules about all rows, and keys that fold, are about everything", async () => {
  const unique = { kind: "unique", field: "name", with: [] } as const;
  const scene = await counted({ pipeline: { validation: [unique] } });
  await scene.run();
  const texts = async () => (await scene.run()).notes.map(({ text }) => text);
  assert.deepEqual(await texts(), ["everything was compared: a rule is about all of its rows"]);
  const folding = { ...COUNTED, foldKey: (key: string) => key.toLowerCase() };
  const folded = await counted({ collections: { crm: [COUNTED], billing: [folding] } });
  await folded.run();
  const { notes } = await folded.run();
  assert.deepEqual(
    notes.map(({ text }) => text),
    ["everything was compared: billing does not tell all keys apart"],
  );
});

test("where a side has forgotten where to go on, everything is compared", async () => {
  let isLost = false;
  const wrap = (replica: MemoryReplica): Replica => ({
    ...replica,
    async *changes(shapes, cursor, signal) {
      if (isLost) throw new SyncError("CURSOR_LOST", `${replica.name} has forgotten it`);
      yield* replica.changes(shapes, cursor, signal);
    },
  });
  const scene = await counted({ wrap });
  await scene.run();
  isLost = true;
  scene.put("crm", "ann", bumped(person("Ann")));
  const { notes } = await scene.run();
  assert.deepEqual(
    notes.map(({ text }) => text),
    ["everything was compared: crm has forgotten it"],
  );
  agree(scene);
});

test("so many changes that comparing everything costs less are compared that way", async () => {
  const scene = await counted({ pipeline: { direction: "one-way" } });
  await scene.run();
  const wrapped = scene.link.replicas.get("crm");
  assert.ok(wrapped !== undefined);
  const rows = Array.from({ length: RECENT_MAX + 1 }, (_, i) => [`p${i}`, "n", 1, "c"]);
  // Told and not there: none of them is looked at.
  const many: Replica = {
    ...wrapped,
    async *changes([shape]) {
      const keys = rows.map((row) => String(row[0]));
      yield { collection: shape?.collection ?? "", keys, rows, cursor: "{}", isNow: true };
    },
  };
  scene.link = over(scene.link, many);
  const { notes } = await scene.run();
  assert.deepEqual(
    notes.map(({ text }) => text),
    [`everything was compared: more than ${RECENT_MAX} rows changed`],
  );
});

/** What users do: on which side, to whom, and how much too late the column tells of it. */
test("what cannot tell is refused where it stands", async () => {
  const rev = { name: "rev", type: { kind: "integer" as const } };
  const at = { name: "at", type: { kind: "instant" as const } };
  const note = { name: "note", type: { kind: "text" as const } };
  const kinds = ["integer" as const, "instant" as const];
  const telling = {
    ...table("people", rev, at, note),
    capabilities: { log: false, sinceColumns: kinds },
  };
  const silent = { ...table("people", rev, at, note), capabilities: { log: false } };
  const tables = { crm: [telling], hub: [silent] };
  const count = { kind: "number" as const, count: 5 };
  const time = { kind: "time" as const, ms: 1000 };
  const cases: readonly (readonly [NonNullable<PipelineSettings["since"]>, string])[] = [
    [{}, "pipelines.people.since.field CONFIG_INVALID"],
    [{ field: "reb" }, "pipelines.people.since.field CONFIG_INVALID"],
    [{ field: "note" }, "pipelines.people.since.field CONFIG_INVALID"],
    [{ field: "rev" }, "pipelines.people.since.field CONFIG_INVALID"],
    [{ field: "rev", overlap: time }, "pipelines.people.since.overlap CONFIG_INVALID"],
    [{ field: "at", overlap: count }, "pipelines.people.since.overlap CONFIG_INVALID"],
  ];
  for (const [since, told] of cases) {
    assert.deepEqual(await refusals([pair({ since })], tables), [told], JSON.stringify(since));
  }
  const fine = pair({ since: { field: "at" } });
  assert.deepEqual(await refusals([fine], tables), [], "only who leads is asked");
  const both = pair({ since: { field: "at" }, direction: "two-way" });
  assert.deepEqual(await refusals([both], tables), ["pipelines.people.since.field CONFIG_INVALID"]);
  const [pipeline] = (await linkOf([fine], tables)).pipelines;
  assert.deepEqual(pipeline?.sides[0]?.shape.since, {
    column: "at",
    overlap: { kind: "time", ms: 300_000 },
  });
  assert.equal(pipeline?.since?.fullMs, 24 * HOUR_MS);
});

test("each side may have a column of its own, and a field is known by its column", async () => {
  const [rev, changed] = ["rev", "changed"].map((name) => ({
    name,
    type: { kind: "integer" as const },
  }));
  assert.ok(rev !== undefined && changed !== undefined);
  const capabilities = { log: false, sinceColumns: ["integer" as const] };
  const tables = {
    crm: [{ ...table("people", rev), capabilities }],
    hub: [{ ...table("people", changed), capabilities }],
  };
  const overlap = { kind: "number" as const, count: 5 };
  const sides = [
    { name: "a", at: { system: "crm", collection: "people" }, since: { field: "rev" } },
    {
      name: "b",
      at: { system: "hub", collection: "people" },
      mapping: [{ source: "changed", target: "rev" }],
    },
  ];
  const own = [sides[0], { ...sides[1], since: { field: "changed", overlap } }] as typeof sides;
  const columns = async (settings: PipelineSettings) => {
    const [pipeline] = (await linkOf([settings], tables)).pipelines;
    return pipeline?.sides.map(({ shape }) => shape.since?.column);
  };
  const settings: PipelineSettings = { name: "people", sides, direction: "two-way" };
  assert.deepEqual(await columns({ ...settings, since: { field: "rev", overlap } }), [
    "rev",
    "changed",
  ]);
  const alone = { ...settings, sides: own };
  assert.deepEqual(await refusals([alone], tables), [
    "pipelines.people.sides.a.since.field CONFIG_INVALID",
  ]);
  assert.deepEqual(await columns({ ...alone, since: { overlap } }), ["rev", "changed"]);
});
