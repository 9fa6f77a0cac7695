import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFilter } from "../../src/core/filter-parser.ts";
import { compileLens } from "../../src/core/lens.ts";
import type { LogicalType } from "../../src/core/logical.ts";
import { isOnlyToTarget, targetKey } from "../../src/core/mapping.ts";
import type { MappingSpec } from "../../src/core/mapping.ts";
import { ABSENT, JSON_NULL } from "../../src/core/state.ts";
import { sameAll } from "../../src/core/values.ts";
import { ID, errorsOf, seen, source, typesOf } from "./lens-sketch.ts";

test("renaming picks columns, and is known to do no more", () => {
  const lens = source([ID, { source: "b", target: "x" }, { source: "a", target: "y" }]);
  assert.deepEqual(lens.columns, ["id", "b", "a"]);
  assert.deepEqual(lens.positions, [0, 1, 2]);
  assert.deepEqual(lens.carries, [0, 1, 2]);
  assert.ok(lens.isIdentity && lens.keyIsPlain);
  assert.deepEqual([lens.keyColumns, lens.keyFields], [[0], [0]]);
  assert.deepEqual(lens.over([1, "b", ABSENT]), [1, "b", ABSENT]);
  assert.deepEqual(lens.back([1, "c", "d"], [1, "b", "a"]), [1, "c", "d"]);
  assert.deepEqual(lens.back([1, "c", undefined], null), [1, "c", ABSENT]);
  const worked = source([ID, { source: "a", target: "x", transform: "<${value}>" }]);
  assert.deepEqual(worked.back([1, undefined], [1, "a"]), [1, "a"]);
});

test("columns are mapped roots, then keys, then the filter's, then what transforms read", () => {
  const filter = parseFilter([{ field: "status.now", operator: "equals", value: "a" }]);
  const mapping: readonly MappingSpec[] = [
    { source: "profile.email", target: "email" },
    { source: "profile.name", target: "name" },
    { source: "n", target: "code", transform: "generateId", only: "to-target" },
  ];
  const lens = source(mapping, { filter, key: ["k2", "k1"] });
  assert.deepEqual(lens.columns, ["profile", "n", "k2", "k1", "status", "type"]);
  assert.deepEqual(lens.keyColumns, [2, 3]);
  assert.deepEqual(lens.keyFields, [-1, -1]);
  assert.deepEqual(lens.carries, [0, 1, 2, 3]);
  const own = [{ email: "a@b", x: 1 }, 7, "k2", "k1", { now: "a" }, "req"];
  assert.deepEqual(lens.over(own), ["a@b", null, "req-7", true]);
});

test("membership is carried by the filter's owner, and has a place on the other sides", () => {
  const filter = parseFilter([{ field: "status", operator: "in", values: ["active"] }]);
  const owner = source([ID], { filter });
  assert.deepEqual(owner.over([1, "active"]), [1, true]);
  assert.deepEqual(owner.over([1, "archived"]), [1, false]);
  assert.ok(!owner.isIdentity);
  assert.deepEqual(seen(owner.back([2, false], [1, "active"])), [2, "active"]);
  const other = compileLens({
    side: "target",
    direction: "two-way",
    key: ["id"],
    mapping: [ID],
    hasMembership: true,
  });
  assert.deepEqual(other.over([1]), [1, undefined]);
  assert.deepEqual([other.carries, other.positions, other.isIdentity], [[0], [0, -1], true]);
});

test("a column of another type than its field is a form of it, a worked one is none", () => {
  const columns = typesOf({ id: "integer", day: "text", name: "text" });
  const lens = compileLens({
    side: "source",
    direction: "one-way",
    key: ["id"],
    columns,
    mapping: [
      ID,
      { source: "day", target: "day" },
      { source: "name", target: "name", transform: "upper" },
    ],
    fields: [
      { name: "id", type: { kind: "integer" } },
      { name: "day", type: { kind: "date" } },
      { name: "name", type: { kind: "text" } },
    ],
  });
  assert.deepEqual(lens.positions, [0, -1, -1]);
  assert.deepEqual(lens.forms, [0, 1, -1]);
});

test("a side may carry only some of the link's fields, in their places", () => {
  const lens = source([{ source: "b", target: "y" }, ID], {
    fields: [{ name: "id" }, { name: "x" }, { name: "y" }],
  });
  assert.deepEqual(lens.over(["b", 1]), [1, undefined, "b"]);
  assert.deepEqual(lens.carries, [0, 2]);
  assert.deepEqual(lens.back([1, "not ours", "c"], ["b", 1]), ["c", 1]);
});

test("the example pipeline: ids get a prefix and lose it, frameworks only go over", () => {
  const mapping: readonly MappingSpec[] = [
    { source: "requirement_id", target: "id", transform: "req-${value}" },
    { source: "title", target: "title", required: true },
    { source: "compliance_framework", target: "framework", transform: "lower", only: "to-target" },
  ];
  const columns = typesOf({
    requirement_id: "integer",
    title: "text",
    compliance_framework: "text",
  });
  const fields = [
    { name: "id", type: { kind: "text" } as const },
    { name: "title", type: { kind: "text" } as const },
    { name: "framework", type: { kind: "text" } as const },
  ];
  const lens = source(mapping, { columns, fields, key: ["requirement_id"] });
  assert.deepEqual([lens.keyColumns, lens.keyFields, lens.keyIsPlain], [[0], [0], false]);
  assert.deepEqual(targetKey(mapping, ["requirement_id"]), ["id"]);
  assert.deepEqual(lens.over([7, "T", "GDPR"]), ["req-7", "T", "gdpr"]);
  assert.deepEqual(lens.back(["req-8", "U", "soc2"], [7, "T", "GDPR"]), [8, "U", "GDPR"]);
  assert.deepEqual(lens.back(["req-8", "U", "soc2"], null), [8, "U", ABSENT]);
  assert.match(errorsOf(lens.back(["8", "U", "x"], null))[0] ?? "", /'id'.*'requirement_id'/);
  assert.match(errorsOf(lens.back(["req-x", "U", "x"], null))[0] ?? "", /whole number/);
  assert.match(errorsOf(lens.back(["req-08", "U", "x"], null))[0] ?? "", /another value/);
});

test("all errors of a row are reported, in the words of the mission, and never thrown", () => {
  const lens = source(
    [
      { source: "a", target: "first", required: true },
      { source: "b", target: "second", transform: "parseJSON", required: true },
      {
        source: "c",
        target: "third",
        transform: () => {
          throw new Error("boom");
        },
      },
      { source: "d", target: "fourth", transform: "dateToISO" },
      { source: "e", target: "fifth" },
    ],
    { direction: "one-way", key: ["e"] },
  );
  assert.deepEqual(errorsOf(lens.over([null, "{bad", 1, "soon", 5])), [
    "Required field 'first' is missing",
    "Required field 'second' is missing",
    "Error transforming field 'c': boom",
    "Error transforming field 'd': not an ISO 8601 date",
  ]);
  assert.deepEqual(errorsOf(lens.over([ABSENT, null, 1, "", 5])).length, 3);
});

// Scenario 30: one throwing transform costs one row.
test("a transform that throws makes only its own row unreadable", () => {
  const angry = (value: unknown) => {
    if (value === 2) throw new Error("two");
    return value;
  };
  const lens = source([ID, { source: "n", target: "n", transform: angry }], {
    direction: "one-way",
  });
  const results = [1, 2, 3].map((n) => lens.over([n, n]));
  assert.deepEqual(
    results.map((result) => "kind" in result),
    [false, true, false],
  );
  assert.deepEqual(seen(results[2] ?? []), [3, 3]);
});

test("a default stands in for what is absent, and for null only where it says so", () => {
  const line = { source: "a", target: "a", default: "none" };
  const plain = source([ID, line]);
  assert.deepEqual(plain.over([1, ABSENT]), [1, "none"]);
  assert.deepEqual(plain.over([1, null]), [1, null]);
  assert.deepEqual(plain.over([1, ""]), [1, ""]);
  assert.deepEqual(source([ID, { ...line, defaultForNull: true }]).over([1, null]), [1, "none"]);
  const through = source([ID, { ...line, default: "NONE", transform: "lower", only: "to-target" }]);
  assert.deepEqual(through.over([1, ABSENT]), [1, "none"]);
  const needed = source([ID, { ...line, default: null, required: true }]);
  assert.deepEqual(errorsOf(needed.over([1, ABSENT])), ["Required field 'a' is missing"]);
});

test("a constant is in every row and in no column", () => {
  const lens = source([ID, { source: "", target: "origin", constant: "crm" }]);
  assert.deepEqual(lens.columns, ["id"]);
  assert.deepEqual(lens.over([1]), [1, "crm"]);
  assert.deepEqual(lens.back([2, "other"], [1]), [2]);
  assert.ok(isOnlyToTarget({ source: "", target: "x", constant: null }));
  assert.deepEqual(source([ID, { source: "", target: "x", constant: null }]).over([1]), [1, null]);
});

test("paths lead into documents on either side, and what is beside them is kept", () => {
  const mapping: readonly MappingSpec[] = [
    ID,
    { source: "profile.mail", target: "contact.email" },
    { source: "profile.tags.0", target: "tag" },
  ];
  const from = source(mapping);
  const own = [1, { mail: "a", tags: ["x", "y"], other: 0 }];
  assert.deepEqual(from.over(own), [1, "a", "x"]);
  assert.ok(
    sameAll(seen(from.back([1, "b", "z"], own)), [1, { mail: "b", tags: ["z", "y"], other: 0 }]),
  );
  assert.deepEqual(from.over([1, JSON_NULL]), [1, null, null]);
  const to = compileLens({ side: "target", direction: "two-way", key: ["id"], mapping });
  assert.deepEqual(to.columns, ["id", "contact", "tag"]);
  assert.ok(sameAll(seen(to.back([1, "b", "z"], null)), [1, { email: "b" }, "z"]));
  assert.ok(sameAll(seen(to.back([1, null, "z"], [1, { phone: 5 }, "y"])), [1, { phone: 5 }, "z"]));
  assert.match(
    errorsOf(to.back([1, "b", "z"], [1, "text", "y"]))[0] ?? "",
    /neither an object nor a list/,
  );
});

test("a place that is absent is null in the link, unless the field keeps it apart", () => {
  const mapping: readonly MappingSpec[] = [ID, { source: "doc.a", target: "a" }];
  assert.deepEqual(source(mapping).over([1, {}]), [1, null]);
  const keeping = source(mapping, { fields: [{ name: "id" }, { name: "a", absent: "keep" }] });
  assert.deepEqual(keeping.over([1, {}]), [1, ABSENT]);
  assert.ok(sameAll(seen(keeping.back([1, ABSENT], [1, { a: 1, b: 2 }])), [1, { b: 2 }]));
  const nulled = source([ID, { source: "a", target: "a" }], {
    fields: [{ name: "id" }, { name: "a", absent: "null" }],
  });
  assert.deepEqual(nulled.over([1, ABSENT]), [1, null]);
  assert.ok(!nulled.isIdentity);
});

test("values are brought into the link's type and back into the side's own", () => {
  const columns = typesOf({ id: "text", flag: "integer", price: "real", doc: "json" });
  const lens = source(
    [
      ID,
      { source: "flag", target: "flag" },
      { source: "price", target: "price" },
      { source: "doc.n", target: "n" },
    ],
    {
      columns,
      fields: [
        { name: "id", type: { kind: "integer" } },
        { name: "flag", type: { kind: "boolean" } },
        { name: "price", type: { kind: "decimal" } },
        { name: "n", type: { kind: "integer" } },
      ],
    },
  );
  assert.ok(!lens.isIdentity && !lens.keyIsPlain);
  assert.deepEqual(lens.over(["7", 1, 1.5, { n: 2 }]), [7, true, "1.5", 2]);
  assert.ok(sameAll(seen(lens.back([8, false, "2.5", 3], null)), ["8", 0, 2.5, { n: 3 }]));
  assert.deepEqual(errorsOf(lens.over(["x", 5, null, {}])), [
    "Error transforming field 'id': is not a whole number",
    "Error transforming field 'flag': is not a boolean",
  ]);
  assert.match(
    errorsOf(lens.back([8, true, "0.1234567890123456789", 3], null))[0] ?? "",
    /'price'/,
  );
});

test("what a column cannot hold is refused with the field named", () => {
  const columns = new Map<string, LogicalType>([
    ["id", { kind: "integer", min: 0, max: 9 }],
    ["a", { kind: "text", maxLength: 3 }],
  ]);
  const mapping = [ID, { source: "x", target: "a" }];
  const fields = [
    { name: "id", type: { kind: "integer" } as const },
    { name: "a", type: { kind: "text" } as const },
  ];
  const lens = compileLens({
    side: "target",
    direction: "one-way",
    key: ["id"],
    mapping,
    columns,
    fields,
  });
  assert.ok(lens.isIdentity);
  assert.deepEqual(lens.back([5, "abc"], null), [5, "abc"]);
  const errors = errorsOf(lens.back([10, "abcd"], null));
  assert.equal(errors.length, 2);
  assert.match(errors[1] ?? "", /'a'.*longer than text\(3\)/);
});

test("a column is held to its own bounds where one of them differs from the link's", () => {
  const own: LogicalType = { kind: "integer", min: 0, max: 9 };
  const link: LogicalType = { kind: "integer", min: 0, max: 99 };
  const lens = source([ID], {
    columns: new Map([["id", own]]),
    fields: [{ name: "id", type: link }],
  });
  assert.equal(errorsOf(lens.back([10], null)).length, 1);
  assert.deepEqual(lens.back([9], null), [9]);
});
