// Feeds of changes, where a replica has a log.
import type { Key } from "../../core/state.ts";
import type { Cursor, FeedPage, Shape } from "../../engine/replica.ts";
import {
  PAIRS,
  THINGS,
  batchOf,
  creation,
  described,
  keyOf,
  never,
  shapeOf,
  subjectTest,
  writeOnce,
} from "./subject.ts";
import type { Subject, Suite } from "./subject.ts";

const things = shapeOf(THINGS);

/** Declares the tests of `changes` and `acknowledge`. */
export function testFeeds(suite: Suite): void {
  const { assert } = suite;

  testHeads(suite);

  feedTest(suite, "a feed tells every change in the order of commits", async (on) => {
    await on.edit("things", [2], { id: 2, name: "b", amount: 2 });
    await writeOnce(on.replica, batchOf(things, "one", [creation(keyOf(1), [1, "a", 1])]));
    await on.edit("things", [2], { id: 2, name: "B", amount: 2 });
    await on.edit("things", [1], null);
    const pages = await follow(on, [things], undefined);
    const keys = pages.flatMap((page) => page.keys);
    assert.deepEqual(
      keys,
      [2, 1, 2, 1].map((id) => keyOf(id)),
    );
    const rows = pages.flatMap((page) => page.rows);
    assert.deepEqual(rows, [[2, "b", 2], [1, "a", 1], [2, "B", 2], null]);
    const positions = pages.flatMap((page) => page.positions ?? []);
    assert.ok(positions.every((at, index) => index === 0 || at > (positions[index - 1] ?? 0)));
  });

  feedTest(suite, "a feed goes on after its cursor, also when it is read again", async (on) => {
    await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
    const cursor = (await follow(on, [things], undefined)).at(-1)?.cursor;
    assert.deepEqual(await follow(on, [things], cursor), []);
    await on.edit("things", [2], { id: 2, name: "b", amount: 2 });
    for (const count of [1, 2]) {
      const keys = (await follow(on, [things], cursor)).flatMap((page) => page.keys);
      assert.deepEqual(keys, [keyOf(2)], `read ${count} times`);
    }
  });

  feedTest(suite, "what was acknowledged may be forgotten, what comes after is not", async (on) => {
    await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
    const cursor = (await follow(on, [things], undefined)).at(-1)?.cursor ?? "";
    await on.edit("things", [2], { id: 2, name: "b", amount: 2 });
    await on.replica.acknowledge(cursor);
    const keys = (await follow(on, [things], cursor)).flatMap((page) => page.keys);
    assert.deepEqual(keys, [keyOf(2)]);
  });

  subjectTest(
    suite,
    "a feed tells of the collections that were asked for",
    [THINGS, PAIRS],
    async (on) => {
      if (!(await described(on.replica, PAIRS)).capabilities.log) return;
      await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
      await on.edit("pairs", ["p", 1], { note: null, place: "p", number: 1 });
      await on.edit("things", [2], { id: 2, name: "b", amount: 2 });
      const only = await follow(on, [shapeOf(PAIRS)], undefined);
      assert.deepEqual(
        only.map((page) => page.collection),
        ["pairs"],
      );
      const both = await follow(on, [things, shapeOf(PAIRS)], undefined);
      assert.deepEqual(
        both.map((page) => page.collection),
        ["things", "pairs", "things"],
      );
    },
  );

  feedTest(suite, "a change of the key is a deletion and a new row", async (on) => {
    await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
    const shape = { collection: "things", key: ["name"], columns: ["name", "amount"] };
    const cursor = (await follow(on, [shape], undefined)).at(-1)?.cursor;
    await on.edit("things", [1], { id: 1, name: "b", amount: 1 });
    const pages = await follow(on, [shape], cursor);
    assert.deepEqual(
      pages.flatMap((page) => page.keys),
      [keyOf("a"), keyOf("b")],
    );
    assert.deepEqual(
      pages.flatMap((page) => page.rows),
      [null, ["b", 1]],
    );
  });
}

function testHeads(suite: Suite): void {
  const { assert } = suite;

  feedTest(suite, "after its head a feed tells what came later, and nothing else", async (on) => {
    await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
    const head = await on.replica.head?.([things], never);
    assert.ok(head !== undefined, "who has a log knows where it stands");
    assert.deepEqual(await follow(on, [things], head), []);
    await on.edit("things", [1], { id: 1, name: "b", amount: 1 });
    await on.edit("things", [2], { id: 2, name: "c", amount: 2 });
    const again = await on.reopen();
    const keys: Key[] = [];
    for await (const page of again.changes([things], head, never)) keys.push(...page.keys);
    assert.deepEqual(keys, [keyOf(1), keyOf(2)]);
    await on.replica.acknowledge(head ?? "");
    const rows = (await follow(on, [things], head)).flatMap((page) => page.rows);
    assert.deepEqual(rows, [
      [1, "b", 1],
      [2, "c", 2],
    ]);
  });
}

async function follow(
  on: Subject,
  shapes: readonly Shape[],
  cursor: Cursor | undefined,
): Promise<readonly FeedPage[]> {
  const pages: FeedPage[] = [];
  for await (const page of on.replica.changes(shapes, cursor, never)) pages.push(page);
  return pages;
}

function feedTest(suite: Suite, name: string, run: (on: Subject) => Promise<void>): void {
  subjectTest(suite, name, [THINGS], async (on) => {
    if ((await described(on.replica, THINGS)).capabilities.log) await run(on);
  });
}
