// Pages of new rows that are copied straight in, several under way: the same as one row after the
// other would have left them.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { OwnRow, Value } from "../../src/core/state.ts";
import type { Batch, Outcome, Writer } from "../../src/engine/replica.ts";
import { batchOf, creation, never, told, withReplica } from "./scene.ts";

const COLUMNS = ["id", "name", "amount", "raw", "price", "code"];
const TABLE = `CREATE TABLE allowed (amount float8 PRIMARY KEY);
  INSERT INTO allowed VALUES (0.5), (1), (2.25);
  CREATE TABLE t (id bigint PRIMARY KEY, name text NOT NULL UNIQUE,
    amount float8 REFERENCES allowed, raw bytea, price numeric(10,2) CHECK (price <> 13),
    code char(5))`;
/** A table with a trigger is never copied into, whatever the trigger does. */
const WATCHED = `${TABLE};
  CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
  CREATE TRIGGER watched BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION nothing()`;

/** Rows that mostly land; some clash, break a rule, refer to nothing or do not fit. */
const row: fc.Arbitrary<OwnRow> = fc
  .record({
    id: fc.integer({ min: 1, max: 500 }),
    name: fc.oneof(
      { weight: 40, arbitrary: fc.string({ unit: "grapheme", minLength: 6 }) },
      fc.constantFrom<Value>("twice", null, "\ud800", "zero \0"),
    ),
    amount: fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom<Value>(0.5, 1, 2.25, null) },
      fc.constant<Value>(7),
    ),
    raw: fc.option(fc.uint8Array()),
    price: fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom<Value>("1.5", "12.25", "0.125", null) },
      fc.constantFrom<Value>("13", "123456789.5"),
    ),
    code: fc.constantFrom<Value>("a", "abc  ", null),
  })
  .map(({ id, name, amount, raw, price, code }) => [id, name, amount, raw, price, code]);

const pagesOfRows = fc.array(
  fc.uniqueArray(row, { selector: ([id]) => id, minLength: 1, maxLength: 16 }),
  { minLength: 2, maxLength: 6 },
);

test("pages that are copied ahead leave what rows that are looked at leave", async () => {
  await withReplica(TABLE, async (replica, { client }) => {
    await withReplica(WATCHED, async (plain, watched) => {
      await fc.assert(
        fc.asyncProperty(pagesOfRows, async (pages) => {
          const batches = pages.map((rows) =>
            batchOf(
              "t",
              COLUMNS,
              rows.map((each) => creation(...each)),
            ),
          );
          const ahead = await leave(await replica.writer(never), batches, Infinity);
          const alone = await leave(await plain.writer(never), batches, 1);
          assert.deepEqual(ahead, alone);
          const rows = "SELECT * FROM t ORDER BY id";
          assert.deepEqual(
            (await client.query(rows)).rows,
            (await watched.client.query(rows)).rows,
          );
          const left = (await replica.marks("link", never)).map(({ id, missed }) => [id, missed]);
          const expected = (await plain.marks("link", never)).map(({ id, missed }) => [id, missed]);
          assert.deepEqual(left, expected);
          await Promise.all([client, watched.client].map((each) => each.query("DELETE FROM t")));
        }),
        { numRuns: 12 },
      );
    });
  });
});

test("rows that are packed over many pages leave what their pages leave", async () => {
  await withReplica(TABLE, async (replica, { client }) => {
    await withReplica(TABLE, async (plain, other) => {
      const counts = { packed: 0, alone: 0 };
      await fc.assert(
        fc.asyncProperty(pagesOfRows, async (pages) => {
          const batches = pages.map((rows) =>
            batchOf(
              "t",
              COLUMNS,
              rows.map((each) => creation(...each)),
            ),
          );
          const left = await leavePacked(await replica.writer(never), batches, counts);
          const expected = await leave(await plain.writer(never), batches, 1);
          assert.deepEqual(left, expected.map(kindOf));
          const rows = "SELECT * FROM t ORDER BY id";
          assert.deepEqual((await client.query(rows)).rows, (await other.client.query(rows)).rows);
          await Promise.all([client, other.client].map((each) => each.query("DELETE FROM t")));
        }),
        { numRuns: 25 },
      );
      assert.ok(counts.packed > 0 && counts.alone > 0, "some were taken, some were not");
    });
  });
});

/** A row is there; a text, or what is there instead, says why it is not. */
const kindOf = (told: unknown): string =>
  Array.isArray(told) && told[0] !== "stale" ? "there" : "not";

/** Packs the pages that can be, three at once, and writes the others in their places. */
async function leavePacked(
  writer: Writer,
  batches: readonly Batch[],
  counts: { packed: number; alone: number },
): Promise<readonly string[]> {
  const outcomes: Outcome[] = [];
  const [first] = batches;
  const packer = first && (await writer.packer?.(first.shape, never));
  let waiting: Batch[] = [];
  const flush = async (): Promise<void> => {
    const [one] = waiting;
    if (one === undefined || packer === undefined) return;
    const writes = waiting.flatMap((each) => each.writes);
    outcomes.push(...(await writer.write({ ...one, writes, packed: packer.end() }, never)));
    waiting = [];
  };
  for (const batch of batches) {
    if (packer?.add(batch.writes.map(({ to }) => to ?? [])) === true) {
      waiting.push(batch);
      counts.packed += 1;
    } else {
      await flush();
      outcomes.push(...(await writer.write(batch, never)));
      counts.alone += 1;
    }
    if (waiting.length === 3) await flush();
  }
  await flush();
  await writer.finish(never);
  return outcomes.map(({ kind }) => (kind === "applied" ? "there" : "not"));
}

/** Hands over so many pages at once; what became of each write, places left out. */
async function leave(
  writer: Writer,
  batches: readonly Batch[],
  atOnce: number,
): Promise<readonly unknown[]> {
  const outcomes: Outcome[][] = [];
  // The first one is alone: the table is not known before.
  const [first, ...rest] = batches;
  if (first !== undefined) outcomes.push([...(await writer.write(first, never))]);
  const step = Math.min(atOnce, (writer.ahead ?? 0) + 1);
  for (let at = 0; at < rest.length; at += step) {
    const some = rest.slice(at, at + step).map((batch) => writer.write(batch, never));
    outcomes.push(...(await Promise.all(some)).map((each) => [...each]));
  }
  await writer.finish(never);
  return outcomes
    .flatMap(told)
    .map((said) => (typeof said === "string" ? said.replaceAll(/\w+\.t\b/g, "t") : said));
}
