// Where a field is: a column, or a place inside the JSON document of a column.

import { SyncError } from "./errors.ts";
import { isList, isObject } from "./kinds.ts";
import { ABSENT, JSON_NULL } from "./state.ts";
import type { Value } from "./state.ts";

/** A place in a row. Without steps it is the whole column. */
export interface Path {
  /** As it was written, for messages. */
  readonly text: string;
  readonly column: string;
  /** Names of properties and positions in lists, from the column's value inwards. */
  readonly steps: readonly string[];
}

/** Steps of one path, at most (I9). */
export const PATH_STEPS_MAX = 32;

/**
 * Reads `column`, `column.name.0` or, where names have dots, the JSON pointer `/column/a.b` (`~1`
 * is a slash, `~0` a tilde). A text that `isColumn` knows is that column, dots and all. A column
 * may have any name, since it is a position in its row; a way into a document that leads through
 * a name of a prototype is refused. Throws CONFIG_INVALID with the path named.
 */
export function parsePath(text: string, isColumn?: (name: string) => boolean): Path {
  if (isColumn?.(text) === true) return { text, column: text, steps: [] };
  const [column = "", ...steps] = text.startsWith("/") ? pointerNames(text) : text.split(".");
  for (const name of [column, ...steps]) {
    if (name === "") throw refused(text, "has an empty name");
    if (steps.length > 0 && FORBIDDEN.has(name)) throw refused(text, `leads through '${name}'`);
  }
  if (steps.length > PATH_STEPS_MAX) {
    throw refused(text, `has more than ${PATH_STEPS_MAX} steps`);
  }
  return { text, column, steps };
}

/**
 * What a document holds there; ABSENT where a name or position on the way is not its own. A null
 * found inside is null.
 */
export function valueAt(document: Value, steps: readonly string[]): Value {
  let value = document;
  for (const step of steps) value = child(value, step);
  return value;
}

/**
 * The document with one place changed and everything else as it was. ABSENT takes the place away.
 * Parents that are not there are made; undefined: a parent is something else than an object or a
 * list, or the position is outside its list.
 */
export function withValueAt(
  document: Value,
  steps: readonly string[],
  value: Value,
): Value | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  const isNothing = document === null || document === ABSENT || document === JSON_NULL;
  if (isNothing && value === ABSENT) return document;
  const parent = isNothing ? {} : document;
  const inner = withValueAt(child(parent, step), rest, value);
  if (inner === undefined) return undefined;
  if (isList(parent)) return withItem(parent, step, inner);
  return isObject(parent) ? withProperty(parent, step, inner) : undefined;
}

/** True if one of the two places is inside the other, or they are the same. */
export function overlap(a: Path, b: Path): boolean {
  if (a.column !== b.column) return false;
  const shorter = Math.min(a.steps.length, b.steps.length);
  return a.steps.slice(0, shorter).every((step, i) => step === b.steps[i]);
}

// Assigned to an object, these names change what every object inherits.
const FORBIDDEN: ReadonlySet<string> = new Set(["__proto__", "prototype", "constructor"]);

const POSITION = /^(?:0|[1-9]\d{0,8})$/;

function pointerNames(text: string): readonly string[] {
  const names = text.slice(1).split("/");
  return names.map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function child(parent: Value, step: string): Value {
  if (isList(parent)) {
    const isInside = POSITION.test(step) && Number(step) < parent.length;
    return isInside ? (parent[Number(step)] ?? null) : ABSENT;
  }
  if (!isObject(parent) || !Object.hasOwn(parent, step)) return ABSENT;
  return parent[step] ?? null;
}

function withItem(list: readonly Value[], step: string, value: Value): Value | undefined {
  const position = POSITION.test(step) ? Number(step) : list.length + 1;
  if (position > list.length) return undefined;
  // Taking an item away would move the ones behind it: only the last one can go.
  if (value === ABSENT) {
    if (position === list.length) return list;
    return position === list.length - 1 ? list.slice(0, -1) : undefined;
  }
  const items = list.slice();
  items[position] = value === JSON_NULL ? null : value;
  return items;
}

function withProperty(
  object: { readonly [name: string]: Value },
  step: string,
  value: Value,
): Value {
  // Without a prototype, so that whatever a document calls its properties is only a name.
  const copy: { [name: string]: Value } = Object.assign(Object.create(null), object);
  if (value === ABSENT) delete copy[step];
  else copy[step] = value === JSON_NULL ? null : value;
  return copy;
}

function refused(text: string, why: string): SyncError {
  return new SyncError("CONFIG_INVALID", `The path '${text}' ${why}`, {
    hint: "Write column.name, or /column/name where names have dots.",
  });
}
