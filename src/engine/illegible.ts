// Rows that are there and cannot be read: neither absent nor empty.
import type { OwnRow } from "../core/state.ts";

const ILLEGIBLE: unique symbol = Symbol("illegible");

/**
 * Stands for a row that is there, under its key, and that its replica cannot read. It is never
 * taken for absent, nor for a row without values: it waits until it can be read.
 */
export function illegible(errors: readonly string[]): OwnRow {
  return Object.assign([], { [ILLEGIBLE]: errors });
}

/** Why a row cannot be read, in words without its data; undefined: it can. */
export function whyIllegible(row: OwnRow): readonly string[] | undefined {
  // Rows have columns: only what stands for one is empty.
  if (row.length > 0) return undefined;
  return (row as { readonly [ILLEGIBLE]?: readonly string[] })[ILLEGIBLE];
}
