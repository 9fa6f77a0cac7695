import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilter } from "../../src/core/filter-parser.ts";
import { parseRules } from "../../src/core/rules-parser.ts";
import { STAMP_EPOCH_MS, STAMPS_PER_MS } from "../../src/core/stamp.ts";
import { ABSENT } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import type { MemoryField } from "../../src/testing/memory-collection.ts";
import { ID, NAME, pair, PEOPLE, pipelineOf, refusals, STATUS, table } from "./compiling.ts";
import type { PipelineSettings } from "../../src/engine/settings.ts";

test("one-way a digest is remembered and the source not written; two-way values are", async () => {
  const oneWay = await pipelineOf(pair());
  assert.equal(oneWay.memory, "digest");
  assert.deepEqual(
    oneWay.sides.map((side) => side.writable),
    [false, true],
  );
  assert.deepEqual(
    oneWay.policy.sides.map((side) => side.follows),
    [false, true],
  );
  assert.deepEqual([oneWay.policy.fields, oneWay.policy.member], [1, -1]);
  assert.deepEqual(oneWay.policy.rows, { kind: "wins", side: 0 });

  const twoWay = await pipelineOf(pair({ direction: "two-way" }));
  assert.equal(twoWay.memory, "full");
  assert.deepEqual(
    twoWay.sides.map((side) => side.writable),
    [true, true],
  );
  assert.deepEqual(
    twoWay.policy.sides.map((side) => side.carries),
    [
      [0, 1, 2],
      [0, 1, 2],
    ],
  );
  assert.deepEqual(twoWay.policy.rows, { kind: "merge" });
});

test("a filter is the first side's, which reads its columns without mapping them", async () => {
  const filters = parseFilter([{ field: "status", operator: "equals", value: "active" }]);
  const mapping = [{ source: "name", target: "name" }];
  for (const memory of ["full", "digest"] as const) {
    const pipeline = await pipelineOf(pair({ filters, mapping, memory }));
    const [source, target] = pipeline.sides;
    assert.deepEqual(source?.shape.columns, ["id", "name", "status"]);
    assert.equal(source.isInside?.([1, "Ada", "active"]), true);
    assert.equal(source.isInside?.([1, "Ada", "gone"]), false);
    assert.equal(target?.isInside, undefined);
    const count = memory === "full" ? 2 : 1;
    assert.deepEqual([pipeline.policy.fields, pipeline.policy.member], [count + 1, count]);
    assert.deepEqual(pipeline.policy.sides[0]?.carries.at(-1), count);
    assert.deepEqual(
      pipeline.policy.sides.map((side) => side.ownsFilter),
      [true, false],
    );
    assert.equal(pipeline.whenFilteredOut, "delete");
  }
});

test("a row that is written back leaves columns of the filter to the store", async () => {
  const filters = parseFilter([{ field: "status", operator: "equals", value: "active" }]);
  const mapping = [{ source: "name", target: "name" }];
  const pipeline = await pipelineOf(pair({ filters, mapping, direction: "two-way" }));
  const lens = pipeline.sides[0]?.lens;
  assert.deepEqual(lens?.back([1, "Ada"], null), [1, "Ada", ABSENT]);
  assert.deepEqual(lens?.back([1, "Ada"], [1, "Bo", "gone"]), [1, "Ada", "gone"]);
  assert.equal(pipeline.whenFilteredOut, "keep");
});

test("what the target cannot hold, and every broken rule, is refused by name", async () => {
  const short: MemoryField = { name: "name", type: { kind: "text", maxLength: 3 } };
  const tables = {
    crm: PEOPLE["crm"] ?? [],
    hub: [table("people", short, { ...STATUS, nullable: false })],
  };
  const validation = parseRules([
    { field: "name", type: "custom", config: { allowedValues: ["Ada", "Babbage"] } },
  ]);
  const full = await pipelineOf(pair({ validation, memory: "full" }), tables);
  assert.deepEqual(full.broken(1, "Ada"), []);
  assert.deepEqual(full.broken(1, "Charles"), [
    "Field 'name' is not one of the allowed values",
    "Field 'name' is longer than text(3) holds (hub.people)",
  ]);
  assert.deepEqual(full.broken(2, null), [
    "Field 'status' is empty, and hub.people needs a value there",
  ]);
  assert.equal(full.policy.rejects?.(1, "Babbage"), true);
  assert.equal(full.policy.rejects?.(2, "active"), false);

  // With digests no single value can be held back: the row stays behind with all its reasons.
  const digest = await pipelineOf(pair({ validation }), tables);
  const over = digest.sides[0]?.lens.over;
  assert.deepEqual(over?.([1, "Ada", "active"]), [1, "Ada", "active"]);
  assert.deepEqual(over?.([1, "Charles", null]), {
    kind: "unreadable",
    errors: [...full.broken(1, "Charles"), ...full.broken(2, null)],
    broken: [1, "Charles", null],
  });
});

test("a row outside the filter may break any rule", async () => {
  const filters = parseFilter([{ field: "status", operator: "equals", value: "active" }]);
  const validation = parseRules([{ field: "name", type: "required" }]);
  const pipeline = await pipelineOf(pair({ filters, validation }));
  const over = pipeline.sides[0]?.lens.over;
  assert.deepEqual(over?.([1, null, "gone"]), [1, null, "gone"]);
  assert.deepEqual(over?.([1, null, "active"]), {
    kind: "unreadable",
    errors: ["Field 'name' is required"],
    broken: [1, null, "active"],
  });
});

test("strategies become rules over positions", async () => {
  const tags: MemoryField = { name: "tags", type: { kind: "json" } };
  const tables = { crm: [table("people", tags, STATUS)], hub: [table("people", tags, STATUS)] };
  const settings = pair({
    direction: "two-way",
    conflicts: {
      strategy: "target-wins",
      fields: { tags: "union", status: () => "settled" },
      keys: { tags: "id" },
      deletes: "edit-wins",
    },
    initial: "source",
  });
  const pipeline = await pipelineOf(settings, tables);
  const { rows, settle, deletes, initial } = pipeline.policy;
  assert.deepEqual(rows, { kind: "wins", side: 1 });
  assert.deepEqual([settle[0], settle[1]], [undefined, { kind: "union", key: "id" }]);
  assert.equal(settle[2]?.kind === "custom" && settle[2].settle(undefined, []), "settled");
  assert.deepEqual([deletes, initial], ["edit-wins", { kind: "wins", side: 0 }]);
  const following = await pipelineOf(pair({ drift: "keep" }));
  assert.deepEqual(
    following.policy.sides.map((side) => side.drift),
    ["keep", "keep"],
  );
});

test("`latest` reads its time from the row, in whichever form the row has it", async () => {
  const time: MemoryField = { name: "at", type: { kind: "any" } };
  const tables = { crm: [table("people", time)], hub: [table("people", time)] };
  const conflicts = { strategy: "latest", by: "at" };
  const pipeline = await pipelineOf(pair({ direction: "two-way", conflicts }), tables);
  const stampOf = pipeline.sides[0]?.stampOf;
  const ms = Date.UTC(2026, 0, 31, 10, 30);
  const stamp = (ms - STAMP_EPOCH_MS) * STAMPS_PER_MS;
  for (const value of [
    "2026-01-31T10:30:00Z",
    "2026-01-31T11:30:00+01:00",
    "2026-01-31 10:30:00",
  ]) {
    assert.equal(stampOf?.([1, value]), stamp, value);
  }
  assert.equal(stampOf?.([1, ms]), stamp);
  assert.equal(stampOf?.([1, ms / 1000]), stamp);
  assert.equal(stampOf?.([1, BigInt(ms)]), stamp);
  assert.equal(stampOf?.([1, "2026-01-31T10:30:00.0005Z"]), stamp + STAMPS_PER_MS / 2);
  for (const value of [null, "yesterday", Number.NaN, Infinity, 1e300, "", [1]]) {
    assert.equal(stampOf?.([1, value]), undefined, String(value));
  }
});

test("`only: to-target` makes the target follow in that field alone", async () => {
  const mapping = [
    { source: "name", target: "name", transform: "lower", only: "to-target" as const },
    { source: "status", target: "status" },
  ];
  const { policy } = await pipelineOf(pair({ direction: "two-way", mapping }));
  assert.deepEqual(
    policy.sides.map((side) => side.followsOn),
    [undefined, [false, true, false]],
  );
});

test("nothing is checked where nothing could be wrong", async () => {
  const twoWay = pair({ direction: "two-way" });
  assert.equal((await pipelineOf(twoWay)).policy.rejects, undefined);
  const needed = [table("people", { ...NAME, nullable: false })];
  assert.equal((await pipelineOf(twoWay, { crm: needed, hub: needed })).policy.rejects, undefined);
  // A row without key never comes as far as that.
  const loose = [{ ...table("people"), fields: [{ ...ID, nullable: true }] }];
  const keyed = await pipelineOf(twoWay, { crm: loose, hub: [table("people")] });
  assert.equal(keyed.policy.rejects, undefined);
  const mixed = await pipelineOf(twoWay, { crm: [table("people", NAME)], hub: needed });
  assert.equal(mixed.policy.rejects?.(1, null), true);
});

test("a policy says of each side what its collection can do", async () => {
  const weak = { compareAndSet: "none", marks: false } as const;
  const { policy } = await pipelineOf(pair(), {
    crm: [table("people", NAME)],
    hub: [{ ...table("people", NAME), capabilities: weak }],
  });
  const strong = await pipelineOf(pair());
  const can = ({ marks, compares }: { marks: boolean; compares: boolean }) => [marks, compares];
  // A source that is never written is not asked for markers.
  assert.deepEqual(strong.policy.sides.map(can), [
    [false, true],
    [true, true],
  ]);
  assert.deepEqual(policy.sides.map(can), [
    [false, true],
    [false, false],
  ]);
});

test("what is proven about how a side stores a value is said in the link's terms", async () => {
  const trims = (column: string, value: Value): Value =>
    column === "label" && typeof value === "string" ? value.trim() : value;
  const label: MemoryField = { name: "label", type: { kind: "any" } };
  const mapping = [{ source: "label", target: "name" }];
  const { policy } = await pipelineOf(pair({ direction: "two-way", mapping }), {
    crm: [{ ...table("people", label), store: trims }],
    hub: [table("people", NAME)],
  });
  assert.equal(policy.sides[0]?.store?.(1, " Ada "), "Ada");
  assert.equal(policy.sides[0]?.store?.(0, 7), 7);
  assert.equal(policy.sides[1]?.store, undefined);
});

test("settings that could only be ignored are refused", async () => {
  const sides = pair().sides.map((side) => ({ ...side, follows: true }));
  const refused: readonly (readonly [Partial<PipelineSettings>, string])[] = [
    [{ sides }, "pipelines.people.follows CONFIG_INVALID"],
    [{ guard: { share: 2 } }, "pipelines.people.guard.deletes.share CONFIG_INVALID"],
    [{ guard: { floor: 0.5 } }, "pipelines.people.guard.deletes.floor CONFIG_INVALID"],
    [{ conflicts: { by: "clock" } }, "pipelines.people.conflicts.by CONFIG_INVALID"],
    [
      { conflicts: { keys: { name: "id" } } },
      "pipelines.people.conflicts.keys.name CONFIG_INVALID",
    ],
    [
      { direction: "two-way", conflicts: { fields: { nam: "union" } } },
      "pipelines.people.conflicts.fields.nam COLUMN_MISSING",
    ],
  ];
  for (const [over, told] of refused) assert.deepEqual(await refusals([pair(over)]), [told]);
});

test("`latest` by the commit needs a log on every side that leads", async () => {
  const silent = { ...table("people", NAME), capabilities: { log: false } };
  const tables = { crm: [table("people", NAME)], hub: [silent] };
  const settings = pair({ direction: "two-way", conflicts: { strategy: "latest", by: "commit" } });
  assert.deepEqual(await refusals([settings], tables), [
    "pipelines.people.conflicts.by CONFIG_INVALID",
  ]);
  assert.deepEqual(await refusals([settings], { ...tables, hub: tables.crm }), []);
});
