// The catalogue in the words of the contract.
import { decodeKey, makeKeyEncoder } from "../../core/key.ts";
import type { Key, Value } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import type { Capabilities, CollectionDescription } from "../../engine/replica.ts";
import type { Catalogue, Column, Table } from "./catalogue.ts";
import { SINCE_KINDS } from "./since.ts";
import { hiddenColumn, readingRefusal, writingRefusal } from "./privileges.ts";

/** What tables and views are described with. */
export interface Surroundings {
  /** Our batch ids are kept beside the rows. */
  readonly marks: boolean;
  readonly catalogue: Catalogue;
  /** Statements without which our user cannot write at all. */
  readonly lacking: readonly string[];
}

/** What a table or view promises. */
export function describeTable(
  table: Table,
  { marks, catalogue, lacking }: Surroundings,
): CollectionDescription {
  const broken = readingRefusal(table);
  const unwritable = writingRefusal(table, lacking);
  const codecs = new Map(table.columns.map((column) => [column.name, column.codec]));
  // Keys that only the store can tell apart are no keys: two of them might be one.
  // Documents and lists name nothing.
  const sets = table.uniqueSets.filter(
    (set) => !set.isFolding && set.columns.every((name) => isNaming(codecs.get(name)?.type.kind)),
  );
  const usable = sets.filter((set) => set.isPrimary || !set.isDeferrable);
  const hasKey = usable.some((set) => set.isPrimary);
  const foldKey = hasKey ? keyFolding(table, catalogue) : undefined;
  return {
    name: table.name,
    capabilities: { ...capabilitiesOf(table.kind, marks), writable: unwritable === undefined },
    fields: table.columns.map((column) => ({
      name: column.name,
      type: column.codec.type,
      declared: column.declared,
      nullable: !column.notNull,
      hasDefault: column.hasDefault,
      generated: column.generated,
      ...(column.mayRead ? {} : { broken: hiddenColumn(table, column.name) }),
    })),
    key: hasKey ? table.key : [],
    uniqueSets: usable.map((set) => set.columns),
    references: table.references.map(({ columns, collection, references, onDelete }) => ({
      columns,
      collection,
      references,
      onDelete,
    })),
    triggers: table.triggers,
    ...(table.ripples.length === 0 ? {} : { ripples: table.ripples }),
    ...(table.kind === "view" || table.kind === "materialized" ? { isDerived: true } : {}),
    ...(foldKey === undefined ? {} : { foldKey }),
    ...(broken === undefined ? {} : { broken }),
    ...(unwritable === undefined ? {} : { unwritable }),
    store: (column, value) => codecs.get(column)?.store(value) ?? value,
  };
}

function isNaming(kind: LogicalType["kind"] | undefined): boolean {
  return kind !== "json" && kind !== "list";
}

/** What a table or view of a kind can do. */
export function capabilitiesOf(kind: Table["kind"], marks: boolean): Capabilities {
  return {
    log: false,
    sinceColumns: SINCE_KINDS,
    // One statement sees one moment; what another server shows in it, nobody knows.
    list: kind === "foreign" ? "paged" : "snapshot",
    compareAndSet: "row",
    returns: true,
    marks,
    commits: "page",
    writable: true,
  };
}

/** How the primary key takes two keys for one; undefined: it tells them apart exactly. */
function keyFolding(table: Table, { foldsAscii }: Catalogue): ((key: Key) => string) | undefined {
  const columns = table.key.map((name) => table.columns.find((column) => column.name === name));
  if (!columns.some((column) => column?.ignoresCase === true)) return undefined;
  const known = columns.filter((column): column is Column => column !== undefined);
  const types = known.map((column) => column.codec.type);
  const encode = makeKeyEncoder(types);
  return (key) => {
    const values = decodeKey(key, types).map((value, index): Value => {
      const isFolded = known[index]?.ignoresCase === true && typeof value === "string";
      return isFolded ? lower(value, foldsAscii) : value;
    });
    return encode(values) ?? key;
  };
}

function lower(text: string, foldsAscii: boolean): string {
  return foldsAscii
    ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
    : text.toLowerCase();
}
