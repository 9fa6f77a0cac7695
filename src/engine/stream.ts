// One sorted stream of a merge-join: a side's listing, or the journal's entries. A stream holds
// one page; it stops the cycle when its source is not strictly ascending.
import { SyncError } from "../core/errors.ts";
import { showKey } from "../core/key.ts";
import type { Key, OwnRow, Position, Stamp } from "../core/state.ts";
import type { EntryPage, LinkJournal } from "./journal.ts";
import type { Side } from "./link.ts";
import { weightOf, weightOfRows } from "../core/weight.ts";
import { PAGE_ROWS_MAX, type Page, type Unkeyed } from "./replica.ts";

/** What every stream of a merge-join shows. `head` undefined after `fill()`: it has ended. */
interface Stream {
  head: Key | undefined;
  /** Nothing is left of the page in hand: `fill` is to be called. */
  isUsedUp: boolean;
  /** Reads the next page; called when the page in hand is used up. */
  fill(): Promise<void>;
  /** Moves to the next key of the page; false: the page is used up. */
  next(): boolean;
  close(): Promise<void>;
}

/** Rows of one side. */
export interface RowStream extends Stream {
  readonly row: () => OwnRow;
}

/** A stream that tells how much it has brought along. */
interface Weighed {
  /** How much all pages weigh that were read so far. */
  drawn: number;
}

/** The listing of one side, after a key. */
export interface SideStream extends RowStream, Weighed {
  readonly at: () => Position;
  readonly stamp: () => Stamp | undefined;
  /** What cannot be an entry, as far as pages have arrived. */
  readonly unkeyed: UnkeyedRows;
  /** Rows that are called what no entry could be, as far as pages have arrived. */
  others: number;
  /** True once it has ended and had no row at all. */
  readonly isEmpty: () => boolean;
  /** How absence in this listing is to be taken (I7). */
  readonly proof: () => "snapshot" | "paged";
  /** Moves what is left of the page in hand, up to and with `to`, into lists; so many at most. */
  take(into: Taken, to: Key | null, max: number): void;
}

/** Rows that were taken out of a stream. */
export interface Taken {
  readonly keys: Key[];
  readonly owns: OwnRow[];
}

/** Rows of one side that cannot be entries. */
export interface UnkeyedRows {
  /** How many there are. */
  readonly count: number;
  /** The first of them, UNKEYED_MAX at most. */
  readonly named: readonly Unkeyed[];
}

/** Rows without a key that are named one by one; more are only counted. */
export const UNKEYED_MAX = 10;

/** Opens the listing of one side. */
export function listSide(side: Side, after: Key | null, signal: AbortSignal): SideStream {
  return streamPages(side, side.replica.list(side.shape, after, signal), { after, to: null });
}

/** Keys above `after`, up to and with `to`. */
export interface KeyRange {
  readonly after: Key | null;
  /** null: up to the end. */
  readonly to: Key | null;
}

/** The rows of one side as pages that cover a range bring them. */
export function streamPages(
  side: Side,
  listed: AsyncIterable<Page>,
  { after, to }: KeyRange,
): SideStream {
  const pages = listed[Symbol.asyncIterator]();
  const unkeyed = { count: 0, named: [] as Unkeyed[] }; // nobody was met yet
  let page: Page = { keys: [], rows: [] };
  let index = 0;
  let last = after;
  let covered = false;
  let isOver = false;

  const stream: SideStream = {
    head: undefined,
    isUsedUp: true,
    drawn: 0,
    unkeyed,
    others: 0,
    row: () => rowAt(page, index),
    at: () => page.positions?.[index] ?? 0,
    stamp: () => page.stamps?.[index],
    isEmpty: () => isOver && last === after && unkeyed.count === 0,
    proof: () => page.covers?.proof ?? "paged",
    next() {
      index += 1;
      stream.head = page.keys[index];
      stream.isUsedUp = stream.head === undefined;
      return !stream.isUsedUp;
    },
    take({ keys, owns }, to, max) {
      const end = Math.min(page.keys.length, index + max);
      for (; index < end; index++) {
        const key = page.keys[index];
        if (key === undefined || (to !== null && key > to)) break;
        keys.push(key);
        owns.push(rowAt(page, index));
      }
      stream.head = page.keys[index];
      stream.isUsedUp = stream.head === undefined;
    },
    async fill() {
      stream.head = undefined;
      stream.isUsedUp = false;
      while (stream.head === undefined) {
        const step = await pages.next();
        if (step.done === true) {
          // I7, I15: a listing that ends before it covered everything proves no absence.
          if (!covered) throw cutShort(side);
          isOver = true;
          return;
        }
        page = step.value;
        index = 0;
        last = ascending(page.keys, last, side);
        stream.drawn += page.bytes ?? weightOfRows(page.rows);
        const { unkeyed: more = [], others = 0 } = page;
        stream.others += others;
        unkeyed.count += more.length;
        unkeyed.named.push(...more.slice(0, UNKEYED_MAX - unkeyed.named.length));
        if (page.covers?.to === to) covered = true;
        stream.head = page.keys[0];
      }
    },
    async close() {
      await pages.return?.();
    },
  };
  return stream;
}

/** The journal's entries of one pipeline, after a key. */
export interface EntryStream extends Stream, Weighed {
  readonly body: () => readonly unknown[];
  readonly text: () => string;
  readonly flags: () => number;
}

/** Bodies of a page that are parsed one by one; when more are wanted, the whole page is. */
const PARSED_ALONE_MAX = 50;

/** Opens the journal's entries; bodies are parsed when they are wanted. */
export function listEntries(journal: LinkJournal, pipeline: string, from: Key | null): EntryStream {
  let page: EntryPage = { keys: [], bodies: [], flags: [] };
  let parsed: (readonly unknown[])[] = [];
  let index = 0;
  let after = from;
  let ended = false;
  let wanted = 0;
  const parseAt = (at: number): readonly unknown[] => {
    wanted += 1;
    if (wanted <= PARSED_ALONE_MAX) return parseBodies([page.bodies[at] ?? "[]"])[0] ?? [];
    parsed = [...parseBodies(page.bodies)];
    return parsed[at] ?? [];
  };
  const stream: EntryStream = {
    head: undefined,
    isUsedUp: true,
    drawn: 0,
    body: () => (parsed[index] ??= parseAt(index)),
    text: () => page.bodies[index] ?? "",
    flags: () => page.flags[index] ?? 0,
    next() {
      index += 1;
      stream.head = page.keys[index];
      stream.isUsedUp = stream.head === undefined;
      return !stream.isUsedUp;
    },
    async fill() {
      stream.head = undefined;
      stream.isUsedUp = false;
      if (ended) return;
      page = await journal.entries(pipeline, { after, limit: PAGE_ROWS_MAX });
      parsed = [];
      wanted = 0;
      index = 0;
      ended = page.keys.length === 0;
      stream.drawn += weightOf(page.bodies);
      after = page.keys.at(-1) ?? after;
      stream.head = page.keys[0];
    },
    close: () => Promise.resolve(),
  };
  return stream;
}

/** Parses many bodies in one go: a call per body costs a third more. */
export function parseBodies(bodies: readonly string[]): readonly unknown[][] {
  return JSON.parse(`[${bodies.join(",")}]`) as unknown[][]; // memory.ts wrote each as a list
}

function rowAt(page: Page, index: number): OwnRow {
  const row = page.rows[index];
  if (row === undefined || row === null) {
    throw new SyncError("LIST_FAILED", "a listing names a key without its row");
  }
  return row;
}

function ascending(keys: readonly Key[], last: Key | null, side: Side): Key | null {
  let before = last;
  for (const key of keys) {
    if (before !== null && key <= before) throw disorder(key, before, side);
    before = key;
  }
  return before;
}

function disorder(key: Key, before: Key, side: Side): SyncError {
  const where = `${side.replica.name}.${side.shape.collection}`;
  if (key === before) {
    return new SyncError(
      "KEY_NOT_UNIQUE",
      `${where} has two rows with the key ${showKey(key)} (${side.shape.key.join(", ")})`,
      { hint: "Name columns under `key:` that tell every row apart." },
    );
  }
  return new SyncError(
    "KEY_ORDER",
    `${where} does not list its rows in key order: ${showKey(key)} came after ${showKey(before)}`,
    { hint: "The run stopped before anything was decided about rows out of order." },
  );
}

function cutShort(side: Side): SyncError {
  return new SyncError(
    "LIST_FAILED",
    `the listing of ${side.replica.name}.${side.shape.collection} ended before its end`,
    { hint: "Nothing was deleted. Run again." },
  );
}
