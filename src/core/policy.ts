import type { FieldIndex, SideIndex, Stamp, Value } from "./state.ts";

/** One value that competes in a question. A policy sees nothing else. */
export interface Rival {
  /**
   * The side that moved it there. An agreed value that some rival had not seen competes as well,
   * in the name of the side that had decided it; undefined: an answer or a policy had.
   */
  readonly side: SideIndex | undefined;
  readonly value: Value;
  /** What that side had seen when it moved; undefined: nothing. */
  readonly base: Value | undefined;
  readonly stamp: Stamp;
  /** That side had never been told of the entry. */
  readonly first: boolean;
}

/** How rivals of one field are settled. `merge` and `manual` settle nothing: a person is asked. */
export type Rule =
  | { readonly kind: "merge" }
  | { readonly kind: "manual" }
  | { readonly kind: "latest" }
  | { readonly kind: "wins"; readonly side: SideIndex }
  /** Three-way set merge of arrays; objects are told apart by the value of `key`. */
  | { readonly kind: "union"; readonly key?: string }
  | {
      readonly kind: "custom";
      /** Pure and deterministic; undefined: a person is asked. */
      readonly settle: (base: Value | undefined, rivals: readonly Rival[]) => Value | undefined;
    };

/** What the fold has to know of a side. */
export interface SidePolicy {
  /** Its changes are drift, never folded. */
  readonly follows: boolean;
  /** Fields (by position) on which a leading side only follows (`only: to-target`). */
  readonly followsOn?: readonly boolean[];
  /** What becomes of drift: the agreed value is written again, or a question is asked. */
  readonly drift: "overwrite" | "keep";
  /** It owns the filter: it carries membership and is never written because of it. */
  readonly ownsFilter: boolean;
  /** It keeps our markers in the transaction of the rows. */
  readonly marks: boolean;
  /** A write lands only if the side still holds what it was aimed at. */
  readonly compares: boolean;
  /**
   * Positions of the link fields that it carries (membership included only for the filter's owner).
   */
  readonly carries: readonly FieldIndex[];
  /** What describe() proves about how it stores a value (rounding, trimming); absent: exactly. */
  readonly store?: (field: FieldIndex, value: Value) => Value;
}

/** Everything that decides how entries of one pipeline fold. */
export interface Policy {
  /** Number of link fields; with a filter the last one is membership, a boolean. */
  readonly fields: number;
  /** Position of membership, or -1: there is no filter. */
  readonly member: FieldIndex;
  readonly sides: readonly SidePolicy[];
  /** Fields that name the entry: all rows of it have the same there. Absent: none. */
  readonly keys?: readonly FieldIndex[];
  readonly rows: Rule;
  /** Per field, where it differs from `rows`. */
  readonly settle: readonly (Rule | undefined)[];
  /** Delete against edit; absent: a named side in `rows` settles it, everything else asks. */
  readonly deletes?: "ask" | "edit-wins" | "delete-wins";
  /** First meetings: `merge` asks about different fields, `manual` about the whole entry. */
  readonly initial: Rule;
  /** `withhold`: a deletion becomes a question; `release`: withheld ones are let through. */
  readonly guard: "pass" | "withhold" | "release";
  /** True: a rule rejects this value, and it becomes a question. */
  readonly rejects?: (field: FieldIndex, value: Value) => boolean;
  /** The stamp of this cycle. */
  readonly stamp: Stamp;
  /** Now, in ms, to judge deadlines of told writes. */
  readonly now: number;
}
