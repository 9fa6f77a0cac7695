// The expression language as it is here: CEL, with what rows need beside its standard.
import { Environment } from "@marcbachmann/cel-js";

/** Parts of one expression, at most; it is checked as a whole before it is ever worked out (I9). */
const EXPRESSION_NODES_MAX = 2000;
/** How deep an expression may nest (I9). */
const EXPRESSION_DEPTH_MAX = 60;

const ORDERED = [
  "int",
  "double",
  "string",
  "bool",
  "google.protobuf.Timestamp",
  "google.protobuf.Duration",
];

/** What every expression is read in: no clock, no randomness, nothing of the program around it. */
export const BASE: Environment = makeBase();

function makeBase(): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: EXPRESSION_NODES_MAX, maxDepth: EXPRESSION_DEPTH_MAX },
  });
  withNull(environment);
  withMixedNumbers(environment);
  return environment;
}

/** As in filters: null is equal to null only, and never greater or less. */
function withNull(environment: Environment): void {
  const never = (): boolean => false;
  for (const operator of ["<", "<=", ">", ">="]) {
    environment.registerOperator(`null ${operator} null`, never);
    for (const type of ORDERED) {
      environment.registerOperator(`null ${operator} ${type}: bool`, never);
      environment.registerOperator(`${type} ${operator} null: bool`, never);
    }
  }
  for (const type of [...ORDERED, "bytes", "list", "map"]) {
    environment.registerOperator(`null == ${type}: bool`, never);
  }
}

/** `price * 2`: a whole number beside a double is one. */
function withMixedNumbers(environment: Environment): void {
  const operators: readonly [string, (a: number, b: number) => number][] = [
    ["+", (a, b) => a + b],
    ["-", (a, b) => a - b],
    ["*", (a, b) => a * b],
    ["/", (a, b) => a / b],
  ];
  for (const [operator, work] of operators) {
    const mixed = (a: number | bigint, b: number | bigint): number => work(Number(a), Number(b));
    environment.registerOperator(`int ${operator} double: double`, mixed);
    environment.registerOperator(`double ${operator} int: double`, mixed);
  }
}
