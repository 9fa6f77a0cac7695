// Validation rules as configuration writes them, understood or refused by name.

import { SyncError } from "./errors.ts";
import { isExpression } from "./expression.ts";
import type { Expression, Languages } from "./expression.ts";
import { FORMATS } from "./formats.ts";
import { givenValue, isPlainObject } from "./given.ts";
import { didYouMean } from "./nearest.ts";
import { throwAll } from "./problems.ts";
import { isMoment } from "./rule-tests.ts";
import { CROSS_OPERATORS, EXPECTED_TYPES } from "./rules.ts";
import type { CrossOperator, ExpectedType, JudgeFunction, RuleSpec } from "./rules.ts";
import type { Value } from "./state.ts";

/** The rules that can be written. `custom` is also a spelling of `allowedValues`. */
export const RULE_TYPES = [
  "required",
  "type",
  "format",
  "range",
  "length",
  "date",
  "allowedValues",
  "crossField",
  "unique",
  "custom",
] as const;

/** What rules are read with. */
export interface RuleReading {
  /** Absent: rules with patterns or expressions are refused. */
  readonly languages?: Languages;
  /** Functions that a rule may name. */
  readonly validators?: ReadonlyMap<string, Validator>;
}

/** A rule of somebody's own. */
export type Validator = JudgeFunction | Expression;

/**
 * Understands a list of `{ field, type, config: { …, errorMessage } }`. Throws all that is wrong at
 * once: RULE_INVALID, EXPRESSION_INVALID or CONFIG_UNKNOWN_KEY.
 */
export function parseRules(raw: unknown, reading: RuleReading = {}): readonly RuleSpec[] {
  if (!Array.isArray(raw)) throw invalid("Validation has to be a list of rules");
  const problems: SyncError[] = [];
  const rules: RuleSpec[] = [];
  for (const each of raw as readonly unknown[]) {
    try {
      rules.push(parseRule(each, reading));
    } catch (error) {
      // Collected, because a person wants to see every broken rule at once.
      if (!(error instanceof SyncError)) throw error;
      problems.push(error);
    }
  }
  throwAll(problems);
  return rules;
}

type Config = { readonly [name: string]: unknown };

function parseRule(raw: unknown, reading: RuleReading): RuleSpec {
  if (!isPlainObject(raw)) throw invalid("A rule has to be a table");
  checkKeys(raw, ["field", "type", "config"], "A rule");
  const {
    field,
    type,
    config = {},
  } = raw as {
    readonly field?: unknown;
    readonly type?: unknown;
    readonly config?: unknown;
  };
  if (typeof field !== "string" || field === "") throw invalid("A rule names no field");
  if (typeof type !== "string") throw invalid(`A rule of field '${field}' has no type`);
  if (!isPlainObject(config)) throw invalid(`The rule's config of field '${field}' is no table`);
  return { field, ...messageIn(field, config), ...parseKind(field, type, { config, reading }) };
}

// An intersection is spread apart again here, so that each kind keeps its own properties.
type Kind = RuleSpec extends infer Spec
  ? Spec extends RuleSpec
    ? Omit<Spec, "field" | "errorMessage">
    : never
  : never;

interface Source {
  readonly config: Config;
  readonly reading: RuleReading;
}

function parseKind(field: string, type: string, { config, reading }: Source): Kind {
  switch (type) {
    case "required":
      checkConfig(field, type, config, []);
      return { kind: "required" };
    case "type":
      checkConfig(field, type, config, ["expectedType"]);
      return { kind: "type", expected: expectedIn(field, config) };
    case "range":
      checkConfig(field, type, config, ["min", "max"]);
      return rangeIn(field, config);
    case "format":
      checkConfig(field, type, config, ["pattern", "format"]);
      return formatIn(field, config, reading);
    case "length":
      checkConfig(field, type, config, ["min", "max"]);
      return lengthIn(field, config);
    case "date":
      checkConfig(field, type, config, ["min", "max"]);
      return datesIn(field, config);
    case "crossField":
      checkConfig(field, type, config, ["operator", "other"]);
      return crossIn(field, config);
    case "unique":
      checkConfig(field, type, config, ["with"]);
      return uniqueIn(field, config);
    case "allowedValues":
      checkConfig(field, type, config, ["allowedValues"]);
      return { kind: "allowed", values: allowedIn(field, type, config) };
    case "custom":
      checkConfig(field, type, config, ["allowedValues", "expression", "validate"]);
      return customIn(field, config, reading);
    default:
      throw unknownType(field, type);
  }
}

function formatIn(field: string, config: Config, { languages }: RuleReading): Kind {
  const { pattern, format } = config as { readonly pattern?: unknown; readonly format?: unknown };
  if (languages === undefined) throw invalid(`Nothing here reads the pattern of field '${field}'`);
  if ((pattern === undefined) === (format === undefined)) {
    const hint = `Give a \`pattern\`, or a \`format\`: ${[...FORMATS.keys()].join(", ")}.`;
    throw invalid(`The format of field '${field}' is one pattern or one known format`, hint);
  }
  if (format !== undefined) {
    const word = typeof format === "string" ? format : "";
    const known = FORMATS.get(word);
    if (known !== undefined) {
      return { kind: "format", named: word, pattern: languages.pattern(known) };
    }
    const shown = word === "" ? "not a name" : `'${word}', which is not known`;
    throw invalid(`The format of field '${field}' is ${shown}`, didYouMean(word, FORMATS.keys()));
  }
  if (typeof pattern !== "string" || pattern === "") {
    throw invalid(`The pattern of field '${field}' has to be text`);
  }
  return { kind: "format", pattern: languages.pattern(pattern) };
}

function lengthIn(field: string, config: Config): Kind {
  const [min, max] = (["min", "max"] as const).map((which) => {
    const bound = config[which];
    if (bound === undefined) return undefined;
    if (typeof bound === "number" && Number.isSafeInteger(bound) && bound >= 0) return bound;
    throw invalid(`The ${which} of the length of field '${field}' has to be a whole number from 0`);
  });
  checkBounds(`The length of field '${field}'`, min, max);
  return { kind: "length", ...bounds(min, max) };
}

function datesIn(field: string, config: Config): Kind {
  const [min, max] = (["min", "max"] as const).map((which) => {
    const bound = config[which];
    if (bound === undefined || (typeof bound === "string" && isMoment(bound))) return bound;
    throw invalid(
      `The ${which} of the date of field '${field}' is no date`,
      "Write 2024-02-29 or 2024-02-29T12:00:00Z. What is now, a rule does not know.",
    );
  });
  if (min !== undefined && max !== undefined && min > max) {
    throw invalid(`The date of field '${field}' is empty: min is above max`);
  }
  return { kind: "date", ...bounds(min, max) };
}

function crossIn(field: string, config: Config): Kind {
  const { operator: word, other } = config as {
    readonly operator?: unknown;
    readonly other?: unknown;
  };
  const operator = CROSS_OPERATORS.find((each): each is CrossOperator => each === word);
  if (operator === undefined) {
    const shown = typeof word === "string" ? `'${word}', which is not known` : "not given";
    throw invalid(
      `The operator of the crossField rule of field '${field}' is ${shown}`,
      didYouMean(typeof word === "string" ? word : "", CROSS_OPERATORS),
    );
  }
  if (typeof other === "string" && other !== "") return { kind: "cross", operator, other };
  throw invalid(`The crossField rule of field '${field}' names no \`other\` field`);
}

function uniqueIn(field: string, config: Config): Kind {
  const { with: given = [] } = config as { readonly with?: unknown };
  const names: readonly unknown[] = Array.isArray(given) ? given : [given];
  const others = names.filter((name): name is string => typeof name === "string" && name !== "");
  if (others.length < names.length) {
    throw invalid(`The unique rule of field '${field}' has a \`with\` that is no list of fields`);
  }
  const all = [field, ...others];
  const twice = all.find((name, i) => all.indexOf(name) !== i);
  if (twice === undefined) return { kind: "unique", with: others };
  throw invalid(`The unique rule of field '${field}' names '${twice}' twice`);
}

function customIn(field: string, config: Config, reading: RuleReading): Kind {
  const given = ["allowedValues", "expression", "validate"].filter((key) => key in config);
  if (given.length > 1) {
    throw invalid(`The custom rule of field '${field}' has ${given.join(" and ")}`, "Keep one.");
  }
  const { expression, validate } = config as {
    readonly expression?: unknown;
    readonly validate?: unknown;
  };
  if (expression !== undefined) {
    if (typeof expression !== "string" || reading.languages === undefined) {
      throw invalid(`The expression of the rule of field '${field}' has to be text`);
    }
    return { kind: "expression", expression: reading.languages.expression(expression) };
  }
  if (validate === undefined) {
    return { kind: "allowed", values: allowedIn(field, "custom", config) };
  }
  const own = validatorIn(field, validate, reading);
  return isExpression(own)
    ? { kind: "expression", expression: own }
    : { kind: "function", judge: own };
}

function validatorIn(field: string, validate: unknown, { validators }: RuleReading): Validator {
  // A function of the configuration's author: what it answers is looked at when it is called.
  if (typeof validate === "function") return validate as JudgeFunction;
  const name = typeof validate === "string" ? validate : "";
  const known = validators?.get(name);
  if (known !== undefined) return known;
  throw invalid(
    `The validator '${name}' of field '${field}' is not known`,
    didYouMean(name, validators?.keys() ?? []),
  );
}

function checkBounds(what: string, min: number | undefined, max: number | undefined): void {
  if (min === undefined && max === undefined) throw invalid(`${what} has neither min nor max`);
  if (min !== undefined && max !== undefined && min > max) {
    throw invalid(`${what} is empty: min is above max`);
  }
}

function bounds<T>(min: T | undefined, max: T | undefined): { readonly min?: T; readonly max?: T } {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
}

function expectedIn(field: string, config: Config): ExpectedType {
  const word = config["expectedType"];
  const expected = EXPECTED_TYPES.find((type) => type === word);
  if (expected !== undefined) return expected;
  const shown = typeof word === "string" ? `'${word}'` : "not given";
  throw invalid(
    `The expectedType of field '${field}' is ${shown}`,
    didYouMean(typeof word === "string" ? word : "", EXPECTED_TYPES),
  );
}

function rangeIn(field: string, config: Config): Kind {
  const min = boundIn(field, config, "min");
  const max = boundIn(field, config, "max");
  if (min === undefined && max === undefined) {
    throw invalid(`The range of field '${field}' has neither min nor max`);
  }
  if (typeof min === typeof max && min !== undefined && max !== undefined && min > max) {
    throw invalid(`The range of field '${field}' is empty: min is above max`);
  }
  return { kind: "range", ...bounds(min, max) };
}

function boundIn(
  field: string,
  config: Config,
  which: "min" | "max",
): number | bigint | string | undefined {
  const bound = config[which];
  if (bound === undefined || typeof bound === "bigint" || typeof bound === "string") return bound;
  if (typeof bound === "number" && !Number.isNaN(bound)) return bound;
  throw invalid(`The ${which} of field '${field}' has to be a number or a date`);
}

function allowedIn(field: string, type: string, config: Config): readonly Value[] {
  const allowed = config["allowedValues"];
  if (!Array.isArray(allowed) || allowed.length === 0) {
    throw invalid(
      `The rule '${type}' of field '${field}' has no allowedValues`,
      type === "custom"
        ? "A custom rule has allowedValues, an expression, or in TypeScript a function."
        : undefined,
    );
  }
  return allowed.map((each: unknown) => {
    const value = givenValue(each);
    if (value.kind === "value") return value.value;
    throw invalid(`The allowedValues of field '${field}' hold ${value.reason}`);
  });
}

function messageIn(field: string, config: Config): { readonly errorMessage?: string } {
  const message = config["errorMessage"];
  if (message === undefined) return {};
  if (typeof message === "string" && message !== "") return { errorMessage: message };
  throw invalid(`The errorMessage of field '${field}' has to be text`);
}

function checkConfig(field: string, type: string, config: Config, known: readonly string[]): void {
  checkKeys(config, [...known, "errorMessage"], `The rule '${type}' of field '${field}'`);
}

function checkKeys(raw: Config, known: readonly string[], what: string): void {
  const unknown = Object.keys(raw).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  throw new SyncError("CONFIG_UNKNOWN_KEY", `${what} has no key '${unknown}'`, {
    hint: didYouMean(unknown, known),
  });
}

function unknownType(field: string, type: string): SyncError {
  return invalid(
    `The rule type '${type}' of field '${field}' is not known`,
    didYouMean(type, RULE_TYPES),
  );
}

function invalid(message: string, hint?: string): SyncError {
  return new SyncError("RULE_INVALID", message, hint === undefined ? {} : { hint });
}
