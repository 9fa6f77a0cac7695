// Pages of new rows that a thread puts into the database: the same as if they had been put here.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodeKey } from "../../src/core/key.ts";
import { JSON_NULL } from "../../src/core/state.ts";
import type { OwnRow, Value } from "../../src/core/state.ts";
import { sameAll } from "../../src/core/values.ts";
import type { Batch, Outcome, RowWrite, Writer } from "../../src/engine/replica.ts";
import { databaseFile } from "../../src/replicas/sqlite/database-file.ts";
import { startLoader } from "../../src/replicas/sqlite/loader.ts";
import type { Loader } from "../../src/replicas/sqlite/loader.ts";
import { makeMarkers } from "../../src/replicas/sqlite/markers.ts";
import { Packing, unpacker } from "../../src/replicas/sqlite/packing.ts";
import { makeWriter } from "../../src/replicas/sqlite/writer.ts";
import { creation, never, query, run, shown, withDatabase } from "./sqlite-files.ts";

const COLUMNS = ["id", "name", "amount", "flag", "raw", "document", "price"];
const TABLE = `CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, amount REAL,
  flag BOOLEAN, raw BLOB, document JSON, price DECIMAL(10,2) CHECK (price <> 13),
  FOREIGN KEY (amount) REFERENCES allowed (amount));
  CREATE TABLE allowed (amount REAL PRIMARY KEY);
  INSERT INTO allowed VALUES (0.5), (1), (2.25), (-0.0);`;
const shape = { collection: "t", key: ["id"], columns: COLUMNS };

const stored = fc.oneof(
  fc.constant(null),
  fc.double({ noNaN: true }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.string({ unit: "grapheme" }),
  fc.uint8Array(),
);

test("values come out of their packing as they went in", () =>
  fc.assert(
    fc.property(fc.array(stored), fc.nat(5), (values, step) => {
      const packing = new Packing(values.length);
      for (const value of values) packing.push(value);
      const take = unpacker(structuredClone(packing.end()));
      const taken: unknown[] = [];
      while (taken.length < values.length) {
        taken.push(...take(Math.min(step + 1, values.length - taken.length)));
      }
      assert.deepEqual(taken, values);
    }),
  ));

/** Rows that mostly land; some clash, break a rule or refer to nothing. */
const row: fc.Arbitrary<OwnRow> = fc
  .record({
    id: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 4000 }) }, fc.integer()),
    name: fc.oneof(
      { weight: 40, arbitrary: fc.string({ unit: "grapheme", minLength: 6 }) },
      fc.constantFrom<Value>("twice", null, "\ud800"),
    ),
    amount: fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom<Value>(0.5, 1, 2.25, -0, null) },
      fc.constant<Value>(7),
    ),
    flag: fc.oneof({ weight: 20, arbitrary: fc.constantFrom<Value>(true, false, null) }),
    raw: fc.option(fc.uint8Array()),
    document: fc.constantFrom<Value>(null, JSON_NULL, { b: [1, "x"], a: null }, "text", 5),
    price: fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom<Value>("1.5", "12.25", null, "9007199254740993") },
      fc.constantFrom<Value>("13", "x".repeat(5)),
    ),
  })
  .map(({ id, name, amount, flag, raw, document, price }) => [
    id,
    name,
    amount,
    flag,
    raw,
    document,
    price,
  ]);

const pagesOfRows = fc.array(
  fc.uniqueArray(row, { selector: ([id]) => id, minLength: 1, maxLength: 45 }),
  { minLength: 1, maxLength: 6 },
);

for (const journal of ["WAL", "DELETE"]) {
  test(`pages that a thread puts are as if they had been put here: ${journal}`, async () => {
    const answers = new Set<boolean>();
    const sql = `PRAGMA journal_mode = ${journal}; ${TABLE}`;
    await fc.assert(
      fc.asyncProperty(pagesOfRows, async (pages) => {
        assert.deepEqual(await handedOver(sql, pages, answers), await putHere(sql, pages));
      }),
      { numRuns: 25 },
    );
    assert.deepEqual(answers, new Set([true, false]), "some were put, some were refused");
  });
}

test("a page after the schema has moved is put here, and those after it are handed over", () =>
  withDatabase("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)", async (path) => {
    const { writer, loads } = writerOn(path, true);
    const small = { ...shape, columns: ["id", "name"] };
    const answers: string[] = [];
    for (let page = 0; page < 6; page++) {
      if (page === 3) run(path, "ALTER TABLE t ADD COLUMN more TEXT");
      const writes = [1, 2, 3].map((n) => creationOf([page * 10 + n, `name ${n}`]));
      const outcomes = await writer.write(batchOf(page, writes, small), never);
      answers.push(outcomes.map(shown).join());
    }
    await writer.finish(never);
    assert.deepEqual(new Set(answers), new Set(["applied,applied,applied"]));
    // The first page makes the tables of markers, which is a move as well.
    assert.deepEqual(loads, [false, true, false, true, true]);
    assert.deepEqual(query(path, "SELECT count(*) FROM t"), [[18]]);
    assert.equal(query(path, "SELECT * FROM _syncline_markers").length, 4, "two were settled");
  }));

/** Whether each page is good, and whether it is handed over (`+`: and put, `-`: and refused). */
const RESTS: readonly (readonly [good: string, handedOver: string])[] = [
  ["y y y y", "+ + + +"],
  ["n y y y", "- + + +"],
  ["n y n y n n y y y y y y", "- + - + - - . . . . + +"],
  ["n n n n n n n n n n n n n n n n n y", "- - . . . . - . . . . . . . . - . ."],
];

for (const [good, expected] of RESTS) {
  test(`a thread that refuses a table again and again is spared it for a while: ${good}`, () =>
    withDatabase("CREATE TABLE t (id INTEGER PRIMARY KEY CHECK (id > 0))", async (path) => {
      const { writer, loads } = writerOn(path, true);
      const small = { ...shape, columns: ["id"] };
      // Two pages before: the table becomes known, and the tables of markers are there.
      for (const page of [100, 101]) {
        await writer.write(batchOf(page, [creationOf([page])], small), never);
      }
      const seen: string[] = [];
      for (const [page, is] of good.split(" ").entries()) {
        const before = loads.length;
        const id = is === "y" ? page + 1 : -page - 1;
        const [outcome] = await writer.write(batchOf(page, [creationOf([id])], small), never);
        assert.equal(outcome?.kind, is === "y" ? "applied" : "refused");
        seen.push(loads.length === before ? "." : loads.at(-1) === true ? "+" : "-");
      }
      await writer.finish(never);
      assert.equal(seen.join(" "), expected);
    }));
}

test("pages that are refused with the one before them do not keep a thread from a table", () =>
  withDatabase("CREATE TABLE t (id INTEGER PRIMARY KEY CHECK (id > 0))", async (path) => {
    const { writer, loads } = writerOn(path, true);
    const small = { ...shape, columns: ["id"] };
    const write = (page: number, id: number) =>
      writer.write(batchOf(page, [creationOf([id])], small), never);
    await write(0, 1);
    await write(1, 2);
    await Promise.all([write(2, -1), write(3, 4), write(4, 5)]);
    assert.deepEqual(loads.slice(1), [false, false, false]);
    await write(5, 6);
    await writer.finish(never);
    assert.equal(loads.at(-1), true);
  }));

test("without a thread every page is put here", () =>
  withDatabase(TABLE, async (path) => {
    const nowhere = startLoader({ path: `${path}-none`, busyMs: 0, hasMarkers: true });
    const { writer, loads } = writerOn(path, true, nowhere);
    const pages = [1, 2, 3, 4].map((page) =>
      batchOf(page, [creationOf([page, `name ${page}`, 1, true, null, null, null])], shape),
    );
    const outcomes: Outcome[] = [];
    for (const page of pages) outcomes.push(...(await writer.write(page, never)));
    await writer.finish(never);
    assert.deepEqual(outcomes.map(shown), ["applied", "applied", "applied", "applied"]);
    assert.deepEqual(loads, [false, false, false]);
    assert.equal(query(path, "SELECT * FROM t").length, 4);
  }));

const IS_MARKED = "SELECT 1 FROM sqlite_schema WHERE name = '_syncline_markers'";
const MARKERS = "SELECT id, missed, stored FROM _syncline_markers ORDER BY seq";

interface Left {
  readonly outcomes: readonly string[];
  readonly rows: readonly unknown[];
  readonly markers: readonly unknown[];
}

/** As many pages under way as the writer takes. */
async function handedOver(
  sql: string,
  pages: readonly (readonly OwnRow[])[],
  answers: Set<boolean>,
): Promise<Left> {
  return leave(sql, pages, answers, async (writer, batches) => {
    // The first one is put here in any case: the table is not known before.
    const outcomes = [await writer.write(batches[0] ?? batchOf(0, [], shape), never)];
    const step = (writer.ahead ?? 0) + 1;
    for (let at = 1; at < batches.length; at += step) {
      const some = batches.slice(at, at + step);
      outcomes.push(...(await Promise.all(some.map((batch) => writer.write(batch, never)))));
    }
    return outcomes;
  });
}

async function putHere(sql: string, pages: readonly (readonly OwnRow[])[]): Promise<Left> {
  return leave(sql, pages, undefined, async (writer, batches) => {
    const outcomes: (readonly Outcome[])[] = [];
    for (const batch of batches) outcomes.push(await writer.write(batch, never));
    return outcomes;
  });
}

async function leave(
  sql: string,
  pages: readonly (readonly OwnRow[])[],
  answers: Set<boolean> | undefined,
  write: (writer: Writer, batches: readonly Batch[]) => Promise<readonly (readonly Outcome[])[]>,
): Promise<Left> {
  let left: Left | undefined;
  await withDatabase(sql, async (path) => {
    const { writer, loads } = writerOn(path, answers !== undefined);
    const batches = pages.map((rows, at) => batchOf(at, rows.map(creationOf), shape));
    const found = await write(writer, batches);
    await writer.finish(never);
    for (const answer of loads) answers?.add(answer);
    left = {
      outcomes: found.flatMap((outcomes, at) =>
        outcomes.map((outcome, index) => told(outcome, pages[at]?.[index] ?? [])),
      ),
      rows: query(path, "SELECT *, typeof(document), typeof(price) FROM t ORDER BY id"),
      markers: query(path, IS_MARKED).length === 0 ? [] : query(path, MARKERS),
    };
  });
  assert.ok(left !== undefined);
  return left;
}

/** An outcome in one line. That a row came back as it was told need not be said. */
function told(outcome: Outcome, to: OwnRow): string {
  const { row } = { row: undefined, ...outcome };
  const isElse = row !== undefined && (row === null || !sameAll(row, to));
  return `${shown(outcome)}${isElse ? ` ${String(row?.map(String).join())}` : ""}`;
}

/** A writer of small pages, and what became of those that it handed over. */
function writerOn(
  path: string,
  isHandedOver: boolean,
  loader?: Loader,
): { readonly writer: Writer; readonly loads: readonly boolean[] } {
  const loads: boolean[] = [];
  const file = databaseFile(path);
  const writing = file.write();
  const start = (): Loader => {
    const inner = loader ?? startLoader({ path, busyMs: 100, hasMarkers: true });
    return {
      ask: async (page, moved) => {
        const isDone = await inner.ask(page, moved);
        loads.push(isDone);
        return isDone;
      },
      close: () => inner.close(),
    };
  };
  const writer = makeWriter({
    writing: {
      db: writing.db,
      close: () => {
        writing.close();
        file.close();
      },
    },
    path,
    patience: { busyTimeoutMs: 1000, sleep: () => Promise.resolve() },
    markers: makeMarkers(writing.db, { id: () => "identity", epoch: () => 0 }),
    startLoader: start,
    handsOver: { rowsMin: 1, pagesBefore: isHandedOver ? 0 : Infinity },
  });
  return { writer, loads };
}

const creationOf = (to: OwnRow): RowWrite => creation(encodeKey([to[0] ?? null]) ?? "", to);

function batchOf(at: number, writes: readonly RowWrite[], of: typeof shape): Batch {
  const settled = at > 3 ? [`batch ${at - 3}`] : [];
  return { id: `batch ${at}`, link: "link", shape: of, writes, settled };
}
