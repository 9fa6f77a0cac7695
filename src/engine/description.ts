// What a replica says of itself: which system it is, its collections, and what each of them can do.
import type { SyncError } from "../core/errors.ts";
import type { Key, OwnRow } from "../core/state.ts";
import type { LogicalType } from "../core/values.ts";
import type { NewCollection } from "./replica.ts";

/** What a collection can do; the engine never asks for more. */
export interface Capabilities {
  readonly log: boolean;
  /** `changes` tells rows as they are now, some of them again, and not those that are gone. */
  readonly since?: true;
  /** Kinds of columns that `Shape.since` may name, and then `since` is true. Absent: none. */
  readonly sinceColumns?: readonly LogicalType["kind"][];
  readonly list: "snapshot" | "paged" | "none";
  readonly compareAndSet: "row" | "none";
  /** Outcomes carry the row as it was stored. */
  readonly returns: boolean;
  /** Our batch ids are kept in the same transaction as the rows. */
  readonly marks: boolean;
  readonly commits: "page" | "finish";
  readonly writable: boolean;
}

/** One column or field of a collection. */
export interface FieldDescription {
  readonly name: string;
  readonly type: LogicalType;
  /** The type as the store spells it, for messages. */
  readonly declared: string;
  readonly nullable: boolean;
  readonly hasDefault: boolean;
  /** Computed by the store: read, never written. */
  readonly generated: boolean;
  /** Why its values cannot be read. Absent: they can. */
  readonly broken?: SyncError;
  /** Nobody declared its type: it takes the one that the other sides give it (`Shape.types`). */
  readonly open?: true;
  /** A row may be without it (ABSENT), which is not NULL. */
  readonly sparse?: true;
  /** No row has it now, and one had: the journal remembers it (`openColumns`). */
  readonly unseen?: "newly" | "still";
}

/** A foreign key. */
export interface Reference {
  readonly columns: readonly string[];
  readonly collection: string;
  readonly references: readonly string[];
  /** What the store does with rows here when the row there is deleted. */
  readonly onDelete: "refuse" | "cascade" | "set-null" | "set-default";
}

/** What the store may change in other rows by itself when a row here is written. */
export interface Ripple {
  readonly on: "update" | "delete";
  /** Only where one of these columns changes. Absent: whatever changes. */
  readonly columns?: readonly string[];
  /** The trigger, or the collection whose rows follow, in words. */
  readonly by: string;
}

/** One collection as its replica describes it. */
export interface CollectionDescription {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly fields: readonly FieldDescription[];
  /** The primary key; empty: none. */
  readonly key: readonly string[];
  /** Column sets whose values are unique, the primary key first. */
  readonly uniqueSets: readonly (readonly string[])[];
  readonly references: readonly Reference[];
  /** Names of what else changes rows by itself. */
  readonly triggers: readonly string[];
  /**
   * What is known to change other rows when a row here is updated or deleted, beside what `reach`
   * tells. What a write changes in its own row is returned with it. Absent: nothing.
   */
  readonly ripples?: readonly Ripple[];
  /**
   * Two keys that the store takes for one (case, trailing space) have the same folded form.
   * Absent: keys are told apart exactly.
   */
  readonly foldKey?: (key: Key) => string;
  /**
   * The store declares no keys: any columns may name its rows. Every listing proves that they do,
   * and ends where two rows have the same ones.
   */
  readonly openKey?: true;
  /**
   * Nothing declares its columns: `fields` are those that its rows have now, and a shape may name
   * others, which are ABSENT until one is written. `unshown`: no row has shown any yet, so that
   * they are those that it meets. Absent: the columns are the store's.
   */
  readonly openColumns?: "shown" | "unshown";
  /** It is not there yet, and will be made when something is written to it. */
  readonly isPending?: true;
  /** A view or the like, whose rows are those of others: `*` does not mean it. */
  readonly isDerived?: true;
  /** Why it cannot be used, for whoever wants to; it is there all the same. */
  readonly broken?: SyncError;
  /** Why it cannot be written, for whoever wants to. Absent: nobody says why (`writable`). */
  readonly unwritable?: SyncError;
  /** What is proven about how a value is stored (rounding, trimming). Absent: exactly. */
  readonly store?: (column: string, value: OwnRow[number]) => OwnRow[number];
}

/** What there is to know of a column that is to be made, besides the type of its values. */
export interface NewColumn {
  readonly isKey: boolean;
  /** How the source spells its type, where that is a store of the same dialect. */
  readonly declared?: string;
}

/** Which system this is, and which life of it. */
export interface Description {
  /** Stable for one database; another identity stops the link. Absent: it has none yet. */
  readonly identity?: string;
  /**
   * Grows with the store's own history; a smaller one than remembered was restored from a copy.
   * 0 for ever: the store keeps none.
   */
  readonly epoch: number;
  readonly collections: ReadonlyMap<string, CollectionDescription>;
  /** Stores of one dialect spell types alike. Absent: nobody else does. */
  readonly dialect?: string;
  /** Collections are named `schema.table` (qualified.ts). Absent: by anything. */
  readonly isQualified?: true;
  /** How collections will be that are made here. Absent: like the others. */
  readonly creates?: {
    readonly capabilities: Capabilities;
    /** A file is made when something is written to it; nobody has to ask. */
    readonly unasked: boolean;
    /** The type of a column that is made for values of this one. Absent: the same. */
    readonly columnFor?: (type: LogicalType, column: NewColumn) => LogicalType;
    /** How one will describe itself. Absent: by the types of its columns, under its key. */
    readonly describes?: (
      collection: NewCollection,
    ) => Pick<CollectionDescription, "fields" | "key" | "uniqueSets" | "openKey" | "openColumns">;
    /** Why none can be made under this name. Absent: nothing is known to be in the way. */
    readonly refuses?: (collection: string) => SyncError | undefined;
  };
}
