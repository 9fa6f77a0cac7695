// Quick tests of values for one type, made once and asked of every row.

import { canonical } from "./logical.ts";
import type { LogicalType } from "./logical.ts";
import type { Value } from "./state.ts";

/** True for values that a type holds. To be called once per value of a column. */
export function makeIsHeld(type: LogicalType): (value: Value) => boolean {
  const isForm = makeIsForm(type);
  return (value) => isForm(value) || canonical(type, value) !== undefined;
}

/**
 * A quick test for one type, to be called once per value of a column: true only for values that are
 * their own canonical form. It may say no too often, and does so for all values of most types.
 */
export function makeIsForm(type: LogicalType): (value: Value) => boolean {
  switch (type.kind) {
    case "boolean":
      return (value) => typeof value === "boolean";
    case "integer": {
      const min = type.min === undefined ? -Infinity : Number(type.min);
      const max = type.max === undefined ? Infinity : Number(type.max);
      // Of -0 the form is 0; a bound that no double holds is beyond all safe integers.
      return (value) =>
        Number.isSafeInteger(value) &&
        (value as number) >= min &&
        (value as number) <= max &&
        !Object.is(value, -0);
    }
    case "real":
      if (type.single === true) return never;
      return (value) => typeof value === "number" && !Object.is(value, -0);
    case "text": {
      if (type.values !== undefined || type.maxBytes !== undefined) return never;
      const { maxLength = Infinity, noZero = false } = type;
      return (value) =>
        typeof value === "string" &&
        value.length <= maxLength &&
        value.isWellFormed() &&
        !(noZero && value.includes("\0"));
    }
    default:
      return never;
  }
}

function never(): boolean {
  return false;
}
