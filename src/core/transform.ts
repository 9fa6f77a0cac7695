// What a transform is: between a value of one side and the same value in the link's terms.

import type { Around } from "./key-template.ts";
import type { LogicalType } from "./logical.ts";
import { ABSENT } from "./state.ts";
import type { OwnRow, Value } from "./state.ts";

/** What a transform makes of a value. The reason is for people and has no data in it. */
export type Transformed =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "refused"; readonly reason: string };

/** The row that a value comes from: the side's own columns by name; absent ones are not there. */
export type RecordView = { readonly [column: string]: Value };

/** Arguments of a named transform, as configuration gives them. */
export type TransformArgs = { readonly [name: string]: Value };

/** A transform with its arguments filled in. */
export interface Converter {
  readonly over: (value: Value, record: RecordView, own?: OwnRow) => Transformed;
  /** The way back. It may be partial: what does not lead to the same value again is refused. */
  readonly back?: (value: Value) => Transformed;
  /** Columns or paths that it reads besides its own; `all`: it does not say which. */
  readonly reads?: readonly string[] | "all";
  /** The same over rows with these columns: what reads a row by position is told where. */
  readonly bind?: (scope: ConverterScope) => Converter;
  /** It does no more than to put these texts around the value's own. */
  readonly around?: Around;
}

/** Where a converter works. */
export interface ConverterScope {
  /** The columns of every row, in their order. */
  readonly columns: readonly string[];
  readonly types?: ReadonlyMap<string, LogicalType>;
  /** What comes in, and what has to come out; undefined: any value. */
  readonly from: LogicalType | undefined;
  readonly to: LogicalType | undefined;
}

/** A named transform. */
export interface Transform {
  readonly name: string;
  /** Names of the arguments that it takes. */
  readonly args: readonly string[];
  /** Fills in the arguments; a text says what is wrong with them. */
  readonly make: (args: TransformArgs) => Converter | string;
}

/**
 * A function of a TypeScript configuration. It has to be pure: same row, same result, and nothing
 * that it is given is changed. A value that is absent comes as undefined.
 */
export type TransformFunction = (value: Value | undefined, record: RecordView) => unknown;

/** A transform with its way back. */
export interface FunctionPair {
  /** What messages call it. Default: a function. */
  readonly name?: string;
  readonly over: TransformFunction;
  readonly back?: (value: Value | undefined) => unknown;
  /** Columns that `over` reads from the record. Absent: all, if it takes a record. */
  readonly reads?: readonly string[];
}

/** A value, as the outcome of a transform. */
export function given(value: Value): Transformed {
  return { kind: "value", value };
}

/** A refusal; the reason follows the field's name. */
export function refused(reason: string): Transformed {
  return { kind: "refused", reason };
}

/** The same conversion, with null and ABSENT passing through untouched. */
export function passing(over: (value: Value) => Transformed): (value: Value) => Transformed {
  return (value) => (value === null || value === ABSENT ? given(value) : over(value));
}
