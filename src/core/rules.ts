// What rows have to be like, judged in the link's terms. All broken rules of a row are reported at
// once. A field that is not there (null or ABSENT) breaks only `required`.

import { SyncError } from "./errors.ts";
import type { Expression, Pattern } from "./expression.ts";
import type { LogicalType } from "./logical.ts";
import { didYouMean } from "./nearest.ts";
import { throwAll } from "./problems.ts";
import { messageOf } from "./rule-messages.ts";
import { formOf, makeHolds } from "./rule-tests.ts";
import type { ValueRule } from "./rule-tests.ts";
import { areComparable, isNothing, makeComparison } from "./rules-across.ts";
import { makeExpressed, makeJudged } from "./rules-across.ts";
import type { JudgeRow, Verdict } from "./rules-across.ts";
import type { FieldIndex, Row, Value } from "./state.ts";

/** A rule that has been understood (rules-parser.ts). */
export type RuleSpec = {
  readonly field: string;
  /** What to say when it is broken; absent: a sentence of ours. */
  readonly errorMessage?: string;
} & (
  | { readonly kind: "required" }
  | { readonly kind: "type"; readonly expected: ExpectedType }
  /** Both ends included; at least one of them is there. */
  | { readonly kind: "range"; readonly min?: Value; readonly max?: Value }
  | { readonly kind: "allowed"; readonly values: readonly Value[] }
  /** The text of the value holds the pattern; `named` is what a known format is called. */
  | { readonly kind: "format"; readonly pattern: Pattern; readonly named?: string }
  /** Characters of a text, items of a list or bytes, both ends included. */
  | { readonly kind: "length"; readonly min?: number; readonly max?: number }
  /** A date, datetime or instant, both ends included. */
  | { readonly kind: "date"; readonly min?: string; readonly max?: string }
  /** How the field compares with another one of the same row. */
  | { readonly kind: "cross"; readonly operator: CrossOperator; readonly other: string }
  /** No other row of the same side has the same values in this field and those with it. */
  | { readonly kind: "unique"; readonly with: readonly string[] }
  | { readonly kind: "expression"; readonly expression: Expression }
  | { readonly kind: "function"; readonly judge: JudgeFunction }
);

/** How two fields of a row may compare. */
export const CROSS_OPERATORS = [
  "equals",
  "not_equals",
  "greater_than",
  "greater_or_equal",
  "less_than",
  "less_or_equal",
] as const;
/** One of them. */
export type CrossOperator = (typeof CROSS_OPERATORS)[number];

/**
 * A rule as a function: true, or false, or what is wrong in words. With a second parameter it is
 * given the row by the link's field names. It has to be pure.
 */
export type JudgeFunction = (
  value: Value,
  row: { readonly [field: string]: Value },
) => boolean | string;

/** The types that a rule can ask for. */
export const EXPECTED_TYPES = [
  "string",
  "number",
  "integer",
  "boolean",
  "object",
  "array",
  "date",
] as const;
/** One of them. */
export type ExpectedType = (typeof EXPECTED_TYPES)[number];

/** A field that a rule can be about. */
export interface RuledField {
  readonly name: string;
  readonly type?: LogicalType;
}

/** A rule that a row breaks. */
export interface Broken {
  readonly field: FieldIndex;
  readonly rule: RuleSpec["kind"];
  readonly message: string;
}

/** Values that only one row may have, together. */
export interface UniqueRule {
  readonly fields: readonly FieldIndex[];
  readonly message: string;
}

/** Rules ready for use. */
export interface Rules {
  /**
   * Everything that a row breaks, in the order of the rules. Fields that it does not carry pass;
   * whether a row is the only one of its kind a row does not say.
   */
  readonly check: (row: Row) => readonly Broken[];
  /** The messages of what this value of a field breaks by itself. */
  readonly broken: (field: FieldIndex, value: Value) => readonly string[];
  /** For `Policy.rejects`: true if the value breaks any rule by itself. */
  readonly rejects: (field: FieldIndex, value: Value) => boolean;
  /** The messages of what a row breaks that no single value does; absent: no rule is like that. */
  readonly across?: (row: Row) => readonly string[];
  readonly unique: readonly UniqueRule[];
}

/**
 * Makes rules ready for rows with these fields. Throws RULE_INVALID, or EXPRESSION_INVALID, for all
 * that do not fit.
 */
export function compileRules(specs: readonly RuleSpec[], fields: readonly RuledField[]): Rules {
  const problems: SyncError[] = [];
  const byField: CompiledRule[][] = fields.map(() => []);
  const rules: CompiledRule[] = [];
  const unique: UniqueRule[] = [];
  for (const spec of specs) {
    try {
      const field = fieldAt(spec, spec.field, fields);
      if (spec.kind === "unique") {
        const others = spec.with.map((name) => fieldAt(spec, name, fields));
        unique.push({ fields: [field, ...others], message: messageOf(spec) });
        continue;
      }
      const rule = compileRule(spec, field, fields);
      rules.push(rule);
      if (rule.reads.length === 0) byField[field]?.push(rule);
    } catch (error) {
      // Collected, because a person wants to see every broken rule at once.
      if (!(error instanceof SyncError)) throw error;
      problems.push(error);
    }
  }
  throwAll(problems);
  const across = rules.filter((rule) => rule.reads.length > 0);
  return {
    check: (row) =>
      rules.flatMap((rule) => {
        const message = brokenBy(rule, row);
        return message === undefined ? [] : { field: rule.field, rule: rule.kind, message };
      }),
    broken: (field, value) =>
      (byField[field] ?? []).flatMap((rule) => brokenByValue(rule, value) ?? []),
    rejects: (field, value) => {
      // Asked of every value there is: no function is made for it.
      const all = byField[field] ?? NO_RULES;
      for (let at = 0; at < all.length; at++) {
        if (brokenByValue(all[at] as CompiledRule, value) !== undefined) return true; // inside
      }
      return false;
    },
    ...(across.length === 0
      ? {}
      : { across: (row) => across.flatMap((rule) => brokenBy(rule, row) ?? []) }),
    unique,
  };
}

interface CompiledRule {
  readonly field: FieldIndex;
  readonly kind: RuleSpec["kind"];
  readonly message: string;
  /** Fields that it reads besides its own. */
  readonly reads: readonly FieldIndex[];
  readonly judge: JudgeRow;
}

function compileRule(
  spec: Exclude<RuleSpec, { readonly kind: "unique" }>,
  field: FieldIndex,
  fields: readonly RuledField[],
): CompiledRule {
  const type = fields[field]?.type;
  const rule = { field, kind: spec.kind, message: messageOf(spec) };
  switch (spec.kind) {
    case "cross": {
      const other = fieldAt(spec, spec.other, fields);
      const types = [type, fields[other]?.type] as const;
      if (!areComparable(...types)) throw incomparable(spec, types);
      return { ...rule, reads: [other], judge: makeComparison(spec.operator, other, types) };
    }
    case "expression": {
      const names = fields.map(({ name }) => name);
      const types = new Map(
        fields.flatMap((each) => (each.type === undefined ? [] : [[each.name, each.type]])),
      );
      const { expression } = spec;
      const value = { type };
      const evaluate = expression.bind({ columns: names, types, value, gives: "answer" });
      const reads = expression.reads("value").map((name) => names.indexOf(name));
      return { ...rule, reads, judge: makeExpressed(evaluate) };
    }
    case "function": {
      const judge = makeJudged(spec.judge, fields);
      const isAcross = spec.judge.length > 1;
      return { ...rule, reads: isAcross ? [field] : [], judge };
    }
    default: {
      checkFit(spec, type);
      const holds = makeHolds(spec, type);
      return { ...rule, reads: [], judge: (_row, value) => holds(value) || "" };
    }
  }
}

/** What the row breaks of a rule, in words; undefined: nothing. */
function brokenBy(rule: CompiledRule, row: Row): string | undefined {
  const value = row[rule.field];
  if (value === undefined) return undefined;
  if (isNothing(value)) return rule.kind === "required" ? rule.message : undefined;
  // A side that does not carry what a rule reads has nothing to say about it.
  if (rule.reads.some((field) => row[field] === undefined)) return undefined;
  return inWords(rule, rule.judge(row, value));
}

const NO_ROW: Row = [];
const NO_RULES: readonly CompiledRule[] = [];

function brokenByValue(rule: CompiledRule, value: Value): string | undefined {
  if (isNothing(value)) return rule.kind === "required" ? rule.message : undefined;
  return inWords(rule, rule.judge(NO_ROW, value));
}

function inWords(rule: CompiledRule, verdict: Verdict): string | undefined {
  if (verdict === true) return undefined;
  return verdict === "" ? rule.message : `${rule.message}: ${verdict}`;
}

function fieldAt(spec: RuleSpec, name: string, fields: readonly RuledField[]): FieldIndex {
  const field = fields.findIndex((each) => each.name === name);
  if (field !== -1) return field;
  const message =
    name === spec.field
      ? `A rule is about '${name}', which is no field`
      : `The rule '${wordOf(spec)}' of field '${spec.field}' reads '${name}', which is no field`;
  throw new SyncError("RULE_INVALID", message, {
    hint: didYouMean(
      name,
      fields.map((each) => each.name),
    ),
  });
}

function checkFit(spec: ValueRule, type: LogicalType | undefined): void {
  if (type === undefined) return;
  const rule = `The rule '${wordOf(spec)}' of field '${spec.field}'`;
  if (spec.kind === "length" && WITHOUT_LENGTH.has(type.kind)) {
    throw new SyncError("RULE_INVALID", `${rule} is about ${type.kind}, which has no length`, {
      hint: "Text, lists and bytes have one; for numbers there is `range`.",
    });
  }
  const literals: readonly (Value | undefined)[] =
    spec.kind === "allowed" ? spec.values : spec.kind === "range" ? [spec.min, spec.max] : [];
  if (!literals.some((value) => value !== undefined && !fits(type, value))) return;
  throw new SyncError("RULE_INVALID", `${rule} names a value that is no ${type.kind}`);
}

const WITHOUT_LENGTH: ReadonlySet<LogicalType["kind"]> = new Set([
  "boolean",
  "integer",
  "real",
  "decimal",
  "instant",
  "datetime",
  "date",
  "time",
]);

/** 5 and "5" are different values: a rule that names the wrong one would reject every row. */
function fits(type: LogicalType, value: Value): boolean {
  const form = formOf(type, value);
  if (form === undefined) return false;
  const isNumber = typeof value === "number" || typeof value === "bigint";
  switch (type.kind) {
    case "integer":
    case "real":
      return isNumber;
    case "decimal":
      return isNumber || typeof value === "string";
    case "any":
    case "json":
      return true;
    default:
      return typeof form === typeof value;
  }
}

function incomparable(
  spec: Extract<RuleSpec, { readonly kind: "cross" }>,
  [type, other]: readonly [LogicalType | undefined, LogicalType | undefined],
): SyncError {
  const message =
    `The rule 'crossField' compares '${spec.field}', which is ${type?.kind}, ` +
    `with '${spec.other}', which is ${other?.kind}`;
  return new SyncError("RULE_INVALID", message, {
    hint: "Compare fields of one kind, or say it in an `expression`.",
  });
}

/** What the configuration calls a rule. */
function wordOf({ kind }: RuleSpec): string {
  return kind === "cross" ? "crossField" : kind;
}
