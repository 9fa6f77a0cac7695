// The only place that knows how values stand in SQLite. What is bound here is what is stored: where
// an affinity would convert, the conversion is made (or refused) before SQLite does it.
import { formatJson, parseJson } from "../../core/json.ts";
import { decimalOf, decimalOfNumber, doubleOf, smallest } from "../../core/numerals.ts";
import { JSON_NULL } from "../../core/state.ts";
import type { Value } from "../../core/state.ts";
import { canonical, kindOf } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";
import type { Affinity, ColumnType } from "./column-type.ts";

/** What can be bound to a statement, and what comes back as a column of a row. */
export type Stored = null | number | bigint | string | Uint8Array;

/** How values of one column travel. */
export interface Codec {
  /** True for values that come back as they are; a quick test that may say no too often. */
  readonly keeps: (value: Value) => boolean;
  /** What it keeps is also bound as it is. */
  readonly isPlain: boolean;
  /** What to bind; undefined: the column cannot hold this value. ABSENT is never asked. */
  readonly write: (value: Value) => Stored | undefined;
  /** The value of what is stored; absent: itself. Big integers have their smallest form already. */
  readonly read?: (stored: Stored) => Value;
}

/** How a column of this type travels; a STRICT one holds nothing but its type. */
export function makeCodec({ type, affinity }: ColumnType, isStrict: boolean): Codec {
  const write = (value: Value) => writeAs(type, affinity, isStrict, value);
  switch (type.kind) {
    case "integer":
      return { keeps: isSafeOrNull, isPlain: true, write };
    case "text":
      return { keeps: isTextOrNull, isPlain: true, write };
    case "real":
      return { keeps: isRealOrNull, isPlain: true, write };
    case "bytes":
      return { keeps: isBytesOrNull, isPlain: true, write };
    case "boolean":
      return { keeps: isBooleanOrNull, isPlain: false, write, read: readBoolean };
    case "json":
      return { keeps: isNull, isPlain: true, write: writeJson, read: readJson };
    case "decimal":
      return { keeps: isNull, isPlain: true, write, read: readDecimal };
    default:
      return { keeps: affinity === "blob" ? isTextOrNull : isNull, isPlain: true, write };
  }
}

/** What a column holds after this value was put into it; the value itself where it is refused. */
export function storedForm(codec: Codec, value: Value): Value {
  if (typeof value === "symbol" && value !== JSON_NULL) return value;
  if (codec.keeps(value)) return value;
  const stored = codec.write(value);
  if (stored === undefined) return value;
  const small = typeof stored === "bigint" ? smallest(stored) : stored;
  return codec.read === undefined ? small : codec.read(small);
}

function writeAs(
  type: LogicalType,
  affinity: Affinity,
  isStrict: boolean,
  value: Value,
): Stored | undefined {
  if (value === null) return null;
  const form = canonical(type, value);
  if (form === undefined && isStrict) return undefined;
  const loose = form ?? value;
  switch (typeof loose) {
    case "boolean":
      return affinity === "text" ? String(loose) : Number(loose);
    case "number":
      return writeNumber(affinity, loose);
    case "bigint":
      // As a double it would come back as a double, which is another value there.
      if (type.kind === "any" && isBeyondIntegers(loose)) return undefined;
      return writeBig(affinity, loose);
    case "string":
      return writeText(affinity, loose, type.kind === "decimal");
    default:
      return loose instanceof Uint8Array ? loose : undefined;
  }
}

function writeNumber(affinity: Affinity, value: number): Stored | undefined {
  // SQLite stores NaN as NULL.
  if (Number.isNaN(value)) return undefined;
  if (affinity === "text") return decimalOfNumber(value);
  // A number is bound as a double; where nothing converts it, 5 would be stored as 5.0.
  return affinity === "blob" && Number.isSafeInteger(value) ? BigInt(value) : value;
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

function writeBig(affinity: Affinity, value: bigint): Stored | undefined {
  if (affinity === "text") return String(value);
  const isInt64 = value >= INT64_MIN && value <= INT64_MAX;
  if (isInt64 && affinity !== "real") return value;
  const double = Number(value);
  return Number.isFinite(double) && BigInt(double) === value ? double : undefined;
}

/** What has this form stands for more digits than a double does. */
function isBeyondIntegers(value: bigint): boolean {
  return value >= 2n ** 64n || value <= -(2n ** 64n);
}

function writeText(affinity: Affinity, text: string, isDecimal: boolean): Stored | undefined {
  if (!text.isWellFormed()) return undefined;
  if (affinity === "text" || affinity === "blob") return text;
  return numericText(affinity, text, isDecimal);
}

/** As a decimal an infinity is text; a column has it as a number. */
const INFINITIES: ReadonlySet<string> = new Set(["Infinity", "-Infinity"]);

const NUMBER_TO_SQLITE = /^[ \t\n\v\f\r]*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?[ \t\n\v\f\r]*$/i;

/** A text that SQLite takes for a number is that number, or refused where it would lose digits. */
function numericText(affinity: Affinity, text: string, isDecimal = false): Stored | undefined {
  if (isDecimal && INFINITIES.has(text)) return Number(text);
  if (!NUMBER_TO_SQLITE.test(text)) return text;
  const decimal = decimalOf(text.trim());
  if (decimal === undefined) return undefined;
  if (!decimal.includes(".")) return writeBig(affinity, BigInt(decimal));
  return doubleOf(decimal);
}

function isNull(value: Value): boolean {
  return value === null;
}

function isSafeOrNull(value: Value): boolean {
  return Number.isSafeInteger(value) || value === null;
}

function isTextOrNull(value: Value): boolean {
  return typeof value === "string" ? value.isWellFormed() : value === null;
}

function isRealOrNull(value: Value): boolean {
  return typeof value === "number" ? !Number.isNaN(value) : value === null;
}

function isBytesOrNull(value: Value): boolean {
  return value === null || value instanceof Uint8Array;
}

function isBooleanOrNull(value: Value): boolean {
  return typeof value === "boolean" || value === null;
}

function readBoolean(stored: Stored): Value {
  return stored === 0 ? false : stored === 1 ? true : stored;
}

function readDecimal(stored: Stored): Value {
  if (typeof stored === "bigint") return String(stored);
  if (typeof stored !== "number") return stored;
  return Number.isFinite(stored) ? decimalOfNumber(stored) : String(stored);
}

function readJson(stored: Stored): Value {
  return typeof stored === "string" ? (parseJson(stored) ?? noJson(stored)) : stored;
}

/**
 * A text that is no JSON, which loosely typed tables hold. As a text it would be a JSON string, and
 * be written with quotes: it is told as what no JSON has in it, so that nothing takes it.
 */
function noJson(text: string): Value {
  return { noJson: new TextEncoder().encode(text) };
}

function writeJson(value: Value): Stored | undefined {
  if (value === null || value instanceof Uint8Array) return value;
  const document = canonical({ kind: "json" }, value);
  if (document === undefined || document === null) return undefined;
  // Its digits could name an integer that no double holds exactly.
  if (typeof document === "number" && !Number.isSafeInteger(document)) return document;
  if (typeof document === "bigint" && isBeyondIntegers(document)) return undefined;
  const text = formatJson(document);
  // A column declared JSON has numeric affinity: a bare number is stored as one.
  return kindOf(document) === "number" ? numericText("numeric", text) : text;
}
