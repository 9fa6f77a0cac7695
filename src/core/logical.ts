// Logical types and their canonical forms (design: "Lens, values, keys"). Two replicas agree on a
// value exactly where the canonical forms are the same, so every conversion here is without loss.

import { canonicalDocument } from "./document.ts";
import { durationOf, offsetTimeOf } from "./durations.ts";
import { parseJson } from "./json.ts";
import { isList, isObject } from "./kinds.ts";
import { canonicalList } from "./lists.ts";
import { dateOf, datetimeOf, instantOf, timeOf } from "./moments.ts";
import {
  decimalOf,
  decimalOfNumber,
  doubleOf,
  fitsDigits,
  integerOf,
  plain,
  smallest,
} from "./numerals.ts";
import { ABSENT, digitsIn } from "./state.ts";
import type { Value } from "./state.ts";

/** What a field can hold, independent of the store. Bounds that are absent do not bind. */
export type LogicalType =
  /** Whatever a loosely typed store returns. */
  | { readonly kind: "any" }
  | { readonly kind: "boolean" }
  | { readonly kind: "integer"; readonly min?: number | bigint; readonly max?: number | bigint }
  /**
   * A double; NaN and both infinities are values. `single`: what is beyond the reach of 32 bits is
   * none (what is between two of them is rounded, as the store says).
   */
  | { readonly kind: "real"; readonly single?: true }
  /**
   * Exact decimal text. Infinities only where no precision is given, NaN there and where `nan` says
   * so. A scale may be negative (whole thousands) or above the precision.
   */
  | {
      readonly kind: "decimal";
      readonly precision?: number;
      readonly scale?: number;
      readonly nan?: true;
    }
  /**
   * `maxLength` counts characters (code points), `maxBytes` bytes of UTF-8. `noZero`: U+0000 is
   * refused. `values`: no others.
   */
  | {
      readonly kind: "text";
      readonly maxLength?: number;
      readonly maxBytes?: number;
      readonly noZero?: true;
      readonly values?: readonly string[];
    }
  | { readonly kind: "bytes"; readonly maxLength?: number }
  /** A point in time, in UTC. */
  | { readonly kind: "instant" }
  /** A date and time that belongs to no zone. */
  | { readonly kind: "datetime" }
  | { readonly kind: "date" }
  | { readonly kind: "time" }
  /** A time of day with an offset from UTC, which is part of the value. */
  | { readonly kind: "offset-time" }
  /** A length of time as ISO 8601 text; months, days and seconds are kept apart. */
  | { readonly kind: "duration" }
  /** `noZero`: texts and names with U+0000 are refused. */
  | { readonly kind: "json"; readonly noZero?: true }
  | { readonly kind: "uuid" }
  /** Values of one type in order, NULLs among them (lists.ts). */
  | { readonly kind: "list"; readonly of: LogicalType }
  /** Text in the one form that the stores with a type of this name give it, such as `inet`. */
  | { readonly kind: "named"; readonly name: string };

/**
 * The canonical form of a value under a type; undefined where the type cannot hold it (`whyNot`
 * says why). SQL NULL and ABSENT are in every type. Texts that say the same thing without loss
 * (`"7"` for an integer, `"1.50"` for a decimal) are converted.
 */
export function canonical(type: LogicalType, value: Value): Value | undefined {
  if (value === null || value === ABSENT) return value;
  switch (type.kind) {
    case "any":
      if (value instanceof Uint8Array) return value;
      return typeof value === "number" ? plain(value) : canonicalDocument(value);
    case "boolean":
      return booleanOf(value);
    case "integer":
      return boundedInteger(type, value);
    case "real":
      return type.single === true ? singleOf(value) : realOf(value);
    case "decimal":
      return boundedDecimal(type, value);
    case "text":
      return boundedText(type, value);
    case "bytes":
      if (!(value instanceof Uint8Array)) return undefined;
      return type.maxLength === undefined || value.length <= type.maxLength ? value : undefined;
    case "instant":
      return typeof value === "string" ? instantOf(value) : undefined;
    case "datetime":
      return typeof value === "string" ? datetimeOf(value) : undefined;
    case "date":
      return typeof value === "string" ? dateOf(value) : undefined;
    case "time":
      return typeof value === "string" ? timeOf(value) : undefined;
    case "offset-time":
      return typeof value === "string" ? offsetTimeOf(value) : undefined;
    case "duration":
      return typeof value === "string" ? durationOf(value) : undefined;
    case "json":
      return type.noZero === true && hasZero(value) ? undefined : canonicalDocument(value);
    case "uuid":
      return typeof value === "string" ? uuidOf(value) : undefined;
    case "list":
      return listOf(type.of, value);
    case "named":
      return typeof value === "string" && value.isWellFormed() ? value : undefined;
  }
}

/** `canonical` for one type, to be called once per value of a column. */
export function makeCanonical(type: LogicalType): (value: Value) => Value | undefined {
  return (value) => canonical(type, value);
}

/** Why a type cannot hold a value, to follow the field's name; undefined: it can. No data in it. */
export function whyNot(type: LogicalType, value: Value): string | undefined {
  if (canonical(type, value) !== undefined) return undefined;
  if (typeof value === "string" && !value.isWellFormed()) return "has half a character";
  switch (type.kind) {
    case "integer":
      if (canonical({ kind: "integer" }, value) === undefined) return "is not a whole number";
      if (type.min === undefined) return `is above ${type.max}`;
      return type.max === undefined
        ? `is below ${type.min}`
        : `is outside ${type.min} to ${type.max}`;
    case "decimal":
      if (canonical({ kind: "decimal" }, value) === undefined) return "is not a decimal number";
      return `has more digits than ${typeName(type)} holds`;
    case "text":
      if (canonical({ kind: "text" }, value) === undefined) return "is not text";
      if (type.noZero === true && hasZero(value)) return HAS_ZERO;
      if (type.values !== undefined) return `is none of the ${type.values.length} texts it may be`;
      return `is longer than ${typeName(type)} holds`;
    case "bytes":
      return value instanceof Uint8Array
        ? `is longer than ${typeName(type)} holds`
        : "is not bytes";
    case "real":
      return "is not a number that a double holds";
    case "instant":
      if (canonical({ kind: "datetime" }, value) !== undefined) return "has no time zone";
      return "is not an instant up to microseconds";
    case "json":
      if (type.noZero === true && hasZero(value)) return HAS_ZERO;
      return "is not a value that JSON holds";
    case "any":
      return "is not a value that JSON holds";
    case "list":
    case "named":
      return `is not a ${typeName(type)}`;
    case "boolean":
    case "datetime":
    case "date":
    case "time":
    case "offset-time":
    case "duration":
    case "uuid":
      return `is not a ${type.kind}`;
  }
}

const HAS_ZERO = "has a character U-0000, which the store cannot hold";

/** A type as people write it: `decimal(10,2)`, `text(20)`. */
export function typeName(type: LogicalType): string {
  switch (type.kind) {
    case "decimal":
      if (type.precision === undefined) return "decimal";
      return `decimal(${type.precision},${type.scale ?? 0})`;
    case "text":
      if (type.values !== undefined) return `text(one of ${type.values.length})`;
      if (type.maxLength === undefined && type.maxBytes === undefined) return "text";
      return type.maxLength === undefined
        ? `text(${type.maxBytes} bytes)`
        : `text(${type.maxLength})`;
    case "bytes":
      return type.maxLength === undefined ? "bytes" : `bytes(${type.maxLength})`;
    case "real":
      return type.single === true ? "real(32 bits)" : "real";
    case "list":
      return `list of ${typeName(type.of)}`;
    case "named":
      return type.name;
    default:
      return type.kind;
  }
}

const BOOLEANS: ReadonlyMap<Value, boolean> = new Map<Value, boolean>([
  [true, true],
  [false, false],
  [1, true],
  [0, false],
  [1n, true],
  [0n, false],
  ["true", true],
  ["false", false],
  ["t", true],
  ["f", false],
  ["1", true],
  ["0", false],
]);

function booleanOf(value: Value): boolean | undefined {
  return BOOLEANS.get(value);
}

function boundedInteger(
  type: LogicalType & { readonly kind: "integer" },
  value: Value,
): number | bigint | undefined {
  const integer = wholeOf(value);
  if (integer === undefined) return undefined;
  if (type.min !== undefined && integer < type.min) return undefined;
  if (type.max !== undefined && integer > type.max) return undefined;
  return integer;
}

function wholeOf(value: Value): number | bigint | undefined {
  if (typeof value === "number") {
    if (Number.isSafeInteger(value)) return value + 0; // -0 + 0 is 0
    return Number.isInteger(value) ? BigInt(value) : undefined;
  }
  if (typeof value === "bigint") return smallest(value);
  if (typeof value === "boolean") return Number(value);
  return typeof value === "string" ? integerOf(value) : undefined;
}

const SPECIAL_NUMBERS: readonly string[] = ["NaN", "Infinity", "-Infinity"];

function realOf(value: Value): number | undefined {
  if (typeof value === "number") return value + 0;
  if (typeof value === "bigint") return BigInt(Number(value)) === value ? Number(value) : undefined;
  if (typeof value !== "string") return undefined;
  if (SPECIAL_NUMBERS.includes(value)) return Number(value);
  return doubleOf(value);
}

/** The largest number of 32 bits, and the smallest above zero. */
const SINGLE_MAX = (2 - 2 ** -23) * 2 ** 127;
const SINGLE_MIN = 2 ** -149;

function singleOf(value: Value): number | undefined {
  const real = realOf(value);
  if (real === undefined || !Number.isFinite(real) || real === 0) return real;
  const size = Math.abs(real);
  return size <= SINGLE_MAX && size >= SINGLE_MIN ? real : undefined;
}

function boundedDecimal(
  type: LogicalType & { readonly kind: "decimal" },
  value: Value,
): string | undefined {
  const decimal = decimalIn(value);
  if (decimal === undefined || type.precision === undefined) return decimal;
  if (SPECIAL_NUMBERS.includes(decimal)) {
    return decimal === "NaN" && type.nan === true ? decimal : undefined;
  }
  return fitsDigits(decimal, type.precision, type.scale ?? 0) ? decimal : undefined;
}

function decimalIn(value: Value): string | undefined {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") {
    return Number.isFinite(value) ? decimalOfNumber(value) : String(value);
  }
  if (typeof value !== "string") return digitsIn(value);
  return SPECIAL_NUMBERS.includes(value) ? value : decimalOf(value);
}

function boundedText(
  type: LogicalType & { readonly kind: "text" },
  value: Value,
): string | undefined {
  const text = textIn(value);
  if (text === undefined || !text.isWellFormed()) return undefined;
  const { maxLength, maxBytes, noZero, values } = type;
  if (noZero === true && text.includes("\0")) return undefined;
  if (values !== undefined && !values.includes(text)) return undefined;
  // Characters and bytes are counted only where the count of UTF-16 units leaves it open.
  if (maxLength !== undefined && text.length > maxLength && [...text].length > maxLength) {
    return undefined;
  }
  if (maxBytes !== undefined && text.length * 3 > maxBytes && utf8Length(text) > maxBytes) {
    return undefined;
  }
  return text;
}

/** Numbers become text as their decimal text, so that an id may be a number on one side. */
function textIn(value: Value): string | undefined {
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  return decimalIn(value);
}

/** Looks into documents as well. What is no value of a document is somebody else's to refuse. */
function hasZero(value: Value): boolean {
  if (typeof value === "string") return value.includes("\0");
  if (isList(value)) return value.some(hasZero);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([name, item]) => name.includes("\0") || hasZero(item));
}

/** A text is the JSON of a list: whoever has no lists keeps them as that. */
function listOf(of: LogicalType, value: Value): Value | undefined {
  const list = typeof value === "string" ? parseJson(value) : value;
  if (list === undefined) return undefined;
  return canonicalList(
    list,
    (item) => canonical(of, item),
    of.kind === "json" || of.kind === "any",
  );
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function uuidOf(text: string): string | undefined {
  if (UUID.test(text)) return text;
  const lower = text.toLowerCase();
  if (UUID.test(lower)) return lower;
  const match = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(lower);
  return match === null ? undefined : match.slice(1).join("-");
}
