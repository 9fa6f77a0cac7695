// What to say of a broken rule whose author did not say it.

import type { CrossOperator, RuleSpec } from "./rules.ts";

/** The sentence of a broken rule: its author's, or ours. It holds no data. */
export function messageOf(spec: RuleSpec): string {
  const field = `Field '${spec.field}'`;
  if (spec.errorMessage !== undefined) return spec.errorMessage;
  switch (spec.kind) {
    case "required":
      return `${field} is required`;
    case "type":
      return `${field} has to be of type ${spec.expected}`;
    case "range":
      return `${field} is out of range`;
    case "allowed":
      return `${field} is not one of the allowed values`;
    case "format":
      return spec.named === undefined
        ? `${field} does not match its pattern`
        : `${field} is not in the format '${spec.named}'`;
    case "length":
      return `${field} has to have ${between(spec.min, spec.max)} characters, items or bytes`;
    case "date":
      return `${field} has to be a date${within(spec.min, spec.max)}`;
    case "cross":
      return `${field} has to be ${COMPARED[spec.operator]} '${spec.other}'`;
    case "unique":
      return `${field} has to be unique${together(spec.with)}`;
    case "expression":
      return `${field} breaks the rule \`${spec.expression.asWritten.trim()}\``;
    case "function":
      return `${field} breaks its rule`;
  }
}

const COMPARED: { readonly [operator in CrossOperator]: string } = {
  equals: "equal to",
  not_equals: "different from",
  greater_than: "greater than",
  greater_or_equal: "greater than or equal to",
  less_than: "less than",
  less_or_equal: "less than or equal to",
};

function together(names: readonly string[]): string {
  if (names.length === 0) return "";
  return ` together with ${names.map((each) => `'${each}'`).join(", ")}`;
}

function between(min: number | undefined, max: number | undefined): string {
  if (max === undefined) return `at least ${min}`;
  if (min === undefined) return `at most ${max}`;
  return min === max ? `${min}` : `${min} to ${max}`;
}

function within(min: string | undefined, max: string | undefined): string {
  if (min === undefined && max === undefined) return "";
  if (max === undefined) return ` from ${min} on`;
  return min === undefined ? ` up to ${max}` : ` from ${min} to ${max}`;
}
