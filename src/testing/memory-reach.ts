// Rows of a memory replica that refer to others, and what becomes of them when those are deleted.
import type { OwnRow } from "../core/state.ts";
import { sameAll } from "../core/values.ts";
import { PAGE_ROWS_MAX } from "../engine/replica.ts";
import type { Deletions, Reached, Reference, Shape } from "../engine/replica.ts";
import { tableNamed, viewOf, type Table } from "./memory-collection.ts";
import { findRow, keyIn, rowsIn, tuple, type Memory } from "./memory-store.ts";

/** Where rows are looked for. */
export interface Rows {
  readonly memory: Memory;
  readonly tables: ReadonlyMap<string, Table>;
}

/** A row that refers to another one. */
export interface Child {
  readonly table: Table;
  readonly row: OwnRow;
  readonly reference: Reference;
  /** Where the columns by which it refers stand in it. */
  readonly columns: readonly number[];
}

/** Every row that refers to a row of this table, that row itself included. */
export function childrenOf({ memory, tables }: Rows, table: Table, row: OwnRow): readonly Child[] {
  return [...tables.values()].flatMap((below) =>
    (below.options.references ?? [])
      .filter((each) => each.collection === table.options.name)
      .flatMap((reference) => {
        const columns = viewOf(below, { key: [], columns: reference.columns }).columns;
        const there = viewOf(table, { key: [], columns: reference.references }).columns;
        const values = tuple(row, there);
        if (values === undefined) return [];
        return [...rowsIn(memory, below).values()]
          .filter((each) => sameAll(tuple(each.row, columns) ?? [], values))
          .map((each) => ({ table: below, row: each.row, columns, reference }));
      }),
  );
}

/** What the contract calls `reach`. */
export function* reach(
  rows: Rows,
  { shape, keys, referring }: Deletions,
): Generator<readonly Reached[]> {
  const table = tableNamed(rows.tables, shape.collection);
  const view = viewOf(table, shape);
  for (const from of keys) {
    const found = findRow(rows.memory, table, view, from);
    if (found === undefined) continue;
    const reached = childrenOf(rows, table, found.row)
      .filter(({ reference, row }) => reference.onDelete !== "refuse" && row !== found.row)
      .flatMap((child) => namesOf(child, referring).map((name) => ({ from, ...name })));
    for (let at = 0; at < reached.length; at += PAGE_ROWS_MAX) {
      yield reached.slice(at, at + PAGE_ROWS_MAX);
    }
  }
}

/** A child as each of the shapes of its collection names it. */
function namesOf(
  { table, row, reference, columns }: Child,
  referring: readonly Shape[],
): readonly Omit<Reached, "from">[] {
  const collection = table.options.name;
  const values = columns.map((at) => row[at] ?? null);
  const common = { collection, columns: reference.columns, values };
  const shapes = referring.filter((each) => each.collection === collection);
  if (shapes.length === 0) return [common];
  return shapes.map((shape) => {
    const key = keyIn(row, viewOf(table, shape).key);
    return key === undefined ? common : { ...common, key };
  });
}
