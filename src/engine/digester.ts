// The part of the replica contract by which whole stretches of rows are compared without their
// values: one digest for each range of keys, made where the rows are.
import type { Key } from "../core/state.ts";
import type { LogicalType } from "../core/values.ts";
import type { Page, Shape } from "./replica.ts";

/** What is digested, and how. Both sides of a comparison are given the same types and salt. */
export interface DigestSpec {
  readonly shape: Shape;
  /**
   * Columns of the shape in the order in which they are digested, each as a value of this type:
   * that of the link, which may be another one than the column's own. The key's are among them.
   */
  readonly fields: readonly DigestField[];
  /**
   * SALT_LENGTH of [0-9a-z], new for each comparison. Its first half ends every value that has no
   * fixed length, its second half stands for NULL: who puts a value into a row cannot know them.
   */
  readonly salt: string;
}

/** One digested column. */
export interface DigestField {
  readonly column: string;
  readonly type: LogicalType;
}

/** Letters of a salt. */
export const SALT_LENGTH = 16;

/** What is known of the rows above the range before, up to and with the key `to`. */
export interface RangeDigest {
  /** null: up to the end. */
  readonly to: Key | null;
  readonly rows: number;
  /**
   * SHA-256 over the bytes of engine/range-bytes.ts, as 64 letters of [0-9a-f]; of no rows it may
   * be anything. Absent: there is a value that cannot be digested, and the rows have to be read.
   * Equal digests of as many rows mean equal values under equal keys; others need not mean more
   * than that one value is written in two ways.
   */
  readonly digest?: string;
}

/**
 * The digests of one collection at one moment. Rows without a key would be in none of its ranges: a
 * collection that has such rows is not digested.
 */
export interface Digester {
  /**
   * All ranges from the first key on, so many rows in each at most, some of them at a time. May
   * end before the last key: what comes after it cannot be digested.
   */
  ranges(rowsMax: number): AsyncIterable<readonly RangeDigest[]>;
  /**
   * The ranges from `after` to the first bound, from there to the next, and so on. undefined: some
   * of them cannot be digested, and what is above `after` has to be read.
   */
  between(
    after: Key | null,
    bounds: readonly (Key | null)[],
  ): Promise<readonly RangeDigest[] | undefined>;
  /** The rows above `after`, up to and with `to`; the last page of them covers up to `to`. */
  list(after: Key | null, to: Key | null): AsyncIterable<Page>;
  close(): Promise<void>;
}
