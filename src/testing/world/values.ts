// Values that can be told apart: every edit has a number of its own, which rounding and trimming
// leave as it is.
import type { Value } from "../../core/state.ts";
import type { MemoryField, Store } from "../memory-collection.ts";
import type { LinkSetup } from "./script.ts";

/** The link's fields besides the key. `in` is the column that the filter reads. */
export type FieldName = "f" | "g" | "u" | "in";

/** Which edit a value is of. Lists have one for each member. */
export function idOf(value: Value | undefined): number {
  if (typeof value === "number") return Math.floor(Math.abs(value) / 10);
  return typeof value === "string" ? Number.parseInt(value, 10) : Number.NaN;
}

/** The members of a list. */
export function membersOf(value: Value | undefined): readonly number[] {
  return Array.isArray(value) ? (value as readonly number[]) : []; // only numbers are put there
}

/**
 * A value for an edit. `detail` is what rounding and trimming take away; a bad one breaks a rule.
 */
export function makeValue(
  id: number,
  of: { readonly isText: boolean; readonly detail: number; readonly isBad: boolean },
): Value {
  if (of.isText) return `${id}${" ".repeat(of.detail % 3)}`;
  const value = id * 10 + of.detail;
  return of.isBad ? -value : value;
}

/** Rounds numbers to tens and trims text. */
export const rounding: Store = (column, value) => {
  if (column === "f" || column === "g") {
    if (typeof value === "number") return value - (value % 10);
    if (typeof value === "string") return value.trimEnd();
  }
  return value;
};

/** What a side of the link makes of a value. */
export function storedAt(
  { sides }: LinkSetup,
  of: { readonly side: number; readonly field: string; readonly value: Value },
): Value {
  return sides[of.side]?.storing === "exact" ? of.value : rounding(of.field, of.value);
}

/** The fields of a link, in the order of its mapping. */
export function fieldsOf(link: LinkSetup, hasG: boolean): readonly FieldName[] {
  return ["f", ...(hasG ? ["g" as const] : []), ...(link.hasUnion ? ["u" as const] : [])];
}

/** The columns of a side, the key first. */
export function columnsOf(link: LinkSetup, side: number): readonly MemoryField[] {
  const columns: MemoryField[] = [
    { name: "id", type: { kind: "integer" } },
    { name: "f", type: { kind: "integer" } },
    { name: "g", type: { kind: link.hasText ? "text" : "integer" } },
  ];
  if (link.hasUnion) columns.push({ name: "u", type: { kind: "json" } });
  if (link.hasFilter && side === 0) {
    // What others create is inside, as a column with a default would have it.
    columns.push({ name: "in", type: { kind: "boolean" }, default: true });
  }
  return columns;
}
