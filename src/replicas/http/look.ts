// One row as it is there now, whatever names it, before it is written and where nobody knows what
// became of a write.
import type { SyncError } from "../../core/errors.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import { isObject } from "../../core/values.ts";
import { whyIllegible } from "../../engine/illegible.ts";
import { noteAddress } from "./addresses.ts";
import { itemTemplate } from "./collection.ts";
import { failed } from "./failure.ts";
import type { Place } from "./list.ts";
import { pagesOf } from "./pages.ts";
import type { JsonRow } from "./place.ts";
import { itemPath, readItem } from "./read.ts";
import { remember } from "./tags.ts";

/** A row that is there. */
export interface Held {
  /** The key by which the API knows it. */
  readonly own: Key;
  readonly object: JsonRow;
  readonly row: OwnRow;
  readonly etag: string | undefined;
}

/** Looks for the row under a key of the shape; undefined: it is not there. */
export async function look(place: Place, key: Key, signal: AbortSignal): Promise<Held | undefined> {
  const { shaped } = place;
  if (shaped.isOwn && itemPath(place, key) !== undefined) return lookAt(place, key, signal);
  const object = await search(place, key, signal);
  const own = object === undefined ? undefined : shaped.ownKeyOf(object);
  if (object === undefined || own === undefined) return undefined;
  // By its own address it may have an ETag.
  if (itemPath(place, own) !== undefined) return lookAt(place, own, signal);
  return { own, object, row: shaped.rowOf(object), etag: undefined };
}

async function lookAt(place: Place, own: Key, signal: AbortSignal): Promise<Held | undefined> {
  const item = await readItem(place, own, signal);
  const row = item === undefined ? null : place.shaped.rowOf(item.row);
  remember(place, own, row, item?.etag);
  return item === undefined || row === null
    ? undefined
    : { own, object: item.row, row, etag: item.etag };
}

async function search(place: Place, key: Key, signal: AbortSignal): Promise<JsonRow | undefined> {
  const { on, collection, shaped } = place;
  let found: JsonRow | undefined;
  for await (const { items } of pagesOf(on.api, collection, shaped.own, signal)) {
    for (const item of items) {
      if (!isObject(item)) continue;
      noteAddress(on, collection, shaped, item);
      if (shaped.keyOf(item) === key) found = item;
    }
  }
  return found;
}

/** Why a row that is there cannot be compared; undefined: it can. */
export function unreadable(
  { on, collection, shaped }: Place,
  { row }: Held,
): SyncError | undefined {
  const errors = whyIllegible(row);
  if (errors === undefined) return undefined;
  const shown = itemTemplate(collection, shaped.own) ?? collection.path;
  const call = { system: on.api.options.name, shown: `GET ${shown}` };
  return failed(
    "VALUE_UNREADABLE",
    call,
    `answered a row that cannot be read: ${errors.join("; ")}`,
  );
}
