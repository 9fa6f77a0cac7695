// What an item's path needs beside the key: an API's own id of a row that we know by another name.
// It is noted wherever a row is seen, and forgotten with the replica.
import { SyncError } from "../../core/errors.ts";
import type { Key } from "../../core/state.ts";
import { extraHoles, itemTemplate } from "./collection.ts";
import type { Address, Collection, Opened } from "./collection.ts";
import type { JsonRow } from "./place.ts";
import type { Shaped } from "./shaped.ts";

/** Rows of one collection whose own ids are remembered. */
const ADDRESSES_MAX = 2_000_000;

/** Notes where a row is, if its key alone does not say. */
export function noteAddress(
  on: Opened,
  collection: Collection,
  shaped: Shaped,
  row: JsonRow,
): void {
  const template = itemTemplate(collection, shaped.own);
  const extra = template === undefined ? [] : extraHoles(template, shaped.own);
  const key = extra.length === 0 ? undefined : shaped.ownKeyOf(row);
  if (key === undefined) return;
  const address = new Map<string, string>();
  for (const name of extra) {
    const value = Object.hasOwn(row, name) ? row[name] : undefined;
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "bigint") return;
    address.set(name, String(value));
  }
  const known = on.addresses.get(collection.name) ?? new Map<Key, Address>();
  on.addresses.set(collection.name, known);
  if (known.size >= ADDRESSES_MAX) {
    const message = `${collection.name} has more than ${ADDRESSES_MAX} rows whose ids are its own`;
    throw new SyncError("LIMIT_EXCEEDED", message, { where: on.api.options.name });
  }
  known.set(key, address);
}

/** Where a row is; undefined: nobody has seen it. */
export function addressKnown(on: Opened, collection: Collection, key: Key): Address | undefined {
  return on.addresses.get(collection.name)?.get(key);
}

/** A row that is gone has no address. */
export function dropAddress(on: Opened, collection: Collection, key: Key): void {
  on.addresses.get(collection.name)?.delete(key);
}
