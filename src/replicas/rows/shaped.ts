// A shape compiled against a file: which cells are wanted, and what they are as values.
import { SyncError } from "../../core/errors.ts";
import { makeKeyEncoder } from "../../core/key.ts";
import { didYouMean } from "../../core/nearest.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import { whyNot } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";
import { illegible } from "../../engine/illegible.ts";
import type { Shape, Unkeyed } from "../../engine/replica.ts";
import type { OpenFile } from "./folder.ts";

/** A file as one shape sees it. */
export interface Shaped {
  readonly shape: Shape;
  /** Positions of the shape's columns in the file. */
  readonly columns: readonly number[];
  readonly types: readonly LogicalType[];
  /** Where the key's columns stand in a row. */
  readonly keyAt: readonly number[];
  /** Makes values of cells, in place; those that are none stay as they are and are named. */
  read(cells: Value[]): readonly Misfit[] | undefined;
  /** The key of a row; undefined: a part of it names nothing. */
  keyOf(row: OwnRow): Key | undefined;
  /** Reads only what names a row; for `keyColumns`. */
  readonly keyColumns: readonly number[];
  keyOfCells(cells: Value[]): Key | undefined;
}

/** A cell that is no value of its column's type. */
interface Misfit {
  readonly at: number;
  readonly why: string;
}

/** Compiles a shape. Throws COLUMN_MISSING. */
export function shapeFile(file: OpenFile, shape: Shape): Shaped {
  const { layout } = file;
  const positions = new Map(layout.columns.map((name, at) => [name, at]));
  const position = (name: string): number => {
    const found = positions.get(name);
    if (found !== undefined) return found;
    throw new SyncError("COLUMN_MISSING", `${shape.collection} has no column '${name}'`, {
      where: file.snapshot.path,
      hint: didYouMean(name, positions.keys()),
    });
  };
  const columns = shape.columns.map(position);
  const keyColumns = shape.key.map(position);
  const types = shape.columns.map((name, at) => typeOf(file, shape, name, at));
  const keyAt = shape.key.map((name) => shape.columns.indexOf(name));
  const keyTypes = keyAt.map((at) => types[at] ?? layout.plainType);
  const encode = makeKeyEncoder(keyTypes);
  const read = readerOf(file, shape.columns, types);
  const readKey = readerOf(file, shape.key, keyTypes);
  const [onlyAt = 0] = keyAt;
  const one: Value[] = [null];
  return {
    shape,
    columns,
    types,
    keyAt,
    keyColumns,
    read,
    keyOf: (row) => {
      if (keyAt.length > 1) return encode(keyAt.map((at) => row[at] ?? null));
      one[0] = row[onlyAt] ?? null;
      return encode(one);
    },
    keyOfCells: (cells) => (readKey(cells) === undefined ? encode(cells) : undefined),
  };
}

/** What was declared or found goes first, then what the other side means, then the plain type. */
function typeOf(file: OpenFile, shape: Shape, name: string, at: number): LogicalType {
  return file.types.get(name) ?? shape.types?.[at] ?? file.layout.plainType;
}

function readerOf(
  { layout }: OpenFile,
  names: readonly string[],
  types: readonly LogicalType[],
): (cells: Value[]) => readonly Misfit[] | undefined {
  const readers = types.flatMap((type, at) => {
    const read = layout.reader(type);
    return read === undefined ? [] : [{ at, read, type }];
  });
  const readsNull = layout.isSparse;
  return (cells) => {
    let misfits: Misfit[] | undefined;
    for (let i = 0; i < readers.length; i++) {
      const reader = readers[i];
      const cell = cells[reader?.at ?? 0];
      if (reader === undefined || cell === undefined || (cell === null && !readsNull)) continue;
      const value = reader.read(cell);
      if (value !== undefined) cells[reader.at] = value;
      else
        (misfits ??= []).push({
          at: reader.at,
          why: whyMisfit(names[reader.at], reader.type, cell),
        });
    }
    return misfits;
  };
}

function whyMisfit(name = "", type: LogicalType, cell: Value): string {
  return `Field '${name}' ${whyNot(type, cell) ?? `is not a ${type.kind}`}`;
}

/** A record seen through a shape: an entry, or what is wrong with it. */
export type Read =
  | { readonly key: Key; readonly row: OwnRow }
  | { readonly key: undefined; readonly unkeyed: Unkeyed };

/** What the cells of a record come to. A row whose values do not fit is there all the same. */
export function readRecord(
  shaped: Shaped,
  cells: Value[],
  at: { readonly path: string; readonly line: number },
): Read {
  const misfits = shaped.read(cells);
  // What does not fit is still a text: it may not be taken for a key.
  const isNamed = misfits === undefined || !misfits.some((each) => shaped.keyAt.includes(each.at));
  const key = isNamed ? shaped.keyOf(cells) : undefined;
  if (key !== undefined) {
    const row = misfits === undefined ? cells : illegible(misfits.map(({ why }) => why));
    return { key, row };
  }
  const names = shaped.shape.key.join(", ");
  const isMissing = shaped.keyAt.some((place) => isNothing(cells[place]));
  const where = `${at.path}:${at.line}`;
  if (isMissing) return { key, unkeyed: { code: "KEY_MISSING", where: `${where} (${names})` } };
  return { key, unkeyed: { code: "KEY_INVALID", where: `${where} (${names})` } };
}

function isNothing(value: Value | undefined): boolean {
  return value === undefined || value === null || typeof value === "symbol";
}
