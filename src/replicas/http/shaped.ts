// A shape compiled against a collection: which members of an object are wanted, and what they are
// as values.
import { SyncError } from "../../core/errors.ts";
import { cellOf, jsonReader } from "../../core/json-cells.ts";
import { makeKeyEncoder } from "../../core/key.ts";
import { didYouMean } from "../../core/nearest.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import { whyNot } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";
import { illegible } from "../../engine/illegible.ts";
import type { Shape, Unkeyed } from "../../engine/replica.ts";
import type { Collection, Fields } from "./collection.ts";
import type { JsonRow } from "./place.ts";

/** A collection as one shape sees it. */
export interface Shaped {
  readonly shape: Shape;
  readonly types: readonly LogicalType[];
  /** Types of the collection's own key. */
  readonly ownTypes: readonly LogicalType[];
  /** What names a row to the API: the collection's own key, or the shape's where it has none. */
  readonly own: readonly string[];
  /** The shape's key is the API's own. */
  readonly isOwn: boolean;
  /** The key of an object under the shape; undefined: a part of it names nothing. */
  keyOf(row: JsonRow): Key | undefined;
  /** Its key under the collection's own key. */
  ownKeyOf(row: JsonRow): Key | undefined;
  /** The key of values in the shape's columns. */
  keyIn(row: OwnRow): Key | undefined;
  /** Their key under the collection's own key; undefined: not all of it is in the shape. */
  ownKeyIn(row: OwnRow): Key | undefined;
  /** The object as a row; one whose values do not fit is illegible. */
  rowOf(row: JsonRow): OwnRow;
  /** Why an object has no key. */
  unkeyed(row: JsonRow, where: string): Unkeyed;
}

const ANY: LogicalType = { kind: "any" };

/** Compiles a shape. Throws COLUMN_MISSING. */
export function shapeCollection(
  { name, settings }: Collection,
  fields: Fields,
  shape: Shape,
  system: string,
): Shaped {
  const known = new Set(fields.names);
  for (const column of [...shape.columns, ...shape.key]) {
    if (known.has(column)) continue;
    throw new SyncError("COLUMN_MISSING", `${name} has no column '${column}'`, {
      where: `${system}.${name}`,
      hint: didYouMean(column, known) ?? `If it has, name it under \`fields\`.`,
    });
  }
  const typeOf = (column: string): LogicalType =>
    fields.types.get(column) ?? shape.types?.[shape.columns.indexOf(column)] ?? ANY;
  const types = shape.columns.map(typeOf);
  const readers = types.map(jsonReader);
  const own = settings.key ?? shape.key;
  const isOwn = own.length === shape.key.length && own.every((each, at) => each === shape.key[at]);
  const keyTypes = shape.key.map(typeOf);
  const ownTypes = own.map(typeOf);
  const keyOf = keyReader(shape.key, keyTypes);
  const encode = makeKeyEncoder(keyTypes);
  const keyAt = shape.key.map((column) => shape.columns.indexOf(column));
  const encodeOwn = makeKeyEncoder(ownTypes);
  const ownAt = own.map((column) => shape.columns.indexOf(column));
  return {
    shape,
    types,
    ownTypes,
    own,
    isOwn,
    keyOf,
    ownKeyOf: isOwn ? keyOf : keyReader(own, ownTypes),
    keyIn: (row) => encode(keyAt.map((at) => row[at] ?? null)),
    ownKeyIn: (row) => encodeOwn(ownAt.map((at) => row[at] ?? null)),
    rowOf: (row) => {
      const values: Value[] = [];
      let misfits: string[] | undefined;
      for (const [at, column] of shape.columns.entries()) {
        const cell = cellOf(row, column);
        const value = readers[at]?.(cell);
        if (value === undefined) (misfits ??= []).push(whyMisfit(column, types[at] ?? ANY, cell));
        values.push(value ?? null);
      }
      return misfits === undefined ? values : illegible(misfits);
    },
    unkeyed: (row, where) => {
      const isMissing = shape.key.some((column) => {
        const cell = cellOf(row, column);
        return cell === null || typeof cell === "symbol";
      });
      return {
        code: isMissing ? "KEY_MISSING" : "KEY_INVALID",
        where: `${where} (${shape.key.join(", ")})`,
      };
    },
  };
}

function keyReader(
  names: readonly string[],
  types: readonly LogicalType[],
): (row: JsonRow) => Key | undefined {
  const encode = makeKeyEncoder(types);
  const readers = types.map(jsonReader);
  return (row) => {
    const values: Value[] = [];
    for (const [at, name] of names.entries()) {
      const value = readers[at]?.(cellOf(row, name));
      if (value === undefined) return undefined;
      values.push(value);
    }
    return encode(values);
  };
}

function whyMisfit(column: string, type: LogicalType, cell: Value): string {
  return `Field '${column}' ${whyNot(type, cell) ?? `is not a ${type.kind}`}`;
}
