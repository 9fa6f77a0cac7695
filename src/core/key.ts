// The name of an entry: one order-preserving encoding of its key values. JavaScript's `<` on keys
// is SQLite's BINARY order and Postgres' COLLATE "C" order of the values: numbers, then text, then
// bytes. A key is the concatenation of its components, each of which ends itself, so no key is the
// beginning of another with as many components. Its characters are U+0001 to U+00FF.

import { formatJson, parseJson } from "./json.ts";
import { canonical } from "./logical.ts";
import type { LogicalType } from "./logical.ts";
import { decodeNumber, encodeDecimal, encodeNumber, startsNumber } from "./ordered-number.ts";
import { bytesOfRaw, decodeRaw, encodeBytes, encodeText, textOfRaw } from "./ordered-text.ts";
import type { Key, Value } from "./state.ts";
import { isList } from "./kinds.ts";

// Above every letter of ordered-number.ts.
const TEXT = "|";
const BYTES = "~";

/**
 * The key of these values, in key order. undefined: a row without a key, because a component is
 * NULL, absent, NaN, half a character, or something that names nothing (a list, a document).
 */
export function encodeKey(values: readonly Value[]): Key | undefined {
  let key = "";
  for (let i = 0; i < values.length; i++) {
    const component = encodeComponent(values[i]);
    if (component === undefined) return undefined;
    key += component;
  }
  return key === "" ? undefined : key;
}

/**
 * `encodeKey` for columns of known types. Only there are decimals, which are texts, in the order
 * of numbers.
 */
export function makeKeyEncoder(
  types: readonly LogicalType[],
): (values: readonly Value[]) => Key | undefined {
  if (!types.some((type) => type.kind === "decimal")) return encodeKey;
  return (values) => {
    let key = "";
    for (const [i, value] of values.entries()) {
      const isDecimal = types[i]?.kind === "decimal" && typeof value === "string";
      const component = isDecimal ? encodeDecimal(value) : encodeComponent(value);
      if (component === undefined) return undefined;
      key += component;
    }
    return key === "" ? undefined : key;
  };
}

/**
 * The values of a key. With types, in their canonical forms (a boolean is otherwise 0 or 1, a
 * decimal a number if a double holds it).
 */
export function decodeKey(key: Key, types?: readonly LogicalType[]): Value[] {
  const values: Value[] = [];
  for (let at = 0; at < key.length;) {
    const { value, next } = decodeComponent(key, at);
    const type = types?.[values.length];
    values.push(type === undefined ? value : (canonical(type, value) ?? value));
    at = next;
  }
  return values;
}

/** The components of a key, each a key of its own. */
export function keyParts(key: Key): readonly Key[] {
  const parts: Key[] = [];
  for (let at = 0; at < key.length;) {
    const { next } = decodeComponent(key, at);
    parts.push(key.slice(at, next));
    at = next;
  }
  return parts;
}

/**
 * A key for people: its values joined with a comma, bytes in hexadecimal. As a JSON array where
 * that would be ambiguous. `keyFromText` reads both.
 */
export function showKey(key: Key): string {
  const values = decodeKey(key).map(shown);
  const texts = values.map(String);
  const isPlain = texts.every((text) => PLAIN.test(text)) && !texts[0]?.startsWith("[");
  if (isPlain && (texts.length === 1 || !texts.some((text) => text.includes(",")))) {
    return texts.join(", ");
  }
  return formatJson(values);
}

/**
 * The key that a person means by `de`, `de, Berlin` or `["de","Berlin"]`. undefined: it does not
 * fit the types of the key. In a column of any type only the array tells "7" from 7.
 */
export function keyFromText(text: string, types: readonly LogicalType[]): Key | undefined {
  const list = text.startsWith("[") ? parseJson(text) : undefined;
  const parts: readonly Value[] = isList(list)
    ? list
    : types.length === 1
      ? [guessable(text, types[0])]
      : text.split(",").map((part, i) => guessable(part.trim(), types[i]));
  if (parts.length !== types.length) return undefined;
  const values: Value[] = [];
  for (const [i, type] of types.entries()) {
    const value = typedValue(type, parts[i] ?? null);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return makeKeyEncoder(types)(values);
}

/** No blanks around it, nothing that a terminal would act on. */
const PLAIN = /^[^\s\p{C}](?:[^\p{C}]*[^\s\p{C}])?$/u;

function encodeComponent(value: Value | undefined): string | undefined {
  switch (typeof value) {
    case "string": {
      const text = encodeText(value);
      return text === undefined ? undefined : TEXT + text;
    }
    case "number":
    case "bigint":
      return encodeNumber(value);
    case "boolean":
      return encodeNumber(Number(value));
    default:
      return value instanceof Uint8Array ? BYTES + encodeBytes(value) : undefined;
  }
}

function decodeComponent(key: Key, at: number): { readonly value: Value; readonly next: number } {
  const letter = key.charAt(at);
  if (startsNumber(letter)) return decodeNumber(key, at);
  const { raw, next } = decodeRaw(key, at + 1);
  return { value: letter === BYTES ? bytesOfRaw(raw) : textOfRaw(raw), next };
}

/**
 * Bytes in hexadecimal and numbers that JSON has no word for as text, large whole numbers with all
 * their digits (String rounds them: 2^64 would be another key), all else as it is.
 */
function shown(value: Value): Value {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) return BigInt(Number(value));
  if (!(value instanceof Uint8Array)) return value;
  return `0x${Array.from(value, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

function guessable(text: string, type: LogicalType | undefined): Value {
  if (type?.kind !== "any") return text;
  return canonical({ kind: "integer" }, text) ?? canonical({ kind: "real" }, text) ?? text;
}

function typedValue(type: LogicalType, part: Value): Value | undefined {
  return type.kind === "bytes" && typeof part === "string"
    ? bytesOfHex(part)
    : canonical(type, part);
}

function bytesOfHex(text: string): Uint8Array | undefined {
  const match = /^(?:0x)?((?:[0-9a-f]{2})*)$/i.exec(text);
  const pairs = match?.[1]?.match(/../g) ?? [];
  return match === null ? undefined : Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}
