// What the engine works on: pipelines that were compiled once, against what their replicas say of
// themselves (engine/compile.ts makes them from settings), and the world they run in.
import type { Hash } from "../core/hash.ts";
import type { Lens } from "../core/lens.ts";
import type { Policy } from "../core/policy.ts";
import type { UniqueRule } from "../core/rules.ts";
import type { FieldIndex, OwnRow, Row, SideIndex, Value } from "../core/state.ts";
import type { LogicalType } from "../core/values.ts";
import type { Backoff } from "./backoff.ts";
import type { LinkJournal } from "./journal.ts";
import type { CollectionDescription, Replica, Shape } from "./replica.ts";
import type { Sorter } from "./templated.ts";
import type { Note } from "./views.ts";

/** Everything that the engine takes from outside; a test is their author. */
export interface Env {
  /** ms since the epoch. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  /** A new id, unique for ever, sortable by time where it can be. */
  readonly id: () => string;
  readonly hash: Hash;
  /** SHA-256 as 64 letters of [0-9a-f]. Absent: what others digest cannot be compared with us. */
  readonly sha256?: (bytes: Uint8Array) => string;
  /** Sorts rows of any number in bounded memory. Absent: what has to be sorted is refused. */
  readonly sorter?: () => Sorter;
  /**
   * Waits so many ms; rejects with the signal's reason when that fires. Absent: no pipeline may be
   * throttled.
   */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How long recorded changes are kept: whichever ends first. */
export interface Retention {
  readonly days: number;
  readonly changes: number;
}

/** What is kept when nobody says otherwise. */
export const RETENTION_DEFAULT: Retention = { days: 90, changes: 1_000_000 };

/** When deletions are withheld: above max(share × known entries, floor), or above cap. */
export interface Guard {
  readonly share: number;
  readonly floor: number;
  readonly cap: number;
  readonly onTrip: "withhold" | "stop";
}

/** A replica's collection seen through a lens, in one pipeline. */
export interface Side {
  /** "source", "target", or its name under `sides:`. */
  readonly name: string;
  readonly replica: Replica;
  readonly description: CollectionDescription;
  readonly shape: Shape;
  readonly lens: Lens;
  /** The same through which rows that break a rule can be read. Absent: it is `lens`. */
  readonly bare?: Lens;
  /** By link field: how its value comes about here, in a form that is only compared. */
  readonly reads: readonly string[];
  /** A side that only follows is written, and never read for news. */
  readonly follows: boolean;
  /** False for a one-way source: it is never written. */
  readonly writable: boolean;
  /** True for the filter's owner: whether a row is inside. Absent: no filter here. */
  readonly isInside?: (own: OwnRow) => boolean;
  /** Time that a row's change carries (`latest` by a column), in link stamps; absent: our clock. */
  readonly stampOf?: (own: OwnRow) => number | undefined;
}

/** One mapping between collections. */
export interface Pipeline {
  readonly name: string;
  /** Names of the link fields, membership (when there is a filter) excluded. */
  readonly fields: readonly string[];
  readonly types: readonly LogicalType[];
  /** Positions in `fields` that name the entry. */
  readonly key: readonly FieldIndex[];
  /** Of the values in keys, where a side calls its rows otherwise. Absent: those of the fields. */
  readonly keyTypes?: readonly LogicalType[];
  readonly sides: readonly Side[];
  /** `guard`, `stamp` and `now` are set by each cycle. */
  readonly policy: Omit<Policy, "guard" | "stamp" | "now">;
  /** The rules of the configuration alone: not what a side can hold. */
  readonly rules: {
    /** Those that have any. */
    readonly fields: readonly FieldIndex[];
    readonly rejects: (field: FieldIndex, value: Value) => boolean;
    /** What a row breaks that no single value does; absent: there is no such rule. */
    readonly across?: (row: Row) => readonly string[];
  };
  /** All broken rules of one value, in words; empty: fine. */
  readonly broken: (field: FieldIndex, value: Value) => readonly string[];
  /** Values that only one row of a side may have; absent: there is no such rule. */
  readonly unique?: {
    readonly rules: readonly UniqueRule[];
    /** A row of a side in link terms, whatever it breaks; undefined: it is not judged. */
    readonly rowOf: (side: SideIndex, own: OwnRow) => Row | undefined;
    /** What else a row breaks: a row that is set aside says all that is wrong with it. */
    readonly also: (row: Row) => readonly string[];
  };
  readonly memory: "full" | "digest";
  readonly guard: Guard;
  /** What words for strategies need beside themselves, also where a person says one. */
  readonly words: {
    readonly by?: string;
    /** By field: the property that tells objects in its lists apart. */
    readonly keys: { readonly [field: string]: string };
  };
  /** When what a side put off is tried again. */
  readonly retry: Backoff;
  /** Rows in one batch that is sent to a side, at most. Absent: a page, or a packed load. */
  readonly batchRows?: number;
  /** Rows that are written in any second of a run, on all sides together, at most. Absent: all. */
  readonly rowsPerSecond?: number;
  /** What becomes of rows that only a follower holds. */
  readonly extra: "keep" | "delete";
  readonly whenFilteredOut: "keep" | "delete";
  /** Sides that lead tell what changed; everything is compared again after so many ms. */
  readonly since?: { readonly fullMs: number };
  /** Digest of what made it, settings and columns: another one is recognised and explained. */
  readonly digest: string;
  /** Digest of the settings alone. */
  readonly written: string;
}

/** Sides, a journal and policies. Pipelines stand parents first. */
export interface Link {
  readonly name: string;
  readonly pipelines: readonly Pipeline[];
  /** Every replica of the link once, by system name. */
  readonly replicas: ReadonlyMap<string, Replica>;
  readonly journal: LinkJournal;
  readonly env: Env;
  readonly retention: Retention;
  /** Digest over all pipelines. */
  readonly digest: string;
  /** What a person should read about how its pipelines came to be. Absent: nothing. */
  readonly notes?: readonly Note[];
}

/** The side of that name, or undefined. */
export function sideNamed(pipeline: Pipeline, name: string): SideIndex | undefined {
  const index = pipeline.sides.findIndex((side) => side.name === name);
  return index < 0 ? undefined : index;
}
