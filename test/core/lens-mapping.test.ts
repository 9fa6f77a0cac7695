// Mappings that are refused when a link is opened, and what they say of its key.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isSyncError } from "../../src/core/errors.ts";
import { parseFilter } from "../../src/core/filter-parser.ts";
import { completeMapping, linkFields, sameNames, targetKey } from "../../src/core/mapping.ts";
import type { MappingSpec } from "../../src/core/mapping.ts";
import { problemsOf } from "../../src/core/problems.ts";
import type { Value } from "../../src/core/state.ts";
import { ID, refuses, source, typesOf } from "./lens-sketch.ts";

test("two-way without a way back is refused: the field, the transform, three ways out", () => {
  const ways = ["both ways", "only: to-target", "direction: one-way"];
  const line = { source: "framework", target: "framework", transform: "normalizeFramework" };
  refuses(
    () => source([ID, line]),
    "LENS_NO_INVERSE",
    "'framework'",
    "'normalizeFramework'",
    ...ways,
  );
  const twice = { source: "a", target: "b", lookup: { table: { x: 1, y: 1 } } };
  refuses(() => source([ID, twice]), "LENS_NO_INVERSE", "'b'", "lookup", ...ways);
  refuses(
    () => source([ID, { source: "a", target: "b", transform: (v) => v }]),
    "LENS_NO_INVERSE",
    "'a function'",
  );
  const shorten = (value: unknown) => value;
  refuses(
    () => source([ID, { source: "a", target: "b", transform: shorten }]),
    "LENS_NO_INVERSE",
    "'shorten'",
  );
  assert.ok(source([ID, { ...line, only: "to-target" }]));
  assert.ok(source([ID, line, twice], { direction: "one-way" }));
});

// Scenario 30: whoever is compiled first refuses the mapping.
test("a mapping that reaches a prototype is refused on either side, with its path", () => {
  const bad: readonly MappingSpec[] = [
    { source: "a", target: "__proto__.polluted" },
    { source: "__proto__.x", target: "a" },
    { source: "a.constructor.prototype", target: "b" },
  ];
  for (const line of bad) {
    for (const side of ["source", "target"] as const) {
      const path = line.target.includes("_") ? line.target : line.source;
      refuses(
        () => source([ID, line], { side, direction: "one-way" }),
        "CONFIG_INVALID",
        `'${path}'`,
      );
    }
  }
});

test("lines that get in each other's way are refused", () => {
  const a: MappingSpec = { source: "a", target: "x" };
  refuses(() => source([ID, a, { source: "b", target: "x" }]), "CONFIG_INVALID", "'x'");
  refuses(
    () => source([ID, a, { source: "a", target: "y" }]),
    "CONFIG_INVALID",
    "'x'",
    "'y'",
    "'a'",
  );
  refuses(() => source([ID, a, { source: "a.b", target: "y" }]), "CONFIG_INVALID", "'a.b'");
  assert.ok(source([ID, a, { source: "a", target: "y", only: "to-target" }]));
  assert.ok(source([ID, a, { source: "a", target: "y" }], { direction: "one-way" }));
  refuses(() => source([ID, { source: "", target: "x" }]), "CONFIG_INVALID", "'x'", "constant");
  const both = { ...a, transform: "trim", lookup: { table: {} } };
  refuses(
    () => source([ID, both], { direction: "one-way" }),
    "CONFIG_INVALID",
    "transform and a lookup",
  );
  refuses(
    () => source([ID, { ...a, default: new Date(0) as unknown as Value }]),
    "CONFIG_INVALID",
    "Date",
  );
  refuses(() => source([ID, a], { fields: [{ name: "id" }] }), "CONFIG_INVALID", "'x'");
});

test("missing columns and paths into what is no document are refused", () => {
  const columns = typesOf({ id: "integer", name: "text" });
  refuses(
    () => source([ID, { source: "nmae", target: "x" }], { columns }),
    "COLUMN_MISSING",
    "'nmae'",
    "'name'",
  );
  refuses(
    () => source([ID, { source: "name.x", target: "x" }], { columns }),
    "CONFIG_INVALID",
    "'name.x'",
    "text",
  );
  refuses(() => source([ID], { columns, key: ["key"] }), "COLUMN_MISSING", "'key'");
  const filter = parseFilter({ field: "status", operator: "exists" });
  refuses(() => source([ID], { columns, filter }), "COLUMN_MISSING", "'status'");
});

test("every broken line is named at once", () => {
  const lines = [
    { source: "a", target: "x", transform: "lowr" },
    { source: "b", target: "__proto__.x" },
  ];
  assert.throws(
    () => source([ID, ...lines]),
    (error) => isSyncError(error) && problemsOf(error).length === 2,
  );
});

test("of several lines from a key column, the plain one carries the key", () => {
  const mapping: readonly MappingSpec[] = [
    { source: "id", target: "label", transform: "no. ${value}", only: "to-target" },
    { source: "id", target: "sign", lookup: { table: {} }, only: "to-target" },
    { source: "id", target: "ref" },
    { source: "lang", target: "lang", transform: "x-${value}" },
  ];
  assert.deepEqual(targetKey(mapping, ["id", "lang"]), ["ref", "lang"]);
  const lens = source(mapping, { key: ["id", "lang"] });
  assert.deepEqual([lens.keyFields, lens.keyIsPlain], [[2, 3], false]);
  assert.ok(source(mapping, { key: ["id"] }).keyIsPlain);
});

test("key columns that are not mapped keep their names", () => {
  const mapping: readonly MappingSpec[] = [{ source: "name", target: "full_name" }];
  const complete = completeMapping(mapping, ["id"]);
  assert.deepEqual(complete, [ID, ...mapping]);
  assert.deepEqual(linkFields(complete), ["id", "full_name"]);
  assert.deepEqual(completeMapping(complete, ["id"]), complete);
  assert.deepEqual(targetKey([{ source: "id", target: "ref" }], ["id", "lang"]), ["ref", "lang"]);
  assert.deepEqual(sameNames(["a"]), [{ source: "a", target: "a" }]);
  const taken = [{ source: "x", target: "id" }, ...mapping];
  refuses(() => completeMapping(taken, ["id"]), "CONFIG_INVALID", "'id'");
});
