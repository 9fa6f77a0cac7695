// How much values weigh in memory, as far as that depends on what is in them: by it pages end.
import { digitsIn, type Value } from "./state.ts";

/**
 * About how many bytes a row's values take: the length of its texts and bytes. What every value
 * takes is left out, because rows in a page are counted anyway.
 */
export function weightOf(row: readonly (Value | undefined)[]): number {
  let weight = 0;
  for (let at = 0; at < row.length; at++) {
    const value = row[at];
    if (typeof value === "string") weight += value.length;
    else if (typeof value === "object" && value !== null) weight += weightIn(value);
  }
  return weight;
}

/** The same of many rows; null: not there. */
export function weightOfRows(rows: readonly (readonly (Value | undefined)[] | null)[]): number {
  let weight = 0;
  for (const row of rows) if (row !== null) weight += weightOf(row);
  return weight;
}

function weightIn(value: Value & object): number {
  if (value instanceof Uint8Array) return value.length;
  if (digitsIn(value) !== undefined) return digitsIn(value)?.length ?? 0;
  if (Array.isArray(value)) return weightOf(value as readonly Value[]);
  let weight = 0;
  for (const [name, member] of Object.entries(value as { readonly [name: string]: Value })) {
    weight += name.length + weightOf([member]);
  }
  return weight;
}
