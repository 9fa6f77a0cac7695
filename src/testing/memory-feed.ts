// What a replica in memory tells of its changes: its log, or what columns tell.
import { SyncError, assert } from "../core/errors.ts";
import type { Key, OwnRow, Stamp } from "../core/state.ts";
import type { Cursor, FeedPage, Shape } from "../engine/replica.ts";
import { heldIn } from "./memory-page.ts";
import { project, tableNamed, viewOf } from "./memory-collection.ts";
import type { Table, View } from "./memory-collection.ts";
import { changesSince, headSince } from "./memory-since.ts";
import type { SinceStore } from "./memory-since.ts";
import { keyIn } from "./memory-store.ts";
import type { Change, Memory } from "./memory-store.ts";

/** Where the changes stand now. */
export function headOf(store: SinceStore, shapes: readonly Shape[]): Cursor {
  return asksSince(store, shapes) ? headSince(store, shapes) : String(store.memory.seq);
}

/** Without a log a column tells, where one is named. */
function asksSince({ tables }: SinceStore, shapes: readonly Shape[]): boolean {
  return shapes.some(
    ({ since, collection }) => since !== undefined && !tableNamed(tables, collection).can.log,
  );
}

/** Changes after a cursor, by the log or by the columns that are named. */
export async function* changes(
  store: SinceStore,
  shapes: readonly Shape[],
  cursor: Cursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<FeedPage> {
  if (asksSince(store, shapes)) {
    for (const page of changesSince(store, shapes, cursor)) {
      signal.throwIfAborted();
      yield page;
    }
    return;
  }
  const { memory, tables, pageRows } = store;
  const views = new Map<string, { shape: Shape; table: Table; view: View }>();
  for (const shape of shapes) {
    const table = tableNamed(tables, shape.collection);
    views.set(shape.collection, { shape, table, view: viewOf(table, shape) });
  }
  const from = cursor === undefined ? 0 : Number(cursor);
  if (from < memory.acknowledged) {
    throw new SyncError("CURSOR_LOST", "the feed no longer holds what comes after this cursor", {
      hint: "Compare everything once.",
    });
  }
  const log = memory.log.filter((each) => each.seq > from && views.has(each.collection));
  for (let start = 0; start < log.length;) {
    signal.throwIfAborted();
    const name = log[start]?.collection ?? "";
    const next = log.slice(start, start + pageRows);
    const other = next.findIndex((each) => each.collection !== name);
    const same = other === -1 ? next : next.slice(0, other);
    const rows = same.map((each) => each.row);
    const end = start + heldIn(rows, pageRows);
    const on = views.get(name);
    assert(on !== undefined, "a change of a collection that nobody asked for");
    yield feedPage(on.table, on.view, log.slice(start, end));
    start = end;
  }
}

function feedPage(table: Table, view: View, log: readonly Change[]): FeedPage {
  const keys: Key[] = [];
  const rows: (OwnRow | null)[] = [];
  const positions: number[] = [];
  const stamps: Stamp[] = [];
  const push = (key: Key, row: OwnRow | null, each: Change) => {
    keys.push(key);
    rows.push(row);
    positions.push(each.seq);
    stamps.push(each.stamp);
  };
  for (const each of log) {
    const before = each.before === null ? undefined : keyIn(each.before, view.key);
    const key = each.row === null ? undefined : keyIn(each.row, view.key);
    if (before !== undefined && before !== key) push(before, null, each);
    if (key !== undefined && each.row !== null) push(key, project(view, each.row), each);
  }
  return {
    collection: table.options.name,
    keys,
    rows,
    ...(table.options.isOrdered === false ? {} : { positions }),
    ...(table.options.clock === undefined ? {} : { stamps }),
    cursor: String(log.at(-1)?.seq ?? 0),
  };
}

/** Forgets what is before a cursor. */
export function acknowledge(memory: Memory, cursor: Cursor): void {
  memory.acknowledged = Math.max(memory.acknowledged, Number(cursor));
  memory.log = memory.log.filter((each) => each.seq > memory.acknowledged);
}
