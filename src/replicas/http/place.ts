// Where things are: rows inside an answer, and one row among the addresses of an API.
import { decodeKey } from "../../core/key.ts";
import { ABSENT } from "../../core/state.ts";
import type { Key, Value } from "../../core/state.ts";
import { isList, isObject } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";

/** A JSON object as it came. */
export type JsonRow = { readonly [name: string]: Value };

/** What an answer holds at a dotted path; ABSENT: nothing. An empty path is the answer itself. */
export function at(document: Value, path: string): Value {
  let value = document;
  for (const step of path === "" ? [] : path.split(".")) {
    if (isList(value) && /^\d{1,9}$/.test(step)) value = value[Number(step)] ?? ABSENT;
    else if (isObject(value) && Object.hasOwn(value, step)) value = value[step] ?? null;
    else return ABSENT;
  }
  return value;
}

/** The rows of an answer; undefined: there is no list where it should be. */
export function itemsIn(document: Value, path: string | undefined): readonly Value[] | undefined {
  if (path !== undefined) {
    const found = at(document, path);
    return isList(found) ? found : undefined;
  }
  if (isList(document)) return document;
  if (!isObject(document)) return undefined;
  const members = Object.values(document);
  const lists = members.filter(isList);
  const inside = members.filter(isObject).flatMap((each) => Object.values(each).filter(isList));
  const [only, ...others] = lists.length === 0 ? inside : lists;
  return others.length === 0 ? only : undefined;
}

/** The row in an answer about one; undefined: there is none. */
export function rowIn(
  document: Value,
  { unwrap, key }: { readonly unwrap: string | undefined; readonly key: readonly string[] },
): JsonRow | undefined {
  if (unwrap !== undefined) {
    const found = at(document, unwrap);
    return isObject(found) ? found : undefined;
  }
  if (!isObject(document)) return undefined;
  if (key.every((name) => Object.hasOwn(document, name))) return document;
  const inside = Object.values(document).filter(isObject);
  const [only] = inside;
  if (inside.length !== 1 || only === undefined) return undefined;
  return key.every((name) => Object.hasOwn(only, name)) ? only : undefined;
}

/** The names in the braces of a template. */
export function holesIn(template: string): readonly string[] {
  return [...template.matchAll(HOLE)].map(([, name = ""]) => name);
}

const HOLE = /\{([^{}]+)\}/g;

/**
 * A template with its holes filled. undefined: a value is no part of a path, such as nothing or
 * two dots, which would name something else.
 */
export function filled(
  template: string,
  valueOf: (name: string) => Value | undefined,
): string | undefined {
  let isGood = true;
  const path = template.replaceAll(HOLE, (_, name: string) => {
    const value = valueOf(name);
    const isPart = typeof value === "string" || typeof value === "number";
    const text = isPart || typeof value === "bigint" || value === true ? String(value) : "";
    // Encoded or not, these mean a folder or the one above it.
    if (text === "" || text === "." || text === ".." || !text.isWellFormed()) isGood = false;
    return isGood ? encodeURIComponent(text) : "";
  });
  return isGood ? path : undefined;
}

/** The values of a key as they stand in an address, by field. */
export function keyValues(
  key: Key,
  names: readonly string[],
  types: readonly LogicalType[],
): ReadonlyMap<string, Value> {
  const values = decodeKey(key, types);
  return new Map(names.map((name, place) => [name, values[place] ?? null]));
}
