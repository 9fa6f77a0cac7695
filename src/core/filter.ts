// Which rows belong to a pipeline, judged on one side's own row.
//
// There are two answers, not three: `not_equals` is exactly what `equals` is not, so a null status
// is not equal to "archived" and passes. Null (also ABSENT, and a JSON document that is null) is
// equal to null only, and never greater, less, between or containing. Values of different kinds are
// different and cannot be ordered: where the column's type is known, comparing them is refused.
// A replica that pushes a filter down to its own language has to keep these answers.

import type { Evaluate, Expression } from "./expression.ts";
import { makeCompare } from "./ordering.ts";
import { isList } from "./kinds.ts";
import type { LogicalType } from "./logical.ts";
import { parsePath, valueAt } from "./path.ts";
import { ABSENT, JSON_NULL } from "./state.ts";
import type { OwnRow, Value } from "./state.ts";
import { checkFilterTypes } from "./filter-types.ts";
import { same } from "./values.ts";

/** A filter that has been understood (filter-parser.ts). `field` is a column or a path. */
export type FilterSpec =
  | { readonly kind: "presence"; readonly field: string; readonly operator: PresenceOperator }
  | {
      readonly kind: "compare";
      readonly field: string;
      readonly operator: CompareOperator;
      readonly value: Value;
    }
  | {
      readonly kind: "among";
      readonly field: string;
      readonly operator: AmongOperator;
      readonly values: readonly Value[];
    }
  /** Both ends included. */
  | { readonly kind: "between"; readonly field: string; readonly from: Value; readonly to: Value }
  /** In text a part of it, capitals mattering; `contains` also finds an item of a list. */
  | {
      readonly kind: "part";
      readonly field: string;
      readonly operator: PartOperator;
      readonly value: Value;
    }
  /** All of none is true, any of none is false. */
  | { readonly kind: "and" | "or"; readonly of: readonly FilterSpec[] }
  | { readonly kind: "not"; readonly of: FilterSpec }
  | { readonly kind: "expression"; readonly expression: Expression };

/** They look at whether a value is there. */
export type PresenceOperator = "is_null" | "not_null" | "exists";
/** They compare with one value. */
export type CompareOperator = "equals" | "not_equals" | OrderOperator;
type OrderOperator = "greater_than" | "greater_or_equal" | "less_than" | "less_or_equal";
/** They look for the value in a list. */
export type AmongOperator = "in" | "not_in";
/** They look for a part of the value. */
export type PartOperator = "contains" | "starts_with" | "ends_with";

/** Judges a row in own terms; the columns are those of `compileFilter`. */
export type Matches = (own: OwnRow) => boolean;

/**
 * Makes a filter ready for rows with these columns, which must have those of `filterColumns`. With
 * types, what can never be compared is refused (FILTER_INVALID), and literals are brought into the
 * form of their column.
 */
export function compileFilter(
  spec: FilterSpec,
  columns: readonly string[],
  types?: ReadonlyMap<string, LogicalType>,
): Matches {
  const isColumn = (name: string): boolean => columns.includes(name);
  const typed = types === undefined ? spec : checkFilterTypes(spec, types);
  const scope = { columns, isColumn, types };
  if (!hasExpression(typed)) return compile(typed, scope);
  const judge = compileJudge(typed, scope);
  return (own) => judge(own) !== false;
}

/**
 * Why a filter cannot be worked out over a row, in words; undefined for a row that it can judge.
 * Absent where a filter can judge every row. A row that cannot be judged counts as inside, so that
 * somebody hears of it.
 */
export function filterFailure(
  spec: FilterSpec,
  columns: readonly string[],
  types?: ReadonlyMap<string, LogicalType>,
): ((own: OwnRow) => string | undefined) | undefined {
  if (!hasExpression(spec)) return undefined;
  const isColumn = (name: string): boolean => columns.includes(name);
  const judge = compileJudge(spec, { columns, isColumn, types });
  return (own) => {
    const answer = judge(own);
    return typeof answer === "string" ? `The filter cannot be worked out: ${answer}` : undefined;
  };
}

/** The columns that a filter reads, each once. `isColumn` knows names that have dots. */
export function filterColumns(
  spec: FilterSpec,
  isColumn?: (name: string) => boolean,
): readonly string[] {
  const paths = fieldsOf(spec).map((field) => parsePath(field, isColumn).column);
  return [...new Set([...paths, ...expressionsIn(spec).flatMap((each) => each.reads("row"))])];
}

/** Every expression of a filter. */
export function expressionsIn(spec: FilterSpec): readonly Expression[] {
  switch (spec.kind) {
    case "and":
    case "or":
      return spec.of.flatMap(expressionsIn);
    case "not":
      return expressionsIn(spec.of);
    case "expression":
      return [spec.expression];
    default:
      return [];
  }
}

function hasExpression(spec: FilterSpec): boolean {
  return expressionsIn(spec).length > 0;
}

interface Scope {
  readonly columns: readonly string[];
  readonly isColumn: (name: string) => boolean;
  readonly types: ReadonlyMap<string, LogicalType> | undefined;
}

function fieldsOf(spec: FilterSpec): readonly string[] {
  switch (spec.kind) {
    case "and":
    case "or":
      return spec.of.flatMap(fieldsOf);
    case "not":
      return fieldsOf(spec.of);
    case "expression":
      return [];
    default:
      return [spec.field];
  }
}

function compile(spec: FilterSpec, scope: Scope): Matches {
  switch (spec.kind) {
    case "and":
      return all(spec.of.map((part) => compile(part, scope)));
    case "or": {
      const parts = spec.of.map((part) => compile(part, scope));
      return (own) => parts.some((part) => part(own));
    }
    case "not": {
      const part = compile(spec.of, scope);
      return (own) => !part(own);
    }
    case "expression": {
      const judge = compileJudge(spec, scope);
      return (own) => judge(own) !== false;
    }
    default:
      return compileTest(spec, scope);
  }
}

function all(parts: readonly Matches[]): Matches {
  const [first, second, ...more] = parts;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  if (more.length === 0) return (own) => first(own) && second(own);
  return (own) => parts.every((part) => part(own));
}

/** Yes, no, or why there is no answer. */
type Judge = (own: OwnRow) => boolean | string;

/** Where there may be no answer: what decides without it still decides. */
function compileJudge(spec: FilterSpec, scope: Scope): Judge {
  switch (spec.kind) {
    case "and":
    case "or": {
      const parts = spec.of.map((part) => compileJudge(part, scope));
      const decides = spec.kind === "or";
      return (own) => {
        let failure: string | undefined;
        for (const part of parts) {
          const answer = part(own);
          if (answer === decides) return decides;
          if (typeof answer === "string") failure ??= answer;
        }
        return failure ?? !decides;
      };
    }
    case "not": {
      const part = compileJudge(spec.of, scope);
      return (own) => {
        const answer = part(own);
        return typeof answer === "string" ? answer : !answer;
      };
    }
    case "expression": {
      const evaluate = bound(spec.expression, scope);
      return (own) => {
        const answer = evaluate(own);
        return answer.kind === "refused" ? answer.reason : answer.value === true;
      };
    }
    default:
      return compileTest(spec, scope);
  }
}

function bound(expression: Expression, { columns, types }: Scope): Evaluate {
  return expression.bind({ columns, gives: "answer", ...(types === undefined ? {} : { types }) });
}

type Test = Exclude<FilterSpec, { readonly kind: "and" | "or" | "not" | "expression" }>;

function compileTest(spec: Test, scope: Scope): Matches {
  const { column, steps } = parsePath(spec.field, scope.isColumn);
  const at = scope.columns.indexOf(column);
  const type = steps.length === 0 ? scope.types?.get(column) : undefined;
  if (spec.kind === "presence" && spec.operator === "exists") {
    // Not `??`: null is there.
    return (own) => {
      const value = own[at];
      return value !== undefined && valueAt(value, steps) !== ABSENT;
    };
  }
  const holds = makeTest(spec, type);
  if (steps.length === 0) return (own) => holds(settled(own[at] ?? null));
  return (own) => holds(settled(valueAt(own[at] ?? null, steps)));
}

/** To everything but `exists`, what is not there is null. */
function settled(value: Value): Value {
  return value === ABSENT || value === JSON_NULL ? null : value;
}

function makeTest(spec: Test, type: LogicalType | undefined): (value: Value) => boolean {
  switch (spec.kind) {
    case "presence":
      return spec.operator === "is_null" ? (value) => value === null : (value) => value !== null;
    case "compare":
      return makeCompareTest(spec.operator, settled(spec.value), type);
    case "among": {
      const isAmong = makeAmong(spec.values.map(settled));
      return spec.operator === "in" ? isAmong : (value) => !isAmong(value);
    }
    case "between": {
      const compare = makeCompare(type);
      const { from, to } = spec;
      return (value) => atLeast(compare(value, from)) && atLeast(compare(to, value));
    }
    case "part":
      return makePartTest(spec.operator, spec.value);
  }
}

function makeCompareTest(
  operator: CompareOperator,
  literal: Value,
  type: LogicalType | undefined,
): (value: Value) => boolean {
  const compare = makeCompare(type);
  switch (operator) {
    case "equals":
      return (value) => value === literal || same(value, literal);
    case "not_equals":
      return (value) => value !== literal && !same(value, literal);
    case "greater_than":
      return (value) => (compare(value, literal) ?? 0) > 0;
    case "greater_or_equal":
      return (value) => atLeast(compare(value, literal));
    case "less_than":
      return (value) => (compare(value, literal) ?? 0) < 0;
    case "less_or_equal":
      return (value) => atLeast(compare(literal, value));
  }
}

function atLeast(compared: number | undefined): boolean {
  return compared !== undefined && compared >= 0;
}

function makeAmong(values: readonly Value[]): (value: Value) => boolean {
  // Canonical forms: what a Set cannot find is only what is an object of its own each time.
  const exact = new Set(values);
  const objects = values.filter((value) => typeof value === "object" && value !== null);
  if (objects.length === 0) return (value) => exact.has(value);
  return (value) => exact.has(value) || objects.some((object) => same(object, value));
}

function makePartTest(operator: PartOperator, part: Value): (value: Value) => boolean {
  return (value) => {
    if (operator === "contains" && isList(value)) return value.some((item) => same(item, part));
    if (typeof value !== "string" || typeof part !== "string") return false;
    switch (operator) {
      case "contains":
        return value.includes(part);
      case "starts_with":
        return value.startsWith(part);
      case "ends_with":
        return value.endsWith(part);
    }
  };
}
