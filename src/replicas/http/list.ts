// Listings in key order. An API lists in its own order, so that rows are sorted on their way, on
// disk where they are many. What is not there proves nothing by itself (I7): rows may move from
// page to page while we turn them, so that one shows twice and another not at all.
import { SyncError } from "../../core/errors.ts";
import { decodeValue, encodeValue } from "../../core/json.ts";
import { showKey } from "../../core/key.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import { isList, isObject } from "../../core/values.ts";
import { weightOf } from "../../core/weight.ts";
import { illegible, whyIllegible } from "../../engine/illegible.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Page, Shape, Unkeyed } from "../../engine/replica.ts";
import { makeSorter } from "../../spool/sorter.ts";
import type { Sorter } from "../../spool/sorter.ts";
import { noteAddress } from "./addresses.ts";
import { collectionNamed, isOnlyWritten } from "./collection.ts";
import type { Collection, Opened } from "./collection.ts";
import { fieldsOf } from "./describe.ts";
import { pagesOf } from "./pages.ts";
import { shapeCollection } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";

/** Rows without a key that are named one by one. */
const UNKEYED_MAX = 1000;

/** A collection as a call sees it. */
export interface Place {
  readonly on: Opened;
  readonly collection: Collection;
  readonly shaped: Shaped;
}

/** Finds the collection of a shape. Throws COLLECTION_MISSING or COLUMN_MISSING. */
export async function placeOf(on: Opened, shape: Shape, signal: AbortSignal): Promise<Place> {
  signal.throwIfAborted();
  const collection = collectionNamed(on, shape.collection);
  const fields = await fieldsOf(on, collection, signal);
  const shaped = shapeCollection(collection, fields, shape, on.api.options.name);
  return { on, collection, shaped };
}

/** All rows after a key. Throws KEY_NOT_UNIQUE for two rows of one key. */
export async function* list(
  on: Opened,
  shape: Shape,
  after: Key | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const place = await placeOf(on, shape, signal);
  if (isOnlyWritten(place.collection)) throw notListed(place);
  const isInOrder = place.collection.settings.sorted === true && place.shaped.isOwn;
  const unkeyed: Unkeyed[] = [];
  if (isInOrder) {
    yield* pagesFrom(inOrder(place, unkeyed, signal), { after, unkeyed });
    return;
  }
  const sorter = makeSorter();
  try {
    for await (const found of rowsOf(place, signal)) addTo(sorter, found, unkeyed);
    yield* pagesFrom(sorted(sorter, place), { after, unkeyed });
  } finally {
    sorter.close();
  }
}

/** Nobody may ask for rows of what is only written. */
export function notListed({ on, collection }: Place): SyncError {
  const where = `${on.api.options.name}.${collection.name}`;
  const message = `${where} is only written: its rows cannot be asked for`;
  const hint = `Take \`list: none\` out of systems.${on.api.options.name}.collections.`;
  return new SyncError("LIST_FAILED", message, { where, hint });
}

/** One object of an answer. */
export interface Found {
  readonly key: Key | undefined;
  readonly row: OwnRow;
  /** The key by which the API itself knows it; "" where that is the same. */
  readonly own: Key;
  readonly page: number;
  readonly line: number;
  readonly unkeyed?: Unkeyed;
}

/** Every object of every page, in the API's order. */
export async function* rowsOf(
  { on, collection, shaped }: Place,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  let page = 0;
  let line = 0;
  for await (const { items } of pagesOf(on.api, collection, shaped.own, signal)) {
    page += 1;
    for (const item of items) {
      line += 1;
      const where = `${on.api.options.name}.${collection.name}, row ${line} of its answers`;
      if (!isObject(item)) {
        const unkeyed = { code: "ROW_BROKEN", where: `${where} is no object` } as const;
        yield { key: undefined, row: [], own: "", page, line, unkeyed };
        continue;
      }
      const key = shaped.keyOf(item);
      if (key === undefined) {
        const unkeyed = shaped.unkeyed(item, where);
        yield { key, row: [], own: "", page, line, unkeyed };
        continue;
      }
      noteAddress(on, collection, shaped, item);
      const own = shaped.isOwn ? "" : (shaped.ownKeyOf(item) ?? "");
      yield { key, row: shaped.rowOf(item), own, page, line };
    }
  }
}

function addTo(sorter: Sorter, found: Found, unkeyed: Unkeyed[]): void {
  const { key, row, own, page, line } = found;
  if (key === undefined) {
    if (found.unkeyed !== undefined && unkeyed.length < UNKEYED_MAX) unkeyed.push(found.unkeyed);
    return;
  }
  const errors = whyIllegible(row);
  const raw: readonly Value[] =
    errors === undefined ? [own, page, ...row] : [own, page, ERRORS, errors];
  sorter.add({ key, raw: encodeValue(raw), line });
}

/** Stands before what is wrong with a row that cannot be read; no column holds it alone. */
const ERRORS: Value = { "": "illegible" };

interface Entry {
  readonly key: Key;
  readonly row: OwnRow;
}

function* sorted(sorter: Sorter, place: Place): Generator<Entry> {
  let before: (Entry & { readonly own: Key; readonly page: number }) | undefined;
  for (const { key, raw } of sorter.sorted()) {
    const now = { key, ...unpacked(raw) };
    if (before !== undefined && before.key !== key) yield before;
    // Of a row that moved to a later page while we turned them, that one is newer.
    else if (before !== undefined && !isSameRow(before, now)) throw twice(place, key);
    before = now;
  }
  if (before !== undefined) yield before;
}

function unpacked(raw: string): { readonly row: OwnRow; readonly own: Key; readonly page: number } {
  const value = decodeValue(raw);
  const [own, page, ...row] = isList(value) ? value : [];
  const [mark, errors] = row;
  const isIllegible = isObject(mark) && mark[""] === "illegible" && isList(errors);
  return {
    row: isIllegible ? illegible(errors.map(String)) : row,
    own: typeof own === "string" ? own : "",
    page: Number(page),
  };
}

function isSameRow(
  a: { readonly own: Key; readonly page: number },
  b: { readonly own: Key; readonly page: number },
): boolean {
  return a.page !== b.page && a.own === b.own;
}

function twice({ on, collection, shaped }: Place, key: Key): SyncError {
  const where = `${on.api.options.name}.${collection.name}`;
  const names = shaped.shape.key.join(", ");
  return new SyncError(
    "KEY_NOT_UNIQUE",
    `${where} has two rows with the key ${showKey(key)} (${names})`,
    { where, hint: "Name fields under `key` that tell every row apart." },
  );
}

/** Rows as they come, of an API that says that they come in order. */
async function* inOrder(
  place: Place,
  unkeyed: Unkeyed[],
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  let before: Found | undefined;
  for await (const found of rowsOf(place, signal)) {
    const { key, row } = found;
    if (key === undefined) {
      if (found.unkeyed !== undefined && unkeyed.length < UNKEYED_MAX) unkeyed.push(found.unkeyed);
      continue;
    }
    if (before?.key === key) {
      if (!isSameRow(before, found)) throw twice(place, key);
      continue;
    }
    before = found;
    yield { key, row };
  }
}

async function* pagesFrom(
  entries: Iterable<Entry> | AsyncIterable<Entry>,
  { after, unkeyed }: { readonly after: Key | null; readonly unkeyed: Unkeyed[] },
): AsyncGenerator<Page> {
  let keys: Key[] = [];
  let rows: OwnRow[] = [];
  let bytes = 0;
  let from = after;
  const named = () => (unkeyed.length === 0 ? {} : { unkeyed: unkeyed.splice(0) });
  for await (const { key, row } of entries) {
    if (after !== null && key <= after) continue;
    if (keys.length === PAGE_ROWS_MAX || bytes >= PAGE_BYTES_MAX) {
      const to = keys.at(-1) ?? null;
      yield { keys, rows, bytes, ...named(), covers: { after: from, to, proof: "paged" } };
      from = to;
      keys = [];
      rows = [];
      bytes = 0;
    }
    keys.push(key);
    rows.push(row);
    bytes += weightOf(row);
  }
  yield { keys, rows, bytes, ...named(), covers: { after: from, to: null, proof: "paged" } };
}
