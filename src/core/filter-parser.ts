// A filter as configuration writes it, understood or refused by name.

import { SyncError } from "./errors.ts";
import type {
  AmongOperator,
  CompareOperator,
  FilterSpec,
  PartOperator,
  PresenceOperator,
} from "./filter.ts";
import type { Expression } from "./expression.ts";
import { givenValue, isPlainObject } from "./given.ts";
import { didYouMean } from "./nearest.ts";
import { parsePath } from "./path.ts";
import type { Value } from "./state.ts";

/** How deep groups may nest (I9). */
export const FILTER_DEPTH_MAX = 50;
/** How many values a list may have (I9). */
export const FILTER_VALUES_MAX = 100_000;

/** Every operator: for suggestions and a schema. */
export const FILTER_OPERATORS = [
  "equals",
  "not_equals",
  "in",
  "not_in",
  "not_null",
  "is_null",
  "exists",
  "greater_than",
  "greater_or_equal",
  "less_than",
  "less_or_equal",
  "between",
  "contains",
  "starts_with",
  "ends_with",
] as const satisfies readonly (
  | AmongOperator
  | CompareOperator
  | PartOperator
  | PresenceOperator
  | "between"
)[];

type Operator = (typeof FILTER_OPERATORS)[number];

/**
 * Understands `{ field, operator, value | values }`, `{ and: [] }`, `{ or: [] }`, `{ not: {} }`,
 * and a list of those, all of which must hold; a text is an expression where somebody reads it.
 * Throws FILTER_INVALID (CONFIG_UNKNOWN_KEY for an
 * unknown key) with a suggestion; an operator that is not known never lets anything pass.
 */
export function parseFilter(raw: unknown, expression?: ReadExpression): FilterSpec {
  return parse(raw, { path: [], depth: 0, ...(expression === undefined ? {} : { expression }) });
}

/** Reads an expression; the path leads to it inside the filter. */
export type ReadExpression = (text: string, path: readonly (string | number)[]) => Expression;

/** Where a part of a filter is, and who reads expressions there. */
interface Here {
  readonly depth: number;
  readonly path: readonly (string | number)[];
  readonly expression?: ReadExpression;
}

function parse(raw: unknown, here: Here): FilterSpec {
  if (here.depth > FILTER_DEPTH_MAX) {
    throw invalid(`A filter nests deeper than ${FILTER_DEPTH_MAX} groups`);
  }
  if (typeof raw === "string" && here.expression !== undefined) {
    return { kind: "expression", expression: here.expression(raw, here.path) };
  }
  if (Array.isArray(raw)) return { kind: "and", of: parseAll(raw, here) };
  if (!isPlainObject(raw)) throw invalid("A filter has to be a list or a table");
  for (const group of ["and", "or"] as const) {
    if (!Object.hasOwn(raw, group)) continue;
    checkKeys(raw, [group]);
    const parts = raw[group];
    if (!Array.isArray(parts)) throw invalid(`The filter's '${group}' has to be a list`);
    if (parts.length === 0) throw invalid(`The filter's '${group}' is empty`);
    return { kind: group, of: parseAll(parts, inside(here, group, 0)) };
  }
  if (Object.hasOwn(raw, "not")) {
    checkKeys(raw, ["not"]);
    return { kind: "not", of: parse(raw["not"], inside(here, "not", 1)) };
  }
  return parseTest(raw);
}

function parseAll(parts: readonly unknown[], here: Here): readonly FilterSpec[] {
  return parts.map((part, i) => parse(part, inside(here, i, 1)));
}

function inside(here: Here, key: string | number, levels: 0 | 1): Here {
  return { ...here, path: [...here.path, key], depth: here.depth + levels };
}

function parseTest(raw: { readonly [name: string]: unknown }): FilterSpec {
  checkKeys(raw, ["field", "operator", "value", "values"]);
  const { field, operator } = raw as { readonly field?: unknown; readonly operator?: unknown };
  if (typeof field !== "string" || field === "") throw invalid("A filter names no field");
  parsePath(field);
  if (!isOperator(operator)) {
    const word = typeof operator === "string" ? operator : "";
    throw invalid(
      word === ""
        ? `The filter's field '${field}' has no operator`
        : `The filter's operator '${word}' is not known`,
      didYouMean(word, FILTER_OPERATORS),
    );
  }
  return testOf(field, operator, raw);
}

function testOf(
  field: string,
  operator: Operator,
  raw: { readonly [name: string]: unknown },
): FilterSpec {
  switch (operator) {
    case "is_null":
    case "not_null":
    case "exists":
      if (Object.hasOwn(raw, "value") || Object.hasOwn(raw, "values")) {
        throw invalid(`The filter's operator '${operator}' takes no value`);
      }
      return { kind: "presence", field, operator };
    case "equals":
    case "not_equals":
      return { kind: "compare", field, operator, value: oneValue(field, operator, raw) };
    case "greater_than":
    case "greater_or_equal":
    case "less_than":
    case "less_or_equal":
      return { kind: "compare", field, operator, value: bound(field, operator, raw) };
    case "in":
    case "not_in":
      return { kind: "among", field, operator, values: manyValues(field, operator, raw) };
    case "between": {
      const [from, to, ...more] = manyValues(field, operator, raw);
      if (from === undefined || to === undefined || more.length > 0) {
        throw invalid(`The filter's 'between' on '${field}' takes two values`);
      }
      checkBound(field, operator, from);
      checkBound(field, operator, to);
      return { kind: "between", field, from, to };
    }
    case "contains":
    case "starts_with":
    case "ends_with":
      return { kind: "part", field, operator, value: part(field, operator, raw) };
  }
}

function isOperator(word: unknown): word is Operator {
  return FILTER_OPERATORS.some((operator) => operator === word);
}

function oneValue(
  field: string,
  operator: Operator,
  raw: { readonly [name: string]: unknown },
): Value {
  if (Object.hasOwn(raw, "value") && !Object.hasOwn(raw, "values")) {
    return valueIn(field, raw["value"]);
  }
  throw invalid(`The filter's '${operator}' on '${field}' takes 'value'`);
}

function manyValues(
  field: string,
  operator: Operator,
  raw: { readonly [name: string]: unknown },
): readonly Value[] {
  // A list under `value` is what some configurations have.
  const given = raw["values"] ?? raw["value"];
  const isBoth = Object.hasOwn(raw, "values") && Object.hasOwn(raw, "value");
  if (!Array.isArray(given) || isBoth) {
    throw invalid(`The filter's '${operator}' on '${field}' takes a list, 'values'`);
  }
  if (given.length === 0 || given.length > FILTER_VALUES_MAX) {
    throw invalid(
      `The filter's '${operator}' on '${field}' takes 1 to ${FILTER_VALUES_MAX} values`,
    );
  }
  return given.map((value: unknown) => valueIn(field, value));
}

function bound(
  field: string,
  operator: Operator,
  raw: { readonly [name: string]: unknown },
): Value {
  const value = oneValue(field, operator, raw);
  checkBound(field, operator, value);
  return value;
}

function checkBound(field: string, operator: Operator, value: Value): void {
  const isNumber = typeof value === "number" || typeof value === "bigint";
  if ((isNumber && !Number.isNaN(value)) || typeof value === "string") return;
  throw invalid(`The filter's '${operator}' on '${field}' takes a number, a date or text`);
}

function part(
  field: string,
  operator: PartOperator,
  raw: { readonly [name: string]: unknown },
): Value {
  const value = oneValue(field, operator, raw);
  const fits = operator === "contains" ? value !== null : typeof value === "string";
  if (fits && value !== "") return value;
  throw invalid(`The filter's '${operator}' on '${field}' takes a text that is not empty`);
}

function valueIn(field: string, given: unknown): Value {
  const value = givenValue(given);
  if (value.kind === "value" && given !== undefined) return value.value;
  const reason = value.kind === "refused" ? value.reason : "nothing";
  throw invalid(`The filter's field '${field}' is compared with ${reason}, which is no value`);
}

function checkKeys(raw: { readonly [name: string]: unknown }, known: readonly string[]): void {
  const unknown = Object.keys(raw).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new SyncError("CONFIG_UNKNOWN_KEY", `A filter has no key '${unknown}'`, {
    hint: didYouMean(unknown, known.length === 1 ? [...known, "field", "operator"] : known),
  });
}

function invalid(message: string, hint?: string): SyncError {
  return new SyncError("FILTER_INVALID", message, hint === undefined ? {} : { hint });
}
