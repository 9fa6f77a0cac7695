// PostgreSQL's own types that have a logical type of their own, each with its limits.
import type { Value } from "../../core/state.ts";
import { canonical } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";
import type { Wire } from "./codec.ts";
import type { Dialect, TypeInfo } from "./column-type.ts";
import { intervalStore } from "./interval-fields.ts";
import { AS_TEXT, TEXT_SQL, dateText, momentText, offsetText } from "./ordered.ts";
import type { Ordered } from "./ordered.ts";
import { BYTES, UUID, documentWire, paddedWire, textWire, withoutBlanks } from "./wire-text.ts";
import {
  DATE,
  DATETIME,
  INSTANT,
  OFFSET_TIME,
  TIME,
  durationWire,
  rounded,
} from "./wire-moment.ts";
import { decimalWire } from "./wire-decimal.ts";
import { BOOLEAN, DOUBLE, SINGLE, integerWire } from "./wire-number.ts";

/** A type with the way of its values. What is absent is as the type itself has it. */
export interface BuiltIn extends Partial<Ordered> {
  readonly type: LogicalType;
  readonly wire: Wire;
  /** Another type in which it travels, by casts. */
  readonly via?: { readonly oid: number; readonly type: string };
  readonly exact?: (staged: string) => string;
  readonly respells?: true;
  /** What is given back for a canonical form. */
  readonly store?: (form: Value) => Value;
}

/** A type of pg_catalog (or citext). undefined: it has no logical type of its own. */
export function builtIn(info: TypeInfo, modifier: number, dialect: Dialect): BuiltIn | undefined {
  if (info.name === "citext" && info.kind === "b") {
    return { ...textOf({}), exact: asText, ...AS_TEXT };
  }
  if (info.schema !== "pg_catalog") return undefined;
  const fixed = FIXED.get(info.name);
  return fixed ?? modified(info.name, modifier, dialect);
}

/** A canonical form first; values that the type does not hold are left as they are. */
export function storeOf(
  type: LogicalType,
  then: ((form: Value) => Value) | undefined,
): (value: Value) => Value {
  const isItself = then === undefined ? ITSELF.get(type.kind) : undefined;
  return (value) => {
    if (value === null || typeof value === "symbol") return value;
    if (isItself?.(value) === true) return value;
    const form = canonical(type, value);
    return form === undefined || then === undefined ? (form ?? value) : then(form);
  };
}

/** Of most values it shows at once that their form is they themselves, or that they have none. */
const ITSELF: ReadonlyMap<string, (value: Value) => boolean> = new Map([
  ["text", (value) => typeof value === "string"],
  ["boolean", (value) => typeof value === "boolean"],
  // -0 is 0.
  ["integer", (value) => Number.isSafeInteger(value) && value !== 0],
  ["real", (value) => typeof value === "number" && value !== 0],
]);

function asText(sql: string): string {
  return `(${sql})::${TEXT_SQL}`;
}

function integer(min: number | bigint, max: number | bigint, size: 2 | 4 | 8): BuiltIn {
  const type: LogicalType = { kind: "integer", min, max };
  return { type, wire: integerWire(type, size, min === 0) };
}

/** It has no order of its own. */
const TRANSACTION: Partial<BuiltIn> = {
  ordered: (sql) => `(${sql})::text::bigint`,
  orderedAs: "bigint",
};
const UINT32_MAX = 2 ** 32 - 1;

const FIXED: ReadonlyMap<string, BuiltIn> = new Map<string, BuiltIn>([
  ["bool", { type: { kind: "boolean" }, wire: BOOLEAN }],
  ["int2", integer(-32_768, 32_767, 2)],
  ["int4", integer(-2_147_483_648, 2_147_483_647, 4)],
  ["int8", integer(-(2n ** 63n), 2n ** 63n - 1n, 8)],
  ["oid", integer(0, UINT32_MAX, 4)],
  ["xid", { ...integer(0, UINT32_MAX, 4), ...TRANSACTION }],
  ["cid", { ...integer(0, UINT32_MAX, 4), ...TRANSACTION }],
  ["xid8", integer(0, 2n ** 64n - 1n, 8)],
  ["float4", { type: { kind: "real", single: true }, wire: SINGLE, store: single }],
  ["float8", { type: { kind: "real" }, wire: DOUBLE }],
  ["text", textOf({})],
  ["name", textOf({ maxBytes: 63 })],
  ["bytea", { type: { kind: "bytes" }, wire: BYTES }],
  ["date", { type: { kind: "date" }, wire: DATE, ...dateText }],
  ["uuid", { type: { kind: "uuid" }, wire: UUID }],
  // Its own `=` is asked in the form of jsonb: json has none.
  ["json", { ...documentOf("json"), exact: (sql) => `(${sql})::pg_catalog.jsonb` }],
  ["jsonb", documentOf("jsonb")],
]);

function modified(name: string, modifier: number, dialect: Dialect): BuiltIn | undefined {
  switch (name) {
    case "varchar":
      return textOf(modifier < 0 ? {} : { maxLength: modifier - HEADER });
    case "bpchar":
      return paddedOf(modifier);
    case "numeric":
      return numericOf(modifier);
    case "money":
      return moneyOf(dialect.moneyScale);
    case "timestamp":
      return momentOf("datetime", DATETIME, modifier);
    case "timestamptz":
      return momentOf("instant", INSTANT, modifier);
    case "time":
      return { type: { kind: "time" }, wire: TIME, ...roundedTo(modifier) };
    case "timetz":
      return {
        type: { kind: "offset-time" },
        wire: OFFSET_TIME,
        ...offsetText,
        ...roundedTo(modifier),
      };
    case "interval":
      return {
        type: { kind: "duration" },
        wire: durationWire(dialect.version >= 170_000),
        // To its own `=` a month is 30 days.
        exact: asText,
        ...AS_TEXT,
        ...cutTo(modifier),
      };
    case "bit":
    case "varbit":
      return bitsOf(name, modifier);
    case "char":
      return letter();
    default:
      return undefined;
  }
}

/** Modifiers of lengths and precisions count the header of what they describe. */
const HEADER = 4;

function textOf(bounds: { readonly maxLength?: number; readonly maxBytes?: number }): BuiltIn {
  const type: LogicalType = { kind: "text", noZero: true, ...bounds };
  return { type, wire: textWire(type), ordered: collated, orderedAs: TEXT_SQL };
}

function collated(sql: string): string {
  return `(${sql}) COLLATE "C"`;
}

function paddedOf(modifier: number): BuiltIn {
  const bounds = modifier < 0 ? {} : { maxLength: modifier - HEADER };
  const type: LogicalType = { kind: "text", noZero: true, ...bounds };
  return {
    type,
    wire: paddedWire(type),
    ordered: collated,
    orderedAs: "bpchar",
    store: (form) => (typeof form === "string" ? withoutBlanks(form) : form),
  };
}

function documentOf(name: "json" | "jsonb"): BuiltIn {
  const type: LogicalType = name === "json" ? { kind: "json" } : { kind: "json", noZero: true };
  return { type, wire: documentWire(type, name === "jsonb"), ...AS_TEXT };
}

function single(form: Value): Value {
  return typeof form === "number" ? Math.fround(form) : form;
}

/** The scale is a signed number of eleven bits. */
const SCALE_BITS = 0x7ff;
const SCALE_SIGN = 0x400;

function numericOf(modifier: number): BuiltIn {
  if (modifier < 0) return decimalOf({});
  const packed = modifier - HEADER;
  const scale = ((packed & SCALE_BITS) ^ SCALE_SIGN) - SCALE_SIGN;
  return decimalOf({ precision: (packed >> 16) & 0xffff, scale, nan: true });
}

function decimalOf(bounds: { precision?: number; scale?: number; nan?: true }): BuiltIn {
  const type: LogicalType = { kind: "decimal", ...bounds };
  return { type, wire: decimalWire(type) };
}

const INT64_MAX = 2n ** 63n - 1n;
const NUMERIC_OID = 1700;

/** Whole cents (or what the locale has) in 64 bits. */
function moneyOf(scale: number): BuiltIn {
  const type: LogicalType = { kind: "decimal", precision: 19, scale };
  const { read, write } = decimalWire(type);
  const isWithin = (value: Value): boolean => {
    const form = canonical(type, value);
    if (typeof form !== "string") return true;
    const [whole = "", fraction = ""] = form.split(".");
    const cents = BigInt(whole + fraction.padEnd(scale, "0"));
    return cents <= INT64_MAX && cents >= -INT64_MAX - 1n;
  };
  return {
    type,
    wire: {
      read,
      write: (value, out) => (isWithin(value) ? write(value, out) : "is more than money holds"),
    },
    via: { oid: NUMERIC_OID, type: "pg_catalog.numeric" },
  };
}

function momentOf(kind: "datetime" | "instant", wire: Wire, modifier: number): BuiltIn {
  return { type: { kind }, wire, ...momentText(kind, modifier === 0), ...roundedTo(modifier) };
}

/** Digits after the second; without a modifier all six are kept. */
function roundedTo(modifier: number): Partial<BuiltIn> {
  if (modifier < 0 || modifier > 5) return {};
  return { store: (form) => (typeof form === "string" ? rounded(form, modifier) : form) };
}

function cutTo(modifier: number): Partial<BuiltIn> {
  const store = intervalStore(modifier);
  if (store === undefined) return {};
  return { store: (form) => (typeof form === "string" ? store(form) : form) };
}

const TEXT = { oid: 25, type: TEXT_SQL };

/** Both kinds hold the same values; how many bits they are is each column's own. */
function bitsOf(name: "bit" | "varbit", modifier: number): BuiltIn {
  const type: LogicalType = { kind: "named", name: "bit" };
  const { read, write } = textWire(type);
  return {
    type,
    wire: {
      read,
      write: (value, out) => {
        if (typeof value !== "string" || !/^[01]*$/.test(value)) return `is not a ${name}`;
        const isFitting = name === "bit" ? value.length === modifier : value.length <= modifier;
        if (modifier >= 0 && !isFitting) return `has another length than ${name}(${modifier})`;
        return write(value, out);
      },
    },
    via: TEXT,
    ordered: collated,
    orderedAs: TEXT_SQL,
  };
}

/** `"char"`: one byte, those beyond ASCII as `\ooo`. Anything longer would be cut. */
function letter(): BuiltIn {
  const type: LogicalType = { kind: "named", name: '"char"' };
  const { read, write } = textWire(type);
  return {
    type,
    wire: {
      read,
      write: (value, out) => {
        const isOne = typeof value === "string" && LETTER.test(value);
        return isOne ? write(value, out) : 'is not one "char"';
      },
    },
    via: TEXT,
    ordered: collated,
    orderedAs: TEXT_SQL,
  };
}

// eslint-disable-next-line no-control-regex
const LETTER = /^(?:|[\u0001-\u007f]|\\[2-3][0-7]{2})$/;
