// Rules about a single value: what makes it good. A value that is not there never gets here.

import { toText } from "./conversions.ts";
import { PATTERN_TEXT_MAX } from "./expression.ts";
import { isList, isObject, kindOf } from "./kinds.ts";
import { canonical } from "./logical.ts";
import type { LogicalType } from "./logical.ts";
import { dateOf, isEnd, momentOf } from "./moments.ts";
import { makeCompare } from "./ordering.ts";
import type { ExpectedType, RuleSpec } from "./rules.ts";
import type { Value } from "./state.ts";
import { same } from "./values.ts";

/** The rules that look at one value and need nothing else. */
export type ValueRule = Extract<
  RuleSpec,
  { readonly kind: "required" | "type" | "range" | "allowed" | "format" | "length" | "date" }
>;

/** What holds for a value that keeps the rule. */
export function makeHolds(
  spec: ValueRule,
  type: LogicalType | undefined,
): (value: Value) => boolean {
  switch (spec.kind) {
    case "required":
      return () => true;
    case "type":
      return (value) => isExpected(spec.expected, value, type);
    case "range":
      return makeInRange(spec.min, spec.max, type);
    case "allowed": {
      const values = spec.values.map((value) => formOf(type, value) ?? value);
      const exact = new Set(values);
      // What a Set does not find may still be the same: -0, a big integer, a document.
      return (value) => exact.has(value) || values.some((allowed) => same(allowed, value));
    }
    case "format":
      return (value) => {
        const text = textOf(value);
        // I9: nobody waits for a text without end, however fast a pattern is.
        return text !== undefined && text.length <= PATTERN_TEXT_MAX && spec.pattern.test(text);
      };
    case "length": {
      const { min = 0, max = Number.MAX_SAFE_INTEGER } = spec;
      return (value) => {
        const length = lengthOf(value, max);
        return length !== undefined && length >= min && length <= max;
      };
    }
    case "date":
      return makeInDates(spec.min, spec.max);
  }
}

/** The text of a value, or undefined where it has none: documents and bytes have no format. */
function textOf(value: Value): string | undefined {
  if (typeof value === "string") return value;
  const text = toText(value);
  return text.kind === "value" && typeof text.value === "string" ? text.value : undefined;
}

/** Characters of a text (not halves of one), items of a list, bytes. Counts no further than max. */
function lengthOf(value: Value, max: number): number | undefined {
  if (isList(value) || value instanceof Uint8Array) return value.length;
  if (typeof value !== "string") return undefined;
  // A character is one or two halves: what is longer than twice the most need not be counted.
  if (value.length > max * 2) return value.length;
  let length = 0;
  for (const _ of value) length += 1;
  return length;
}

/** A value that cannot be compared with the bounds is out of range. */
function makeInRange(
  min: Value | undefined,
  max: Value | undefined,
  type: LogicalType | undefined,
): (value: Value) => boolean {
  const compare = makeCompare(type);
  const low = min === undefined ? undefined : (formOf(type, min) ?? min);
  const high = max === undefined ? undefined : (formOf(type, max) ?? max);
  return (value) => {
    if (low !== undefined && (compare(value, low) ?? -1) < 0) return false;
    return high === undefined || (compare(high, value) ?? -1) >= 0;
  };
}

/** Both ends included; a date is its first moment, and a time without a zone is in UTC. */
function makeInDates(min: string | undefined, max: string | undefined): (value: Value) => boolean {
  const compare = makeCompare({ kind: "instant" });
  const low = min === undefined ? undefined : momentOf(min);
  const high = max === undefined ? undefined : lastMomentOf(max);
  return (value) => {
    const moment = typeof value === "string" ? momentOf(value) : undefined;
    if (moment === undefined || isEnd(moment)) return false;
    if (low !== undefined && (compare(moment, low) ?? -1) < 0) return false;
    return high === undefined || (compare(high, moment) ?? -1) >= 0;
  };
}

/** The whole of a day is inside a bound that names the day. */
function lastMomentOf(text: string): string | undefined {
  const date = dateOf(text);
  return date === undefined || isEnd(date) ? momentOf(text) : `${date}T23:59:59.999999Z`;
}

/** Now is not known here (I5); what a person may have meant by it is refused by name. */
export function isMoment(text: string): boolean {
  return momentOf(text) !== undefined && !isEnd(text);
}

function isExpected(expected: ExpectedType, value: Value, type: LogicalType | undefined): boolean {
  // A decimal is a number that is kept as text.
  const isDecimal = type?.kind === "decimal" && typeof value === "string";
  switch (expected) {
    case "string":
      return typeof value === "string" && !isDecimal;
    case "number":
      return kindOf(value) === "number" || isDecimal;
    case "integer":
      if (isDecimal)
        return !value.includes(".") && canonical({ kind: "integer" }, value) !== undefined;
      return typeof value === "bigint" || Number.isInteger(value);
    case "boolean":
      return typeof value === "boolean";
    case "object":
      return isObject(value);
    case "array":
      return isList(value);
    case "date":
      if (typeof value === "string" && isEnd(value)) return false;
      return DATE_TYPES.some((kind) => canonical({ kind }, value) !== undefined);
  }
}

const DATE_TYPES = ["date", "datetime", "instant"] as const;

/** A literal in the form of its column; whole numbers are compared with any number. */
export function formOf(type: LogicalType | undefined, value: Value): Value | undefined {
  if (type === undefined) return value;
  switch (type.kind) {
    case "integer":
    case "any":
    case "json":
      return value;
    case "text":
    case "decimal":
      return canonical({ kind: type.kind }, value);
    default:
      return canonical(type, value);
  }
}
