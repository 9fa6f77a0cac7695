// What a memory replica is made of: collections with columns, and how each of them behaves.
import { makeCanonical } from "../core/values.ts";
import type { OwnRow, Stamp, Value } from "../core/state.ts";
import { SyncError } from "../core/errors.ts";
import { nearest } from "../core/nearest.ts";
import type {
  Capabilities,
  CollectionDescription,
  FieldDescription,
  Reference,
  Ripple,
} from "../engine/replica.ts";

/** How a store changes what it is told: by column. */
export type Store = (column: string, value: Value) => Value;

/** One column; what is absent is the most permissive: nullable, without default, not generated. */
export type MemoryField = Pick<FieldDescription, "name" | "type"> &
  Partial<FieldDescription> & {
    /** What a new row holds where the writer said ABSENT. Default null. */
    readonly default?: Value;
  };

/** One collection of a memory replica. */
export interface MemoryCollection {
  readonly name: string;
  readonly fields: readonly MemoryField[];
  readonly key: readonly string[];
  readonly uniqueSets?: readonly (readonly string[])[];
  readonly references?: readonly Reference[];
  /** Said by describe(); nothing of it is done. */
  readonly ripples?: readonly Ripple[];
  /** Over MEMORY_CAPABILITIES. */
  readonly capabilities?: Partial<Capabilities>;
  /** Changes values and does not tell: it shows only in what is returned (I11). */
  readonly hidden?: Store;
  /** Changes values, and describe() proves it. */
  readonly store?: Store;
  /** Keys with the same folded form are one key to this store. */
  readonly foldKey?: (key: string) => string;
  /** False: the collection has no order of its own. Default true. */
  readonly isOrdered?: boolean;
  /** When a row was changed, for pages; absent: it does not know. */
  readonly clock?: () => Stamp;
}

/** What a memory collection can do unless it is told otherwise: everything. */
const MEMORY_CAPABILITIES: Capabilities = {
  log: true,
  list: "snapshot",
  compareAndSet: "row",
  returns: true,
  marks: true,
  commits: "page",
  writable: true,
};

/** A collection made ready: positions instead of names, every value's canonical form at hand. */
export interface Table {
  readonly options: MemoryCollection;
  readonly can: Capabilities;
  readonly columns: readonly string[];
  readonly positions: ReadonlyMap<string, number>;
  readonly key: readonly number[];
  readonly canonical: readonly ((value: Value) => Value | undefined)[];
  readonly uniqueSets: readonly (readonly string[])[];
}

/** Prepares a collection. Throws COLUMN_MISSING where a key or unique set names no column. */
export function makeTable(options: MemoryCollection): Table {
  const columns = options.fields.map((field) => field.name);
  const positions = new Map(columns.map((name, index) => [name, index]));
  const uniqueSets = options.key.length === 0 ? [] : [options.key];
  return {
    options,
    can: { ...MEMORY_CAPABILITIES, ...options.capabilities },
    columns,
    positions,
    key: options.key.map((name) => positionIn(options.name, positions, name)),
    canonical: options.fields.map((field) => makeCanonical(field.type)),
    uniqueSets: [...uniqueSets, ...(options.uniqueSets ?? [])],
  };
}

/** Where a column stands. Throws COLUMN_MISSING and suggests the nearest name. */
function positionIn(
  collection: string,
  positions: ReadonlyMap<string, number>,
  name: string,
): number {
  const position = positions.get(name);
  if (position !== undefined) return position;
  const near = nearest(name, positions.keys());
  throw new SyncError("COLUMN_MISSING", `${collection} has no column ${JSON.stringify(name)}`, {
    where: collection,
    ...(near === undefined ? {} : { hint: `Did you mean ${JSON.stringify(near)}?` }),
  });
}

/** The collection of that name. Throws COLLECTION_MISSING and suggests the nearest name. */
export function tableNamed(tables: ReadonlyMap<string, Table>, name: string): Table {
  const table = tables.get(name);
  if (table !== undefined) return table;
  const near = nearest(name, tables.keys());
  throw new SyncError("COLLECTION_MISSING", `there is no collection ${JSON.stringify(name)}`, {
    where: name,
    ...(near === undefined ? {} : { hint: `Did you mean ${JSON.stringify(near)}?` }),
  });
}

/** What describe() says of a collection. */
export function describeTable(table: Table): CollectionDescription {
  const { options } = table;
  return {
    name: options.name,
    capabilities: table.can,
    fields: options.fields.map((field) => ({
      name: field.name,
      type: field.type,
      declared: field.declared ?? field.type.kind,
      nullable: field.nullable ?? !options.key.includes(field.name),
      hasDefault: field.hasDefault ?? field.default !== undefined,
      generated: field.generated ?? false,
    })),
    key: options.key,
    uniqueSets: table.uniqueSets,
    references: options.references ?? [],
    triggers: options.hidden === undefined ? [] : ["hidden"],
    ...(options.ripples === undefined ? {} : { ripples: options.ripples }),
    ...(options.foldKey === undefined ? {} : { foldKey: options.foldKey }),
    ...(options.store === undefined ? {} : { store: options.store }),
  };
}

/** How one shape sees a table: where its columns and its key stand in a stored row. */
export interface View {
  readonly columns: readonly number[];
  readonly key: readonly number[];
  /** The shape has every column in stored order: rows travel as they are. */
  readonly isWhole: boolean;
  /** The shape's key is the table's own. */
  readonly isOwnKey: boolean;
}

/** Compiles a shape against a table. Throws COLUMN_MISSING. */
export function viewOf(
  table: Table,
  shape: { readonly key: readonly string[]; readonly columns: readonly string[] },
): View {
  const at = (name: string) => positionIn(table.options.name, table.positions, name);
  const columns = shape.columns.map(at);
  const key = shape.key.map(at);
  return {
    columns,
    key,
    isWhole: columns.length === table.columns.length && columns.every((each, i) => each === i),
    isOwnKey: key.length === table.key.length && key.every((each, i) => each === table.key[i]),
  };
}

/** A stored row as a view shows it. */
export function project(view: View, row: OwnRow): OwnRow {
  return view.isWhole ? row : view.columns.map((position) => row[position] ?? null);
}
