// Lists of values of one type: lists of lists are their further dimensions.

import { isList, isObject } from "./kinds.ts";
import { ABSENT } from "./state.ts";
import type { Value } from "./state.ts";

/** How deep lists of lists may go (I9); no store has more dimensions. */
const LIST_DIMENSIONS_MAX = 6;

/**
 * A list in canonical form, with `item` for that of what it holds; undefined where it is none.
 * `{ from, items }` is a list whose numbering does not begin at 1: `from` has one number for each
 * dimension. Where items may be lists themselves (documents) it says how many dimensions are meant.
 */
export function canonicalList(
  value: Value,
  item: (value: Value) => Value | undefined,
  isDocuments: boolean,
): Value | undefined {
  if (isList(value)) {
    return isDocuments ? nested(value, item, 1) : nested(value, item, undefined);
  }
  if (!isObject(value) || Object.keys(value).length !== 2) return undefined;
  const { from, items } = value;
  if (!isList(from) || !isList(items)) return undefined;
  if (from.length === 0 || from.length > LIST_DIMENSIONS_MAX) return undefined;
  if (!from.every((start) => Number.isSafeInteger(start))) return undefined;
  const form = nested(items, item, from.length);
  if (form === undefined) return undefined;
  const isUsual = from.every((start) => start === 1) && (!isDocuments || from.length === 1);
  return isUsual ? form : { from, items: form };
}

/** `dimensions`: how many there are; undefined: as many as lists are nested. */
function nested(
  list: readonly Value[],
  item: (value: Value) => Value | undefined,
  dimensions: number | undefined,
  depth = 1,
): readonly Value[] | undefined {
  if (depth > LIST_DIMENSIONS_MAX) return undefined;
  const isLast = dimensions === undefined ? !isList(list[0]) : depth === dimensions;
  const forms: Value[] = [];
  let changed = false;
  for (const each of list) {
    const form = isLast
      ? itemOf(each, item)
      : isList(each)
        ? nested(each, item, dimensions, depth + 1)
        : undefined;
    if (form === undefined) return undefined;
    changed ||= !Object.is(form, each);
    forms.push(form);
  }
  return changed ? forms : list;
}

function itemOf(value: Value, item: (value: Value) => Value | undefined): Value | undefined {
  if (value === null) return null;
  return value === ABSENT ? undefined : item(value);
}
