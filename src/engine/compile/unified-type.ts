// One logical type for each field of a link, fixed when the link is opened.
import type { LogicalType } from "../../core/logical.ts";
import { same } from "../../core/values.ts";

/**
 * The type of a link field that columns of these types hold, the naming side's first; undefined
 * where no value of one could ever be a value of the other. Bounds that differ do not bind: what a
 * single side cannot hold is refused value by value.
 */
export function unified(types: readonly LogicalType[]): LogicalType | undefined {
  const [first, ...others] = types;
  if (first === undefined) return { kind: "any" };
  let type = first;
  for (const other of others) {
    if (!isConvertible(type, other)) return undefined;
    // What is known of one side says in which form the values of a loosely typed one are meant.
    if (type.kind === "any") type = other;
    else if (other.kind !== "any" && !sameBounds(type, other)) type = unbounded(type, other);
  }
  return type;
}

/** True if values can be brought from one kind into the other and back without loss. */
function isConvertible(left: LogicalType, right: LogicalType): boolean {
  const [a, b] = [left.kind, right.kind];
  if (a === "any" || b === "any") return true;
  if (left.kind === "list" || right.kind === "list") return isConvertibleList(left, right);
  // Only the stores with such a type know which texts are one value of it.
  if (left.kind === "named" && right.kind === "named") return left.name === right.name;
  if (a === b) return true;
  if (a === "text") return b !== "bytes";
  if (b === "text") return a !== "bytes";
  const pair = [a, b];
  if (pair.includes("json")) return pair.some((kind) => JSON_KINDS.has(kind));
  if (pair.includes("boolean")) return pair.includes("integer");
  return NUMBERS.has(a) && NUMBERS.has(b);
}

/** Lists with lists, and with documents where JSON holds what is in them. */
function isConvertibleList(left: LogicalType, right: LogicalType): boolean {
  if (left.kind === "list" && right.kind === "list") return isConvertible(left.of, right.of);
  const [list, other] = left.kind === "list" ? [left, right] : [right, left];
  if (list.kind !== "list" || other.kind !== "json") return false;
  return list.of.kind !== "bytes";
}

const NUMBERS: ReadonlySet<string> = new Set(["integer", "real", "decimal"]);
const JSON_KINDS: ReadonlySet<string> = new Set(["integer", "real", "decimal", "boolean"]);

/** True if both are the same kind with the same bounds. */
export function sameBounds(a: LogicalType, b: LogicalType): boolean {
  if (a.kind !== b.kind) return false;
  const bounds = new Map(Object.entries(b));
  const all = Object.entries(a);
  return all.length === bounds.size && all.every(([name, bound]) => same(bounds.get(name), bound));
}

/** What both hold without their bounds. */
function unbounded(type: LogicalType, other: LogicalType): LogicalType {
  if (type.kind === "named") return type;
  if (type.kind !== "list") return { kind: type.kind };
  return other.kind === "list"
    ? { kind: "list", of: unified([type.of, other.of]) ?? type.of }
    : type;
}

/**
 * True if columns of these types give the same key for the same entry: each side makes its own
 * keys, so the values have to be the same before any conversion. A text that is not written in the
 * form of the other side's type is another key, which that side refuses by name.
 */
export function isOneKey(a: LogicalType, b: LogicalType): boolean {
  if (a.kind === "named" && b.kind === "named") return a.name === b.name;
  if (a.kind === b.kind || a.kind === "any" || b.kind === "any") return true;
  if (a.kind === "text") return KEY_TEXTS.has(b.kind);
  if (b.kind === "text") return KEY_TEXTS.has(a.kind);
  return KEY_NUMBERS.has(a.kind) && KEY_NUMBERS.has(b.kind);
}

const KEY_NUMBERS: ReadonlySet<string> = new Set(["boolean", "integer", "real", "decimal"]);
const KEY_TEXTS: ReadonlySet<string> = new Set<LogicalType["kind"]>([
  "uuid",
  "instant",
  "datetime",
  "date",
  "time",
  "offset-time",
  "duration",
  "named",
]);
