// An answer to `read` whose rows are found in any order: those of the first keys, as far as a page
// holds them.
import { assert } from "../core/errors.ts";
import type { Key, OwnRow } from "../core/state.ts";
import { weightOf } from "../core/weight.ts";
import { PAGE_BYTES_MAX } from "./replica.ts";

/** Rows that are found for some keys. */
export interface Gathering {
  /** False: the row of this key was not asked for, or is behind the page's end. */
  wants(key: Key): boolean;
  /** The row of this key was found, and has its place in the page. */
  has(key: Key): boolean;
  /** Keeps a row that is wanted; gives up rows of later keys where it is too much. */
  add(key: Key, row: OwnRow): void;
  /** The keys that are answered, and their rows; `otherwise`: for those that were not found. */
  page(otherwise: OwnRow | null): { readonly keys: readonly Key[]; readonly rows: Rows };
}

type Rows = readonly (OwnRow | null)[];

/** Begins an answer. */
export function gather(keys: readonly Key[]): Gathering {
  const places = new Map<Key, number>();
  for (const [place, key] of keys.entries()) if (!places.has(key)) places.set(key, place);
  const found = new Map<number, OwnRow>();
  let count = keys.length;
  let bytes = 0;
  const placeOf = (key: Key): number => places.get(key) ?? Infinity;
  return {
    wants: (key) => placeOf(key) < count,
    has: (key) => found.has(placeOf(key)),
    add: (key, row) => {
      assert(placeOf(key) < count, "what is behind the page's end is not wanted");
      bytes += weightOf(row) - weightOf(found.get(placeOf(key)) ?? []);
      found.set(placeOf(key), row);
      while (bytes > PAGE_BYTES_MAX && found.size > 1) {
        count = Math.max(...found.keys());
        bytes -= weightOf(found.get(count) ?? []);
        found.delete(count);
      }
    },
    page: (otherwise) => {
      const answered = keys.slice(0, count);
      const rows = answered.map((key) => found.get(placeOf(key)) ?? otherwise);
      return { keys: answered, rows };
    },
  };
}
