// Listings and reads.
import { ABSENT, type OwnRow, type Value } from "../../core/state.ts";
import { canonical } from "../../core/values.ts";
import { PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Page } from "../../engine/replica.ts";
import {
  CODES,
  PAIRS,
  THINGS,
  batchOf,
  creation,
  described,
  keyOf,
  listAll,
  never,
  rowsListed,
  shapeOf,
  subjectTest,
  writeOnce,
  rejects,
} from "./subject.ts";
import type { Subject, Suite, SuiteCollection } from "./subject.ts";

/** Declares the tests of `list` and `read`. */
export function testLists(suite: Suite): void {
  testOrder(suite);
  testPages(suite);
  testReads(suite);
  testUnfitKeys(suite);
}

const TEXTS = ["", "A", "Z", "a", "a\u0000b", "ab", "b", "é", "\u{ffff}", "\u{10000}", "😀"];
const NUMBERS = [-(2n ** 63n), -9007199254740993n, -2, -1, 0, 1, 9, 10, 2 ** 53, 2n ** 63n - 1n];

const WORDS: SuiteCollection = {
  name: "words",
  fields: [{ name: "word", type: { kind: "text" }, nullable: false }],
  key: ["word"],
};

function testOrder(suite: Suite): void {
  const { assert } = suite;

  subjectTest(suite, "texts are listed in the order of their UTF-8 bytes", [WORDS], async (on) => {
    const type = (await described(on.replica, WORDS)).fields[0]?.type ?? { kind: "any" };
    const words = TEXTS.filter((word) => canonical(type, word) !== undefined);
    for (const word of words.toReversed()) await on.edit("words", [word], { word });
    const pages = await listAll(on.replica, shapeOf(WORDS));
    assert.deepEqual(
      pages.flatMap((page) => page.rows),
      words.map((word) => [word]),
    );
    assert.deepEqual(
      pages.flatMap((page) => page.keys),
      words.map((word) => keyOf(word)),
    );
  });

  subjectTest(
    suite,
    "numbers are listed by their value, big ones exactly",
    [THINGS],
    async (on) => {
      for (const id of NUMBERS.toReversed()) {
        await on.edit("things", [id], { id, name: "n", amount: null });
      }
      const pages = await listAll(on.replica, shapeOf(THINGS));
      assert.deepEqual(
        pages.flatMap((page) => page.keys),
        NUMBERS.map((id) => keyOf(id)),
      );
      const big = pages.flatMap((page) => page.rows).map((row) => row?.[0]);
      assert.equal(big[1], -9007199254740993n);
      assert.equal(big.at(-1), 2n ** 63n - 1n);
      assert.equal(big[4], 0);
    },
  );

  subjectTest(suite, "keys of several parts are listed part by part", [PAIRS], async (on) => {
    const pairs: readonly (readonly [string, number])[] = [
      ["a", 2],
      ["a", 10],
      ["ab", 1],
      ["b", -1],
    ];
    for (const [place, number] of pairs.toReversed()) {
      await on.edit("pairs", [place, number], { note: null, place, number });
    }
    const pages = await listAll(on.replica, shapeOf(PAIRS));
    assert.deepEqual(
      pages.flatMap((page) => page.keys),
      pairs.map((pair) => keyOf(...pair)),
    );
    const from = await listAll(on.replica, shapeOf(PAIRS), keyOf("a", 10));
    assert.deepEqual(
      from.flatMap((page) => page.keys),
      [keyOf("ab", 1), keyOf("b", -1)],
    );
  });
}

/** How many rows make more than one page of anybody. */
const MANY = PAGE_ROWS_MAX * 2 + 1;

async function fill(on: Subject, count: number): Promise<void> {
  const shape = shapeOf(THINGS);
  for (let start = 0; start < count; start += PAGE_ROWS_MAX) {
    const rows = Array.from({ length: Math.min(PAGE_ROWS_MAX, count - start) }, (_, index) => {
      const id = start + index;
      return creation(keyOf(id), [id, `n${id}`, null]);
    });
    await writeOnce(on.replica, batchOf(shape, `fill ${start}`, rows));
  }
}

function testPages(suite: Suite): void {
  const { assert } = suite;
  const shape = shapeOf(THINGS);

  subjectTest(suite, "pages speak for all keys without a gap", [THINGS], async (on) => {
    const { list } = (await described(on.replica, THINGS)).capabilities;
    await fill(on, MANY);
    const pages = await listAll(on.replica, shape);
    const covers = pages.flatMap((page) => page.covers ?? []);
    assert.equal(covers[0]?.after, null);
    assert.equal(covers.at(-1)?.to, null);
    for (const [index, cover] of covers.entries()) {
      if (index > 0) assert.equal(cover.after, covers[index - 1]?.to);
      assert.ok(cover.proof === list || cover.proof === "snapshot");
    }
    assert.ok(pages.every((page) => page.keys.length <= PAGE_ROWS_MAX && isInside(page)));
    assert.ok(pages.every((page) => page.keys.length === page.rows.length));
    const keys = pages.flatMap((page) => page.keys);
    assert.deepEqual(
      keys,
      Array.from({ length: MANY }, (_, id) => keyOf(id)),
    );
    const rest = await listAll(on.replica, shape, keyOf(MANY - 2));
    assert.deepEqual(
      rest.flatMap((page) => page.keys),
      [keyOf(MANY - 1)],
    );
  });

  for (const count of [0, 1, PAGE_ROWS_MAX, PAGE_ROWS_MAX + 1]) {
    subjectTest(suite, `a listing of ${count} rows covers everything`, [THINGS], async (on) => {
      await fill(on, count);
      const pages = await listAll(on.replica, shape);
      assert.equal(pages.at(-1)?.covers?.to, null);
      assert.equal(pages.flatMap((page) => page.keys).length, count);
    });
  }

  subjectTest(
    suite,
    "a snapshot shows one moment, a paged listing no row twice",
    [THINGS],
    async (on) => {
      await fill(on, MANY);
      const seen: (OwnRow | null)[] = [];
      const proofs = new Set<string | undefined>();
      for await (const page of on.replica.list(shape, null, never)) {
        if (seen.length === 0) {
          await on.edit("things", [MANY - 1], null);
          await on.edit("things", [MANY], { id: MANY, name: "new", amount: null });
          await on.edit("things", [MANY - 2], { id: MANY - 2, name: "moved", amount: null });
        }
        seen.push(...page.rows);
        proofs.add(page.covers?.proof);
      }
      const ids = seen.map((row) => Number(row?.[0]));
      assert.deepEqual(
        ids,
        ids.toSorted((a, b) => a - b),
      );
      assert.equal(new Set(ids).size, ids.length);
      if (!proofs.has("paged")) {
        assert.deepEqual(
          ids,
          Array.from({ length: MANY }, (_, id) => id),
        );
        assert.deepEqual(seen.at(-2), [MANY - 2, `n${MANY - 2}`, null]);
      }
      assert.equal((await rowsListed(on.replica, shape)).at(-1)?.[1], "new");
    },
  );

  subjectTest(suite, "our own writes do not disturb a listing", [THINGS], async (on) => {
    await fill(on, MANY);
    const seen: (OwnRow | null)[] = [];
    let isSnapshot = true;
    for await (const page of on.replica.list(shape, null, never)) {
      if (seen.length === 0) {
        const write = creation(keyOf(-1), [-1, "mine", null]);
        const outcomes = await writeOnce(on.replica, batchOf(shape, "mine", [write]));
        assert.equal(outcomes[0]?.kind, "applied");
      }
      seen.push(...page.rows);
      isSnapshot &&= page.covers?.proof === "snapshot";
    }
    assert.equal(seen.length, MANY);
    assert.equal(isSnapshot || seen[0]?.[0] === 0, true);
  });
}

function isInside({ keys, covers }: Page): boolean {
  if (covers === undefined) return keys.length === 0;
  const { after, to } = covers;
  return keys.every((key) => (after === null || key > after) && (to === null || key <= to));
}

function testReads(suite: Suite): void {
  const { assert } = suite;

  subjectTest(
    suite,
    "reads answer in the order of their keys, null for what is not there",
    [THINGS],
    async (on) => {
      await on.edit("things", [1], { id: 1, name: "a", amount: 10 });
      await on.edit("things", [2], { id: 2, name: "b", amount: null });
      const keys = [keyOf(2), keyOf(9), keyOf(1), keyOf(2)];
      const page = await on.replica.read(shapeOf(THINGS), keys, never);
      assert.deepEqual(page.keys, keys);
      assert.deepEqual(page.rows, [[2, "b", null], null, [1, "a", 10], [2, "b", null]]);
      assert.deepEqual((await on.replica.read(shapeOf(THINGS), [], never)).rows, []);
      const odd = await on.replica.read(shapeOf(THINGS), [keyOf("x"), keyOf(2n ** 70n)], never);
      assert.deepEqual(odd.rows, [null, null]);
    },
  );

  subjectTest(suite, "rows have the columns of their shape, in its order", [THINGS], async (on) => {
    await on.edit("things", [1], { id: 1, name: "a", amount: 10 });
    const shape = { collection: "things", key: ["id"], columns: ["amount", "id"] };
    assert.deepEqual((await on.replica.read(shape, [keyOf(1)], never)).rows, [[10, 1]]);
    assert.deepEqual(await rowsListed(on.replica, shape), [[10, 1]]);
  });

  subjectTest(
    suite,
    "a name that is not there is an error that suggests the nearest",
    [THINGS],
    async (on) => {
      const wrong = { ...shapeOf(THINGS), collection: "thinks" };
      const hint = /things/;
      const missing = { code: "COLLECTION_MISSING", hint };
      await rejects(suite, () => on.replica.read(wrong, [keyOf(1)], never), missing);
      await rejects(suite, () => listAll(on.replica, wrong), missing);
      if ((await described(on.replica, THINGS)).openColumns !== undefined) return;
      const column = { ...shapeOf(THINGS), columns: ["id", "nane"] };
      const absent = { code: "COLUMN_MISSING", hint: /name/ };
      await rejects(suite, () => listAll(on.replica, column), absent);
      await rejects(suite, () => on.replica.read(column, [keyOf(1)], never), absent);
      const key = { ...shapeOf(THINGS), key: ["ID "] };
      await rejects(suite, () => listAll(on.replica, key), { code: "COLUMN_MISSING" });
    },
  );

  subjectTest(
    suite,
    "where nothing declares columns, one that no row has is in none of them until it is written",
    [THINGS],
    async (on) => {
      if ((await described(on.replica, THINGS)).openColumns === undefined) return;
      await on.edit("things", [1], { id: 1, name: "a", amount: 10 });
      const shape = { ...shapeOf(THINGS), columns: ["id", "name", "more"] };
      assert.deepEqual(await rowsListed(on.replica, shape), [[1, "a", ABSENT]]);
      assert.deepEqual((await on.replica.read(shape, [keyOf(1)], never)).rows, [[1, "a", ABSENT]]);
      const write = creation(keyOf(2), [2, "b", "c"]);
      await writeOnce(on.replica, batchOf(shape, "more", [write]));
      assert.deepEqual(await rowsListed(on.replica, shape), [
        [1, "a", ABSENT],
        [2, "b", "c"],
      ]);
    },
  );
}

function testUnfitKeys(suite: Suite): void {
  const { assert } = suite;
  const byName = { collection: "things", key: ["name"], columns: ["id", "name"] };

  subjectTest(suite, "any unique columns serve as the key, in order", [CODES], async (on) => {
    const codes: readonly Value[] = ["b", "é", "a", "B"];
    for (const [id, code] of codes.entries()) {
      await on.edit("codes", [id], { id, code, label: "l" });
    }
    const shape = { collection: "codes", key: ["code"], columns: ["code", "id"] };
    const rows = [
      ["B", 3],
      ["a", 2],
      ["b", 0],
      ["é", 1],
    ];
    assert.deepEqual(await rowsListed(on.replica, shape), rows);
    const read = await on.replica.read(shape, [keyOf("a"), keyOf("A")], never);
    assert.deepEqual(read.rows, [["a", 2], null]);
    const later = await listAll(on.replica, shape, keyOf("a"));
    assert.deepEqual(
      later.flatMap((page) => page.rows),
      rows.slice(2),
    );
  });

  subjectTest(
    suite,
    "rows without a key are named, never dropped in silence",
    [THINGS],
    async (on) => {
      await on.edit("things", [1], { id: 1, name: null, amount: 1 });
      await on.edit("things", [2], { id: 2, name: "b", amount: 2 });
      await on.edit("things", [3], { id: 3, name: null, amount: 3 });
      for (const id of [4, 5, 6]) await on.edit("things", [id], { id, name: `n${id}`, amount: 0 });
      const pages = await listAll(on.replica, byName);
      const ids = pages.flatMap((page) => page.rows).map((row) => row?.[0]);
      assert.deepEqual(ids, [2, 4, 5, 6]);
      const unkeyed = pages.flatMap((page) => page.unkeyed ?? []);
      assert.deepEqual(
        unkeyed.map((each) => each.code),
        ["KEY_MISSING", "KEY_MISSING"],
      );
      assert.equal(new Set(unkeyed.map((each) => each.where)).size, 2);
    },
  );

  subjectTest(suite, "two rows of one key end a listing and a read", [THINGS], async (on) => {
    await on.edit("things", [1], { id: 1, name: "a", amount: 1 });
    await on.edit("things", [2], { id: 2, name: "a", amount: 2 });
    const error = { code: "KEY_NOT_UNIQUE" };
    await rejects(suite, () => listAll(on.replica, byName), error);
    await rejects(suite, () => on.replica.read(byName, [keyOf("a")], never), error);
  });

  subjectTest(
    suite,
    "two rows of one key are found across the end of a page",
    [THINGS],
    async (on) => {
      await fill(on, PAGE_ROWS_MAX + 1);
      const last = `n${PAGE_ROWS_MAX - 1}`;
      const names = Array.from({ length: PAGE_ROWS_MAX + 1 }, (_, id) => `n${id}`).toSorted();
      const boundary = names[PAGE_ROWS_MAX - 1] ?? last;
      await on.edit("things", [-1], { id: -1, name: boundary, amount: null });
      await rejects(suite, () => listAll(on.replica, byName), { code: "KEY_NOT_UNIQUE" });
    },
  );
}
