// What was written, wherever it was written: YAML, JSON and TypeScript become the same tree, and
// everything behind it is one parser.
import type { ErrorCode } from "../core/errors.ts";

/** A place in a file, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
  /** As messages call it; absent: the configuration's own file. */
  readonly file?: string;
}

/** One value as it was written. Only text has places; a program has none. */
export type Node = ScalarNode | ListNode | MapNode | FunctionNode;

/** A single value. */
export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: string | number | bigint | boolean | null;
  /** As it was written, before `${…}` was filled in: messages show this, never the value. */
  readonly raw: string;
  /** True once `${…}` was filled in: such a text may stand for a number or a truth value. */
  readonly isFilled?: true;
  readonly at: Place | undefined;
  /** Where a character of the text stands in the file, as far as that can be known. */
  readonly inside?: (character: number) => Place;
}

/** A list. */
interface ListNode {
  readonly kind: "list";
  readonly items: readonly Node[];
  readonly at: Place | undefined;
}

/** Keys with values, in the order in which they were written. */
export interface MapNode {
  readonly kind: "map";
  readonly entries: readonly MapEntry[];
  readonly at: Place | undefined;
}

/** One key with its value. */
export interface MapEntry {
  readonly key: string;
  readonly keyAt: Place | undefined;
  readonly node: Node;
}

/** A function, which only a program can hold. */
export interface FunctionNode {
  readonly kind: "function";
  readonly value: (...input: readonly never[]) => unknown;
  readonly at: Place | undefined;
}

/** Something that is wrong with what was written. */
export interface Problem {
  readonly code: ErrorCode;
  readonly at: Place | undefined;
  /** Dotted path of the setting; "": the whole configuration. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
  readonly cause?: unknown;
}

/** Values in one configuration, at most; above it stands for a file made to exhaust memory. */
export const CONFIG_NODES_MAX = 100_000;
/** Levels of nesting, at most. */
export const CONFIG_DEPTH_MAX = 64;
