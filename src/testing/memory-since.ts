// What a column of whole numbers tells of changes in memory: rows from a value on, as they are now.
import { SyncError } from "../core/errors.ts";
import type { Value } from "../core/state.ts";
import type { Cursor, FeedPage, Shape, SinceColumn } from "../engine/replica.ts";
import { cursorOf, placeIn, seenIn } from "../engine/seen.ts";
import type { Seen } from "../engine/seen.ts";
import { heldIn } from "./memory-page.ts";
import { project, tableNamed, viewOf } from "./memory-collection.ts";
import type { Table } from "./memory-collection.ts";
import { listingOf } from "./memory-store.ts";
import type { Memory } from "./memory-store.ts";

/** What is asked here. */
export interface SinceStore {
  readonly memory: Memory;
  readonly tables: ReadonlyMap<string, Table>;
  readonly pageRows: number;
}

/** Rows whose column holds as much as the cursor says or more, the overlap taken off. */
export function* changesSince(
  { memory, tables, pageRows }: SinceStore,
  shapes: readonly Shape[],
  cursor: Cursor | undefined,
): Generator<FeedPage> {
  const seen = new Map(seenIn(cursor, memory.identity));
  for (const shape of shapes) {
    const { since } = shape;
    if (since === undefined) continue;
    const table = tableNamed(tables, shape.collection);
    const view = viewOf(table, shape);
    const from = fromOf(seen, shape, since);
    const { keys, rows } = listingOf(memory, table, view);
    const found = rows
      .map(({ row }, at) => ({ key: keys[at] ?? "", row, value: numberIn(table, row, since) }))
      .filter(({ value }) => value !== undefined && (from === undefined || value >= from))
      .sort((a, b) => (a.value ?? 0) - (b.value ?? 0));
    for (let start = 0; start < found.length;) {
      const next = found.slice(start, start + pageRows);
      const rowsNext = next.map(({ row }) => row);
      const page = next.slice(0, heldIn(rowsNext, pageRows));
      start += page.length;
      seen.set(placeIn(shape, since), String(page.at(-1)?.value));
      yield {
        collection: shape.collection,
        keys: page.map(({ key }) => key),
        rows: page.map(({ row }) => project(view, row)),
        cursor: cursorOf(seen),
        isNow: true,
      };
    }
  }
}

/** The greatest values of these columns now. */
export function headSince({ memory, tables }: SinceStore, shapes: readonly Shape[]): Cursor {
  const seen = new Map<string, string>();
  for (const shape of shapes) {
    const { since } = shape;
    if (since === undefined) continue;
    const table = tableNamed(tables, shape.collection);
    const { rows } = listingOf(memory, table, viewOf(table, shape));
    const values = rows.flatMap(({ row }) => numberIn(table, row, since) ?? []);
    if (values.length > 0) seen.set(placeIn(shape, since), String(Math.max(...values)));
  }
  return cursorOf(seen);
}

function fromOf(seen: Seen, shape: Shape, since: SinceColumn): number | undefined {
  const value = seen.get(placeIn(shape, since));
  if (value === undefined) return undefined;
  if (since.overlap.kind === "number") return Number(value) - since.overlap.count;
  throw new SyncError("CONFIG_INVALID", `${since.column} counts, and its overlap is a time`);
}

function numberIn(
  table: Table,
  row: readonly Value[],
  { column }: SinceColumn,
): number | undefined {
  const value = row[table.positions.get(column) ?? -1];
  return typeof value === "number" ? value : undefined;
}
