import { isList, isObject } from "./kinds.ts";
import type { JsonObject } from "./kinds.ts";
import { JSON_NULL, digitsIn } from "./state.ts";
import { numberOf, plain } from "./numerals.ts";
import type { Value } from "./state.ts";

/** How deep a JSON document may nest; deeper ones are refused (I9). */
export const JSON_DEPTH_MAX = 500;

/**
 * The canonical form of a JSON document held in a field, or of a value in a loosely typed one:
 * one form per number (`plain`), whole characters, only own properties. What is canonical already
 * is returned as it is. undefined: JSON cannot hold it, or it is over JSON_DEPTH_MAX.
 * At the top, JSON's null is JSON_NULL; inside it is null.
 */
export function canonicalDocument(value: Value): Value | undefined {
  return value === JSON_NULL ? value : within(value, 0);
}

function within(value: Value, depth: number): Value | undefined {
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? value : undefined;
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? plain(value) : undefined;
    case "bigint":
      return plain(value);
    case "object": {
      if (value === null) return value;
      const digits = digitsIn(value);
      if (digits !== undefined) return exactForm(value, digits);
      return depth < JSON_DEPTH_MAX ? nested(value, depth + 1) : undefined;
    }
    default:
      return undefined;
  }
}

/** Whoever made it may have made it of digits that a double has. */
function exactForm(value: Value, digits: string): Value | undefined {
  const form = numberOf(digits);
  return digitsIn(form) === digits ? value : form;
}

function nested(value: Value, depth: number): Value | undefined {
  if (isList(value)) {
    const items: Value[] = [];
    let changed = false;
    for (const item of value) {
      const form = within(item, depth);
      if (form === undefined) return undefined;
      changed ||= !Object.is(form, item);
      items.push(form);
    }
    return changed ? items : value;
  }
  return isObject(value) ? nestedObject(value, depth) : undefined;
}

function nestedObject(value: JsonObject, depth: number): Value | undefined {
  const pairs: [string, Value][] = [];
  let changed = false;
  for (const [name, item] of Object.entries(value)) {
    const form = name.isWellFormed() ? within(item, depth) : undefined;
    if (form === undefined) return undefined;
    changed ||= !Object.is(form, item);
    pairs.push([name, form]);
  }
  // fromEntries defines properties, so that `__proto__` is a name like any other.
  return changed ? Object.fromEntries(pairs) : value;
}
