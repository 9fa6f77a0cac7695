// Values of every logical type, there and back.
import { JSON_NULL } from "../../core/state.ts";
import type { OwnRow, Value } from "../../core/state.ts";
import { canonical } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";
import {
  batchOf,
  creation,
  described,
  errorIn,
  keyOf,
  move,
  never,
  rowIn,
  rowsListed,
  shapeOf,
  subjectTest,
  writeOnce,
} from "./subject.ts";
import type { Subject, Suite, SuiteCollection } from "./subject.ts";

/** Canonical values at the edges of each type. */
export const EDGES: readonly (readonly [LogicalType, readonly Value[]])[] = [
  [{ kind: "integer" }, [null, 0, -1, 2 ** 53 - 1, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]],
  [{ kind: "real" }, [null, 0, 0.1, -1.5, 5, 1e300, 5e-324, Infinity, -Infinity]],
  [{ kind: "text" }, [null, "", " a ", "é😀\u{ffff}", "a\u0000b", "1", "01", "1.50", "'\"\\"]],
  [{ kind: "boolean" }, [null, true, false]],
  [{ kind: "bytes" }, [null, new Uint8Array(), Uint8Array.from([0, 255, 128])]],
  [{ kind: "decimal" }, [null, "0", "0.1", "-12.5", "9007199254740993", "1000000"]],
  [
    { kind: "json" },
    [null, JSON_NULL, true, 12, "text", "", [], {}, [1, null, { a: [] }], { ["__proto__"]: 1 }],
  ],
];

/** Declares the tests of values. */
export function testValues(suite: Suite): void {
  const { assert } = suite;
  for (const [type, values] of EDGES) {
    const collection = collectionOf(type);
    const shape = shapeOf(collection);

    subjectTest(suite, `every ${type.kind} comes back as it went`, [collection], async (on) => {
      const held = await heldBy(on, collection, values);
      const rows = held.map((value, id): OwnRow => [id, value]);
      const writes = rows.map((row) => creation(keyOf(row[0] ?? 0), row));
      const outcomes = await writeOnce(on.replica, batchOf(shape, "one", writes));
      for (const [index, outcome] of outcomes.entries()) {
        assert.equal(outcome.kind, "applied", `value ${index}: ${errorIn(outcome)?.message}`);
        if (rowIn(outcome) !== undefined) assert.deepEqual(rowIn(outcome), rows[index]);
      }
      assert.deepEqual(await rowsListed(on.replica, shape), rows);
      const read = await on.replica.read(
        shape,
        writes.map((each) => each.key),
        never,
      );
      assert.deepEqual(read.rows, rows);
    });

    subjectTest(
      suite,
      `a write compares every ${type.kind} with what is there`,
      [collection],
      async (on) => {
        const held = await heldBy(on, collection, values);
        const rows = held.map((value, id): OwnRow => [id, value]);
        const creations = rows.map((row) => creation(keyOf(row[0] ?? 0), row));
        await writeOnce(on.replica, batchOf(shape, "one", creations));
        const next = held.map((_, id): OwnRow => [id, held[(id + 1) % held.length] ?? null]);
        const moves = rows.map((row, id) => move(keyOf(id), row, next[id] ?? null));
        const outcomes = await writeOnce(on.replica, batchOf(shape, "two", moves));
        assert.ok(outcomes.every((outcome) => outcome.kind === "applied"));
        assert.deepEqual(await rowsListed(on.replica, shape), next);
      },
    );
  }

  const texts = collectionOf({ kind: "text" });
  subjectTest(
    suite,
    "what a described type does not hold is refused, and nothing else",
    [texts],
    async (on) => {
      const type = (await described(on.replica, texts)).fields[1]?.type;
      const outcomes = await writeOnce(
        on.replica,
        batchOf(shapeOf(texts), "one", [creation(keyOf(1), [1, "a\u0000b"])]),
      );
      const isHeld = type !== undefined && canonical(type, "a\u0000b") !== undefined;
      assert.equal(outcomes[0]?.kind, isHeld ? "applied" : "refused");
      if (!isHeld) assert.equal(errorIn(outcomes[0])?.code, "VALUE_NOT_HELD");
    },
  );

  const numbers = collectionOf({ kind: "integer" });
  subjectTest(
    suite,
    "a value that a column cannot hold is refused by name, alone",
    [numbers],
    async (on) => {
      const field = (await described(on.replica, numbers)).fields[1];
      const wrong: Value = [1, 2];
      const outcomes = await writeOnce(
        on.replica,
        batchOf(shapeOf(numbers), "one", [
          creation(keyOf(1), [1, 1]),
          creation(keyOf(2), [2, wrong]),
          creation(keyOf(3), [3, 3]),
        ]),
      );
      assert.equal(outcomes[1]?.kind, "refused");
      assert.equal(errorIn(outcomes[1])?.code, "VALUE_NOT_HELD");
      assert.ok(errorIn(outcomes[1])?.message.includes(field?.name ?? "value"));
      assert.deepEqual(await rowsListed(on.replica, shapeOf(numbers)), [
        [1, 1],
        [3, 3],
      ]);
    },
  );
}

/** Those that the store says it holds. */
async function heldBy(
  { replica }: Subject,
  collection: SuiteCollection,
  values: readonly Value[],
): Promise<readonly Value[]> {
  const type = (await described(replica, collection)).fields[1]?.type ?? { kind: "any" };
  return values.filter((value) => canonical(type, value) !== undefined);
}

/** A collection with one column of a type. */
export function collectionOf(type: LogicalType): SuiteCollection {
  return {
    name: `values of ${type.kind}`,
    fields: [
      { name: "id", type: { kind: "integer" }, nullable: false },
      { name: "value", type, nullable: true },
    ],
    key: ["id"],
  };
}
