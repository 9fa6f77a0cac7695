import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilter } from "../../src/core/filter-parser.ts";
import { parseRules } from "../../src/core/rules-parser.ts";
import type { PipelineSettings } from "../../src/engine/settings.ts";
import type { MemoryCollection, MemoryField } from "../../src/testing/memory-collection.ts";
import { NAME, STATUS, pair, pipelineOf, problemsIn, refusals, table } from "./compiling.ts";
import type { Tables } from "./compiling.ts";

test("without a mapping the fields are the columns of both sides, save computed ones", async () => {
  const computed: MemoryField = { name: "upper", type: { kind: "text" }, generated: true };
  const spare: MemoryField = { name: "note", type: { kind: "text" } };
  const pipeline = await pipelineOf(pair(), {
    crm: [table("people", STATUS, NAME, computed)],
    hub: [table("people", NAME, spare, STATUS, computed)],
  });
  assert.deepEqual(pipeline.fields, ["id", "name", "status"]);
  assert.deepEqual(
    pipeline.sides.map((side) => side.shape.columns),
    [
      ["id", "name", "status"],
      ["id", "name", "status"],
    ],
  );
  assert.deepEqual(pipeline.key, [0]);
});

test("a column that only the source has is not silently left behind", async () => {
  const settings = [pair()];
  assert.deepEqual(
    await refusals(settings, {
      crm: [table("people", NAME, STATUS)],
      hub: [table("people", NAME)],
    }),
    ["pipelines.people.mapping COLUMN_MISSING"],
  );
});

test("the key joins the mapping by itself, and fields have the target's names", async () => {
  const full: MemoryField = { name: "full_name", type: { kind: "text" } };
  const mapping = [{ source: "name", target: "full_name" }];
  const pipeline = await pipelineOf(pair({ mapping }), {
    crm: [table("people", NAME)],
    hub: [table("people", full)],
  });
  assert.deepEqual(pipeline.fields, ["id", "full_name"]);
  const [source, target] = pipeline.sides;
  assert.deepEqual(source?.lens.over([7, "Ada"]), [7, "Ada"]);
  assert.deepEqual(target?.shape, {
    collection: "people",
    key: ["id"],
    columns: ["id", "full_name"],
  });
});

test("types meet in the one that says more; bounds that differ do not bind the link", async () => {
  const tables = (from: MemoryField["type"], to: MemoryField["type"]): Tables => ({
    crm: [table("people", { name: "x", type: from })],
    hub: [table("people", { name: "x", type: to })],
  });
  const typeOf = async (from: MemoryField["type"], to: MemoryField["type"]) =>
    (await pipelineOf(pair(), tables(from, to))).types[1];
  assert.deepEqual(await typeOf({ kind: "any" }, { kind: "decimal" }), { kind: "decimal" });
  assert.deepEqual(await typeOf({ kind: "decimal" }, { kind: "any" }), { kind: "decimal" });
  assert.deepEqual(await typeOf({ kind: "integer" }, { kind: "text" }), { kind: "text" });
  assert.deepEqual(await typeOf({ kind: "text", maxLength: 9 }, { kind: "text", maxLength: 3 }), {
    kind: "text",
  });
  assert.deepEqual(await typeOf({ kind: "text", maxLength: 3 }, { kind: "text", maxLength: 3 }), {
    kind: "text",
    maxLength: 3,
  });
  const apart = tables({ kind: "instant" }, { kind: "datetime" });
  assert.deepEqual(await refusals([pair()], apart), ["pipelines.people.mapping TYPES_DIFFER"]);
});

test("lists meet item by item, types with a name of their own only themselves", async () => {
  const tables = (from: MemoryField["type"], to: MemoryField["type"]): Tables => ({
    crm: [table("people", { name: "x", type: from })],
    hub: [table("people", { name: "x", type: to })],
  });
  const small: MemoryField["type"] = { kind: "list", of: { kind: "integer", max: 9 } };
  const texts: MemoryField["type"] = { kind: "list", of: { kind: "text" } };
  const bytes: MemoryField["type"] = { kind: "list", of: { kind: "bytes" } };
  const address: MemoryField["type"] = { kind: "named", name: "inet" };
  const meet = async (from: MemoryField["type"], to: MemoryField["type"]) =>
    (await pipelineOf(pair(), tables(from, to))).types[1];
  assert.deepEqual(await meet(small, { kind: "list", of: { kind: "integer" } }), {
    kind: "list",
    of: { kind: "integer" },
  });
  assert.deepEqual(await meet(small, texts), texts);
  assert.deepEqual(await meet({ kind: "json" }, texts), texts);
  assert.deepEqual(await meet(texts, { kind: "json" }), { kind: "json" });
  assert.deepEqual(await meet(address, address), address);
  assert.deepEqual(await meet({ kind: "text", maxLength: 9 }, address), address);
  const apart = ["pipelines.people.mapping TYPES_DIFFER"];
  assert.deepEqual(await refusals([pair()], tables(bytes, texts)), apart);
  assert.deepEqual(await refusals([pair()], tables(bytes, { kind: "json" })), apart);
  assert.deepEqual(await refusals([pair()], tables(texts, { kind: "text" })), apart);
  const transform = (name: string) => {
    return [pair({ mapping: [{ source: "x", target: "x", transform: name }] })];
  };
  const hints = async (settings: readonly PipelineSettings[], of: Tables) =>
    (await problemsIn(settings, of)).map(({ hint }) => hint);
  assert.deepEqual(await hints([pair()], tables(texts, { kind: "text" })), [
    "If the text is JSON, map it with `transform: stringifyJSON`; or take it out.",
  ]);
  assert.deepEqual(await hints([pair()], tables({ kind: "text" }, texts)), [
    "If the text is JSON, map it with `transform: parseJSON`; or take it out.",
  ]);
  assert.deepEqual(await refusals(transform("stringifyJSON"), tables(texts, { kind: "text" })), []);
  assert.deepEqual(await refusals(transform("parseJSON"), tables({ kind: "text" }, texts)), []);
  const other: MemoryField["type"] = { kind: "named", name: "cidr" };
  assert.deepEqual(await refusals([pair()], tables(address, other)), apart);
});

test("a key may be text on one side where it has a text form on the other", async () => {
  const keyed = (type: MemoryField["type"]): MemoryCollection => ({
    name: "people",
    key: ["id"],
    fields: [{ name: "id", type }],
  });
  for (const type of [{ kind: "uuid" }, { kind: "instant" }, { kind: "named", name: "inet" }]) {
    const tables = { crm: [keyed(type as MemoryField["type"])], hub: [keyed({ kind: "text" })] };
    assert.deepEqual(await refusals([pair()], tables), []);
  }
});

test("keys of two types would never meet: they are refused", async () => {
  const keyed = (type: MemoryField["type"]): MemoryCollection => ({
    name: "people",
    key: ["id"],
    fields: [{ name: "id", type }],
  });
  const tables = { crm: [keyed({ kind: "integer" })], hub: [keyed({ kind: "text" })] };
  assert.deepEqual(await refusals([pair()], tables), ["pipelines.people.mapping TYPES_DIFFER"]);
});

test("a key has to be unique on every side that is written, and to stay as it is", async () => {
  const refused = "pipelines.people.key KEY_NOT_UNIQUE";
  const twoWay = pair({ key: ["name"], direction: "two-way" });
  assert.deepEqual(await refusals([twoWay]), [refused, refused]);
  assert.deepEqual(await refusals([pair({ key: ["name"] })]), [refused]);
  const unique: Tables = {
    crm: [{ ...table("people", NAME), uniqueSets: [["name"]] }],
    hub: [{ ...table("people", NAME), uniqueSets: [["name"]] }],
  };
  assert.deepEqual((await pipelineOf(pair({ key: ["name"] }), unique)).key, [1]);
  const mapping = [{ source: "id", target: "id", transform: "number" }];
  assert.deepEqual(await refusals([pair({ mapping })]), [
    "pipelines.people.mapping[0] CONFIG_NOT_BUILT",
  ]);
  const template = [{ source: "id", target: "id", transform: "req-${value}" }];
  assert.deepEqual(await refusals([pair({ mapping: template, direction: "two-way" })]), [
    "pipelines.people.mapping[0] CONFIG_NOT_BUILT",
  ]);
});

test("a column that needs a value and gets none is refused before a row is", async () => {
  const needed: MemoryField = { name: "region", type: { kind: "text" }, nullable: false };
  const tables = (field: MemoryField): Tables => ({
    crm: [table("people", NAME)],
    hub: [table("people", NAME, field)],
  });
  assert.deepEqual(await refusals([pair()], tables(needed)), [
    "pipelines.people.target COLUMN_MISSING",
  ]);
  assert.deepEqual(await refusals([pair()], tables({ ...needed, default: "eu" })), []);
});

test("a side that cannot be written is refused where it would have to be", async () => {
  const fixed: Tables = {
    crm: [{ ...table("people", NAME), capabilities: { writable: false } }],
    hub: [table("people", NAME)],
  };
  assert.deepEqual(await refusals([pair()], fixed), []);
  assert.deepEqual(await refusals([pair({ direction: "two-way" })], fixed), [
    "pipelines.people.source REPLICA_READ_ONLY",
  ]);
});

test("three sides share the first one's fields, each through a mapping of its own", async () => {
  const full: MemoryField = { name: "full_name", type: { kind: "text" } };
  const settings: PipelineSettings = {
    name: "people",
    direction: "two-way",
    sides: [
      { name: "crm", at: { system: "crm", collection: "people" } },
      {
        name: "hub",
        at: { system: "hub", collection: "people" },
        mapping: [{ source: "full_name", target: "name" }],
      },
      { name: "erp", at: { system: "erp", collection: "people" }, follows: true },
    ],
  };
  const pipeline = await pipelineOf(settings, {
    crm: [table("people", NAME, STATUS)],
    hub: [table("people", full)],
    erp: [table("people", NAME, STATUS)],
  });
  assert.deepEqual(pipeline.fields, ["id", "name", "status"]);
  assert.deepEqual(
    pipeline.sides.map((side) => side.name),
    ["crm", "hub", "erp"],
  );
  assert.deepEqual(
    pipeline.sides.map((side) => side.follows),
    [false, false, true],
  );
  assert.deepEqual(
    pipeline.policy.sides.map((side) => side.carries),
    [
      [0, 1, 2],
      [0, 1],
      [0, 1, 2],
    ],
  );
  assert.deepEqual(pipeline.sides[1]?.lens.over([1, "Ada"]), [1, "Ada", undefined]);
});

test("digests need every side to carry every field", async () => {
  const sides = [
    { name: "crm", at: { system: "crm", collection: "people" } },
    {
      name: "hub",
      at: { system: "hub", collection: "people" },
      mapping: [{ source: "name", target: "name" }],
    },
  ];
  assert.equal((await pipelineOf({ name: "people", sides })).memory, "full");
  assert.deepEqual(await refusals([{ name: "people", sides, memory: "digest" }]), [
    "pipelines.people.memory CONFIG_INVALID",
  ]);
});

test("everything that is wrong is told at once, each at its own place", async () => {
  const mapping = [
    { source: "nme", target: "name" },
    { source: "status", target: "state" },
  ];
  const filters = parseFilter([
    { field: "status", operator: "equals", value: "active" },
    { field: "region", operator: "equals", value: "eu" },
  ]);
  const validation = parseRules([{ field: "nam", type: "required" }]);
  assert.deepEqual(await refusals([pair({ mapping, filters, validation })]), [
    "pipelines.people.filters[1].field COLUMN_MISSING",
    "pipelines.people.mapping[0].source COLUMN_MISSING",
    "pipelines.people.mapping[1].target COLUMN_MISSING",
    "pipelines.people.validation[0] RULE_INVALID",
  ]);
});

test("what the target computes by itself is left out, and refused where it is mapped", async () => {
  const upper: MemoryField = { name: "upper", type: { kind: "text" } };
  const tables = {
    crm: [table("people", NAME, upper)],
    hub: [table("people", NAME, { ...upper, generated: true })],
  };
  assert.deepEqual((await pipelineOf(pair(), tables)).fields, ["id", "name"]);
  const mapping = [{ source: "name", target: "upper" }];
  assert.deepEqual(await refusals([pair({ mapping })], tables), [
    "pipelines.people.target CONFIG_INVALID",
  ]);
});
