// Packers: new rows that go to their store as one. Stores that have none are asked nothing.
import { ABSENT } from "../../core/state.ts";
import type { OwnRow, Value } from "../../core/state.ts";
import { sameAll } from "../../core/values.ts";
import type { Packed, Packer } from "../../engine/packer.ts";
import type { Batch, Outcome, Shape, Writer } from "../../engine/replica.ts";
import {
  CODES,
  THINGS,
  creation,
  described,
  keyOf,
  kindsOf,
  never,
  rowIn,
  rowsListed,
  shapeOf,
  subjectTest,
} from "./subject.ts";
import type { Subject, Suite, SuiteCollection } from "./subject.ts";
import { collectionOf, EDGES } from "./values.ts";

const shape = shapeOf(THINGS);

/** Values that are no canonical forms, or of another type. */
const ODD: readonly Value[] = [
  "7",
  7,
  7n,
  -0,
  true,
  "true",
  "1.50",
  1.5,
  NaN,
  [1],
  "\ud800",
  ABSENT,
];

/** Declares the tests of `packer`. */
export function testPacks(suite: Suite): void {
  const { assert } = suite;

  for (const [type, values] of EDGES) {
    const collection = collectionOf(type);
    const name = `what a packer takes of ${type.kind} is stored as it was told`;
    packsTest(suite, name, [collection], async ({ replica }, { writer, packer }) => {
      const rows: OwnRow[] = [];
      for (const value of [...values, ...ODD] as const) {
        const row: OwnRow = [rows.length, value];
        if (packer.add([row])) rows.push(row);
      }
      const packed = packer.end();
      assert.equal(packed.count, rows.length);
      assert.ok(isSame(packed.rows(), rows));
      const outcomes = await writer.write(batchOf(shapeOf(collection), "one", packed), never);
      assert.equal(outcomes.length, rows.length);
      for (const [at, outcome] of outcomes.entries()) {
        assert.equal(outcome.kind, "applied");
        assert.ok(sameAll(rowIn(outcome) ?? rows[at] ?? [], rows[at] ?? []));
      }
      assert.ok(isSame(await rowsListed(replica, shapeOf(collection)), rows));
    });
  }

  packsTest(suite, "a packer takes all of some rows or none", [CODES], async (on, made) => {
    const { writer, packer } = made;
    const wrong: OwnRow = [2, "b", null];
    const isRequired = (await described(on.replica, CODES)).fields[2]?.nullable === false;
    assert.equal(packer.add([[1, "a", "A"], wrong]), !isRequired);
    assert.ok(packer.add([[3, "c", "C"]]));
    const packed = packer.end();
    const expected = isRequired ? [3] : [1, 2, 3];
    assert.deepEqual(
      packed.rows().map(([id]) => id),
      expected,
    );
    assert.ok(packer.add([[4, "d", "D"]]), "it can be used again");
    await writer.write(batchOf(shapeOf(CODES), "one", packed), never);
    await writer.write(batchOf(shapeOf(CODES), "two", packer.end()), never);
    const rows = await rowsListed(on.replica, shapeOf(CODES));
    assert.deepEqual(
      rows.map(([id]) => id),
      [...expected, 4],
    );
  });

  packsTest(suite, "of packed rows all land but those at fault", [THINGS], async (on, made) => {
    const { writer, packer } = made;
    await on.edit("things", [2], { id: 2, name: "a user's", amount: 2 });
    assert.ok(packer.add([thing(1), thing(2), thing(3)]));
    const packed = packer.end();
    const outcomes = await writer.write(batchOf(shape, "one", packed), never);
    assert.deepEqual(kindsOf(outcomes), ["applied", "stale", "applied"]);
    assert.deepEqual(rowIn(outcomes[1]), [2, "a user's", 2]);
    const { capabilities } = await described(on.replica, THINGS);
    if (!capabilities.marks) return;
    assert.deepEqual(await on.replica.marks("link", never), [{ id: "one", missed: [1] }]);
  });

  packsTest(suite, "packed rows that landed are not put twice", [THINGS], async (on, made) => {
    const { capabilities } = await described(on.replica, THINGS);
    if (!capabilities.marks) return;
    const { writer, packer } = made;
    assert.ok(packer.add([thing(1), thing(2)]));
    const packed = packer.end();
    assert.deepEqual(kindsOf(await writer.write(batchOf(shape, "one", packed), never)), LANDED);
    await on.edit("things", [1], { id: 1, name: "a user's", amount: 1 });
    const other = await (await on.reopen()).writer(never);
    const again = await other.packer?.(shape, never);
    assert.ok(again?.add([thing(1), thing(2)]) === true);
    const outcomes = await writer.write(batchOf(shape, "one", again?.end() ?? packed), never);
    await other.finish(never);
    assert.deepEqual(kindsOf(outcomes), LANDED);
    assert.deepEqual(outcomes.map(isAgain), [true, true]);
    assert.deepEqual(rowIn(outcomes[0]), [1, "a user's", 1]);
    assert.deepEqual(await on.replica.marks("link", never), [{ id: "one", missed: [] }]);
  });
}

const LANDED = ["applied", "applied"];

const isSame = (some: readonly OwnRow[], others: readonly OwnRow[]): boolean =>
  some.length === others.length && some.every((row, at) => sameAll(row, others[at] ?? []));

const thing = (id: number): OwnRow => [id, `name ${id}`, id];

const isAgain = (outcome: Outcome): boolean => outcome.kind === "applied" && outcome.again === true;

interface Made {
  readonly writer: Writer;
  readonly packer: Packer;
}

/** A test with a writer that packs, which is finished at its end. */
function packsTest(
  suite: Suite,
  name: string,
  collections: readonly [SuiteCollection, ...SuiteCollection[]],
  run: (on: Subject, made: Made) => Promise<void>,
): void {
  subjectTest(suite, name, collections, async (on) => {
    const writer = await on.replica.writer(never);
    const packer = await writer.packer?.(shapeOf(collections[0]), never);
    if (packer !== undefined) await run(on, { writer, packer });
    await writer.finish(never);
  });
}

/** A batch of packed rows; their key is their first column. */
function batchOf(of: Shape, id: string, packed: Packed): Batch {
  return {
    id,
    link: "link",
    shape: of,
    settled: [],
    packed,
    get writes() {
      return packed.rows().map((row) => creation(keyOf(row[0] ?? null), row));
    },
  };
}
