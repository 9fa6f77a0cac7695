// How a new row gets from its source to its target where nothing is made of its values on the way.
// A row that is not plainly this goes the plain way (decide.ts), to which it is proved equal.
import type { Lens } from "../core/lens.ts";
import type { OwnRow, Row, Value } from "../core/state.ts";
import { whyIllegible } from "./illegible.ts";
import type { Pipeline } from "./link.ts";
import { columnsByField, isUnreadable } from "./view.ts";

/** The way of the new rows of one pipeline. Rows are not copied where they are the same. */
export interface Passage {
  /** The link's fields; undefined: it cannot be read, or a rule rejects it. */
  readonly fieldsOf: (own: OwnRow) => Row | undefined;
  /** What the target is to hold. */
  readonly to: (fields: Row) => OwnRow;
  /** The source's row behind what the target holds. Absent: it holds more than that. */
  readonly from?: (to: OwnRow) => OwnRow;
}

/** undefined: what the target is to hold has to be worked out, row by row. */
export function makePassage({ sides, fields, rules }: Pipeline): Passage | undefined {
  const [source, target] = sides;
  if (source === undefined || target === undefined || !target.lens.puts) return undefined;
  const count = fields.length;
  const lens = source.bare ?? source.lens;
  const byColumn = columnsByField(target.lens, target.shape.columns.length, count);
  const isWhole = fields.every((_, field) => lens.carries.includes(field));
  if (byColumn === undefined || !isWhole) return undefined;
  const width = source.shape.columns.length;
  const look = lookThrough(lens, count, width);
  const { fields: ruled, rejects, across } = rules;
  const fieldsOf = (own: OwnRow): Row | undefined => {
    if (whyIllegible(own) !== undefined) return undefined;
    const row = look(own);
    if (row === undefined) return undefined;
    for (let at = 0; at < ruled.length; at++) {
      const field = ruled[at] as number; // inside
      if (rejects(field, row[field] as Value)) return undefined; // the lens carries it
    }
    return across === undefined || across(row).length === 0 ? row : undefined;
  };
  const to = picker(byColumn, count) as Passage["to"]; // all fields are carried
  const back = lens.isIdentity ? backFrom(lens, byColumn, width) : undefined;
  return back === undefined
    ? { fieldsOf, to }
    : { fieldsOf, to, from: picker(back, byColumn.length) as Passage["to"] };
}

/** The fields that a lens shows; undefined: it cannot read the row. */
function lookThrough(lens: Lens, count: number, width: number): (own: OwnRow) => Row | undefined {
  if (lens.isIdentity) return picker(lens.positions.slice(0, count), width);
  return (own) => {
    const row = lens.over(own);
    if (isUnreadable(row)) return undefined;
    return row.length === count ? row : row.slice(0, count);
  };
}

/** By column of the source, the column of the target that holds the same. */
function backFrom(
  { positions }: Lens,
  byColumn: readonly number[],
  width: number,
): readonly number[] | undefined {
  const places = Array.from({ length: width }, (_, column) =>
    byColumn.findIndex((field) => positions[field] === column),
  );
  return places.includes(-1) ? undefined : places;
}

/** Takes values from these places; the row itself where they are its own. */
function picker(places: readonly number[], width = places.length): (row: Row) => Row {
  if (places.length === width && places.every((place, at) => place === at)) return (row) => row;
  const blank = places.map((): Value | undefined => undefined);
  return (row) => {
    const picked = blank.slice();
    for (let at = 0; at < places.length; at++) picked[at] = row[places[at] as number]; // inside
    return picked;
  };
}
