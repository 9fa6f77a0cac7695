// How tests of lenses make one, and what they look at.

import assert from "node:assert/strict";
import { isSyncError } from "../../src/core/errors.ts";
import type { ErrorCode } from "../../src/core/errors.ts";
import { compileLens } from "../../src/core/lens.ts";
import type { Lens, LensSpec, Unreadable } from "../../src/core/lens.ts";
import type { LogicalType } from "../../src/core/logical.ts";
import type { MappingSpec } from "../../src/core/mapping.ts";
import type { OwnRow, Row, Value } from "../../src/core/state.ts";

/** The lens of a two-way source, unless it is said otherwise. */
export function source(mapping: readonly MappingSpec[], more: Partial<LensSpec> = {}): Lens {
  return compileLens({ side: "source", direction: "two-way", key: ["id"], mapping, ...more });
}

/** A row that has to be readable. */
export function seen(result: Row | OwnRow | Unreadable): readonly (Value | undefined)[] {
  return "kind" in result ? assert.fail(result.errors.join(", ")) : result;
}

/** What is wrong with a row that must not be readable. */
export function errorsOf(result: Row | OwnRow | Unreadable): readonly string[] {
  return "kind" in result ? result.errors : assert.fail("it was readable");
}

/** It throws with this code, and says these words in its message or hint. */
export function refuses(make: () => unknown, code: ErrorCode, ...words: readonly string[]): void {
  assert.throws(make, (error) => {
    if (!isSyncError(error, code)) throw error;
    const text = `${error.message} ${error.hint ?? ""}`;
    return words.every((word) => text.includes(word)) || assert.fail(text);
  });
}

/** Kinds that are types by themselves. */
type PlainKind = Exclude<LogicalType["kind"], "list" | "named">;

/** Types without bounds, by column. */
export function typesOf(types: {
  readonly [name: string]: PlainKind;
}): ReadonlyMap<string, LogicalType> {
  return new Map(Object.entries(types).map(([name, kind]) => [name, { kind }]));
}

export const TEXT: LogicalType = { kind: "text" };
export const ID: MappingSpec = { source: "id", target: "id" };
