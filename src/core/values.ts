// Equality and one total order over all values. Canonical forms (logical.ts) make equal things
// equal here, whichever replica they came from.

import { isList, isObject, kindOf } from "./kinds.ts";
import type { JsonObject, ValueKind } from "./kinds.ts";
import { decimalOfPlain, plain } from "./numerals.ts";
import { encodeDecimal, encodeNumber } from "./ordered-number.ts";
import { digitsIn } from "./state.ts";
import type { ExactNumber, Value } from "./state.ts";

// Types, forms and equality are one vocabulary to callers.
export { canonical, makeCanonical, typeName, whyNot } from "./logical.ts";
export type { LogicalType } from "./logical.ts";
export { isList, isObject, kindOf } from "./kinds.ts";

/** True if both are the same value: by content, keys unordered, NaN the same as NaN. */
export function same(a: Value | undefined, b: Value | undefined): boolean {
  return a === b || sameContent(a, b); // so short that V8 puts it in place of its calls
}

function sameContent(a: Value | undefined, b: Value | undefined): boolean {
  const kind = typeof a;
  if (kind === "string" || kind === "boolean" || kind === "symbol" || kind === "undefined") {
    return false;
  }
  if (typeof a === "number" || typeof a === "bigint") return sameNumber(a, b);
  if (typeof b !== "object" || a === null || b === null) return false;
  const digits = digitsIn(a);
  if (digits !== undefined || digitsIn(b) !== undefined) return digits === digitsIn(b);
  return sameParts(a as Value & object, b);
}

/** True if two rows, or two lists of values, are the same position by position. */
export function sameAll(
  a: readonly (Value | undefined)[],
  b: readonly (Value | undefined)[],
): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (!same(a[i], b[i])) return false;
  }
  return true;
}

/**
 * One total order over all values: 0 exactly where `same` says true. Ties between equal stamps go
 * by it, so that every place settles them alike (I6); it is not the order of keys (key.ts).
 */
export function order(a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === "number" && typeof b === "number" && a !== b) {
    if (a < b) return -1;
    if (a > b) return 1;
  }
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : 1;
  return orderByKind(a, b);
}

function sameNumber(a: number | bigint, b: Value | undefined): boolean {
  if (typeof b !== "number" && typeof b !== "bigint") return false;
  if (typeof a === "number" && typeof b === "number") return Number.isNaN(a) && Number.isNaN(b);
  return plain(a) === plain(b);
}

function sameParts(a: Value & object, b: Value & object): boolean {
  if (a instanceof Uint8Array || b instanceof Uint8Array) {
    return a instanceof Uint8Array && b instanceof Uint8Array && sameBytes(a, b);
  }
  if (isList(a) || isList(b)) return isList(a) && isList(b) && sameAll(a, b);
  if (!isObject(a) || !isObject(b)) return false;
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  // hasOwn first: a name such as `constructor` must not be found on a prototype.
  return names.every((name) => Object.hasOwn(b, name) && same(a[name], b[name]));
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

const RANKS: { readonly [kind in ValueKind]: number } = {
  absent: 0,
  null: 1,
  "json-null": 2,
  boolean: 3,
  number: 4,
  text: 5,
  bytes: 6,
  list: 7,
  object: 8,
};

function orderByKind(a: Value, b: Value): number {
  const kind = kindOf(a);
  const apart = RANKS[kind] - RANKS[kindOf(b)];
  if (apart !== 0) return apart;
  // The kinds are equal from here on, so what is true of `a` is true of `b`.
  switch (kind) {
    case "boolean":
      return a === b ? 0 : a === false ? -1 : 1;
    case "number":
      return orderNumbers(a as Numeric, b as Numeric);
    case "text":
      return compare(a as string, b as string);
    case "bytes":
      return orderLists(a as Uint8Array, b as Uint8Array, (x, y) => x - y);
    case "list":
      return orderLists(a as readonly Value[], b as readonly Value[], order);
    case "object":
      return orderObjects(a as JsonObject, b as JsonObject);
    case "absent":
    case "null":
    case "json-null":
      return 0;
  }
}

function compare<T extends number | bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

type Numeric = number | bigint | ExactNumber;

/** NaN is the greatest number, as in Postgres. */
function orderNumbers(a: Numeric, b: Numeric): number {
  const aIsNaN = Number.isNaN(a);
  const bIsNaN = Number.isNaN(b);
  if (aIsNaN || bIsNaN) return Number(aIsNaN) - Number(bIsNaN);
  if (typeof a === "number" && typeof b === "number") return compare(a, b);
  if (typeof a === "bigint" && typeof b === "bigint") return compare(a, b);
  return compare(orderedOf(a), orderedOf(b));
}

/** A double stands for the shortest decimal that is read as it, up to 64 bits for what it is. */
function orderedOf(value: Numeric): string {
  if (typeof value === "number" && !Number.isFinite(value)) return encodeNumber(value) ?? "";
  const digits = typeof value === "object" ? digitsIn(value) : decimalOfPlain(value);
  return encodeDecimal(digits ?? "") ?? "";
}

function orderLists<T>(a: ArrayLike<T>, b: ArrayLike<T>, by: (x: T, y: T) => number): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const apart = by(a[i] as T, b[i] as T); // both are longer than i
    if (apart !== 0) return apart;
  }
  return a.length - b.length;
}

function orderObjects(a: JsonObject, b: JsonObject): number {
  const names = Object.keys(a).sort();
  const apart = orderLists(names, Object.keys(b).sort(), compare);
  if (apart !== 0) return apart;
  for (const name of names) {
    const inside = order(a[name] as Value, b[name] as Value); // both have exactly these names
    if (inside !== 0) return inside;
  }
  return 0;
}
