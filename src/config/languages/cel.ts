// Expressions of a configuration: CEL, read once, held against the columns that there are, and made
// ready over their positions. Nothing outside the row can be reached from inside.
import type { Environment } from "@marcbachmann/cel-js";
import { SyncError } from "../../core/errors.ts";
import { PATTERN_TEXT_MAX } from "../../core/expression.ts";
import type { Evaluate, Expression, ExpressionScope, Pattern } from "../../core/expression.ts";
import type { LogicalType } from "../../core/logical.ts";
import { didYouMean } from "../../core/nearest.ts";
import { ABSENT } from "../../core/state.ts";
import { refused, type Transformed } from "../../core/transform.ts";
import { count, EXPRESSION_STEPS_MAX, repeats, type Budget } from "./cel-budget.ts";
import { BASE } from "./cel-environment.ts";
import { reasonOf, wrongIn } from "./cel-errors.ts";
import { invalid, resolve } from "./cel-names.ts";
import type { Node } from "./cel-node.ts";
import { celType, fromCel, intoCel } from "./cel-values.ts";
import { makePattern } from "./patterns.ts";

/** Characters of one expression, at most (I9). */
export const EXPRESSION_LENGTH_MAX = 10_000;

/** The one value that rules and mappings are about. */
const VALUE = "value";

/** Reads an expression. Throws EXPRESSION_INVALID with the character where it cannot be read. */
export function makeExpression(asWritten: string): Expression {
  if (asWritten.length > EXPRESSION_LENGTH_MAX) {
    throw new SyncError(
      "EXPRESSION_INVALID",
      `An expression is longer than ${EXPRESSION_LENGTH_MAX} characters`,
    );
  }
  const bare = new Set<string>();
  const members = new Set<string>();
  resolve(rootOf(parsed(BASE, asWritten)), {
    bare: (name) => void bare.add(name),
    member: (name) => void members.add(name),
    pattern: (pattern, node) => void patternAt(pattern, node),
  });
  return {
    asWritten,
    reads(about) {
      const names = [...bare].filter((name) => about === "row" || name !== VALUE);
      return [...new Set([...names, ...members])];
    },
    bind: (scope) => bind(asWritten, scope),
  };
}

function parsed(environment: Environment, text: string): ReturnType<Environment["parse"]> {
  try {
    return environment.parse(text);
  } catch (error) {
    throw wrongIn(error);
  }
}

function rootOf(program: ReturnType<Environment["parse"]>): Node {
  return program.ast as unknown as Node; // cel-node.ts says what is relied on
}

function patternAt(pattern: string, node: Node): Pattern {
  try {
    return makePattern(pattern);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    throw invalid(node, error.message, error.hint ?? "Write it in another way.");
  }
}

/** A column that an expression reads, by the name that stands for it inside. */
interface Read {
  readonly name: string;
  readonly column: number;
  readonly into: ReturnType<typeof intoCel>;
  /** For messages. */
  readonly called: string;
}

function bind(text: string, scope: ExpressionScope): Evaluate {
  const environment = BASE.clone();
  const patterns = new Map<string, Pattern>();
  const matches = (value: string, pattern: string): boolean =>
    value.length <= PATTERN_TEXT_MAX && patterns.get(pattern)?.test(value) === true;
  environment.registerFunction("string.holdsPattern(string): bool", matches, { async: false });
  const reads = new Map<string, Read>();
  const inside = (called: string, column: number, type: LogicalType | undefined): string => {
    const name = column < 0 ? "_value" : `_column${column}`;
    if (!reads.has(name)) {
      environment.registerVariable(name, celType(type));
      reads.set(name, { name, column, into: intoCel(type), called });
    }
    return name;
  };
  const column = (name: string, node: Node): string => {
    const at = scope.columns.indexOf(name);
    if (at < 0) throw noColumn(name, node, scope);
    return inside(name, at, scope.types?.get(name));
  };
  const { value } = scope;
  const names = {
    bare: (name: string, node: Node) =>
      name === VALUE && value !== undefined ? inside(VALUE, -1, value.type) : column(name, node),
    member: column,
    pattern: (pattern: string, node: Node) => {
      patterns.set(pattern, patternAt(pattern, node));
      return "holdsPattern";
    },
  };
  const program = parsed(environment, text);
  const root = rootOf(program);
  // Names become variables, which the environment then knows by their types.
  resolve(root, names);
  const { valid, type = "dyn", error } = program.check();
  if (!valid) throw wrongIn(error);
  checkGives(type, scope, root);
  return evaluator(program, root, [...reads.values()], scope);
}

function noColumn(name: string, node: Node, { columns, types, value }: ExpressionScope): SyncError {
  const known = [...(types?.keys() ?? columns), ...(value === undefined ? [] : [VALUE])];
  return invalid(
    node,
    `The expression reads '${name}', which is no column`,
    didYouMean(name, known),
  );
}

function checkGives(type: string, { gives }: ExpressionScope, root: Node): void {
  if (gives !== "answer" || ["bool", "dyn", "dyn<bool>"].includes(type)) return;
  const message = `The expression gives ${type.replace(/^dyn<(.*)>$/, "$1")}, and not yes or no`;
  throw invalid({ start: root.start }, message, "Compare it with something: `… > 0`, `… == null`.");
}

function evaluator(
  program: ReturnType<Environment["parse"]>,
  root: Node,
  reads: readonly Read[],
  { gives }: ExpressionScope,
): Evaluate {
  const budget: Budget = { left: EXPRESSION_STEPS_MAX };
  if (repeats(root)) count(root, budget);
  // One for all rows: it is filled anew for each, and nobody keeps it.
  const context: { [name: string]: unknown } = Object.create(null);
  const type = gives === "answer" ? undefined : gives.type;
  return (row, value = null): Transformed => {
    for (const { name, column, into, called } of reads) {
      const from = column < 0 ? value : (row[column] ?? ABSENT);
      const inside = into(from);
      if (inside === undefined) return refused(`'${called}' is beyond what an expression knows`);
      context[name] = inside;
    }
    budget.left = EXPRESSION_STEPS_MAX;
    let result: unknown;
    try {
      result = program(context);
    } catch (error) {
      if (budget.left >= 0) return refused(reasonOf(error));
    }
    // `exists` passes over what fails in it; what is over the limit is not passed over.
    if (budget.left < 0) return refused(`it takes more than ${EXPRESSION_STEPS_MAX} steps`);
    if (gives === "answer" && typeof result !== "boolean") {
      return refused("it gives neither true nor false");
    }
    return fromCel(result, type);
  };
}
