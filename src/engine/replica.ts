// The contract between the engine and a system that holds copies. The exported suite in
// testing/replica-suite.ts has a test for every promise made here.
import type { LogicalType } from "../core/values.ts";
import type { SyncError } from "../core/errors.ts";
import type { KeyTemplates } from "../core/key-template.ts";
import type { Key, OwnRow, Position, Stamp } from "../core/state.ts";
import type { Description, FieldDescription, NewColumn } from "./description.ts";
import type { Digester, DigestSpec } from "./digester.ts";
import type { Packed, Packer } from "./packer.ts";

export type {
  Capabilities,
  CollectionDescription,
  Description,
  FieldDescription,
  NewColumn,
  Reference,
  Ripple,
} from "./description.ts";

/** Where a feed was read up to; opaque to everyone but its replica. */
export type Cursor = string;

/** Which columns of a collection a link reads and writes, and which of them name an entry. */
export interface Shape {
  readonly collection: string;
  /** Columns that name an entry, in key order; all of them are in `columns`. */
  readonly key: readonly string[];
  /** The order of values in every `OwnRow` that travels under this shape. */
  readonly columns: readonly string[];
  /**
   * By column, what its values are to be, where the collection's own fields are `open`. A store
   * whose columns have types of their own has no use for it.
   */
  readonly types?: readonly LogicalType[];
  /** What tells `changes` and `head` which rows changed. Absent: nobody has named a column. */
  readonly since?: SinceColumn;
  /**
   * How the values of `key` are made of those that name an entry: every key that travels under this
   * shape is an entry's. No replica knows it by itself (templated.ts). Absent: they are the same.
   */
  readonly templates?: KeyTemplates;
}

/** A column whose value grows whenever its row is changed, as far as its writers keep to that. */
export interface SinceColumn {
  readonly column: string;
  /** How far back of what was seen is asked for again: rows may be committed late. */
  readonly overlap: Overlap;
}

/** Part of a time, or of a number that counts. */
export type Overlap =
  | { readonly kind: "time"; readonly ms: number }
  | { readonly kind: "number"; readonly count: number };

/**
 * A row that cannot be an entry, named so that a person can find it. Never its data. ROW_BROKEN:
 * nobody can tell which row it is; what a listing does not show may be there all the same, and a
 * listing with such rows is no proof of absence.
 */
export interface Unkeyed {
  readonly code: "KEY_MISSING" | "KEY_INVALID" | "ROW_BROKEN";
  readonly where: string;
}

/**
 * One stretch of a listing, of a feed or of an answer to `read`. It ends where it has PAGE_ROWS_MAX
 * rows or weighs PAGE_BYTES_MAX (`weightOf` in core/weight.ts), whichever comes first; one row is
 * always in it, however large.
 */
export interface Page {
  /** In a listing: strictly ascending in core's order. In a feed: the order of commits. */
  readonly keys: readonly Key[];
  /** Parallel to `keys`; null: not there (only in feeds and answers to `read`). */
  readonly rows: readonly (OwnRow | null)[];
  /** Parallel to `keys`, where the replica has an order of its own. */
  readonly positions?: readonly Position[];
  /** Parallel to `keys`, where the replica knows when a row was changed. */
  readonly stamps?: readonly Stamp[];
  readonly unkeyed?: readonly Unkeyed[];
  /** In a listing: how many rows are called what no entry could be (`Shape.templates`). */
  readonly others?: number;
  /** About how much its rows weigh. Absent: whoever needs to know weighs them. */
  readonly bytes?: number;
  /** In a feed: where to go on after this page. */
  readonly cursor?: Cursor;
  /** In a listing: the key range that this page speaks for. `to: null`: up to the end. */
  readonly covers?: {
    readonly after: Key | null;
    readonly to: Key | null;
    /** `snapshot`: one moment for the whole listing; `paged`: absence must be read again (I7). */
    readonly proof: "snapshot" | "paged";
  };
}

/** Rows of one collection that may be deleted. */
export interface Deletions {
  readonly shape: Shape;
  readonly keys: readonly Key[];
  /** How rows are named that refer to them. One of another collection need not be told by name. */
  readonly referring: readonly Shape[];
}

/** A row that would go, or change, if the row to which it refers were deleted. */
export interface Reached {
  /** The row that would be deleted. */
  readonly from: Key;
  readonly collection: string;
  /**
   * The row that refers to it, under the shape of its collection. Absent: none was given (one such
   * row tells of all), or it has no key there.
   */
  readonly key?: Key;
  /** By which columns it refers, and what it holds there. */
  readonly columns: readonly string[];
  readonly values: OwnRow;
}

/** What a write expects to find. Anything else is `stale`. */
export type Expected =
  | { readonly kind: "absent" }
  | { readonly kind: "row"; readonly row: OwnRow }
  /** For links that remember digests: `digestOf` is pure and cheap. */
  | {
      readonly kind: "digest";
      readonly digest: string;
      readonly digestOf: (row: OwnRow) => string;
    };

/** One row to be put (or, with null, deleted). Columns that hold ABSENT are left to the store. */
export interface RowWrite {
  readonly key: Key;
  readonly expected: Expected;
  readonly to: OwnRow | null;
  /** It was sent before under this name (`BATCH.POSITION`), and nobody knows what became of it. */
  readonly again?: string;
}

/**
 * A page of writes to one collection: what is to be stored ends where a page does. One transaction
 * where the store has them.
 */
export interface Batch {
  /** Our marker; a repeated id is recognised where `marks` is true. */
  readonly id: string;
  readonly link: string;
  readonly shape: Shape;
  readonly writes: readonly RowWrite[];
  /** Markers whose outcomes are safe in the journal: the store may forget them. */
  readonly settled: readonly string[];
  /**
   * The rows of all writes, as the writer's own packer has them: each of them is new. Then there
   * may be more than PAGE_ROWS_MAX, and `writes` are made when they are asked for: only whoever
   * cannot take the whole as it is needs them.
   */
  readonly packed?: Packed;
  /**
   * Deletions may take rows with them that refer to theirs (ON DELETE CASCADE). Absent: such a
   * deletion is `later`, and nobody's row goes that no write was about (I8).
   */
  readonly cascades?: boolean;
}

/** What became of one write. */
export type Outcome =
  /**
   * `row`: as it was stored; without it, exactly what was told (where `returns` is true, it is, but
   * for what was packed).
   * `again`: the batch's marker says that it landed before; `row` is what is there now, which may
   * carry later edits.
   */
  | {
      readonly kind: "applied";
      readonly row?: OwnRow | null;
      readonly at?: Position;
      readonly again?: true;
    }
  /** Settled by `finish`. */
  | { readonly kind: "staged" }
  /** The side holds something else, returned here: nothing was written. */
  | { readonly kind: "stale"; readonly row: OwnRow | null; readonly at?: Position }
  /** It will never be taken in this form. */
  | { readonly kind: "refused"; readonly error: SyncError }
  /** It may be taken later (a missing reference, a busy store), and not before so many ms. */
  | { readonly kind: "later"; readonly error: SyncError; readonly waitMs?: number }
  /** Nobody knows whether it landed. */
  | { readonly kind: "unknown"; readonly error: SyncError };

/**
 * Writes batches. Nothing of one is in progress when its call returns. A writer that stages is
 * finished after STAGED_WRITES_MAX writes at most, or where they weigh STAGED_BYTES_MAX, and
 * another one opened.
 */
export interface Writer {
  /**
   * How many batches may be under way when another one is handed over: they land in the order in
   * which they were. Absent: none, one call at a time.
   */
  readonly ahead?: number;
  /**
   * A way for many new rows at once. undefined: not for this shape, where each row has to be looked
   * at. Absent: there is none. Whoever asks has nothing under way.
   */
  readonly packer?: (shape: Shape, signal: AbortSignal) => Promise<Packer | undefined>;
  /** Outcomes are parallel to `batch.writes`. Throws only when the whole store is out of reach. */
  write(batch: Batch, signal: AbortSignal): Promise<readonly Outcome[]>;
  /** Settles what was staged, in the order of the staged batches. Called once, last. */
  finish(signal: AbortSignal): Promise<readonly Outcome[]>;
  /** Gives up what was staged and lets go of what the writer holds. */
  abort(): Promise<void>;
}

/** What a marker proves: its batch was committed, without the writes at these positions. */
export interface Mark {
  readonly id: string;
  readonly missed: readonly number[];
  /**
   * Rows that were stored otherwise than they were told (columns left to the store aside), by their
   * places in the batch, and the columns of the batch's shape that they hold. Absent: none.
   */
  readonly stored?: {
    readonly columns: readonly string[];
    readonly rows: readonly { readonly at: number; readonly row: OwnRow }[];
  };
}

/** A collection that is to be made in a store. */
export interface NewCollection {
  readonly name: string;
  readonly fields: readonly (Pick<FieldDescription, "name" | "type" | "nullable"> &
    Pick<NewColumn, "declared">)[];
  readonly key: readonly string[];
}

/** Which program keeps a store, and what its clock says. */
export interface About {
  /** Its name and version: `PostgreSQL 17.2`. */
  readonly product: string;
  /** ms since the epoch. Absent: it goes by the clock of this machine. */
  readonly clockMs?: number;
}

/** One system with collections. A replica never knows links, lenses or other replicas. */
export interface Replica {
  readonly name: string;
  /**
   * What it holds. Of collections in `wanted` all columns are told, whatever it takes to find them;
   * of others a look will do. Absent: all of them are wanted.
   */
  describe(signal: AbortSignal, wanted?: ReadonlySet<string>): Promise<Description>;
  /** For a person who asks how it is. Absent: there is nothing to say but what `describe` says. */
  about?(signal: AbortSignal): Promise<About>;
  /** All rows after a key, in key order, page by page; the last page covers up to the end. */
  list(shape: Shape, after: Key | null, signal: AbortSignal): AsyncIterable<Page>;
  /**
   * The rows under these keys, in their order; absent ones as null. Where they are more than a page
   * holds, those under the first of them (`keys` says which): whoever asks goes on with the others.
   */
  read(shape: Shape, keys: readonly Key[], signal: AbortSignal): Promise<Page>;
  /**
   * Digests of ranges of keys, made where the rows are. undefined: not for these columns, or not in
   * the order of their keys. Absent: reading the rows costs no more.
   */
  digester?(spec: DigestSpec, signal: AbortSignal): Promise<Digester | undefined>;
  /**
   * Rows that the store would delete or change by itself if others were deleted (ON DELETE CASCADE,
   * SET NULL, SET DEFAULT): those that refer to them directly, page by page, in any order. A row
   * that refers to itself is not told. Absent: a deletion reaches no other row.
   */
  reach?(deletions: Deletions, signal: AbortSignal): AsyncIterable<readonly Reached[]>;
  /**
   * Changes after a cursor (undefined: from the beginning), up to now. Only where `log` or `since`
   * is true.
   */
  changes(
    shapes: readonly Shape[],
    cursor: Cursor | undefined,
    signal: AbortSignal,
  ): AsyncIterable<FeedPage>;
  /**
   * Where the feed stands now: what is committed later comes after this cursor, and what a listing
   * that begins later does not hold. From now on the store keeps the changes after it. Only where
   * `log` or `since` is true, and there always.
   */
  head?(shapes: readonly Shape[], signal: AbortSignal): Promise<Cursor>;
  /** The feed may forget what is before the cursor. Only ever after the journal's commit (I3). */
  acknowledge(cursor: Cursor): Promise<void>;
  /** Those of the link's markers that the store still keeps, oldest first. */
  marks(link: string, signal: AbortSignal): Promise<readonly Mark[]>;
  writer(signal: AbortSignal): Promise<Writer>;
  /** The statement that would make a collection, for messages; absent: it cannot. */
  ddl?(collection: NewCollection): string;
  create?(collection: NewCollection, signal: AbortSignal): Promise<void>;
  /** Takes away everything that a link left in the store (markers, triggers). */
  forget(link: string): Promise<void>;
  close(): Promise<void>;
}

/** A page of a feed: changes of one collection. */
export interface FeedPage extends Page {
  readonly collection: string;
  readonly cursor: Cursor;
  /** These are rows as they are now, as if they had been read by their keys. */
  readonly isNow?: true;
}

/** Writes that one writer keeps staged, at most. */
export const STAGED_WRITES_MAX = 50_000;
/** And how many bytes they weigh: with the write that reaches it they are finished. */
export const STAGED_BYTES_MAX: number = 64 << 20;

/** For `describe`: nobody will look at the columns of any collection. */
export const NO_COLUMNS: ReadonlySet<string> = new Set();

/** Rows in one page of a listing, a feed or a batch, at most. */
export const PAGE_ROWS_MAX = 1000;
/**
 * A page, and one of the journal's as well, ends with the row with which it weighs as many bytes
 * (docs/decisions/pages.md says why so many). A row is as large as it is: there is one at least.
 */
export const PAGE_BYTES_MAX: number = 4 << 20;
