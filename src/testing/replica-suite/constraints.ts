// Writers: constraints, references, and stores that commit at the end.
import type { Outcome } from "../../engine/replica.ts";
import {
  CHILDREN,
  CODES,
  PARENTS,
  THINGS,
  batchOf,
  creation,
  described,
  errorIn,
  hasRules,
  keyOf,
  kindsOf,
  move,
  never,
  shapeOf,
  sorted,
  subjectTest,
  writeOnce,
  rejects,
} from "./subject.ts";
import type { Suite } from "./subject.ts";
const things = shapeOf(THINGS);

/** Declares the tests of what a store forbids, and of when it commits. */
export function testConstraints(suite: Suite): void {
  testUnique(suite);
  testReferences(suite);
  testStaging(suite);
}

function testUnique(suite: Suite): void {
  const { assert } = suite;
  const shape = shapeOf(CODES);

  subjectTest(suite, "a broken constraint refuses its row and no other", [CODES], async (on) => {
    if (!(await hasRules(on.replica, CODES))) return;
    await on.edit("codes", [1], { id: 1, code: "a", label: "l" });
    const writes = Array.from({ length: 30 }, (_, index) =>
      creation(keyOf(index + 10), [index + 10, `c${index}`, "l"]),
    );
    writes[3] = creation(keyOf(13), [13, "a", "the code of row 1"]);
    writes[17] = creation(keyOf(27), [27, "c27", null]);
    const outcomes = await writeOnce(on.replica, batchOf(shape, "one", writes));
    const refused = outcomes.flatMap((each, index) => (each.kind === "refused" ? [index] : []));
    assert.deepEqual(refused, [3, 17]);
    assert.equal(errorIn(outcomes[3])?.code, "CONSTRAINT");
    assert.ok(errorIn(outcomes[3])?.message.includes("code"));
    assert.equal(errorIn(outcomes[17])?.code, "CONSTRAINT");
    assert.ok(errorIn(outcomes[17])?.message.includes("label"));
    assert.equal((await on.look("codes")).length, 29);
  });

  subjectTest(
    suite,
    "a change that breaks a constraint leaves its row as it was",
    [CODES],
    async (on) => {
      if (!(await hasRules(on.replica, CODES))) return;
      await on.edit("codes", [1], { id: 1, code: "a", label: "l" });
      await on.edit("codes", [2], { id: 2, code: "b", label: "m" });
      const outcomes = await writeOnce(
        on.replica,
        batchOf(shape, "one", [
          move(keyOf(2), [2, "b", "m"], [2, "a", "m"]),
          move(keyOf(1), [1, "a", "l"], [1, "a", null]),
        ]),
      );
      assert.deepEqual(kindsOf(outcomes), ["refused", "refused"]);
      assert.deepEqual(await sorted(on, "codes"), [
        [1, "a", "l"],
        [2, "b", "m"],
      ]);
    },
  );
}

function testReferences(suite: Suite): void {
  const { assert } = suite;
  const children = shapeOf(CHILDREN);
  const both = [PARENTS, CHILDREN];

  subjectTest(suite, "a row whose parent is missing waits, the others land", both, async (on) => {
    if (!(await hasRules(on.replica, CHILDREN))) return;
    await on.edit("parents", [1], { id: 1, name: "p" });
    const outcomes = await writeOnce(
      on.replica,
      batchOf(children, "one", [
        creation(keyOf(10), [10, 1, null]),
        creation(keyOf(11), [11, 99, null]),
        creation(keyOf(12), [12, 1, null]),
      ]),
    );
    assert.deepEqual(kindsOf(outcomes), ["applied", "later", "applied"]);
    assert.equal(errorIn(outcomes[1])?.code, "CONSTRAINT");
    assert.deepEqual(await sorted(on, "children"), [
      [10, 1, null],
      [12, 1, null],
    ]);
  });

  subjectTest(
    suite,
    "within a batch a row may refer to one that comes after it",
    both,
    async (on) => {
      if (!(await hasRules(on.replica, CHILDREN))) return;
      const outcomes = await writeOnce(
        on.replica,
        batchOf(children, "one", [
          creation(keyOf(10), [10, null, 11]),
          creation(keyOf(11), [11, null, 12]),
          creation(keyOf(12), [12, null, 12]),
          creation(keyOf(13), [13, null, 77]),
          creation(keyOf(14), [14, null, 13]),
        ]),
      );
      assert.deepEqual(kindsOf(outcomes), ["applied", "applied", "applied", "later", "later"]);
      assert.equal((await on.look("children")).length, 3);
    },
  );

  subjectTest(
    suite,
    "a row that is referred to is not deleted, and may be later",
    both,
    async (on) => {
      if (!(await hasRules(on.replica, CHILDREN))) return;
      await on.edit("parents", [1], { id: 1, name: "p" });
      await on.edit("parents", [2], { id: 2, name: "q" });
      await on.edit("children", [10], { id: 10, parent: 1, elder: null });
      const parents = shapeOf(PARENTS);
      const deletions = [move(keyOf(1), [1, "p"], null), move(keyOf(2), [2, "q"], null)];
      const outcomes = await writeOnce(on.replica, batchOf(parents, "one", deletions));
      assert.deepEqual(kindsOf(outcomes), ["later", "applied"]);
      assert.deepEqual(await on.look("parents"), [[1, "p"]]);
      await on.edit("children", [10], null);
      const again = batchOf(parents, "two", deletions.slice(0, 1));
      assert.deepEqual(kindsOf(await writeOnce(on.replica, again)), ["applied"]);
    },
  );
}

function testStaging(suite: Suite): void {
  const { assert } = suite;

  subjectTest(
    suite,
    "a store that commits at the end stages, and an abort gives it up",
    [THINGS],
    async (on) => {
      if ((await described(on.replica, THINGS)).capabilities.commits !== "finish") return;
      const writer = await on.replica.writer(never);
      const batch = batchOf(things, "one", [creation(keyOf(1), [1, "a", 1])]);
      assert.deepEqual(kindsOf(await writer.write(batch, never)), ["staged"]);
      assert.deepEqual(await on.look("things"), []);
      await writer.abort();
      assert.deepEqual(await on.look("things"), []);
      const second = await on.replica.writer(never);
      const outcomes: Outcome[] = [];
      outcomes.push(...(await second.write({ ...batch, id: "two" }, never)));
      const stale = batchOf(things, "three", [creation(keyOf(1), [1, "b", 1])]);
      outcomes.push(...(await second.write(stale, never)));
      assert.deepEqual(kindsOf(outcomes), ["staged", "staged"]);
      assert.deepEqual(kindsOf(await second.finish(never)), ["applied", "stale"]);
      assert.deepEqual(await on.look("things"), [[1, "a", 1]]);
    },
  );

  subjectTest(
    suite,
    "what a page committed stays when the writer is given up",
    [THINGS],
    async (on) => {
      if ((await described(on.replica, THINGS)).capabilities.commits !== "page") return;
      const writer = await on.replica.writer(never);
      await writer.write(batchOf(things, "one", [creation(keyOf(1), [1, "a", 1])]), never);
      await writer.abort();
      assert.deepEqual(await on.look("things"), [[1, "a", 1]]);
    },
  );

  subjectTest(suite, "a collection that does not exist cannot be written", [THINGS], async (on) => {
    const writer = await on.replica.writer(never);
    const batch = batchOf({ ...things, collection: "thinks" }, "one", [
      creation(keyOf(1), [1, "a", 1]),
    ]);
    await rejects(suite, () => writer.write(batch, never), { code: "COLLECTION_MISSING" });
    const good = batchOf(things, "two", [creation(keyOf(1), [1, "a", 1])]);
    const outcomes = await writer.write(good, never);
    assert.ok(outcomes[0]?.kind === "applied" || outcomes[0]?.kind === "staged");
    await writer.finish(never);
  });
}
