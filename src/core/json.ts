// Values as text and back without losing anything: the form in which the journal and plans keep
// them (encodeValue), and JSON documents of the world outside (parseJson). Equal values have equal
// texts, so that a text can be hashed.
//
// What JSON has no word for is an object with one key: {"$i":"123"} a big integer, {"$d":"0.1…"}
// a number with more digits than a double has, {"$n":"NaN"} a number that is none, {"$b":"AA=="}
// bytes, {"$a":0} ABSENT, {"$j":0} JSON_NULL, {"$u":0} nothing, {"$o":[[key,value],…]} an object
// with a key that begins with $ or is one that JSON.parse misreads.

import { decodeBase64, encodeBase64 } from "./base64.ts";
import { canonicalDocument } from "./document.ts";
import { assert, SyncError } from "./errors.ts";
import { isList, isObject } from "./kinds.ts";
import type { JsonObject } from "./kinds.ts";
import { isMisread, parseNames } from "./json-names.ts";
import { numberOf, plain } from "./numerals.ts";
import { ABSENT, JSON_NULL, digitsIn, exactNumber } from "./state.ts";
import type { Value } from "./state.ts";

/** One value as text. Equal values in canonical form have equal texts. */
export function encodeValue(value: Value | undefined): string {
  return JSON.stringify(isBare(value) ? value : tagged(value));
}

/** The value of a text by `encodeValue`. Throws JSON_INVALID for anything else. */
export function decodeValue(text: string): Value | undefined {
  const parsed = parse(text);
  return text.includes(TAG) ? untagged(parsed) : parsed;
}

/** The values of a row as text, by position; `undefined` is kept apart from null. */
export function encodeValues(values: readonly (Value | undefined)[]): string {
  for (let i = 0; i < values.length; i++) {
    if (!isBare(values[i])) return JSON.stringify(values.map(tagged));
  }
  return JSON.stringify(values);
}

/** The values of a text by `encodeValues`. Throws JSON_INVALID for anything else. */
export function decodeValues(text: string): readonly (Value | undefined)[] {
  const values = parse(text);
  if (!isList(values)) throw new SyncError("JSON_INVALID", "a stored row is no list");
  return text.includes(TAG) ? values.map(untagged) : values;
}

/**
 * The value behind JSON that was parsed as part of a larger text (`[${encodeValues(row)},…]`), so
 * that a page of rows is parsed in one go. Throws JSON_INVALID for a form that encode never writes.
 */
export function reviveValue(json: unknown): Value | undefined {
  return typeof json === "object" && json !== null ? untagged(json as Value) : (json as Value);
}

/** The same for the values of a row. */
export function reviveValues(json: unknown): readonly (Value | undefined)[] {
  const values = json as Value; // whatever JSON.parse made is a Value before it is revived
  if (!isList(values)) throw new SyncError("JSON_INVALID", "a stored row is no list");
  for (const value of values) {
    if (typeof value === "object" && value !== null) return values.map(untagged);
  }
  return values;
}

/**
 * A JSON document from outside, in canonical form: whole numbers beyond the safe ones are bigints,
 * of a name that comes twice the last value counts, JSON's null at the top is JSON_NULL.
 * undefined: it is no JSON, or a value that we refuse (too deep, half a character).
 */
export function parseJson(text: string): Value | undefined {
  const parsed = readJson(text);
  if (parsed === undefined) return undefined;
  return parsed === null ? JSON_NULL : canonicalDocument(parsed);
}

/**
 * The same with its parts as JSON has them: null for null, and no more looked at. undefined: it is
 * no JSON.
 */
export function readJson(text: string): Value | undefined {
  // Fifteen digits are always a double's: most documents take the fast way.
  const parse = LONG_NUMERAL.test(text)
    ? (part: string): unknown => JSON.parse(part, exactly)
    : (part: string): unknown => JSON.parse(part);
  try {
    return parseNames(text, parse) as Value; // JSON has nothing that is no Value
  } catch {
    return undefined; // for one entry, a text that is no JSON is expected
  }
}

/** A document as JSON text with sorted keys. It must be one that JSON holds. */
export function formatJson(value: Value): string {
  if (typeof value === "bigint") return String(value);
  const digits = digitsIn(value);
  if (digits !== undefined) return digits;
  // Beyond 64 bits a double stands for these digits, as it does to every other reader of JSON.
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return Number(value).toExponential();
  if (value === null || value === JSON_NULL) return "null";
  if (isList(value)) return `[${value.map(formatJson).join(",")}]`;
  if (isObject(value)) {
    const pairs = Object.entries(value).sort(byName);
    const members = pairs.map(([name, item]) => `${JSON.stringify(name)}:${formatJson(item)}`);
    return `{${members.join(",")}}`;
  }
  assert(isBare(value), "a value that JSON cannot hold was to be written as JSON");
  return JSON.stringify(value);
}

/** How a tagged object begins. Inside a string its quote would be escaped. */
const TAG = '{"$';
/** What may be more than a double keeps; it may also be no number at all. */
const LONG_NUMERAL = /\d{16}|[\d.]{17}|\d[eE](?:[+-]?\d{3}|\+?\d{1,2}(?:[\s,\]}]|$))/;

/** True for what JSON keeps exactly as it is. */
function isBare(value: Value | undefined): value is string | number | boolean | null {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value);
    default:
      return value === null;
  }
}

/** What JSON.stringify is to be given. Names are sorted, so that equal objects have one text. */
function tagged(value: Value | undefined): unknown {
  if (isBare(value)) return value;
  if (value === undefined) return { $u: 0 };
  if (value === ABSENT) return { $a: 0 };
  if (value === JSON_NULL) return { $j: 0 };
  if (typeof value === "number") return { $n: String(value) };
  if (typeof value === "bigint") {
    const form = plain(value);
    return typeof form === "bigint" ? { $i: String(form) } : form;
  }
  const digits = digitsIn(value);
  if (digits !== undefined) return { $d: digits };
  if (value instanceof Uint8Array) return { $b: encodeBase64(value) };
  if (isList(value)) return value.map(tagged);
  assert(isObject(value), "a value is of no known kind");
  const pairs = Object.entries(value).sort(byName);
  if (pairs.some(([name]) => name.startsWith("$") || isMisread(name))) {
    return { $o: pairs.map(([name, item]) => [name, tagged(item)]) };
  }
  // fromEntries defines properties, so that `__proto__` is a name like any other.
  return Object.fromEntries(pairs.map(([name, item]) => [name, tagged(item)]));
}

function untagged(json: Value): Value | undefined {
  if (isList(json)) return json.map(inside);
  if (!isObject(json)) return json;
  const [tag, more] = Object.keys(json);
  if (tag === undefined || !tag.startsWith("$")) return objectOf(Object.entries(json));
  if (more === undefined) return unwrap(tag, json);
  throw new SyncError("JSON_INVALID", `a stored value has more than its form ${tag}`);
}

/** `undefined` stands at the top of a row only; inside a document it would be an accident. */
function inside(json: Value): Value {
  const value = untagged(json);
  if (value === undefined) throw new SyncError("JSON_INVALID", "a stored document has a hole");
  return value;
}

function unwrap(tag: string, json: JsonObject): Value | undefined {
  const content = json[tag];
  switch (tag) {
    case "$u":
      return undefined;
    case "$a":
      return ABSENT;
    case "$j":
      return JSON_NULL;
    default: {
      const value = unwrapContent(tag, content);
      if (value !== undefined) return value;
      throw new SyncError("JSON_INVALID", `a stored value has an unknown form ${tag}`);
    }
  }
}

function unwrapContent(tag: string, content: Value | undefined): Value | undefined {
  if (tag === "$o" && isList(content)) return objectOf(content.map(pairOf));
  if (typeof content !== "string") return undefined;
  if (tag === "$i" && /^-?\d+$/.test(content)) return BigInt(content);
  if (tag === "$b") return decodeBase64(content);
  if (tag === "$d" && /^-?\d+\.\d+$/.test(content)) return exactNumber(content);
  return tag === "$n" && /^(?:NaN|-?Infinity)$/.test(content) ? Number(content) : undefined;
}

function pairOf(json: Value): readonly [string, Value] {
  const [name, item] = isList(json) ? json : [];
  if (typeof name === "string" && item !== undefined) return [name, item];
  throw new SyncError("JSON_INVALID", "a stored object is not made of pairs");
}

function objectOf(pairs: readonly (readonly [string, Value])[]): JsonObject {
  return Object.fromEntries(pairs.map(([name, item]) => [name, inside(item)]));
}

function parse(text: string): Value {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SyncError("JSON_INVALID", "a stored value is no JSON", { cause });
  }
}

/** undefined would take the number out of the document: what we refuse is no finite number. */
function exactly(_: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  return numberOf(context.source) ?? Number.NaN;
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
