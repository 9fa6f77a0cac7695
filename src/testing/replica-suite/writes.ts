// Writers: what lands, and compare-and-set.
import { ABSENT } from "../../core/state.ts";
import type { OwnRow } from "../../core/state.ts";
import { PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Expected, RowWrite } from "../../engine/replica.ts";
import {
  CODES,
  PAIRS,
  THINGS,
  batchOf,
  creation,
  described,
  keyOf,
  kindsOf,
  move,
  never,
  rowIn,
  shapeOf,
  sorted,
  subjectTest,
  writeOnce,
} from "./subject.ts";
import type { Subject, Suite } from "./subject.ts";

/** Declares the tests of what a writer lands and compares. */
export function testWrites(suite: Suite): void {
  testLanding(suite);
  testAhead(suite);
  testKeys(suite);
  testComparing(suite);
}

const things = shapeOf(THINGS);

async function write(on: Subject, id: string, writes: readonly RowWrite[]) {
  return writeOnce(on.replica, batchOf(things, id, writes));
}

function testLanding(suite: Suite): void {
  const { assert } = suite;

  subjectTest(suite, "rows are created, changed and deleted", [THINGS], async (on) => {
    await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
    await on.edit("things", [2], { id: 2, name: "b", amount: 2 });
    const outcomes = await write(on, "one", [
      move(keyOf(1), [1, "a", 1], [1, "A", null]),
      move(keyOf(2), [2, "b", 2], null),
      creation(keyOf(3), [3, "c", 3]),
    ]);
    assert.deepEqual(kindsOf(outcomes), ["applied", "applied", "applied"]);
    assert.deepEqual(await sorted(on), [
      [1, "A", null],
      [3, "c", 3],
    ]);
    const { returns } = (await described(on.replica, THINGS)).capabilities;
    if (returns) assert.deepEqual(outcomes.map(rowIn), [[1, "A", null], null, [3, "c", 3]]);
  });

  subjectTest(
    suite,
    "a full page of new rows lands, each outcome in its place",
    [THINGS],
    async (on) => {
      const rows = Array.from({ length: PAGE_ROWS_MAX }, (_, id): OwnRow => [id, `n${id}`, id * 2]);
      const outcomes = await write(
        on,
        "one",
        rows.map((row) => creation(keyOf(row[0] ?? 0), row)),
      );
      assert.ok(
        outcomes.length === PAGE_ROWS_MAX && outcomes.every((each) => each.kind === "applied"),
      );
      for (const [index, outcome] of outcomes.entries()) {
        if (rowIn(outcome) !== undefined) assert.deepEqual(rowIn(outcome), rows[index]);
      }
      assert.deepEqual(await sorted(on), rows);
    },
  );

  subjectTest(suite, "an empty batch is nothing", [THINGS], async (on) => {
    assert.deepEqual(await write(on, "one", []), []);
  });

  subjectTest(
    suite,
    "columns outside the shape, and those that are ABSENT, are left alone",
    [THINGS],
    async (on) => {
      await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
      const shape = { collection: "things", key: ["id"], columns: ["name", "id"] };
      const partial = batchOf(shape, "one", [
        move(keyOf(1), ["a", 1], ["A", 1]),
        creation(keyOf(2), ["b", 2]),
      ]);
      assert.deepEqual(kindsOf(await writeOnce(on.replica, partial)), ["applied", "applied"]);
      assert.deepEqual(await sorted(on), [
        [1, "A", 1],
        [2, "b", null],
      ]);
      const outcomes = await write(on, "two", [
        move(keyOf(1), [1, "A", 1], [1, ABSENT, 5]),
        creation(keyOf(3), [3, ABSENT, 3]),
      ]);
      assert.deepEqual(kindsOf(outcomes), ["applied", "applied"]);
      assert.deepEqual(await sorted(on), [
        [1, "A", 5],
        [2, "b", null],
        [3, null, 3],
      ]);
      if (rowIn(outcomes[1]) !== undefined) assert.deepEqual(rowIn(outcomes[1]), [3, null, 3]);
    },
  );
}

function testAhead(suite: Suite): void {
  const { assert } = suite;

  subjectTest(
    suite,
    "batches that are under way together land in the order in which they were handed over",
    [THINGS],
    async (on) => {
      const writer = await on.replica.writer(never);
      const [key, step] = [keyOf(1), (writer.ahead ?? 0) + 1];
      const steps: RowWrite[] = [creation(key, [1, "a", 0])];
      for (let n = 1; n < 12; n++) steps.push(move(key, [1, "a", n - 1], [1, "a", n]));
      const batches = steps.map((each, n) => ({
        ...batchOf(things, `b${n}`, [each]),
        settled: [],
      }));
      const kinds: string[] = [];
      for (let at = 0; at < batches.length; at += step) {
        const some = batches.slice(at, at + step).map((batch) => writer.write(batch, never));
        for (const outcomes of await Promise.all(some)) kinds.push(...kindsOf(outcomes));
      }
      const finished = [...kindsOf(await writer.finish(never))];
      const all = kinds.map((kind) => (kind === "staged" ? finished.shift() : kind));
      assert.deepEqual(new Set(all), new Set(["applied"]));
      assert.deepEqual(await sorted(on), [[1, "a", 11]]);
    },
  );
}

function testKeys(suite: Suite): void {
  const { assert } = suite;

  subjectTest(suite, "a row may get another key in one write", [PAIRS], async (on) => {
    await on.edit("pairs", ["a", 1], { note: "n", place: "a", number: 1 });
    const from = ["n", "a", 1];
    const to = ["n", "b", 2];
    const batch = batchOf(shapeOf(PAIRS), "one", [move(keyOf("a", 1), from, to)]);
    assert.deepEqual(kindsOf(await writeOnce(on.replica, batch)), ["applied"]);
    assert.deepEqual(await on.look("pairs"), [to]);
  });

  subjectTest(suite, "writes name rows by the key of their shape", [CODES], async (on) => {
    await on.edit("codes", [1], { id: 1, code: "a", label: "l" });
    const shape = { collection: "codes", key: ["code"], columns: ["code", "id", "label"] };
    const outcomes = await writeOnce(
      on.replica,
      batchOf(shape, "one", [
        move(keyOf("a"), ["a", 1, "l"], ["a", 1, "m"]),
        creation(keyOf("b"), ["b", 2, "n"]),
        creation(keyOf("a"), ["a", 3, "o"]),
      ]),
    );
    assert.deepEqual(kindsOf(outcomes), ["applied", "applied", "stale"]);
    assert.deepEqual(await sorted(on, "codes"), [
      [1, "a", "m"],
      [2, "b", "n"],
    ]);
  });
}

function testComparing(suite: Suite): void {
  const { assert } = suite;
  const digestOf = (row: OwnRow) => JSON.stringify(row);
  const digest = (row: OwnRow): Expected => ({ kind: "digest", digest: digestOf(row), digestOf });
  const held: OwnRow = [1, "a", 1];
  const other: OwnRow = [1, "x", 1];
  const absent: Expected = { kind: "absent" };
  const missing: Expected = { kind: "row", row: [2, "b", 2] };
  const cases: readonly (readonly [string, RowWrite, OwnRow | null])[] = [
    ["a creation where a row is", { key: keyOf(1), expected: absent, to: other }, held],
    ["a change of another row", move(keyOf(1), [1, "b", 1], other), held],
    ["a deletion of another row", move(keyOf(1), [1, "b", 1], null), held],
    ["a change of no row", { key: keyOf(2), expected: missing, to: [2, "y", 2] }, null],
    ["a deletion of no row", { key: keyOf(2), expected: missing, to: null }, null],
    ["a digest of another row", { key: keyOf(1), expected: digest(other), to: other }, held],
    ["a digest of no row", { key: keyOf(2), expected: digest(other), to: other }, null],
  ];

  for (const [name, stale, row] of cases) {
    subjectTest(
      suite,
      `${name} is stale, returns what is there and writes nothing`,
      [THINGS],
      async (on) => {
        if ((await described(on.replica, THINGS)).capabilities.compareAndSet === "none") return;
        await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
        const outcomes = await write(on, "one", [stale, creation(keyOf(9), [9, "z", 9])]);
        assert.deepEqual(kindsOf(outcomes), ["stale", "applied"]);
        assert.deepEqual(rowIn(outcomes[0]), row);
        assert.deepEqual(await sorted(on), [held, [9, "z", 9]]);
      },
    );
  }

  subjectTest(suite, "a digest that fits lets a write through", [THINGS], async (on) => {
    await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
    const outcomes = await write(on, "one", [{ key: keyOf(1), expected: digest(held), to: other }]);
    assert.deepEqual(kindsOf(outcomes), ["applied"]);
    assert.deepEqual(await sorted(on), [other]);
  });

  subjectTest(
    suite,
    "where nothing is compared a write lands on whatever is there",
    [THINGS],
    async (on) => {
      if ((await described(on.replica, THINGS)).capabilities.compareAndSet !== "none") return;
      await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
      const outcomes = await write(on, "one", [move(keyOf(1), [1, "b", 1], other)]);
      assert.deepEqual(kindsOf(outcomes), ["applied"]);
      assert.deepEqual(await sorted(on), [other]);
    },
  );

  subjectTest(suite, "within a batch each write sees the ones before it", [THINGS], async (on) => {
    const outcomes = await write(on, "one", [
      creation(keyOf(1), [1, "a", 1]),
      move(keyOf(1), [1, "a", 1], [1, "b", 1]),
      move(keyOf(1), [1, "b", 1], null),
    ]);
    assert.deepEqual(kindsOf(outcomes), ["applied", "applied", "applied"]);
    assert.deepEqual(await sorted(on), []);
  });
}
