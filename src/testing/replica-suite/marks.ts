// Markers: what proves after a crash which batches landed.
import {
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
  subjectTest,
  writeOnce,
} from "./subject.ts";
import type { Subject, Suite } from "./subject.ts";

const shape = shapeOf(THINGS);

/** Declares the tests of `marks`, `settled` and `forget`. */
export function testMarks(suite: Suite): void {
  const { assert } = suite;

  marksTest(suite, "a marker says which writes of its batch did not land", async (on) => {
    await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
    await writeOnce(
      on.replica,
      batchOf(shape, "one", [
        creation(keyOf(2), [2, "b", 2]),
        creation(keyOf(1), [1, "x", 1]),
        creation(keyOf(3), [3, "c", 3]),
      ]),
    );
    assert.deepEqual(await on.replica.marks("link", never), [{ id: "one", missed: [1] }]);
    assert.deepEqual(await on.replica.marks("another", never), []);
    assert.deepEqual(await (await on.reopen()).marks("link", never), [{ id: "one", missed: [1] }]);
  });

  marksTest(suite, "markers are kept in the order in which they were left", async (on) => {
    for (const [index, id] of ["z", "a", "m"].entries()) {
      await writeOnce(on.replica, batchOf(shape, id, [creation(keyOf(index), [index, id, 0])]));
    }
    const ids = (await on.replica.marks("link", never)).map((mark) => mark.id);
    assert.deepEqual(ids, ["z", "a", "m"]);
  });

  marksTest(suite, "a batch that landed is answered, not written again", async (on) => {
    const batch = batchOf(shape, "one", [
      creation(keyOf(1), [1, "a", 1]),
      creation(keyOf(2), [2, "b", 2]),
      move(keyOf(3), [3, "?", 3], null),
    ]);
    await writeOnce(on.replica, batch);
    await on.edit("things", [1], { id: 1, name: "a user's", amount: 1 });
    await on.edit("things", [2], null);
    const outcomes = await writeOnce(await on.reopen(), batch);
    assert.deepEqual(kindsOf(outcomes), ["applied", "applied", "stale"]);
    assert.deepEqual(outcomes.map(rowIn), [[1, "a user's", 1], null, null]);
    for (const outcome of outcomes) {
      assert.equal(outcome.kind === "applied" ? outcome.again : undefined, againOf(outcome.kind));
    }
    assert.deepEqual(await on.look("things"), [[1, "a user's", 1]]);
    assert.deepEqual(await on.replica.marks("link", never), [{ id: "one", missed: [2] }]);
  });

  marksTest(suite, "the id of another link's batch is another id", async (on) => {
    const batch = batchOf(shape, "one", [creation(keyOf(1), [1, "a", 1])]);
    await writeOnce(on.replica, batch);
    const outcomes = await writeOnce(on.replica, { ...batch, link: "another" });
    assert.deepEqual(kindsOf(outcomes), ["stale"]);
  });

  marksTest(
    suite,
    "a batch of which nothing landed leaves no marker and may be sent again",
    async (on) => {
      const missing = batchOf(shape, "one", [move(keyOf(1), [1, "a", 1], [1, "b", 1])]);
      assert.deepEqual(kindsOf(await writeOnce(on.replica, missing)), ["stale"]);
      assert.deepEqual(await on.replica.marks("link", never), []);
      await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
      assert.deepEqual(kindsOf(await writeOnce(on.replica, missing)), ["applied"]);
    },
  );

  testSettling(suite);
}

function testSettling(suite: Suite): void {
  const { assert } = suite;

  marksTest(suite, "markers that are settled go, the others stay", async (on) => {
    for (const [index, id] of ["a", "b", "c"].entries()) {
      await writeOnce(on.replica, batchOf(shape, id, [creation(keyOf(index), [index, id, 0])]));
    }
    const write = [creation(keyOf(9), [9, "d", 0])];
    await writeOnce(on.replica, batchOf(shape, "d", write, ["a", "c", "unknown"]));
    const ids = (await on.replica.marks("link", never)).map((mark) => mark.id);
    assert.deepEqual(ids, ["b", "d"]);
    const stale = [creation(keyOf(9), [9, "e", 0])];
    await writeOnce(on.replica, batchOf(shape, "e", stale, ["b", "d"]));
    assert.deepEqual(await on.replica.marks("link", never), []);
  });

  marksTest(
    suite,
    "a link that is forgotten leaves nothing, the others keep theirs",
    async (on) => {
      const first = batchOf(shape, "one", [creation(keyOf(1), [1, "a", 1])]);
      const second = batchOf(shape, "two", [creation(keyOf(2), [2, "b", 2])]);
      await writeOnce(on.replica, first);
      await writeOnce(on.replica, { ...second, link: "another" });
      const { identity } = await on.replica.describe(never);
      await on.replica.forget("link");
      assert.deepEqual(await on.replica.marks("link", never), []);
      assert.deepEqual(await on.replica.marks("another", never), [{ id: "two", missed: [] }]);
      assert.equal((await on.replica.describe(never)).identity, identity);
      await on.replica.forget("another");
      await on.replica.forget("nobody");
      assert.deepEqual(await on.replica.marks("another", never), []);
      assert.equal((await on.look("things")).length, 2);
    },
  );
}

function againOf(kind: string): true | undefined {
  return kind === "applied" ? true : undefined;
}

function marksTest(suite: Suite, name: string, run: (on: Subject) => Promise<void>): void {
  subjectTest(suite, name, [THINGS], async (on) => {
    if ((await described(on.replica, THINGS)).capabilities.marks) await run(on);
  });
}
