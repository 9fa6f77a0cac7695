// A table of values and what they become on the other side.

import { same } from "./values.ts";
import { ABSENT } from "./state.ts";
import type { Value } from "./state.ts";
import type { Transformed } from "./transform.ts";

/** A table in configuration. Its names are texts; numbers and booleans are found by their text. */
export interface LookupSpec {
  readonly table: { readonly [from: string]: Value };
  /**
   * What becomes of a value that is not in the table: it stays (`keep`), its row is unreadable
   * (`reject`, the default), or it becomes this value.
   */
  readonly otherwise?: Value;
}

/** A table ready for use. */
export interface Lookup {
  readonly over: (value: Value) => Transformed;
  /** undefined: two values become one, so that there is no way back. */
  readonly back: ((value: Value) => Transformed) | undefined;
}

/** Entries of one table, at most (I9). */
export const LOOKUP_ENTRIES_MAX = 100_000;

/**
 * Compiles a table and, if no two of its values are the same, its inverse. Null and ABSENT are not
 * looked up: they stay what they are.
 */
export function compileLookup(spec: LookupSpec): Lookup {
  const over = new Map(Object.entries(spec.table));
  const { otherwise = "reject" } = spec;
  return {
    over(value) {
      if (value === null || value === ABSENT) return { kind: "value", value };
      const name = nameOf(value);
      const found = name === undefined ? undefined : over.get(name);
      if (found !== undefined) return { kind: "value", value: found };
      if (otherwise === "keep") return { kind: "value", value };
      if (otherwise === "reject") return { kind: "refused", reason: "not in the lookup table" };
      return { kind: "value", value: otherwise };
    },
    back: inverse(over, otherwise),
  };
}

function inverse(over: ReadonlyMap<string, Value>, otherwise: Value): Lookup["back"] {
  // A fixed value for all the rest stands for many: nothing leads back from it.
  if (otherwise !== "keep" && otherwise !== "reject") return undefined;
  const back = new Map<string, { readonly from: string; readonly value: Value }[]>();
  for (const [from, value] of over) {
    const bucket = back.get(bucketOf(value)) ?? [];
    if (bucket.some((entry) => same(entry.value, value))) return undefined;
    bucket.push({ from, value });
    back.set(bucketOf(value), bucket);
  }
  return (value) => {
    if (value === null || value === ABSENT) return { kind: "value", value };
    const found = back.get(bucketOf(value))?.find((entry) => same(entry.value, value));
    if (found !== undefined) return { kind: "value", value: found.from };
    if (otherwise === "keep") return { kind: "value", value };
    return { kind: "refused", reason: "not a value of the lookup table" };
  };
}

/** Values that are the same are in the same bucket. */
function bucketOf(value: Value): string {
  return nameOf(value) ?? "";
}

function nameOf(value: Value): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return undefined;
  }
}
