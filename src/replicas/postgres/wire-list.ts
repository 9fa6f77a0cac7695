// Arrays in PostgreSQL's binary format: dimensions with their first numbers, then the elements.
import { isList, isObject } from "../../core/kinds.ts";
import type { Value } from "../../core/state.ts";
import { canonical, whyNot } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";
import type { Wire } from "./codec.ts";
import { putInt32, putLength } from "./out.ts";
import type { Out } from "./out.ts";
import { int32At } from "./wire-number.ts";

/** Elements of one type. */
export interface Element {
  readonly wire: Wire;
  readonly type: LogicalType;
  readonly oid: number;
}

/** Arrays of these elements, of any number of dimensions. */
export function listWire({ wire, type, oid }: Element): Wire {
  const listType: LogicalType = { kind: "list", of: type };
  const isDocuments = type.kind === "json";
  return {
    read: (bytes, at) => readList(bytes, at, wire, isDocuments),
    write: (value, out) => {
      const form = canonical(listType, value);
      if (form === undefined) return whyNot(listType, value) ?? "does not fit";
      const array = shapeOf(form, isDocuments);
      if (array === undefined) return "has lists of different lengths side by side";
      if (!array.from.every((from, at) => isNumbered(from, array.sizes[at] ?? 0))) {
        return "has items with numbers beyond 32 bits";
      }
      const start = out.at;
      const why = putList(out, array, { wire, type, oid });
      if (why !== undefined) out.at = start;
      return why;
    },
  };
}

function readList(bytes: Buffer, at: number, wire: Wire, isDocuments: boolean): Value {
  const dimensions = int32At(bytes, at);
  if (dimensions === 0) return [];
  const sizes: number[] = [];
  const from: number[] = [];
  for (let dimension = 0; dimension < dimensions; dimension++) {
    sizes.push(int32At(bytes, at + 12 + dimension * 8));
    from.push(int32At(bytes, at + 16 + dimension * 8));
  }
  let next = at + 12 + dimensions * 8;
  const within = (dimension: number): Value[] => {
    const items: Value[] = [];
    const size = sizes[dimension] ?? 0;
    for (let i = 0; i < size; i++) {
      if (dimension + 1 < dimensions) {
        items.push(within(dimension + 1));
        continue;
      }
      const length = int32At(bytes, next);
      next += 4;
      items.push(length === -1 ? null : wire.read(bytes, next, length));
      if (length > 0) next += length;
    }
    return items;
  };
  const items = within(0);
  const isUsual = from.every((start) => start === 1) && (!isDocuments || dimensions === 1);
  return isUsual ? items : { from, items };
}

interface Shaped {
  readonly sizes: readonly number[];
  readonly from: readonly number[];
  readonly elements: readonly Value[];
}

/** undefined: it is no box, which arrays are. */
function shapeOf(form: Value, isDocuments: boolean): Shaped | undefined {
  const from = isObject(form) ? form["from"] : undefined;
  const items = isObject(form) ? form["items"] : form;
  if (typeof items === "symbol" || !isList(items)) return undefined;
  if (items.length === 0) return { sizes: [], from: [], elements: [] };
  const starts = typeof from !== "symbol" && isList(from) ? from.map(Number) : undefined;
  const dimensions = starts?.length ?? (isDocuments ? 1 : depthOf(items));
  let level: readonly Value[] = items;
  const sizes = [items.length];
  while (sizes.length < dimensions) {
    const size: number = isList(level[0]) ? level[0].length : 0;
    const isBox = level.every((each) => isList(each) && each.length === size);
    if (!isBox || size === 0) return undefined;
    sizes.push(size);
    level = level.flatMap((each): readonly Value[] => (isList(each) ? each : []));
  }
  return { sizes, from: starts ?? sizes.map(() => 1), elements: level };
}

const INT32_MAX = 2 ** 31 - 1;

function isNumbered(from: number, size: number): boolean {
  return from >= -INT32_MAX - 1 && from + size <= INT32_MAX;
}

function depthOf(items: readonly Value[]): number {
  return isList(items[0]) ? 1 + depthOf(items[0]) : 1;
}

function putList(out: Out, array: Shaped, { wire, oid }: Element): string | undefined {
  const start = out.at;
  putLength(out, 0);
  putInt32(out, array.sizes.length);
  putInt32(out, array.elements.includes(null) ? 1 : 0);
  putInt32(out, oid);
  for (const [dimension, size] of array.sizes.entries()) {
    putInt32(out, size);
    putInt32(out, array.from[dimension] ?? 1);
  }
  for (const element of array.elements) {
    if (element === null) {
      putLength(out, -1);
      continue;
    }
    const why = wire.write(element, out);
    if (why !== undefined) return `has an item that ${why}`;
  }
  const end = out.at;
  out.at = start;
  putLength(out, end - start - 4);
  out.at = end;
  return undefined;
}
