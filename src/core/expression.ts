// What core knows of expressions and patterns: that they can be asked. Who reads their languages
// stands outside (config/), so that nothing here depends on a package.

import type { LogicalType } from "./logical.ts";
import type { Value } from "./state.ts";
import type { Transformed } from "./transform.ts";

/** A text that was understood as an expression over the columns of a row. */
export interface Expression {
  /** As its author wrote it: in digests it stands for the whole expression. */
  readonly asWritten: string;
  /**
   * Columns that it reads, each once. Where it is about one value, `value` is that value and no
   * column (`row.value` still is one).
   */
  readonly reads: (about: "value" | "row") => readonly string[];
  /**
   * Checks its types and makes it ready. Throws EXPRESSION_INVALID with the character where it is
   * wrong.
   */
  readonly bind: (scope: ExpressionScope) => Evaluate;
}

/** What an expression is held against. */
export interface ExpressionScope {
  /** The columns of every row, in their order. */
  readonly columns: readonly string[];
  /** Absent, or a column that is not there: any value. */
  readonly types?: ReadonlyMap<string, LogicalType>;
  /** There is one value that it is about, of this type; absent: it is about the row. */
  readonly value?: { readonly type: LogicalType | undefined };
  /** What has to come out: yes or no, or a value of this type. */
  readonly gives: "answer" | { readonly type: LogicalType | undefined };
}

/**
 * Works an expression out over one row; a column that is absent is null to it. Refused where it
 * cannot be worked out (a null in a sum, a text that is no number, over its limit of steps): never
 * thrown.
 */
export type Evaluate = (row: readonly (Value | undefined)[], value?: Value) => Transformed;

/** A regular expression that is worked through in linear time, whatever it is and meets. */
export interface Pattern {
  /** As its author wrote it. */
  readonly asWritten: string;
  /** True if some part of the text matches. Linear in the length of the text. */
  readonly test: (text: string) => boolean;
}

/** Understands what is written in the languages of expressions and patterns. */
export interface Languages {
  /** Throws EXPRESSION_INVALID. */
  readonly expression: (text: string) => Expression;
  /** Throws RULE_INVALID. */
  readonly pattern: (text: string) => Pattern;
}

/** Characters of a text that is held against a pattern, at most; a longer one does not match. */
export const PATTERN_TEXT_MAX = 65_536;

/** True for a made expression, as settings hold it. */
export function isExpression(given: unknown): given is Expression {
  return typeof given === "object" && given !== null && "asWritten" in given && "bind" in given;
}
