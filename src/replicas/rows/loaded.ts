// Small files, read from end to end and kept in memory as long as nobody touches them.
import { SyncError } from "../../core/errors.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import { gather } from "../../engine/gathering.ts";
import { illegible } from "../../engine/illegible.ts";
import type { Page, Shape, Unkeyed } from "../../engine/replica.ts";
import { filesOf, signatureNow } from "./folder.ts";
import type { Folder, Loaded, OpenFile } from "./folder.ts";
import { keysIn, recordsIn } from "./entries.ts";
import type { Entry } from "./entries.ts";
import type { Shaped } from "./shaped.ts";

/** Files up to this size are kept. */
export const LOADED_BYTES_MAX: number = 8 << 20;
/** Files that are kept. */
const LOADED_MAX = 8;

const loadedName = (shape: Shape): string =>
  JSON.stringify([shape.collection, shape.key, shape.columns, shape.types], (_, value: unknown) =>
    typeof value === "bigint" ? `${value}n` : value,
  );

/** What is known of a small file, as long as nobody touched it. */
export function knownOf(folder: Folder, shape: Shape): Loaded | undefined {
  const known = folder.loaded.get(loadedName(shape));
  const [path, other] = known === undefined ? [] : (filesOf(folder).get(shape.collection) ?? []);
  if (known === undefined || path === undefined || other !== undefined) return undefined;
  return known.signature === signatureNow(path) ? known : undefined;
}

/** Reads a file and keeps it. */
export function load(folder: Folder, file: OpenFile, shaped: Shaped): Loaded {
  const entries: Entry[] = [];
  const unkeyed: Unkeyed[] = [];
  for (const batch of recordsIn(file, shaped, unkeyed)) entries.push(...batch);
  let isInOrder = true;
  for (let at = 1; at < entries.length && isInOrder; at++) {
    isInOrder = (entries[at - 1]?.key ?? "") <= (entries[at]?.key ?? "");
  }
  if (!isInOrder) entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const doubled = entries.flatMap(({ key }, at) => (entries[at - 1]?.key === key ? [key] : []));
  const wrong = doubled.length === 0 ? undefined : notUnique(file, shaped, new Set(doubled));
  const loaded = {
    signature: file.snapshot.signature,
    keys: entries.map(({ key }) => key),
    rows: entries.map(({ row }) => row),
    unkeyed,
    doubled: new Map(wrong === undefined ? [] : doubled.map((key) => [key, wrong])),
  };
  const name = loadedName(shaped.shape);
  folder.loaded.delete(name);
  for (const oldest of folder.loaded.keys()) {
    if (folder.loaded.size < LOADED_MAX) break;
    folder.loaded.delete(oldest);
  }
  folder.loaded.set(name, loaded);
  return loaded;
}

/** What is kept, as batches of entries. Throws KEY_NOT_UNIQUE. */
export function entriesOf({ keys, rows, doubled }: Loaded): readonly Entry[] {
  for (const [key, wrong] of doubled) throw wrong(key);
  return keys.map((key, at): Entry => ({ key, row: rows[at] ?? [] }));
}

/** Looks keys up in what is kept. Throws KEY_NOT_UNIQUE for two rows of one of them. */
export function readLoaded(loaded: Loaded, keys: readonly Key[]): Page {
  for (const key of keys) {
    const wrong = loaded.doubled.get(key);
    if (wrong !== undefined) throw wrong(key);
  }
  const found = gather(keys);
  for (const key of keys) {
    const row = loaded.rows[placeOf(loaded.keys, key)];
    if (row !== undefined && found.wants(key) && !found.has(key)) found.add(key, row);
  }
  return found.page(otherwiseIn(loaded.unkeyed));
}

/** Where a key stands in a sorted list, or -1. */
function placeOf(keys: readonly Key[], key: Key): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return keys[low] === key ? low : -1;
}

/** What is to be said of keys that are not found; null: they are not there. */
export function otherwiseIn(unkeyed: readonly Unkeyed[]): OwnRow | null {
  const broken = unkeyed.find(({ code }) => code === "ROW_BROKEN");
  // I7: it may be the one that cannot be read.
  return broken === undefined ? null : illegible([mayBeThere(broken)]);
}

function mayBeThere({ where }: Unkeyed): string {
  return `It is not found, and may be on a line that cannot be read: ${where}`;
}

/**
 * What is to be said of keys that several rows have: the file is read once more for their lines.
 */
export function notUnique(
  file: OpenFile,
  shaped: Shaped,
  keys: ReadonlySet<Key>,
): (key: Key) => SyncError {
  const lines = new Map<Key, number[]>([...keys].map((key) => [key, []]));
  for (const batch of keysIn(file, shaped, { unkeyed: [], isRaw: false })) {
    for (const { key, line } of batch) lines.get(key)?.push(line);
  }
  const { collection, key: names } = shaped.shape;
  return (key) => {
    const [one = 0, other = 0] = lines.get(key) ?? [];
    const message = `lines ${one} and ${other} of ${collection} have the same ${names.join(", ")}`;
    return new SyncError("KEY_NOT_UNIQUE", message, {
      where: `${file.snapshot.path}:${other}`,
      hint: "Name a key whose values are unique, or mend the file.",
    });
  };
}
