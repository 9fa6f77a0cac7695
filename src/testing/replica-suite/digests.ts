// Digests of ranges, where a replica makes them: they are those of the rows that it lists.
import { assert as hold } from "../../core/errors.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import type { Digester, DigestSpec, RangeDigest } from "../../engine/digester.ts";
import { digestForm, makeRangeBytes } from "../../engine/range-bytes.ts";
import type { Replica } from "../../engine/replica.ts";
import {
  PAIRS,
  THINGS,
  keyOf,
  listAll,
  never,
  shapeOf,
  subjectTest,
  type Subject,
  type Suite,
  type SuiteCollection,
} from "./subject.ts";

/** Declares the tests of `digester`. A replica that digests nothing passes them. */
export function testDigests(suite: Suite): void {
  const { sha256 } = suite;
  if (sha256 === undefined) return;
  testWhole({ ...suite, sha256 });
  testBetween({ ...suite, sha256 });
  testMoment({ ...suite, sha256 });
}

type Hashing = Suite & Required<Pick<Suite, "sha256">>;

const SALT = "endsheregonehere";

/** Values with what could be taken for something else. */
const NAMES: readonly Value[] = ["", null, "a", "endshere", "a\u0001é", "gonehere ", "😀\n\\"];
const AMOUNTS: readonly Value[] = [0, -1, null, 2 ** 32, -(2 ** 53) + 1, 2n ** 63n - 1n];

const things = (count: number): readonly OwnRow[] =>
  Array.from({ length: count }, (_, at) => [
    at * 3 - 4,
    NAMES[at % NAMES.length] ?? null,
    AMOUNTS[at % AMOUNTS.length] ?? null,
  ]);

async function fill(on: Subject, rows: readonly OwnRow[]): Promise<void> {
  for (const [id = null, name = null, amount = null] of rows) {
    await on.edit("things", [id], { id, name, amount });
  }
}

function specFor(collection: SuiteCollection): DigestSpec {
  const fields = collection.fields.map(({ name, type }) => ({ column: name, type }));
  return { shape: shapeOf(collection), fields, salt: SALT };
}

/** Runs where the replica digests this collection. */
async function digesting(
  replica: Replica,
  collection: SuiteCollection,
  run: (digester: Digester) => Promise<void>,
): Promise<void> {
  const digester = await replica.digester?.(specFor(collection), never);
  if (digester === undefined) return;
  try {
    await run(digester);
  } finally {
    await digester.close();
  }
}

interface Listed {
  readonly collection: SuiteCollection;
  readonly keys: readonly Key[];
  readonly rows: readonly OwnRow[];
}

async function listed(replica: Replica, collection: SuiteCollection): Promise<Listed> {
  const pages = await listAll(replica, shapeOf(collection));
  const rows = pages.flatMap((page) => page.rows).filter((row) => row !== null);
  return { collection, keys: pages.flatMap((page) => page.keys), rows };
}

interface Range {
  readonly after: Key | null;
  readonly to: Key | null;
}

/** What the digest of a range of these rows has to be. */
function expected(
  { sha256 }: Hashing,
  { collection, keys, rows }: Listed,
  { after, to }: Range,
): RangeDigest {
  const within = rows.filter((_, at) => {
    const key = keys[at] ?? "";
    return (after === null || key > after) && (to === null || key <= to);
  });
  const fields = collection.fields.map(({ type }, at) => ({ at, form: digestForm(type) }));
  const bytes = makeRangeBytes(fields, SALT)(within);
  hold(bytes !== undefined, "the suite's own rows can be digested");
  return { to, rows: within.length, digest: sha256(bytes) };
}

/** A range of no rows may have any digest. */
function comparable(range: RangeDigest | undefined): unknown {
  return range?.rows === 0 ? { to: range.to, rows: 0 } : range;
}

async function allRanges(digester: Digester, rowsMax: number): Promise<readonly RangeDigest[]> {
  const ranges: RangeDigest[] = [];
  for await (const batch of digester.ranges(rowsMax)) ranges.push(...batch);
  return ranges;
}

function testWhole(suite: Hashing): void {
  const { assert } = suite;
  for (const count of [0, 1, 2, 3, 7, 20]) {
    const name = `the ranges of ${count} rows cover them in order, with the digests of their rows`;
    subjectTest(suite, name, [THINGS], async (on) => {
      await fill(on, things(count));
      const all = await listed(on.replica, THINGS);
      await digesting(on.replica, THINGS, async (digester) => {
        const ranges = await allRanges(digester, 3);
        let after: Key | null = null;
        for (const range of ranges) {
          assert.ok(range.rows <= 3, "no range has more rows than were asked for");
          const known = expected(suite, all, { after, to: range.to });
          assert.deepEqual(comparable(range), comparable(known));
          after = range.to;
        }
        assert.equal(after, null, "the last range goes on to the end");
      });
    });
  }

  subjectTest(suite, "ranges go by all parts of a key, in our order", [PAIRS], async (on) => {
    for (const [place, number] of [
      ["a", 2],
      ["B", 1],
      ["a", 10],
      ["é", 1],
      ["a", -1],
    ] as const) {
      await on.edit("pairs", [place, number], { place, number, note: null });
    }
    const all = await listed(on.replica, PAIRS);
    await digesting(on.replica, PAIRS, async (digester) => {
      let after: Key | null = null;
      for (const range of await allRanges(digester, 2)) {
        const known = expected(suite, all, { after, to: range.to });
        assert.deepEqual(comparable(range), comparable(known));
        after = range.to;
      }
    });
  });
}

function testBetween(suite: Hashing): void {
  const { assert } = suite;
  subjectTest(
    suite,
    "ranges between any bounds have their digests and rows",
    [THINGS],
    async (on) => {
      await fill(on, things(12));
      const all = await listed(on.replica, THINGS);
      await digesting(on.replica, THINGS, async (digester) => {
        const bounds = [
          keyOf(-100),
          keyOf(-4),
          keyOf(0),
          keyOf(5),
          keyOf(6),
          keyOf(2n ** 62n),
          null,
        ];
        for (const from of [null, keyOf(-4), keyOf(1), keyOf(1000)]) {
          const above = bounds.filter((to) => to === null || from === null || to > from);
          const ranges = (await digester.between(from, above)) ?? [];
          assert.equal(ranges.length, above.length);
          let after = from;
          for (const [at, to] of above.entries()) {
            const known = expected(suite, all, { after, to });
            assert.deepEqual(comparable(ranges[at]), comparable(known));
            const keys: Key[] = [];
            let covered: Key | null | undefined;
            for await (const page of digester.list(after, to)) {
              keys.push(...page.keys);
              covered = page.covers?.to;
            }
            const within = all.keys.filter((key) => {
              return (after === null || key > after) && (to === null || key <= to);
            });
            assert.deepEqual(keys, within);
            assert.equal(covered, to, "the last page covers the range to its end");
            after = to;
          }
        }
      });
    },
  );
}

function testMoment(suite: Hashing): void {
  const { assert } = suite;
  subjectTest(suite, "digests and their rows are of one moment", [THINGS], async (on) => {
    const rows = things(6);
    await fill(on, rows);
    const all = await listed(on.replica, THINGS);
    await digesting(on.replica, THINGS, async (digester) => {
      await on.edit("things", [-4], { id: -4, name: "later", amount: 1 });
      await on.edit("things", [1000], { id: 1000, name: "later", amount: 1 });
      const whole = expected(suite, all, { after: null, to: null });
      const [first] = await allRanges(digester, 100);
      assert.deepEqual(first, whole);
      await on.edit("things", [-1], null);
      assert.deepEqual(await digester.between(null, [null]), [whole]);
      const found: (OwnRow | null)[] = [];
      for await (const page of digester.list(null, null)) found.push(...page.rows);
      assert.deepEqual(found, rows);
    });
  });
}
