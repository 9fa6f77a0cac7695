// From a declared type to a logical one, by SQLite's own affinity rules and by the words that
// people use for what SQLite has no type for.
import type { LogicalType } from "../../core/values.ts";
import type { NewColumn } from "../../engine/replica.ts";

/** What SQLite turns a value into when it is put into a column. */
export type Affinity = "integer" | "text" | "blob" | "real" | "numeric";

/** What a declared type comes to. */
export interface ColumnType {
  readonly type: LogicalType;
  readonly affinity: Affinity;
}

const INT64_MIN = -9_223_372_036_854_775_808n;
const INT64_MAX = 9_223_372_036_854_775_807n;
const INT64: LogicalType = { kind: "integer", min: INT64_MIN, max: INT64_MAX };

/** Types of STRICT tables; they have no others. ANY converts nothing there. */
const STRICT_TYPES: ReadonlyMap<string, ColumnType> = new Map<string, ColumnType>([
  ["INT", { type: INT64, affinity: "integer" }],
  ["INTEGER", { type: INT64, affinity: "integer" }],
  ["REAL", { type: { kind: "real" }, affinity: "real" }],
  ["TEXT", { type: { kind: "text" }, affinity: "text" }],
  ["BLOB", { type: { kind: "bytes" }, affinity: "blob" }],
  ["ANY", { type: { kind: "any" }, affinity: "blob" }],
]);

/** What the declared type of a column means. */
export function columnType(declared: string, isStrict: boolean): ColumnType {
  const word = declared.toUpperCase();
  const strict = isStrict ? STRICT_TYPES.get(word) : undefined;
  if (strict !== undefined) return strict;
  const affinity = affinityOf(word);
  return { type: logicalOf(word, affinity), affinity };
}

/**
 * The declared type under which a new column is made; the way back of `columnType`. It holds all
 * that the type holds, as far as SQLite has such a column: NaN it stores as NULL, and a key has to
 * stay a number to be the same key. What is left is refused value by value.
 */
export function declaredFor(type: LogicalType, { isKey, declared = "" }: NewColumn): string {
  switch (type.kind) {
    case "boolean":
      return "BOOLEAN";
    case "integer":
      return isKey || isInt64(type) ? "INTEGER" : "TEXT";
    case "real":
      return "REAL";
    case "decimal":
      if (DECIMALS.test(declared)) return declared;
      return isKey || isDouble(type) ? "DECIMAL" : "TEXT";
    case "bytes":
      return "BLOB";
    // Lists are kept as JSON, which any program can read.
    case "json":
    case "list":
      return "JSON";
    case "any":
      return "";
    case "text":
    case "uuid":
    case "instant":
    case "datetime":
    case "date":
    case "time":
    case "offset-time":
    case "duration":
    case "named":
      return "TEXT";
  }
}

/** What another SQLite holds in such a column, this one holds. */
const DECIMALS = /^(?:DECIMAL|NUMERIC)(?: ?\(\d{1,3}(?:, ?\d{1,3})?\))?$/i;

/** Without bounds nearly all whole numbers are meant. */
function isInt64({ min = 0, max = 0 }: LogicalType & { readonly kind: "integer" }): boolean {
  return min >= INT64_MIN && max <= INT64_MAX;
}

/** Decimal digits that a double keeps, whatever they are, within powers of ten that it reaches. */
const DOUBLE_DIGITS = 15;
const DOUBLE_SCALE_MAX = 290;

/** A column of numbers keeps decimals as doubles: more digits it keeps only as text. */
function isDouble({
  precision = Infinity,
  scale = 0,
}: LogicalType & { readonly kind: "decimal" }): boolean {
  return precision <= DOUBLE_DIGITS && Math.abs(scale) <= DOUBLE_SCALE_MAX;
}

// The order is SQLite's: "CHARINT" has integer affinity.
function affinityOf(word: string): Affinity {
  if (word.includes("INT")) return "integer";
  if (/CHAR|CLOB|TEXT/.test(word)) return "text";
  if (word === "" || word.includes("BLOB")) return "blob";
  if (/REAL|FLOA|DOUB/.test(word)) return "real";
  return "numeric";
}

function logicalOf(word: string, affinity: Affinity): LogicalType {
  if (word.startsWith("BOOL")) return { kind: "boolean" };
  if (word.includes("JSON")) return { kind: "json" };
  switch (affinity) {
    case "integer":
      return INT64;
    case "text":
      return { kind: "text" };
    case "real":
      return { kind: "real" };
    case "blob":
      return word === "" ? { kind: "any" } : { kind: "bytes" };
    case "numeric":
      // Dates live in such columns as text, as seconds or as Julian days: only the values tell.
      return /^(?:DECIMAL|NUMERIC)/.test(word) ? { kind: "decimal" } : { kind: "any" };
  }
}
