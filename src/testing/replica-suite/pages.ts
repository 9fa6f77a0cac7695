// Where pages end: by their rows, and by their bytes.
import type { Key, OwnRow } from "../../core/state.ts";
import { weightOfRows } from "../../core/weight.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Page } from "../../engine/replica.ts";
import {
  THINGS,
  batchOf,
  creation,
  described,
  keyOf,
  listAll,
  never,
  shapeOf,
  subjectTest,
  writeOnce,
} from "./subject.ts";
import type { Subject, Suite } from "./subject.ts";

/** A text that fills a good part of a page, so that a few rows are more than one. */
const LARGE = Math.floor(PAGE_BYTES_MAX / 3.5);
const COUNT = 7;

/** Declares the tests of pages of large rows. */
export function testPages(suite: Suite): void {
  const { assert } = suite;
  const shape = shapeOf(THINGS);
  const keys = Array.from({ length: COUNT }, (_, id) => keyOf(id));
  const fill = async (on: Subject): Promise<readonly OwnRow[]> => {
    // One of them is more than a page by itself.
    const rows = keys.map((_, id): OwnRow => [id, textOf(id, id === 4 ? PAGE_BYTES_MAX : 0), id]);
    const writes = rows.map((row, id) => creation(keyOf(id), row));
    for (const [from, to] of [
      [0, 4],
      [4, 5],
      [5, COUNT],
    ] as const) {
      await writeOnce(on.replica, batchOf(shape, `from ${from}`, writes.slice(from, to)));
    }
    return rows;
  };

  subjectTest(suite, "a page of large rows ends by their bytes", [THINGS], async (on) => {
    const rows = await fill(on);
    const pages = await listAll(on.replica, shape);
    assert.ok(pages.every(isPage), "no page has more rows than it may");
    assert.ok(pages.length >= 3, `${pages.length} pages`);
    assert.deepEqual(
      pages.flatMap((page) => page.keys),
      keys,
    );
    assert.ok(areSame(pages.flatMap(rowsIn), rows), "every row is there as it is");
    const covers = pages.flatMap((page) => page.covers ?? []);
    assert.equal(covers.at(-1)?.to, null);
    const gaps = covers.filter(({ after }, at) => after !== (covers[at - 1]?.to ?? null));
    assert.deepEqual(gaps, []);
  });

  subjectTest(suite, "a read of large rows answers for its first keys", [THINGS], async (on) => {
    const rows = await fill(on);
    const order = [6, 4, 99, 0, 1, 2, 3, 5, 6];
    const asked = order.map((id) => keyOf(id));
    const found: (OwnRow | null)[] = [];
    let pages = 0;
    for (let left: readonly Key[] = asked; left.length > 0;) {
      const page = await on.replica.read(shape, left, never);
      assert.ok(isPage(page) && page.keys.length > 0, "an answer is a page");
      assert.deepEqual(page.keys, left.slice(0, page.keys.length));
      found.push(...page.rows);
      left = left.slice(page.keys.length);
      pages += 1;
    }
    assert.ok(pages >= 3, `${pages} answers`);
    assert.ok(
      areSame(
        found,
        order.map((id) => rows[id] ?? null),
      ),
      "every row is there as it is",
    );
  });

  subjectTest(suite, "what is told of large rows ends by their bytes", [THINGS], async (on) => {
    const { capabilities } = await described(on.replica, THINGS);
    const isAsked = capabilities.sinceColumns?.includes("integer") === true;
    if (!isAsked && !capabilities.log) return;
    const overlap = { kind: "number", count: 0 } as const;
    const telling = isAsked ? { ...shape, since: { column: "amount", overlap } } : shape;
    const head = await on.replica.head?.([telling], never);
    const rows = await fill(on);
    const pages: Page[] = [];
    for await (const page of on.replica.changes([telling], head, never)) pages.push(page);
    assert.ok(pages.length >= 3, `${pages.length} pages`);
    assert.ok(pages.every(isPage), "no page has more rows than it may");
    assert.ok(areSame(pages.flatMap(rowsIn), rows), "every row is told once, as it is");
  });
}

function textOf(id: number, more: number): string {
  return `${id} `.repeat(Math.ceil((LARGE + more) / 2)).slice(0, LARGE + more);
}

const rowsIn = ({ rows }: Page): readonly (OwnRow | null)[] => rows;

/** Without its last row it weighs less than a page may: that is where it ends. */
function isPage({ keys, rows }: Page): boolean {
  const there = rows.filter((row) => row !== null);
  const weight = weightOfRows(there.slice(0, -1));
  return weight < PAGE_BYTES_MAX && keys.length <= PAGE_ROWS_MAX;
}

/** Said without the rows: nobody wants to read such texts. */
function areSame(found: readonly (OwnRow | null)[], rows: readonly (OwnRow | null)[]): boolean {
  return (
    found.length === rows.length &&
    found.every((row, at) => {
      const other = rows[at] ?? null;
      if (row === null || other === null) return row === other;
      return row.every((value, column) => value === other[column]);
    })
  );
}
