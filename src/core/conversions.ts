// From one kind of value to another. What would lose something, or be a guess, is refused.

import { isoOfMs } from "./calendar.ts";
import { formatJson, parseJson } from "./json.ts";
import { canonical } from "./logical.ts";
import { dateOf, datetimeOf, instantOf } from "./moments.ts";
import { integerOf } from "./numerals.ts";
import type { Value } from "./state.ts";
import { given, refused } from "./transform.ts";
import type { Transformed } from "./transform.ts";

/** Numbers as they are, numerals as the number they stand for; booleans and `""` are no numbers. */
export function toNumber(value: Value): Transformed {
  if (typeof value === "number" || typeof value === "bigint") return given(value);
  if (typeof value !== "string") return refused("not a number");
  const text = value.trim();
  const number = integerOf(text) ?? canonical({ kind: "real" }, text);
  return number === undefined ? refused("not a number that can be kept exactly") : given(number);
}

/** Numbers as their decimal text, booleans as `true` and `false`. */
export function toText(value: Value): Transformed {
  const text = canonical({ kind: "text" }, value);
  return text === undefined ? refused("not something that has a text") : given(text);
}

/** `true`, `false`, 1, 0, `t`, `f` and their texts, in any case. */
export function toBoolean(value: Value): Transformed {
  const plain = typeof value === "string" ? value.trim().toLowerCase() : value;
  const boolean = canonical({ kind: "boolean" }, plain);
  return boolean === undefined ? refused("neither true nor false") : given(boolean);
}

/** Ms since 1970 that JavaScript's own dates reach. */
const DATE_MS_MAX = 8.64e15;

/**
 * An instant in UTC from ISO 8601 text or from ms since 1970. Without a zone it is UTC, a date is
 * its first moment, and `""` stays `""`.
 */
export function toInstant(value: Value): Transformed {
  if (value === "") return given(value);
  const instant = instantIn(value);
  return instant === undefined ? refused("not an ISO 8601 date") : given(instant);
}

/** A JSON text as its document, null where it is none. What is a document already stays. */
export function toDocument(value: Value): Transformed {
  return given(typeof value === "string" ? (parseJson(value) ?? null) : value);
}

/** A document as JSON text with sorted names. */
export function toJsonText(value: Value): Transformed {
  try {
    return given(formatJson(value));
  } catch {
    return refused("not something that JSON holds"); // NaN or bytes, at any depth
  }
}

function instantIn(value: Value): string | undefined {
  if (typeof value === "number") {
    const isTime = Number.isInteger(value) && Math.abs(value) <= DATE_MS_MAX;
    return isTime ? instantOf(isoOfMs(value)) : undefined;
  }
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  const instant = instantOf(text);
  if (instant !== undefined) return instant;
  const datetime = datetimeOf(text);
  if (datetime !== undefined) return `${datetime}Z`;
  const date = dateOf(text);
  return date === undefined ? undefined : `${date}T00:00:00Z`;
}
