// JSON objects as rows: cells are what JSON says, values what a type makes of them.
import { bytesIn, documentText, textOfBytes } from "./cell-text.ts";
import { formatJson, readJson } from "./json.ts";
import { decimalOf, doubleOf } from "./numerals.ts";
import { ABSENT, JSON_NULL } from "./state.ts";
import type { Value } from "./state.ts";
import { canonical, isObject } from "./values.ts";
import type { LogicalType } from "./values.ts";

/** The object that a text is; undefined: it is none, or no JSON. */
export function objectIn(text: string): { readonly [name: string]: Value } | undefined {
  const value = readJson(text);
  return isObject(value) ? value : undefined;
}

/** The cell of an object; ABSENT: it has no such member. */
export function cellOf(object: { readonly [name: string]: Value }, name: string): Value {
  return Object.hasOwn(object, name) ? (object[name] ?? null) : ABSENT;
}

/** How a cell is read under a type. */
export function jsonReader(type: LogicalType): (cell: Value) => Value | undefined {
  switch (type.kind) {
    case "json":
      // In a JSON column NULL is no member, and `null` a document like any other.
      return (cell) => (cell === ABSENT ? null : cell === null ? JSON_NULL : canonical(type, cell));
    case "bytes":
      return (cell) => {
        const bytes = typeof cell === "string" ? bytesIn(cell) : cell;
        return bytes === undefined ? undefined : canonical(type, bytes);
      };
    default:
      return (cell) => canonical(type, cell);
  }
}

/** A value as JSON; undefined: its type, or JSON, does not hold it. "": no member at all. */
export function jsonToken(type: LogicalType, value: Value): string | undefined {
  if (value === null) return type.kind === "json" ? "" : "null";
  const form = canonical(type, value);
  if (form === undefined || form === null || form === ABSENT) return undefined;
  if (type.kind === "any" && !isToldByJson(form)) return undefined;
  if (form instanceof Uint8Array) return JSON.stringify(textOfBytes(form));
  if (type.kind === "decimal" && typeof form === "string") return decimalToken(form);
  if (typeof form === "number" && !Number.isFinite(form)) return JSON.stringify(String(form));
  if (form === JSON_NULL) return "null";
  return typeof form === "object" ? documentText(form) : formatJson(form);
}

/** What JSON has no way to tell apart from a text, or from NULL, without a type of the column. */
function isToldByJson(form: Value): boolean {
  if (form === JSON_NULL || form instanceof Uint8Array) return false;
  return typeof form !== "number" || Number.isFinite(form);
}

/** As a number where every reader of JSON keeps its digits, as text where one would not. */
function decimalToken(decimal: string): string {
  const double = doubleOf(decimal);
  const isKept = double !== undefined && decimalOf(String(double)) === decimal;
  return isKept && decimal.length <= NUMERAL_CHARS_MAX ? decimal : JSON.stringify(decimal);
}

const NUMERAL_CHARS_MAX = 17;
