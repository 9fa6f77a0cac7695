// What configuration and functions hand in is anything at all until it was looked at here.

import { canonicalDocument, JSON_DEPTH_MAX } from "./document.ts";
import { ABSENT, JSON_NULL } from "./state.ts";
import type { Value } from "./state.ts";

/** A value, or why what was given is none. The reason follows "gave" and has no data in it. */
export type Given =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Takes what a function returned or a configuration says for a value: plain data in canonical
 * form. undefined is ABSENT. Dates, promises, maps and other objects with a class are refused,
 * since what they would become is a guess.
 */
export function givenValue(given: unknown): Given {
  if (given === undefined) return { kind: "value", value: ABSENT };
  if (given === null || given === ABSENT || given === JSON_NULL || given instanceof Uint8Array) {
    return { kind: "value", value: given };
  }
  const reason = whyNoValue(given, 0);
  if (reason !== undefined) return { kind: "refused", reason };
  // whyNoValue has been through all of it: nothing in it is anything but a Value.
  const value = canonicalDocument(given as Value);
  if (value !== undefined) return { kind: "value", value };
  return { kind: "refused", reason: "text with half a character" };
}

/** True for an object that is only data: `{}` or one without a prototype. */
export function isPlainObject(given: unknown): given is { readonly [name: string]: unknown } {
  if (typeof given !== "object" || given === null) return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === null || prototype === Object.prototype;
}

function whyNoValue(given: unknown, depth: number): string | undefined {
  switch (typeof given) {
    case "string":
    case "boolean":
    case "number":
    case "bigint":
      return undefined;
    case "object":
      if (given === null) return undefined;
      if (depth >= JSON_DEPTH_MAX) return `data nested deeper than ${JSON_DEPTH_MAX}`;
      return whyNoObject(given, depth + 1);
    default:
      return `a ${typeof given}`;
  }
}

function whyNoObject(given: object, depth: number): string | undefined {
  if (Array.isArray(given)) {
    // By index, because a hole in an array is skipped by everything else.
    const items: unknown[] = Array.from(given as readonly unknown[]);
    return firstReason(items, depth);
  }
  if (!isPlainObject(given)) return `an object of class ${className(given)}`;
  return firstReason(Object.values(given), depth);
}

function firstReason(items: readonly unknown[], depth: number): string | undefined {
  for (const item of items) {
    const reason = whyNoValue(item, depth);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

function className(given: object): string {
  const made: unknown = (given as { constructor?: unknown }).constructor;
  return typeof made === "function" && made.name !== "" ? made.name : "unknown";
}
