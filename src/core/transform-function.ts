import { givenValue } from "./given.ts";
import { ABSENT } from "./state.ts";
import type { Value } from "./state.ts";
import { refused } from "./transform.ts";
import type { Converter, FunctionPair, Transformed } from "./transform.ts";

/**
 * A transform of functions from a TypeScript configuration. What they throw makes only that row
 * unreadable, and what they return has to be a value.
 */
export function convertByFunction(pair: FunctionPair): Converter {
  const { over, back } = pair;
  // A function with one parameter cannot look at the record, so no column is read for it.
  const reads = pair.reads ?? (over.length > 1 ? "all" : []);
  const converter: Converter = {
    reads,
    over: (value, record) => attempt(() => over(orUndefined(value), record)),
  };
  return back === undefined
    ? converter
    : { ...converter, back: (value) => attempt(() => back(orUndefined(value))) };
}

/** Longest message of a function that is passed on (I9). */
const MESSAGE_LENGTH_MAX = 200;

function attempt(call: () => unknown): Transformed {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    const message = error instanceof Error ? error.message : "it threw something that is no error";
    return refused(message.slice(0, MESSAGE_LENGTH_MAX));
  }
  const value = givenValue(result);
  return value.kind === "value" ? value : refused(`it gave ${value.reason}, which is no value`);
}

function orUndefined(value: Value): Value | undefined {
  return value === ABSENT ? undefined : value;
}
