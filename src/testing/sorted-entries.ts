// The entries of one pipeline in memory: a map to find them and their keys in order to page them.
import { FLAGS } from "../engine/journal.ts";
import type { EntryCount, EntryPage, EntryRecord, Range } from "../engine/journal.ts";
import { PAGE_BYTES_MAX } from "../engine/replica.ts";
import type { Key } from "../core/state.ts";

/** Entries by key. `keys` is always sorted and names exactly those of `records`. */
export interface SortedEntries {
  readonly keys: Key[];
  readonly records: Map<Key, EntryRecord>;
}

/** No entries yet. */
export function noEntries(): SortedEntries {
  return { keys: [], records: new Map() };
}

/** The same entries in structures of their own. */
export function copyEntries({ keys, records }: SortedEntries): SortedEntries {
  return { keys: [...keys], records: new Map(records) };
}

/** Saves or forgets one entry. */
export function putEntry({ keys, records }: SortedEntries, record: EntryRecord): void {
  const { key } = record;
  const isKnown = records.has(key);
  if (record.body === null) {
    if (!isKnown) return;
    records.delete(key);
    keys.splice(firstAfter(keys, key) - 1, 1);
    return;
  }
  records.set(key, record);
  if (isKnown) return;
  const last = keys.at(-1);
  if (last === undefined || last < key) keys.push(key);
  else keys.splice(firstAfter(keys, key), 0, key);
}

/** One page of entries in key order. */
export function pageOf({ keys, records }: SortedEntries, range: Range): EntryPage {
  const page = { keys: [] as Key[], bodies: [] as string[], flags: [] as number[] };
  const from = range.after === null ? 0 : firstAfter(keys, range.after);
  let chars = 0;
  for (let i = from; i < keys.length && page.keys.length < range.limit; i++) {
    if (chars >= PAGE_BYTES_MAX) break;
    const record = records.get(keys[i] ?? "");
    if (record === undefined || record.body === null) continue;
    if (range.flags !== undefined && (record.flags & range.flags) === 0) continue;
    page.keys.push(record.key);
    page.bodies.push(record.body);
    page.flags.push(record.flags);
    chars += record.body.length;
  }
  return page;
}

/** Counts entries and their flags. */
export function countOf({ records }: SortedEntries): EntryCount {
  const flags = new Map<number, number>();
  let entries = 0;
  for (const record of records.values()) {
    if ((record.flags & FLAGS.gone) === 0) entries++;
    for (const bit of Object.values(FLAGS)) {
      if ((record.flags & bit) !== 0) flags.set(bit, (flags.get(bit) ?? 0) + 1);
    }
  }
  return { entries, flags };
}

/** The position of the first key that is greater. */
function firstAfter(keys: readonly Key[], key: Key): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") <= key) low = middle + 1;
    else high = middle;
  }
  return low;
}
