// Rows that a plan leads away from what they refer to, or to something else: their store does not
// know of that yet, and what it says of its rows has to be read with this in mind (reach.ts).
import { encodeValues } from "../core/json.ts";
import { decodeKey } from "../core/key.ts";
import { ABSENT } from "../core/state.ts";
import type { Key, OwnRow, Value } from "../core/state.ts";
import { same } from "../core/values.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { Side } from "./link.ts";
import type { Reached, Reference, Shape } from "./replica.ts";
import { ownKeyIn } from "./templated.ts";

/**
 * Rows of which a plan remembers that it leads them away, and as many to which it leads others; of
 * more it is not sure.
 */
export const MOVES_MAX = 100_000;

/** What a deletion reaches, in words: the side and the collection. */
export interface By {
  readonly side: string;
  readonly collection: string;
}

/** Rows of one collection, by the values of some of its columns. */
interface Sought {
  readonly columns: readonly string[];
  readonly rows: Map<string, By>;
}

/** Rows that are planned to come, to go, or to refer to others than now. */
export class Moves {
  readonly #rows = new Map<string, { readonly shape: Shape; readonly to: OwnRow | null }>();
  /** What rows will refer to that do not now: by collection, then by the columns referred to. */
  readonly #sought = new Map<string, Map<string, Sought>>();
  #seeking = 0;

  /** Remembers what the writes of a decision lead away, and to what they lead it. */
  note({ pipeline }: Context, { key, writes }: Pick<Decision, "key" | "writes">): void {
    for (const { side: index, kind, from, to } of writes) {
      const side = pipeline.sides[index];
      if (side === undefined) continue;
      const { shape, description } = side;
      const acting = description.references.filter(({ onDelete }) => onDelete !== "refuse");
      const moved = acting.filter(({ columns }) => isMoved(shape, columns, { from, to }));
      if (moved.length === 0) continue;
      if (kind !== "create" && this.#rows.size < MOVES_MAX) {
        this.#rows.set(placeOf(side) + key, { shape, to });
      }
      if (to !== null) for (const reference of moved) this.#seek(side, reference, to);
    }
  }

  /** True for a row that no longer refers to what it is said to refer to, once all is written. */
  has(place: string, { key, columns, values }: Reached): boolean {
    const row = this.#rows.get(place + (key ?? ""));
    if (row === undefined || row.to === null) return row !== undefined;
    const { shape, to } = row;
    return columns.some((column, index) => {
      const value = to[shape.columns.indexOf(column)];
      return value !== undefined && value !== ABSENT && !same(value, values[index] ?? null);
    });
  }

  /**
   * What will refer to a row that does not now, once all is written; undefined: nothing. `row`:
   * what it holds, where the link knows it.
   */
  under({ replica, shape, description }: Side, key: Key, row: OwnRow | null): By | undefined {
    const all = this.#sought.get(collectionIn(replica.name, shape.collection));
    if (all === undefined) return undefined;
    const types = shape.key.map(
      (name) => description.fields.find((field) => field.name === name)?.type ?? ANY,
    );
    const named = decodeKey(ownKeyIn(shape, key) ?? key, types);
    const valueOf = (column: string): Value =>
      row?.[shape.columns.indexOf(column)] ?? named[shape.key.indexOf(column)] ?? null;
    for (const { columns, rows } of all.values()) {
      const by = rows.get(encodeValues(columns.map(valueOf)));
      if (by !== undefined) return by;
    }
    return undefined;
  }

  #seek({ name, replica, shape }: Side, { columns, ...to }: Reference, row: OwnRow): void {
    const values = columns.map((column) => row[shape.columns.indexOf(column)] ?? null);
    // Where a part is NULL, or left to the store, nothing is referred to that we know of.
    if (values.some((value) => value === null || value === ABSENT)) return;
    if (this.#seeking >= MOVES_MAX) return;
    const collection = collectionIn(replica.name, to.collection);
    const all = this.#sought.get(collection) ?? new Map<string, Sought>();
    this.#sought.set(collection, all);
    const by = JSON.stringify(to.references);
    const sought = all.get(by) ?? { columns: to.references, rows: new Map<string, By>() };
    all.set(by, sought);
    const before = sought.rows.size;
    sought.rows.set(encodeValues(values), { side: name, collection: shape.collection });
    this.#seeking += sought.rows.size - before;
  }
}

const ANY = { kind: "any" } as const;

/** True if a write changes one of these columns, as far as anybody knows what was there. */
function isMoved(
  shape: Shape,
  columns: readonly string[],
  { from, to }: { readonly from: OwnRow | null; readonly to: OwnRow | null },
): boolean {
  return shape.columns.some(
    (column, at) =>
      columns.includes(column) && !(from && to && same(from[at] ?? null, to[at] ?? null)),
  );
}

const collectionIn = (system: string, collection: string): string =>
  JSON.stringify([system, collection]);

/** Where the rows of a side stand, and how they are named there. */
export const placeOf = ({ replica, shape }: Side): string => placeIn(replica.name, shape);

/** The same of a shape in a system. */
export const placeIn = (system: string, { collection, key, templates }: Shape): string =>
  JSON.stringify([system, collection, key, templates]);
