// Rows by their keys: one request each, or several at once where the API takes a list of keys, or
// all of them where a row has no address.
import { SyncError } from "../../core/errors.ts";
import { canonical } from "../../core/values.ts";
import type { Key, Value } from "../../core/state.ts";
import { isObject } from "../../core/values.ts";
import { gather } from "../../engine/gathering.ts";
import type { Gathering } from "../../engine/gathering.ts";
import type { Page, Shape } from "../../engine/replica.ts";
import { addressKnown, noteAddress } from "./addresses.ts";
import { addressOf, callOf, documentIn, get } from "./api.ts";
import type { Asked } from "./api.ts";
import { extraHoles, isOnlyWritten, itemTemplate, listRequest } from "./collection.ts";
import type { Collection, Opened } from "./collection.ts";
import { failed } from "./failure.ts";
import { list, notListed, placeOf, rowsOf } from "./list.ts";
import type { Place } from "./list.ts";
import { filled, itemsIn, keyValues, rowIn } from "./place.ts";
import type { JsonRow } from "./place.ts";
import { inPool } from "./pool.ts";
import type { Shaped } from "./shaped.ts";

/** Keys that are asked for in one request, unless `find` says how many. */
const FIND_SIZE = 50;

/**
 * The rows under these keys, in their order, as many as a page holds. Throws KEY_NOT_UNIQUE for two
 * rows of one of them.
 */
export async function read(
  on: Opened,
  shape: Shape,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<Page> {
  const place = await placeOf(on, shape, signal);
  if (isOnlyWritten(place.collection)) throw notListed(place);
  const wanted = [...new Set(keys)];
  const found = gather(keys);
  if (wanted.length > 0) await readInto(found, place, wanted, signal);
  return found.page(null);
}

async function readInto(
  found: Gathering,
  place: Place,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<void> {
  const { on, collection, shaped } = place;
  const { find } = collection.settings;
  const [first = ""] = keys;
  if (find !== undefined && shaped.isOwn && shaped.own.length === 1) {
    const size = find.size ?? FIND_SIZE;
    const groups = Array.from({ length: Math.ceil(keys.length / size) }, (_, at) =>
      keys.slice(at * size, (at + 1) * size),
    );
    await inPool(groups, on.api.limits.concurrent, signal, async (group, stop) => {
      for (const item of await findItems(place, group, stop)) {
        const key = shaped.keyOf(item);
        if (key !== undefined && found.wants(key)) found.add(key, shaped.rowOf(item));
      }
    });
    return;
  }
  const isByItem = shaped.isOwn && itemTemplate(collection, shaped.own) !== undefined;
  if (isByItem) await findAddresses(place, keys, signal);
  const alone = isByItem ? keys.filter((key) => itemPath(place, key) !== undefined) : [];
  await inPool(alone, on.api.limits.concurrent, signal, async (key, stop) => {
    if (!found.wants(key)) return;
    const item = await readItem(place, key, stop);
    if (item !== undefined && found.wants(key)) found.add(key, shaped.rowOf(item.row));
  });
  const others = new Set(isByItem ? keys.filter((key) => needsListing(place, key)) : keys);
  if (others.size === 0 || first === "") return;
  // What has no address, or would be another one's, is looked for among all rows.
  for await (const page of list(on, shaped.shape, null, signal)) {
    for (const [at, key] of page.keys.entries()) {
      const row = page.rows[at] ?? null;
      if (row !== null && others.has(key) && found.wants(key)) found.add(key, row);
    }
  }
}

/** A key that no path takes. One whose row nobody has seen is not there. */
function needsListing(place: Place, key: Key): boolean {
  if (itemPath(place, key) !== undefined) return false;
  const template = itemTemplate(place.collection, place.shaped.own) ?? "";
  return extraHoles(template, place.shaped.own).length === 0 && isOfTypes(place.shaped, key);
}

/** False: the key is of other types than the column's, so that no row has it. */
function isOfTypes({ own, ownTypes }: Shaped, key: Key): boolean {
  const values = [...keyValues(key, own, []).values()];
  return values.every(
    (value, at) => canonical(ownTypes[at] ?? { kind: "any" }, value) !== undefined,
  );
}

/** Reads all rows once where paths need more than keys and some are not known yet. */
async function findAddresses(
  place: Place,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<void> {
  const { on, collection, shaped } = place;
  const template = itemTemplate(collection, shaped.own) ?? "";
  if (extraHoles(template, shaped.own).length === 0) return;
  if (keys.every((key) => addressKnown(on, collection, key) !== undefined)) return;
  for await (const found of rowsOf(place, signal)) void found;
}

/** The path of the row of an own key; undefined: it has none, or nobody knows it. */
export function itemPath({ on, collection, shaped }: Place, key: Key): string | undefined {
  const template = itemTemplate(collection, shaped.own);
  if (template === undefined || !isOfTypes(shaped, key)) return undefined;
  const values = keyValues(key, shaped.own, shaped.ownTypes);
  const address = addressKnown(on, collection, key);
  return filled(template, (name): Value | undefined => values.get(name) ?? address?.get(name));
}

/** The request about one row; `path` is shown without what names it. */
export function itemRequest(
  { on, collection, shaped }: Place,
  method: string,
  path: string,
): Asked {
  const shown = itemTemplate(collection, shaped.own) ?? collection.path;
  return { method, url: addressOf(on.api, path), path: shown };
}

/** A row as the API holds it, with the ETag of that state. */
export interface Item {
  readonly row: JsonRow;
  readonly etag: string | undefined;
}

/** One row; undefined: it is not there. Throws LIST_FAILED for an answer about another one. */
export async function readItem(
  place: Place,
  key: Key,
  signal: AbortSignal,
): Promise<Item | undefined> {
  const { on, collection, shaped } = place;
  const path = itemPath(place, key);
  if (path === undefined) return undefined;
  const asked = itemRequest(place, "GET", path);
  const answer = await get(on.api, asked, signal, [404, 410]);
  if (answer.status === 404 || answer.status === 410) return undefined;
  const call = callOf(on.api, asked);
  const row = rowIn(documentIn(call, answer), {
    unwrap: collection.settings.unwrap,
    key: shaped.own,
  });
  if (row !== undefined && shaped.ownKeyOf(row) === key) {
    noteAddress(on, collection, shaped, row);
    return { row, etag: strong(answer.headers.etag) };
  }
  const hint = unwrapHint(on, collection);
  const what = row === undefined ? "no row with its key" : "another row than it was asked for";
  throw failed("LIST_FAILED", call, `answered ${what}`, { hint });
}

function unwrapHint({ api }: Opened, { name }: Collection): string {
  const where = `systems.${api.options.name}.collections.${name}`;
  return `Check ${where}.item, and .unwrap where the row is inside the answer.`;
}

/** RFC 9110, 13.1.1: only a strong one may be compared for a write. */
export function strong(etag: string | undefined): string | undefined {
  return etag === undefined || etag.startsWith("W/") ? undefined : etag;
}

function textOf(key: Key, { own, ownTypes }: Shaped): string {
  const [value] = keyValues(key, own, ownTypes).values();
  return typeof value === "object" || typeof value === "symbol" ? "" : String(value);
}

async function findItems(
  { on, collection, shaped }: Place,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<readonly JsonRow[]> {
  const { find, page } = collection.settings;
  if (find === undefined) return [];
  const values = keys.filter((key) => isOfTypes(shaped, key)).map((key) => textOf(key, shaped));
  if (values.length === 0) return [];
  const size: [string, string][] =
    page?.size === undefined ? [] : [[page.sizeParam ?? "limit", String(values.length)]];
  // A value with a comma in it would be taken for two.
  const isJoined = !values.some((value) => value.includes(","));
  const params: [string, string][] = isJoined ? [[find.param, values.join(",")]] : [];
  const asked = listRequest(on.api, collection, [...size, ...params]);
  if (!isJoined) for (const value of values) asked.url.searchParams.append(find.param, value);
  const answer = await get(on.api, asked, signal);
  const call = callOf(on.api, asked);
  const items = itemsIn(documentIn(call, answer), collection.settings.items);
  if (items !== undefined) {
    const rows = items.filter(isObject);
    for (const row of rows) noteAddress(on, collection, shaped, row);
    return rows;
  }
  throw new SyncError("LIST_FAILED", `${call.shown} answered no list of rows`, {
    where: call.system,
  });
}
