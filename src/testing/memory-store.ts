// The state of a memory replica: rows by key, a log in commit order, markers. Everything in it is
// immutable but the containers, so an image is a shallow copy and opening one costs microseconds.
import { encodeKey } from "../core/key.ts";
import type { Key, OwnRow, Stamp, Value } from "../core/state.ts";
import { SyncError } from "../core/errors.ts";
import type { Mark } from "../engine/replica.ts";
import type { Table, View } from "./memory-collection.ts";

/** A row and where its last change stands in the replica's own order. */
export interface Stored {
  readonly row: OwnRow;
  readonly at: number;
  readonly stamp: Stamp;
}

/** One entry of the log. */
export interface Change {
  readonly seq: number;
  readonly collection: string;
  readonly before: OwnRow | null;
  readonly row: OwnRow | null;
  readonly stamp: Stamp;
}

/** A marker: its batch was committed, without the writes at these positions. */
interface Marker {
  readonly link: string;
  readonly id: string;
  readonly missed: readonly number[];
  readonly stored: Mark["stored"] | undefined;
}

/** What a crash leaves, or an old copy holds. Opaque to everyone but `restore`. */
export interface MemoryImage {
  readonly identity: string;
  readonly seq: number;
  readonly acknowledged: number;
  readonly rows: ReadonlyMap<string, ReadonlyMap<Key, Stored>>;
  readonly log: readonly Change[];
  readonly markers: readonly Marker[];
}

/** The containers that a replica changes. */
export interface Memory {
  identity: string;
  seq: number;
  /** Changes up to here were forgotten. */
  acknowledged: number;
  rows: Map<string, Map<Key, Stored>>;
  log: Change[];
  markers: Marker[];
  /** Sorted keys per collection; dropped when a key comes or goes. */
  sorted: Map<string, readonly Key[]>;
}

/** An empty memory. */
export function makeMemory(identity: string): Memory {
  return {
    identity,
    seq: 0,
    acknowledged: 0,
    rows: new Map(),
    log: [],
    markers: [],
    sorted: new Map(),
  };
}

/** A copy that later changes do not reach. */
export function imageOf(memory: Memory): MemoryImage {
  return {
    identity: memory.identity,
    seq: memory.seq,
    acknowledged: memory.acknowledged,
    rows: copyRows(memory.rows),
    log: memory.log.slice(),
    markers: memory.markers.slice(),
  };
}

/** Becomes what the image holds. */
export function restoreImage(memory: Memory, image: MemoryImage): void {
  memory.identity = image.identity;
  memory.seq = image.seq;
  memory.acknowledged = image.acknowledged;
  memory.rows = copyRows(image.rows);
  memory.log = image.log.slice();
  memory.markers = image.markers.slice();
  memory.sorted.clear();
}

/** The rows of a collection, by its own key. */
export function rowsIn(memory: Memory, table: Table): Map<Key, Stored> {
  const { name } = table.options;
  let rows = memory.rows.get(name);
  if (rows === undefined) memory.rows.set(name, (rows = new Map<Key, Stored>()));
  return rows;
}

/** The keys of a collection in core's order; the array never changes afterwards. */
function sortedKeys(memory: Memory, table: Table): readonly Key[] {
  const known = memory.sorted.get(table.options.name);
  if (known !== undefined) return known;
  const keys = [...rowsIn(memory, table).keys()].sort();
  memory.sorted.set(table.options.name, keys);
  return keys;
}

/** The key of a stored row by these columns; undefined: a component names nothing. */
export function keyIn(row: OwnRow, positions: readonly number[]): Key | undefined {
  return encodeKey(positions.map((position) => row[position] ?? null));
}

/** Puts a row in place of another (or takes it away) and logs it. The only way rows change. */
export function change(
  memory: Memory,
  table: Table,
  before: OwnRow | null,
  row: OwnRow | null,
): Stored | undefined {
  const rows = rowsIn(memory, table);
  const { name } = table.options;
  const stamp = table.options.clock?.() ?? 0;
  memory.seq++;
  const keyBefore = before === null ? undefined : keyIn(before, table.key);
  const key = row === null ? undefined : keyIn(row, table.key);
  if (keyBefore !== undefined && keyBefore !== key) {
    rows.delete(keyBefore);
    memory.sorted.delete(name);
  }
  if (table.can.log) memory.log.push({ seq: memory.seq, collection: name, before, row, stamp });
  if (row === null || key === undefined) return undefined;
  if (!rows.has(key)) memory.sorted.delete(name);
  const stored = { row, at: memory.seq, stamp };
  rows.set(key, stored);
  return stored;
}

/** A listing of a collection by the key of a view, as it stands now. */
export interface Listing {
  readonly keys: readonly Key[];
  readonly rows: readonly Stored[];
  /** Rows whose key has no value, by their place among all rows. */
  readonly unkeyed: readonly number[];
}

/** Everything a view shows, sorted by its key. Throws KEY_NOT_UNIQUE for two rows of one key. */
export function listingOf(memory: Memory, table: Table, view: View): Listing {
  const own = sortedKeys(memory, table);
  const rows = rowsIn(memory, table);
  const stored = own.map((key) => rows.get(key)).filter((each) => each !== undefined);
  if (view.isOwnKey) return { keys: own, rows: stored, unkeyed: [] };
  const unkeyed: number[] = [];
  const found: { readonly key: Key; readonly stored: Stored }[] = [];
  for (const [index, each] of stored.entries()) {
    const key = keyIn(each.row, view.key);
    if (key === undefined) unkeyed.push(index);
    else found.push({ key, stored: each });
  }
  found.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  for (const [index, each] of found.entries()) {
    if (each.key === found[index + 1]?.key) throw notUnique(table.options.name);
  }
  return {
    keys: found.map((each) => each.key),
    rows: found.map((each) => each.stored),
    unkeyed,
  };
}

/** What a view holds under a key. Throws KEY_NOT_UNIQUE for two rows of one key. */
export function findRow(memory: Memory, table: Table, view: View, key: Key): Stored | undefined {
  const rows = rowsIn(memory, table);
  if (view.isOwnKey) return rows.get(key);
  let found: Stored | undefined;
  for (const stored of rows.values()) {
    if (keyIn(stored.row, view.key) !== key) continue;
    if (found !== undefined) throw notUnique(table.options.name);
    found = stored;
  }
  return found;
}

/** The values at these positions, or undefined if one of them is NULL. */
export function tuple(row: OwnRow, positions: readonly number[]): readonly Value[] | undefined {
  const values = positions.map((position) => row[position] ?? null);
  return values.includes(null) ? undefined : values;
}

function notUnique(collection: string): SyncError {
  return new SyncError("KEY_NOT_UNIQUE", `two rows of ${collection} have the same key`, {
    where: collection,
    hint: "Name a key whose values are unique.",
  });
}

function copyRows(
  rows: ReadonlyMap<string, ReadonlyMap<Key, Stored>>,
): Map<string, Map<Key, Stored>> {
  return new Map([...rows].map(([name, each]) => [name, new Map(each)]));
}
