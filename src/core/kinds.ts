import { ABSENT, digitsIn } from "./state.ts";
import type { Value } from "./state.ts";

/** What a value is, whatever logical type its field has. In the order of `order` (values.ts). */
export type ValueKind =
  | "absent"
  | "null"
  | "json-null"
  | "boolean"
  | "number"
  | "text"
  | "bytes"
  | "list"
  | "object";

/** An object inside a JSON document: only its own properties count, whatever they are called. */
export type JsonObject = { readonly [name: string]: Value };

/** Tells the kinds of a value apart; numbers, big integers and exact numbers are one kind. */
export function kindOf(value: Value): ValueKind {
  switch (typeof value) {
    case "string":
      return "text";
    case "number":
    case "bigint":
      return "number";
    case "boolean":
      return "boolean";
    case "symbol":
      return value === ABSENT ? "absent" : "json-null";
    default:
      if (value === null) return "null";
      if (value instanceof Uint8Array) return "bytes";
      if (digitsIn(value) !== undefined) return "number";
      return Array.isArray(value) ? "list" : "object";
  }
}

/** True for an array inside a JSON document. */
export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** True for an object inside a JSON document. */
export function isObject(value: Value | undefined): value is JsonObject {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    digitsIn(value) === undefined
  );
}
