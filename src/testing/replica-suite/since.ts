// Columns that tell what changed, where a replica can be asked by one.
import type { OwnRow } from "../../core/state.ts";
import type { Cursor, FeedPage, Replica, Shape } from "../../engine/replica.ts";
import { THINGS, described, keyOf, never, rejects, shapeOf, subjectTest } from "./subject.ts";
import type { Subject, Suite } from "./subject.ts";

/** Declares the tests of `Shape.since`. */
export function testSince(suite: Suite): void {
  const { assert } = suite;

  sinceTest(suite, "after its head a column tells what has grown since", async (on) => {
    await put(on, 1, 10);
    await put(on, 2, 20);
    const head = await headOf(on.replica, by(0));
    await put(on, 1, 21);
    await put(on, 3, 22);
    const { rows } = await told(on.replica, by(0), head);
    // Those of the head itself are told again: more of them may follow.
    assert.deepEqual(rows, [row(2, 20), row(1, 21), row(3, 22)]);
  });

  sinceTest(suite, "what comes late is told within the overlap, and not beyond it", async (on) => {
    await put(on, 1, 100);
    const head = await headOf(on.replica, by(10));
    await put(on, 2, 90);
    await put(on, 3, 89);
    const { rows, cursor } = await told(on.replica, by(10), head);
    assert.deepEqual(rows, [row(2, 90), row(1, 100)]);
    await put(on, 4, 95);
    const again = await told(on.replica, by(10), cursor);
    assert.deepEqual(again.rows, [row(2, 90), row(4, 95), row(1, 100)]);
  });

  sinceTest(
    suite,
    "a column tells rows as they are, each once, and none that is gone",
    async (on) => {
      const start = await headOf(on.replica, by(0));
      await put(on, 1, 1);
      await put(on, 1, 3);
      await put(on, 2, 2);
      await on.edit("things", [2], null);
      await on.edit("things", [3], { id: 3, name: "unsaid", amount: null });
      const { rows, pages, cursor } = await told(on.replica, by(0), start);
      assert.deepEqual(rows, [row(1, 3)]);
      assert.ok(pages.every((page) => page.isNow === true && page.collection === "things"));
      assert.deepEqual(
        pages.flatMap((page) => page.keys),
        [keyOf(1)],
      );
      assert.deepEqual((await told(await on.reopen(), by(0), cursor)).rows, [row(1, 3)]);
    },
  );

  sinceTest(suite, "without a cursor a column tells from the beginning, in order", async (on) => {
    const amounts = [5, -3, 2 ** 31 - 1, 0];
    for (const [id, amount] of amounts.entries()) await put(on, id, amount);
    const { rows } = await told(on.replica, by(0), undefined);
    assert.deepEqual(
      rows.map((each) => each[2]),
      amounts.toSorted((a, b) => a - b),
    );
  });

  sinceTest(suite, "a cursor of another kind is refused", async (on) => {
    for (const cursor of ["nonsense", "[]", '{"a":1}', ""]) {
      await rejects(suite, () => told(on.replica, by(0), cursor), { code: "CURSOR_LOST" });
    }
  });

  sinceTest(suite, "many rows of one moment are all told", async (on) => {
    for (let id = 0; id < 30; id++) await put(on, id, 7);
    const head = await headOf(on.replica, by(0));
    const { rows } = await told(on.replica, by(0), head);
    assert.deepEqual(
      rows.map((each) => Number(each[0])).sort((a, b) => a - b),
      Array.from({ length: 30 }, (_, id) => id),
    );
  });
}

const row = (id: number, amount: number): OwnRow => [id, `n${id}`, amount];

async function put(on: Subject, id: number, amount: number): Promise<void> {
  await on.edit("things", [id], { id, name: `n${id}`, amount });
}

/** Things whose amount tells. */
function by(count: number): Shape {
  return { ...shapeOf(THINGS), since: { column: "amount", overlap: { kind: "number", count } } };
}

async function headOf(replica: Replica, shape: Shape): Promise<Cursor | undefined> {
  return await replica.head?.([shape], never);
}

async function told(replica: Replica, shape: Shape, from: Cursor | undefined) {
  const pages: FeedPage[] = [];
  for await (const page of replica.changes([shape], from, never)) pages.push(page);
  const rows = pages.flatMap((page) => page.rows);
  return {
    pages,
    rows: rows.filter((each) => each !== null),
    cursor: pages.at(-1)?.cursor ?? from,
  };
}

function sinceTest(suite: Suite, name: string, run: (on: Subject) => Promise<void>): void {
  subjectTest(suite, name, [THINGS], async (on) => {
    const { capabilities } = await described(on.replica, THINGS);
    if (capabilities.sinceColumns?.includes("integer") === true) await run(on);
  });
}
