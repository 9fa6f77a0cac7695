// What a database says of its own tables.
import { SyncError } from "../../core/errors.ts";
import { nearest } from "../../core/nearest.ts";
import type { Reference, Ripple } from "../../engine/replica.ts";
import { CATALOGUE } from "./catalogue-sql.ts";
import type { Codec } from "./codec.ts";
import { makeCodec } from "./column-type.ts";
import type { TypeInfo } from "./column-type.ts";
import { collectionName, quoteTable, tableName } from "./names.ts";
import type { TableName } from "./names.ts";
import type { DatabasePrivileges, TablePrivileges } from "./privileges.ts";

/** One column, with everything that follows from how it was declared. */
export interface Column {
  readonly name: string;
  /** As the database spells it, with its modifier. */
  readonly declared: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** Computed by the store: read, never written. */
  readonly generated: boolean;
  /** Our user has SELECT of it. */
  readonly mayRead: boolean;
  /** GENERATED AS IDENTITY; `always`: values of ours need OVERRIDING SYSTEM VALUE. */
  readonly identity: "always" | "default" | undefined;
  /** Texts that differ in case count as one (citext). */
  readonly ignoresCase: boolean;
  readonly codec: Codec;
}

/** Columns whose values are unique together. */
interface UniqueSet {
  readonly columns: readonly string[];
  readonly isPrimary: boolean;
  /** Looked at when a transaction ends, if that is asked for. */
  readonly isDeferrable: boolean;
  /** A collation in it takes texts that differ for one, in a way that only the store knows. */
  readonly isFolding: boolean;
}

/** A foreign key, with what only the store itself needs to know of it. */
export interface ForeignKey extends Reference {
  readonly name: string;
  /** In SQL: how the store compares each column of the row referred to with its own. */
  readonly equal: readonly string[];
  readonly isDeferrable: boolean;
  /** A changed key there changes rows here. */
  readonly isFollowing: boolean;
}

/** A table or view. */
export interface Table extends TableName {
  /** The name of the collection. */
  readonly name: string;
  readonly kind: "table" | "partitioned" | "view" | "materialized" | "foreign";
  /** In SQL: what is inserted into. */
  readonly sql: string;
  /** In SQL: what is read from, without the tables that inherit from it. */
  readonly from: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** The primary key first. */
  readonly uniqueSets: readonly UniqueSet[];
  readonly references: readonly ForeignKey[];
  readonly triggers: readonly string[];
  readonly ripples: readonly Ripple[];
  readonly privileges: DatabasePrivileges & TablePrivileges;
  /** Of its database's texts. */
  readonly encoding: string;
}

/** Everything that was asked for, of one moment. */
export interface Catalogue {
  readonly tables: ReadonlyMap<string, Table>;
  readonly version: number;
  /** Of its texts; all orders of ours are those of UTF-8. */
  readonly encoding: string;
  /** `lower()` knows the letters of ASCII and no others. */
  readonly foldsAscii: boolean;
  readonly privileges: DatabasePrivileges;
  /** All there are, with whether tables may be made in them. */
  readonly schemas: readonly { readonly name: string; readonly mayFill: boolean }[];
}

/** Asks a database, with bound values; each cell as text. */
export type Ask = (
  sql: string,
  values: readonly (string | null | readonly string[])[],
) => Promise<readonly (readonly (string | null)[])[]>;

/** All tables and views of a database but PostgreSQL's own and ours in these schemas. */
export async function readCatalogue(ask: Ask, ours: readonly string[]): Promise<Catalogue> {
  return catalogueOf(await ask(CATALOGUE, [ours, null, null]));
}

/** One table or view by its exact name. Throws COLLECTION_MISSING and suggests the nearest name. */
export async function readTable(ask: Ask, name: string, ours: readonly string[]): Promise<Table> {
  const parts = tableName(name);
  if (parts !== undefined) {
    const found = catalogueOf(await ask(CATALOGUE, [ours, parts.schema, parts.table]));
    const table = found.tables.get(collectionName(parts));
    if (table !== undefined) return table;
  }
  const { tables } = await readCatalogue(ask, ours);
  const near = nearest(name, [...tables.keys()]);
  throw new SyncError("COLLECTION_MISSING", `there is no table ${JSON.stringify(name)}`, {
    where: name,
    ...(near === undefined ? {} : { hint: `Did you mean ${JSON.stringify(near)}?` }),
  });
}

/** A column by its exact name. Throws COLUMN_MISSING and suggests the nearest name. */
export function columnOf(table: Table, name: string): Column {
  const found = table.columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    table.columns.map((column) => column.name),
  );
  throw new SyncError("COLUMN_MISSING", `${table.name} has no column ${JSON.stringify(name)}`, {
    where: table.name,
    ...(near === undefined ? {} : { hint: `Did you mean ${JSON.stringify(near)}?` }),
  });
}

/** As CATALOGUE answers. */
interface Answer extends Omit<Catalogue, "tables"> {
  readonly tables: readonly TableAnswer[];
  readonly types: readonly (TypeInfo & {
    readonly notNull: boolean;
    readonly hasDefault: boolean;
  })[];
  readonly moneyScale: number;
}

interface TableAnswer extends TableName {
  readonly kind: "r" | "p" | "v" | "m" | "f";
  readonly hasChildren: boolean;
  readonly columns: readonly ColumnAnswer[];
  readonly indexes: readonly {
    readonly columns: readonly string[];
    readonly isPrimary: boolean;
    readonly isDeferrable: boolean;
    readonly folds: readonly boolean[];
  }[];
  readonly references: readonly (TableName & {
    readonly name: string;
    readonly columns: readonly string[];
    readonly references: readonly string[];
    readonly equal: readonly string[];
    readonly onDelete: string;
    readonly onUpdate: string;
    readonly isDeferrable: boolean;
  })[];
  readonly triggers: readonly string[];
  readonly ripples: readonly Ripple[];
  readonly privileges: TablePrivileges;
}

interface ColumnAnswer {
  readonly name: string;
  readonly type: number;
  readonly modifier: number;
  readonly declared: string;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  readonly generated: boolean;
  readonly mayRead: boolean;
  readonly identity: "" | "a" | "d";
  readonly folds: boolean;
}

const KINDS = {
  r: "table",
  p: "partitioned",
  v: "view",
  m: "materialized",
  f: "foreign",
} as const;

function catalogueOf(rows: readonly (readonly (string | null)[])[]): Catalogue {
  const answer = JSON.parse(rows[0]?.[0] ?? "") as Answer; // our own question made its shape
  const types = new Map(answer.types.map((type) => [type.oid, type]));
  const tables = answer.tables.map((table) => tableOf(table, answer, types));
  return { ...answer, tables: new Map(tables.map((table) => [table.name, table])) };
}

type Types = ReadonlyMap<number, Answer["types"][number]>;

function tableOf(table: TableAnswer, answer: Answer, types: Types): Table {
  const primary = table.indexes.find((index) => index.isPrimary);
  const sql = quoteTable(table);
  return {
    schema: table.schema,
    table: table.table,
    name: collectionName(table),
    kind: KINDS[table.kind],
    sql,
    from: table.kind === "r" && table.hasChildren ? `ONLY ${sql}` : sql,
    columns: table.columns.map((column) => makeColumn(column, answer, types)),
    key: primary?.columns ?? [],
    uniqueSets: table.indexes.map(({ columns, isPrimary, isDeferrable, folds }) => ({
      columns,
      isPrimary,
      isDeferrable,
      isFolding: folds.includes(true),
    })),
    references: table.references.map((each) => ({
      name: each.name,
      columns: each.columns,
      collection: collectionName(each),
      references: each.references,
      equal: each.equal,
      onDelete: ACTIONS.get(each.onDelete) ?? "refuse",
      isDeferrable: each.isDeferrable,
      isFollowing: ACTIONS.has(each.onUpdate),
    })),
    triggers: table.triggers,
    ripples: table.ripples,
    privileges: { ...answer.privileges, ...table.privileges },
    encoding: answer.encoding,
  };
}

const ACTIONS: ReadonlyMap<string, Reference["onDelete"]> = new Map([
  ["c", "cascade"],
  ["n", "set-null"],
  ["d", "set-default"],
]);

function makeColumn(column: ColumnAnswer, answer: Answer, types: Types): Column {
  const declared = { oid: column.type, modifier: column.modifier, isFolding: column.folds };
  const chain = domainsOf(column.type, types);
  return {
    name: column.name,
    declared: column.declared,
    notNull: column.notNull || chain.some((type) => type.notNull),
    hasDefault:
      column.hasDefault || column.identity !== "" || chain.some((type) => type.hasDefault),
    generated: column.generated,
    mayRead: column.mayRead,
    identity: column.identity === "" ? undefined : column.identity === "a" ? "always" : "default",
    ignoresCase: chain.at(-1)?.name === "citext",
    codec: makeCodec(declared, types, answer),
  };
}

/** A type, what it is a domain of, and so on. */
function domainsOf(oid: number, types: Types): readonly Answer["types"][number][] {
  const type = types.get(oid);
  if (type === undefined) return [];
  return type.kind === "d" ? [type, ...domainsOf(type.base, types)] : [type];
}
