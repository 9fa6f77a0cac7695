// How values of one column travel: PostgreSQL's binary formats from and to canonical values. Types
// without a codec of their own travel as the text that PostgreSQL itself gives them.
import type { Value } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import type { Out } from "./out.ts";

/** The values of a type in binary. Neither is ever asked about SQL NULL or ABSENT. */
export interface Wire {
  /** The value of so many bytes from `at` on; they are not kept. */
  readonly read: (bytes: Buffer, at: number, length: number) => Value;
  /**
   * Appends a value with its length before it. Otherwise appends nothing and says why it cannot be
   * held, to follow the field's name; never any data.
   */
  readonly write: (value: Value, out: Out) => string | undefined;
}

/** Tests for one value. They mean the same whatever the session's search path is. */
export interface Lookup {
  /** The type of the parameter, as SQL. */
  readonly as: string;
  /** True for this value and for no other. */
  readonly test: (column: string, parameter: string) => string;
  /** True for what the column's own order takes for this; of two expressions of its type. */
  readonly equal: (column: string, other: string) => string;
  /** False: no row can have such a value. Absent: all that can be written. */
  readonly isHeld?: (value: Value) => boolean;
  /** What is bound for a canonical value. */
  readonly input: (value: Value) => string;
}

/** How a column travels, in SQL and in bytes. */
export interface Codec extends Wire {
  readonly type: LogicalType;
  /** The type in which it travels; that of a stage's column. */
  readonly oid: number;
  /** The same as SQL, with its schema. */
  readonly staged: string;
  /** The column as it is read: an expression of the type `staged`. */
  readonly select: (column: string) => string;
  /** What is staged, as an expression that can be assigned to the column. */
  readonly assign: (staged: string) => string;
  /** `select` and `assign` change nothing: it can be copied straight into the table. */
  readonly isDirect: boolean;
  /**
   * What has to be compared (IS NOT DISTINCT FROM) where PostgreSQL's own `=` tells less or more
   * apart than `same` does. Of an expression of the type `staged`.
   */
  readonly exact: (staged: string) => string;
  /** Sorts as the column's part of our keys does. Of an expression of the type `staged`. */
  readonly ordered: (staged: string) => string;
  /** The type of that, as SQL. */
  readonly orderedAs: string;
  /** A value as the text of a bound in that order. */
  readonly orderedText: (value: Value) => string;
  /** Tests for values that keep it from being sorted as it is; absent: it never can. */
  readonly misplaced?: (staged: string) => readonly string[];
  /** How a row is found by a value of this column, by its index where that tells enough. */
  readonly lookup: Lookup;
  /** The server may spell a value otherwise than it was written: `store` cannot know how. */
  readonly respells: boolean;
  /** What a column holds after this value was put into it; itself where it is refused. */
  readonly store: (value: Value) => Value;
}
