// Listings in key order and reads by key, of one moment of the file.
import type { SyncError } from "../../core/errors.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import { weightOf } from "../../core/weight.ts";
import { gather } from "../../engine/gathering.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Page, Shape, Unkeyed } from "../../engine/replica.ts";
import { keysIn, recordsIn } from "./entries.ts";
import type { Entry } from "./entries.ts";
import { openFile, pause } from "./folder.ts";
import type { Folder, Loaded, OpenFile } from "./folder.ts";
import {
  LOADED_BYTES_MAX,
  entriesOf,
  knownOf,
  load,
  notUnique,
  otherwiseIn,
  readLoaded,
} from "./loaded.ts";
import { readRecord, shapeFile } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";
import { makeSorter } from "../../spool/sorter.ts";
import type { Sorter } from "../../spool/sorter.ts";

/** Batches of records between two looks at the signal, where nobody waits for any of them. */
const BATCHES_AT_ONCE = 32;
/** Pieces of a file that are passed by at once. */
const PIECES_AT_ONCE = 64;

/**
 * All rows after a key. Throws LIST_FAILED when the file cannot be read as one moment, and
 * KEY_NOT_UNIQUE for two rows of one key.
 */
export async function* list(
  folder: Folder,
  shape: Shape,
  after: Key | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  signal.throwIfAborted();
  const known = knownOf(folder, shape);
  if (known !== undefined) {
    yield* pagesOf(inMemory(known), after);
    return;
  }
  const file = await openFile(folder, shape, signal);
  try {
    const shaped = shapeFile(file, shape);
    if (file.snapshot.size <= LOADED_BYTES_MAX) {
      yield* pagesOf(inMemory(load(folder, file, shaped)), after);
      return;
    }
    const place: Place = { file, shaped, signal };
    const unkeyed = await surveyOf(place);
    if (unkeyed !== undefined) {
      yield* pagesOf({ batches: walk(place, []), unkeyed, place }, after);
      return;
    }
    const sorter = makeSorter();
    try {
      const without = await sortInto(sorter, place);
      yield* pagesOf({ batches: sorted(sorter, place), unkeyed: without, place }, after);
    } finally {
      sorter.close();
    }
  } finally {
    file.snapshot.close();
  }
}

/**
 * The rows under these keys, in their order, as many as a page holds. Throws KEY_NOT_UNIQUE for two
 * rows of one of them.
 */
export async function read(
  folder: Folder,
  shape: Shape,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<Page> {
  signal.throwIfAborted();
  const known = knownOf(folder, shape);
  if (known !== undefined) return readLoaded(known, keys);
  const file = await openFile(folder, shape, signal);
  try {
    const shaped = shapeFile(file, shape);
    if (file.snapshot.size <= LOADED_BYTES_MAX) {
      return readLoaded(load(folder, file, shaped), keys);
    }
    const found = gather(keys);
    const unkeyed: Unkeyed[] = [];
    const place: Place = { file, shaped, signal };
    for await (const batch of walk(place, unkeyed)) {
      for (const { key, row } of batch) {
        if (!found.wants(key)) continue;
        if (found.has(key)) throw twice(place, key);
        found.add(key, row);
      }
    }
    return found.page(otherwiseIn(unkeyed));
  } finally {
    file.snapshot.close();
  }
}

function inMemory(loaded: Loaded): Listing {
  return { batches: [entriesOf(loaded)], unkeyed: loaded.unkeyed };
}

interface Listing {
  /** In key order. */
  readonly batches: Iterable<readonly Entry[]> | AsyncIterable<readonly Entry[]>;
  readonly unkeyed: readonly Unkeyed[];
  /** Where two rows may still have one key. */
  readonly place?: Place;
}

async function* pagesOf(listing: Listing, after: Key | null): AsyncGenerator<Page> {
  const { batches, unkeyed, place } = listing;
  if (after === null) yield* unkeyedPages(unkeyed);
  const isProof = !unkeyed.some(({ code }) => code === "ROW_BROKEN");
  const proof = isProof ? "snapshot" : "paged";
  let keys: Key[] = [];
  let rows: OwnRow[] = [];
  let bytes = 0;
  let from = after;
  let last: Key | undefined;
  for await (const batch of batches) {
    for (const { key, row } of batch) {
      if (key === last && place !== undefined) throw twice(place, key);
      last = key;
      if (after !== null && key <= after) continue;
      if (keys.length === PAGE_ROWS_MAX || bytes >= PAGE_BYTES_MAX) {
        const to = keys.at(-1) ?? null;
        yield { keys, rows, bytes, covers: { after: from, to, proof } };
        from = to;
        keys = [];
        rows = [];
        bytes = 0;
      }
      keys.push(key);
      rows.push(row);
      bytes += weightOf(row);
    }
  }
  yield { keys, rows, bytes, covers: { after: from, to: null, proof } };
}

function* unkeyedPages(unkeyed: readonly Unkeyed[]): Generator<Page> {
  if (unkeyed.length > 0) yield { keys: [], rows: [], unkeyed };
}

interface Place {
  readonly file: OpenFile;
  readonly shaped: Shaped;
  readonly signal: AbortSignal;
}

function twice({ file, shaped }: Place, key: Key): SyncError {
  return notUnique(file, shaped, new Set([key]))(key);
}

/** The same, letting others have their turn: they may be writing what was read. */
async function* walk({ file, shaped, signal }: Place, unkeyed: Unkeyed[]): AsyncGenerator<Entry[]> {
  for (const batch of recordsIn(file, shaped, unkeyed)) {
    yield batch;
    await pause(signal);
  }
}

/**
 * Looks at the keys of a large file, and returns the rows that have none. It ends at the first key
 * that is out of order (undefined), because sorting looks at all of them anyway.
 */
async function surveyOf(place: Place): Promise<readonly Unkeyed[] | undefined> {
  if (await isPlainlyInOrder(place)) return [];
  const { file, shaped, signal } = place;
  const unkeyed: Unkeyed[] = [];
  let before = "";
  let count = 0;
  for (const batch of keysIn(file, shaped, { unkeyed, isRaw: false })) {
    for (const { key } of batch) {
      if (key < before) return undefined;
      before = key;
    }
    if (++count % BATCHES_AT_ONCE === 0) await pause(signal);
  }
  return unkeyed;
}

/** True: every record can be read, and has a key that is not below the one before it. */
async function isPlainlyInOrder({ file, shaped, signal }: Place): Promise<boolean> {
  const { keyColumns, keyAt, types } = shaped;
  const [keyColumn, ...others] = keyColumns;
  const keyType = types[keyAt[0] ?? 0];
  if (keyColumn === undefined || others.length > 0 || keyType === undefined) return false;
  const survey = file.layout.survey?.(keyColumn, keyType);
  if (survey === undefined) return false;
  const { snapshot } = file;
  let count = 0;
  for (let at = 0; ;) {
    const bytes = snapshot.piece(at);
    if (bytes.length === 0) return survey.end();
    if (!survey.piece(bytes)) return false;
    at += bytes.length;
    if (++count % PIECES_AT_ONCE === 0) await pause(signal);
  }
}

/** Hands all records to a sorter, and returns the rows that have no key. */
async function sortInto(
  sorter: Sorter,
  { file, shaped, signal }: Place,
): Promise<readonly Unkeyed[]> {
  const unkeyed: Unkeyed[] = [];
  let count = 0;
  for (const batch of keysIn(file, shaped, { unkeyed, isRaw: true })) {
    for (const record of batch) sorter.add(record);
    if (++count % BATCHES_AT_ONCE === 0) await pause(signal);
  }
  return unkeyed;
}

/** What a sorter gives back, read as rows. */
async function* sorted(
  sorter: Sorter,
  { file, shaped, signal }: Place,
): AsyncGenerator<readonly Entry[]> {
  const cellsOf = file.layout.cells(shaped.columns);
  const { path } = file.snapshot;
  let batch: Entry[] = [];
  let chars = 0;
  for (const { raw, line } of sorter.sorted()) {
    const found = readRecord(shaped, cellsOf(raw) ?? [], { path, line });
    if (found.key !== undefined) batch.push({ key: found.key, row: found.row });
    chars += raw.length;
    if (batch.length < PAGE_ROWS_MAX && chars < PAGE_BYTES_MAX) continue;
    yield batch;
    batch = [];
    chars = 0;
    await pause(signal);
  }
  yield batch;
}
