import assert from "node:assert/strict";
import { test } from "node:test";
import type { LensSpec } from "../../src/core/lens.ts";
import type { MappingSpec } from "../../src/core/mapping.ts";
import { ABSENT } from "../../src/core/state.ts";
import type { Value } from "../../src/core/state.ts";
import { ID, TEXT, errorsOf, refuses, source, typesOf } from "./lens-sketch.ts";

test("a lookup goes both ways where it can", () => {
  const lookup = { table: { M: "male", F: "female" } };
  const lens = source([ID, { source: "sex", target: "gender", lookup }]);
  assert.deepEqual(lens.over([1, "M"]), [1, "male"]);
  assert.deepEqual(lens.back([1, "female"], [1, "M"]), [1, "F"]);
  assert.deepEqual(errorsOf(lens.over([1, "X"])), [
    "Error transforming field 'sex': not in the lookup table",
  ]);
  assert.match(errorsOf(lens.back([1, "other"], [1, "M"]))[0] ?? "", /'gender'.*'sex'/);
  const numbers = source(
    [ID, { source: "code", target: "name", lookup: { table: { "1": "one" } } }],
    {
      columns: typesOf({ id: "integer", code: "integer" }),
    },
  );
  assert.deepEqual(numbers.over([7, 1]), [7, "one"]);
  assert.deepEqual(numbers.back([7, "one"], null), [7, 1]);
});

test("a lookup says what becomes of the rest", () => {
  const table = { M: "male" };
  const sex = (otherwise: Value, direction: LensSpec["direction"]) =>
    source([ID, { source: "sex", target: "sex", lookup: { table, otherwise } }], { direction });
  const keeping = sex("keep", "two-way");
  assert.deepEqual(keeping.over([1, "X"]), [1, "X"]);
  assert.deepEqual(keeping.back([1, "Y"], [1, "M"]), [1, "Y"]);
  assert.match(errorsOf(keeping.back([1, "M"], [1, "X"]))[0] ?? "", /another value/);
  assert.deepEqual(errorsOf(sex("reject", "one-way").over([1, "X"])).length, 1);
  assert.deepEqual(sex("unknown", "one-way").over([1, "X"]), [1, "unknown"]);
  refuses(() => sex("unknown", "two-way"), "LENS_NO_INVERSE", "'sex'");
});

test("what already says the same is left as it is written", () => {
  const lens = source([ID, { source: "n", target: "n", transform: "number" }]);
  assert.deepEqual(lens.back([2, 1.5], [1, "1.50"]), [2, "1.50"]);
  assert.deepEqual(lens.back([2, 1.6], [1, "1.50"]), [2, 1.6]);
  const json = source([ID, { source: "j", target: "j", transform: "parseJSON" }]);
  assert.deepEqual(json.back([2, null], [1, "{bad"]), [2, "{bad"]);
  assert.deepEqual(json.back([2, { a: 1 }], [1, "{bad"]), [2, '{"a":1}']);
});

test("a pair of functions goes both ways, and is not believed", () => {
  const cents: MappingSpec = {
    source: "cents",
    target: "price",
    transform: {
      over: (value) => Number(value) / 100,
      back: (value) => Math.round(Number(value) * 100),
    },
  };
  const lens = source([ID, cents]);
  assert.deepEqual(lens.over([1, 150]), [1, 1.5]);
  assert.deepEqual(lens.back([1, 2.5], [1, 150]), [1, 250]);
  assert.match(errorsOf(lens.back([1, 2.505], [1, 150]))[0] ?? "", /another value/);
  const liar = source([
    ID,
    {
      ...cents,
      transform: {
        over: () => 1,
        back: () => {
          throw new Error("no");
        },
      },
    },
  ]);
  assert.match(errorsOf(liar.back([1, 2], [1, 150]))[0] ?? "", /no$/);
});

test("functions see the row by the names of its columns, without what is absent", () => {
  // A literal with `constructor` in it confuses the type checker, not us.
  const columns = new Map([
    ...typesOf({ id: "integer", a: "text", b: "text" }),
    ["constructor", TEXT],
  ]);
  const transform = (value: unknown, record: object) =>
    `${String(value)}:${Object.keys(record).join()}`;
  const all = source([{ source: "a", target: "x", transform }], { columns, direction: "one-way" });
  assert.deepEqual(all.columns, ["a", "id", "b", "constructor"]);
  assert.deepEqual(all.over(["v", 1, ABSENT, "c"]), ["v:a,id,constructor"]);
  const some = source(
    [{ source: "a", target: "x", transform: { over: transform, reads: ["b"] } }],
    {
      direction: "one-way",
    },
  );
  assert.deepEqual(some.columns, ["a", "id", "b"]);
  refuses(
    () => source([{ source: "a", target: "x", transform }], { direction: "one-way" }),
    "CONFIG_INVALID",
    "'x'",
    "reads",
  );
});
