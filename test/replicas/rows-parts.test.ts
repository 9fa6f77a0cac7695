// The parts of the files' replica that are algorithms: sorting, reading numbers, changing JSON.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parseJson } from "../../src/core/json.ts";
import type { Value } from "../../src/core/state.ts";
import { canonical, isObject } from "../../src/core/values.ts";
import type { LogicalType } from "../../src/core/values.ts";
import { membersOf } from "../../src/core/json-scan.ts";
import { withMembers } from "../../src/replicas/rows/json-members.ts";
import { objectIn } from "../../src/core/json-cells.ts";
import { jsonLayout } from "../../src/replicas/rows/json.ts";
import { makeSorter } from "../../src/spool/sorter.ts";
import { textReader, textToken } from "../../src/replicas/rows/values.ts";
import {
  creation,
  keyOf,
  move,
  never,
  pagesOf,
  put,
  rowsOf,
  shown,
  withRows,
  write,
} from "./rows-files.ts";

test("records are sorted outside of memory as they would be inside", () => {
  const records = fc.array(
    fc.record({
      key: fc.string({ unit: fc.constantFrom("\u0001", "a", "b", "\u00ff"), maxLength: 4 }),
      raw: fc.string({ unit: "binary", maxLength: 6 }).map((text) => text.toWellFormed()),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    // One record a run, with more runs than are merged at once, or a few.
    fc.property(records, fc.constantFrom(1, 200, 1 << 20), (records, runChars) => {
      const sorter = makeSorter(runChars);
      const all = records.concat(records).map((record, line) => ({ ...record, line }));
      for (const record of all) sorter.add(record);
      const sorted = all.toSorted((a, b) =>
        a.key < b.key ? -1 : a.key > b.key ? 1 : a.line - b.line,
      );
      assert.deepEqual([...sorter.sorted()], sorted);
      sorter.close();
    }),
    { numRuns: 50 },
  );
});

const numeral = fc.string({
  unit: fc.constantFrom("0", "1", "5", "9", ".", "-", "e", "+", " "),
  minLength: 1,
  maxLength: 18,
});
const TYPES: readonly LogicalType[] = [
  { kind: "integer" },
  { kind: "integer", min: -(2n ** 63n), max: 2n ** 63n - 1n },
  { kind: "integer", min: 0, max: 255 },
  { kind: "real" },
  { kind: "real", single: true },
  { kind: "decimal" },
  { kind: "boolean" },
];

test("a number is read quickly as it is read plainly", () => {
  fc.assert(
    fc.property(numeral, fc.constantFrom(...TYPES), (text, type) => {
      assert.deepEqual(textReader(type)?.(text), canonical(type, text));
    }),
    { numRuns: 20_000 },
  );
});

test("a double comes back from its text", () => {
  const type = { kind: "real" } as const;
  fc.assert(
    fc.property(fc.double(), (double) => {
      assert.ok(Object.is(textReader(type)?.(textToken(type, double) ?? ""), double + 0));
    }),
  );
});

const blank = fc.string({ unit: fc.constantFrom(" ", "\n", "\t"), maxLength: 3 });

/** JSON with blanks wherever there may be some. */
function spread(value: unknown, blanks: readonly string[]): string {
  let at = 0;
  const next = (): string => blanks[at++ % Math.max(blanks.length, 1)] ?? "";
  const text = (each: unknown): string => {
    if (Array.isArray(each))
      return `[${next()}${each.map((item) => text(item) + next()).join(",")}]`;
    if (typeof each !== "object" || each === null) return JSON.stringify(each);
    const members = Object.entries(each).map(
      ([name, item]) => `${next()}${JSON.stringify(name)}${next()}:${next()}${text(item)}${next()}`,
    );
    return `{${members.join(",") || next()}}`;
  };
  return text(value);
}

// No names with escapes: V8 takes one for another now and then (nodejs/node#63785).
const name = fc.string({ unit: fc.constantFrom("a", "b", "{", "}", ",", ":", "é"), maxLength: 3 });
const object = fc.dictionary(name, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 });

test("the members of an object are where its parser finds them", () => {
  fc.assert(
    fc.property(object, fc.array(blank, { minLength: 1, maxLength: 5 }), (value, blanks) => {
      const text = spread(value, blanks);
      const found = membersOf(text).map(({ name, value: { from, to } }) => {
        return [name, JSON.parse(text.slice(from, to)) as unknown];
      });
      assert.deepEqual(found, Object.entries(JSON.parse(text) as object));
    }),
  );
});

test("a change of some members leaves the others as they were written", () => {
  const changes = fc.dictionary(name, fc.constantFrom("1", '"new"', "[null]", ""), { maxKeys: 3 });
  fc.assert(
    fc.property(object, changes, fc.array(blank, { maxLength: 5 }), (value, changes, blanks) => {
      const text = spread(value, blanks);
      const changed = withMembers(text, new Map(Object.entries(changes)));
      const expected = new Map(Object.entries(JSON.parse(text) as object));
      for (const [name, token] of Object.entries(changes)) {
        if (token === "") expected.delete(name);
        else expected.set(name, JSON.parse(token));
      }
      assert.deepEqual(new Map(Object.entries(JSON.parse(changed) as object)), expected);
      for (const { name, value: of } of membersOf(text)) {
        if (name in changes) continue;
        const again = membersOf(changed).find((member) => member.name === name)?.value;
        assert.equal(changed.slice(again?.from, again?.to), text.slice(of.from, of.to));
      }
    }),
  );
});

test("lists and objects of objects are read as JSON is, however they are cut", () => {
  const arrangements = fc.constantFrom("list" as const, "keyed" as const, "lines" as const);
  const rows = fc.array(object, { minLength: 1, maxLength: 4 });
  const blanks = fc.array(blank, { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      arrangements,
      rows,
      blanks,
      fc.integer({ min: 1, max: 9 }),
      (kind, rows, blanks, size) => {
        const named = Object.fromEntries(rows.map((row, at) => [`k"${at}`, row]));
        const text = {
          list: () => spread(rows, blanks),
          keyed: () => spread(named, blanks),
          lines: () => rows.map((row) => `${JSON.stringify(row)}\n\n`).join(""),
        }[kind]();
        const open = () => {
          let at = 0;
          return () => (at >= text.length ? undefined : text.slice(at, (at += size)));
        };
        const format = kind === "lines" ? "ndjson" : "json";
        const layout = jsonLayout({ format, key: ["no name"] }, open, "x");
        if (layout === undefined)
          return assert.ok(rows.every((row) => Object.keys(row).length === 0));
        const wanted = { columns: layout.columns.map((_, at) => at), isRaw: true };
        const all = layout.records(open(), wanted);
        let whole = layout.head;
        const found: (readonly Value[])[] = [];
        let step = all.next();
        for (; step.done !== true; step = all.next()) {
          const { raws, gaps, broken } = step.value;
          assert.equal(broken.size, 0);
          found.push(...step.value.rows);
          for (const [at, raw] of raws.entries()) whole += (gaps[at] ?? "") + raw;
        }
        assert.equal(whole + step.value, text);
        const expected = (kind === "keyed" ? Object.values(named) : rows).map((row) => {
          const own = parseJson(JSON.stringify(row));
          return layout.columns.filter((column) => isObject(own) && Object.hasOwn(own, column))
            .length;
        });
        const counts = found.map((row) => row.filter((cell) => typeof cell !== "symbol").length);
        assert.deepEqual(counts, kind === "keyed" ? expected.map((count) => count + 1) : expected);
      },
    ),
  );
});

test("names with escapes are read as they are, whatever was read before", () => {
  const unit = fc.constantFrom("a", '"', "\\", "\n", "é");
  const names = fc.uniqueArray(fc.string({ unit, maxLength: 3 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(names, fc.array(blank, { maxLength: 3 }), (names, blanks) => {
      const inner = Object.fromEntries(names.map((each, at) => [each, at]));
      const value = Object.fromEntries(names.map((each) => [each, [inner, each, null]]));
      const object = objectIn(spread(value, blanks));
      assert.deepEqual(Object.keys(object ?? {}), Object.keys(value));
      assert.deepEqual(object, value);
    }),
    { numRuns: 1000 },
  );
  assert.equal(objectIn(`{"\\n":${"[".repeat(9999)}${"]".repeat(9999)}}`), undefined);
});

const TABLE = { collection: "t", key: ["id"], columns: ["id", "name"] };

test("objects by key are a table whose key stands outside", async () => {
  const text = '{\n  "a": {"name": "A", "extra": [1, 2]},\n  "b": {"name": null}\n}\n';
  const options = { format: "json", collections: { t: { key: ["id"] } } } as const;
  await withRows(
    { "t.json": text },
    async (replica, folder) => {
      assert.deepEqual(await rowsOf(replica, TABLE), [
        ["a", "A"],
        ["b", null],
      ]);
      const outcomes = await write(replica, TABLE, [
        move(keyOf("a"), ["a", "A"], ["a", "AA"]),
        move(keyOf("b"), ["b", null], null),
        creation(keyOf("aa"), ["aa", "new"]),
      ]);
      assert.deepEqual(outcomes.map(shown), ["applied", "applied", "applied"]);
      assert.equal(
        readFileSync(join(folder, "t.json"), "utf8"),
        '{\n  "a": {"name": "AA", "extra": [1, 2]},\n  "aa": {\n    "name": "new"\n  }\n}\n',
      );
    },
    options,
  );
});

/** More than is kept in memory. */
const MANY = 150_000;

test("a large file is listed in key order, whether it is or not, without being kept", async () => {
  const rows = Array.from(
    { length: MANY },
    (_, id) => [id, `name of ${id} ${"x".repeat(50)}`] as const,
  );
  const line = ([id, name]: readonly [number, string]): string => `${id},"${name}"\n`;
  const shape = { ...TABLE, types: [{ kind: "integer" }, { kind: "text" }] as const };
  const shuffled = rows.toSorted((a, b) => ((a[0] * 7919) % MANY) - ((b[0] * 7919) % MANY));
  await withRows({}, async (replica, folder) => {
    for (const order of [rows, shuffled]) {
      put(join(folder, "t.csv"), `id,name\n${order.map(line).join("")}short\n`);
      const pages = await pagesOf(replica, shape);
      const found = pages.flatMap((page) => page.rows);
      assert.equal(found.length, MANY);
      assert.ok(found.every((row, id) => row?.[0] === id && row[1] === rows[id]?.[1]));
      assert.equal(pages.flatMap((page) => page.unkeyed ?? []).length, 1);
      assert.ok(pages.at(-1)?.covers?.proof === "paged");
      const { rows: some } = await replica.read(shape, [keyOf(77), keyOf(5)], never);
      assert.deepEqual(some, [rows[77], rows[5]]);
      const outcomes = await write(replica, shape, [move(keyOf(5), rows[5] ?? [], [5, "new"])]);
      assert.deepEqual(outcomes.map(shown), ["applied"]);
      const text = readFileSync(join(folder, "t.csv"), "utf8");
      assert.equal(
        text,
        `id,name\n${order.map(line).join("")}short\n`.replace(/\n5,.*\n/, "\n5,new\n"),
      );
    }
    put(join(folder, "t.csv"), `id,name\n${shuffled.map(line).join("")}7,again\n`);
    const lines = `lines ${shuffled.findIndex(([id]) => id === 7) + 2} and ${shuffled.length + 2}`;
    const wrong = { code: "KEY_NOT_UNIQUE", message: `${lines} of t have the same id` };
    await assert.rejects(pagesOf(replica, shape), wrong);
    await assert.rejects(replica.read(shape, [keyOf(7)], never), wrong);
    const outcomes = await write(replica, shape, [move(keyOf(7), rows[7] ?? [], null)]);
    assert.deepEqual(outcomes.map(shown), ["refused KEY_NOT_UNIQUE"]);
  });
});

test("two rows of one key are named by their lines, as often as it is asked", async () => {
  await withRows({ "t.csv": "id,name\n1,a\n2,b\n\n1,c\n" }, async (replica, folder) => {
    const wrong = {
      code: "KEY_NOT_UNIQUE",
      message: "lines 2 and 5 of t have the same id",
      where: `${join(folder, "t.csv")}:5`,
    };
    await assert.rejects(pagesOf(replica, TABLE), wrong);
    await assert.rejects(pagesOf(replica, TABLE), wrong);
    await assert.rejects(replica.read(TABLE, [keyOf("2"), keyOf("1")], never), wrong);
    const { rows } = await replica.read(TABLE, [keyOf("2")], never);
    assert.deepEqual(rows, [["2", "b"]]);
  });
});
