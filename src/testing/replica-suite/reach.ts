// What a deletion would take with it, asked beforehand.
import type { Key } from "../../core/state.ts";
import { PAGE_ROWS_MAX, type Deletions, type Reached } from "../../engine/replica.ts";
import {
  CHILDREN,
  PARENTS,
  WARDS,
  batchOf,
  described,
  keyOf,
  kindsOf,
  move,
  never,
  shapeOf,
  sorted,
  subjectTest,
  writeOnce,
  type Subject,
  type Suite,
} from "./subject.ts";

const wards = shapeOf(WARDS);
const parents = shapeOf(PARENTS);

/** Declares the tests of `reach`, and of deletions that wait for what they would reach. */
export function testReach(suite: Suite): void {
  const { assert } = suite;
  const both = [PARENTS, WARDS];

  reachTest(suite, "who would go or change with a row is told, by its key", async (on) => {
    await fill(on);
    const of = { shape: parents, keys: [1, 2, 3, 9].map((id) => keyOf(id)), referring: [wards] };
    assert.deepEqual(await told(on, of), [
      { from: keyOf(1), collection: "wards", key: keyOf(10), columns: ["parent"], values: [1] },
      { from: keyOf(1), collection: "wards", key: keyOf(12), columns: ["guide"], values: [1] },
      { from: keyOf(2), collection: "wards", key: keyOf(12), columns: ["parent"], values: [2] },
    ]);
    const other = { collection: "wards", key: ["elder", "id"], columns: ["elder", "id"] };
    const [first] = await told(on, { ...of, keys: [keyOf(2)], referring: [other] });
    assert.equal(first?.key, undefined, "its elder is NULL: under that shape it has no key");
  });

  reachTest(suite, "rows of one collection reach each other, and never themselves", async (on) => {
    await fill(on);
    const of = { shape: wards, keys: [10, 11, 13].map((id) => keyOf(id)), referring: [wards] };
    assert.deepEqual(
      (await told(on, of)).map(({ from, key }) => [from, key]),
      [[keyOf(10), keyOf(11)]],
    );
  });

  reachTest(suite, "of a collection that nobody named one row for each is enough", async (on) => {
    await fill(on);
    const of = { shape: parents, keys: [keyOf(1), keyOf(2), keyOf(3)], referring: [] };
    const found = await told(on, of);
    assert.deepEqual([...new Set(found.map(({ from }) => from))], [keyOf(1), keyOf(2)]);
    assert.ok(found.every(({ collection, key }) => collection === "wards" && key === undefined));
  });

  reachTest(suite, "however many rows would go, all of them are told", async (on) => {
    await on.edit("parents", [1], { id: 1, name: "p" });
    const count = PAGE_ROWS_MAX + 50;
    const writes = Array.from({ length: count }, (_, id) => ({
      key: keyOf(id),
      expected: { kind: "absent" } as const,
      to: [id, 1, null, null],
    }));
    await writeOnce(on.replica, batchOf(wards, "one", writes.slice(0, PAGE_ROWS_MAX)));
    await writeOnce(on.replica, batchOf(wards, "two", writes.slice(PAGE_ROWS_MAX)));
    const found = await told(on, { shape: parents, keys: [keyOf(1)], referring: [wards] });
    assert.equal(new Set(found.map(({ key }) => key)).size, count);
    assert.equal(found.length, count);
  });

  subjectTest(
    suite,
    "a row that only forbids a deletion is not reached",
    [PARENTS, CHILDREN],
    async (on) => {
      await on.edit("parents", [1], { id: 1, name: "p" });
      await on.edit("children", [10], { id: 10, parent: 1, elder: null });
      const of = { shape: parents, keys: [keyOf(1)], referring: [shapeOf(CHILDREN)] };
      assert.deepEqual(await told(on, of), []);
    },
  );

  reachTest(suite, "a deletion waits for whom it would reach, or takes them along", async (on) => {
    await fill(on);
    const deletions = [move(keyOf(1), [1, "a"], null), move(keyOf(3), [3, "c"], null)];
    const batch = batchOf(parents, "one", deletions);
    assert.deepEqual(kindsOf(await writeOnce(on.replica, batch)), ["later", "applied"]);
    assert.equal((await sorted(on, "wards")).length, 4, "nothing went, and nothing changed");
    assert.deepEqual((await sorted(on, "wards"))[2], [12, 2, null, 1]);
    const allowed = { ...batchOf(parents, "two", deletions.slice(0, 1)), cascades: true };
    assert.deepEqual(kindsOf(await writeOnce(on.replica, allowed)), ["applied"]);
    assert.deepEqual(await sorted(on, "wards"), [
      [12, 2, null, null],
      [13, null, 13, null],
    ]);
  });

  function reachTest(of: Suite, name: string, run: (on: Subject) => Promise<void>): void {
    subjectTest(of, name, both, async (on) => {
      const { references } = await described(on.replica, WARDS);
      // A store without such references keeps this promise by doing nothing.
      if (references.some(({ onDelete }) => onDelete !== "refuse")) await run(on);
    });
  }
}

/** Ward 10 goes with parent 1, and 11 with 10; 12 goes with 2 and is changed by 1; 13 is alone. */
async function fill(on: Subject): Promise<void> {
  for (const [id, name] of ["a", "b", "c"].entries()) {
    await on.edit("parents", [id + 1], { id: id + 1, name });
  }
  await on.edit("wards", [10], { id: 10, parent: 1, elder: null, guide: null });
  await on.edit("wards", [11], { id: 11, parent: null, elder: 10, guide: null });
  await on.edit("wards", [12], { id: 12, parent: 2, elder: null, guide: 1 });
  await on.edit("wards", [13], { id: 13, parent: null, elder: 13, guide: null });
}

/** Everything that is told, by the rows it is about. */
async function told({ replica }: Subject, of: Deletions): Promise<readonly Reached[]> {
  const found: Reached[] = [];
  if (replica.reach === undefined) return found;
  for await (const page of replica.reach(of, never)) found.push(...page);
  const place = ({ from, key }: Reached): Key => `${from} ${key ?? ""}`;
  return found.sort((a, b) => (place(a) < place(b) ? -1 : 1));
}
