// Rules over several fields of a row. A field that is not there (null, ABSENT) is judged by none of
// them, and one that the row's side does not carry makes the rule pass.

import type { Evaluate } from "./expression.ts";
import { canonical } from "./logical.ts";
import type { LogicalType } from "./logical.ts";
import { makeCompare } from "./ordering.ts";
import type { CrossOperator, JudgeFunction, RuledField } from "./rules.ts";
import { ABSENT, JSON_NULL } from "./state.ts";
import type { FieldIndex, Row, Value } from "./state.ts";
import { same } from "./values.ts";

/** What came of judging: it holds, or why not; empty where there is no more to say. */
export type Verdict = true | string;

/** Judges a row; what it reads is there. */
export type JudgeRow = (row: Row, value: Value) => Verdict;

/** True for what counts as nothing. */
export function isNothing(value: Value): boolean {
  return value === null || value === ABSENT || value === JSON_NULL;
}

/** `ends > starts`; where the other field is nothing there is nothing to compare with. */
export function makeComparison(
  operator: CrossOperator,
  other: FieldIndex,
  [type, otherType]: readonly [LogicalType | undefined, LogicalType | undefined],
): JudgeRow {
  const isDecimal = type?.kind === "decimal" || otherType?.kind === "decimal";
  const form = isDecimal ? decimalOf : plainForm;
  const compare = makeCompare(isDecimal ? { kind: "decimal" } : (type ?? otherType));
  const holds = makeHolds(operator, (a, b) => compare(form(a), form(b)));
  return (row, value) => {
    const beside = row[other] ?? null;
    return isNothing(beside) || holds(value, beside) || "";
  };
}

/** True where values of the two can be greater or less than each other. */
export function areComparable(a: LogicalType | undefined, b: LogicalType | undefined): boolean {
  if (a === undefined || b === undefined || a.kind === "any" || b.kind === "any") return true;
  return a.kind === b.kind || (NUMBERS.has(a.kind) && NUMBERS.has(b.kind));
}

const NUMBERS: ReadonlySet<string> = new Set(["integer", "real", "decimal"]);

function plainForm(value: Value): Value {
  return value;
}

function decimalOf(value: Value): Value {
  return canonical({ kind: "decimal" }, value) ?? null;
}

function makeHolds(
  operator: CrossOperator,
  compare: (a: Value, b: Value) => number | undefined,
): (a: Value, b: Value) => boolean {
  switch (operator) {
    case "equals":
      return (a, b) => same(a, b) || compare(a, b) === 0;
    case "not_equals":
      return (a, b) => !same(a, b) && compare(a, b) !== 0;
    case "greater_than":
      return (a, b) => (compare(a, b) ?? -1) > 0;
    case "greater_or_equal":
      return (a, b) => (compare(a, b) ?? -1) >= 0;
    case "less_than":
      return (a, b) => (compare(b, a) ?? -1) > 0;
    case "less_or_equal":
      return (a, b) => (compare(b, a) ?? -1) >= 0;
  }
}

/** An expression that has to come out true. */
export function makeExpressed(evaluate: Evaluate): JudgeRow {
  return (row, value) => {
    const answer = evaluate(row, value);
    if (answer.kind === "refused") return `it cannot be worked out: ${answer.reason}`;
    return answer.value === true || "";
  };
}

/** A function of a TypeScript configuration; the row comes by the names of the link's fields. */
export function makeJudged(judge: JudgeFunction, fields: readonly RuledField[]): JudgeRow {
  const takesRow = judge.length > 1;
  return (row, value) => {
    let answer: unknown;
    try {
      answer = judge(value, takesRow ? recordOf(row, fields) : NO_RECORD);
    } catch (error) {
      return error instanceof Error ? error.message.slice(0, MESSAGE_LENGTH_MAX) : "it threw";
    }
    if (typeof answer === "string") return answer.slice(0, MESSAGE_LENGTH_MAX);
    return answer === true || (answer === false ? "" : "it answers neither true nor false");
  };
}

/** Longest message of a function that is passed on (I9). */
const MESSAGE_LENGTH_MAX = 200;
const NO_RECORD: { readonly [field: string]: Value } = Object.freeze(Object.create(null));

function recordOf(row: Row, fields: readonly RuledField[]): { readonly [field: string]: Value } {
  // Without a prototype: a field may have any name.
  const record: { [field: string]: Value } = Object.create(null);
  for (const [i, { name }] of fields.entries()) {
    const value = row[i];
    if (value !== undefined && value !== ABSENT) record[name] = value;
  }
  return record;
}
