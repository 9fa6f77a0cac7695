// Names of tables, in SQL and in configurations. Every identifier comes from the catalogue of the
// database and is quoted here; values are always bound.

import { SyncError } from "../../core/errors.ts";
import { spelledPart } from "../../engine/qualified.ts";

/** How the names of our own tables begin, in the schema that they are kept in. */
export const OURS = "_syncline_";

/** An identifier as SQL text, whatever is in it. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Identifiers as a list in SQL. */
export function quoteAll(names: readonly string[]): string {
  return names.map(quote).join(", ");
}

/** Longer names PostgreSQL cuts off, and says so to nobody. Bytes. */
const NAME_BYTES_MAX = 63;

/** Why these cannot be names in PostgreSQL; undefined: they can. `where`: what is being named. */
export function lengthRefusal(names: readonly string[], where: string): SyncError | undefined {
  const long = names.find((name) => Buffer.byteLength(name) > NAME_BYTES_MAX);
  if (long === undefined) return undefined;
  const message = `the name ${JSON.stringify(long)} is longer than ${NAME_BYTES_MAX} bytes`;
  return new SyncError("CONFIG_INVALID", `${message}, which is all that PostgreSQL keeps`, {
    where,
    hint: "Choose a shorter one; columns are renamed in a `mapping`.",
  });
}

/** Equality as PostgreSQL has it, whatever the session's search path leads to. */
export const EQUAL = "OPERATOR(pg_catalog.=)";

/** A type in SQL, with its schema: a name without one may be anybody's. */
export function typeSql({
  schema,
  name,
}: {
  readonly schema: string;
  readonly name: string;
}): string {
  return `${schema === "pg_catalog" ? schema : quote(schema)}.${quote(name)}`;
}

/** A table of a schema. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

/** A table in SQL. */
export function quoteTable({ schema, table }: TableName): string {
  return `${quote(schema)}.${quote(table)}`;
}

/** `schema.table`, as configurations spell it: odd names in double quotes. */
export function collectionName({ schema, table }: TableName): string {
  return `${spelledPart(schema)}.${spelledPart(table)}`;
}

/** A collection's name taken apart. undefined: it is not `schema.table`. */
export function tableName(collection: string): TableName | undefined {
  const match = /^(?:"((?:[^"]|"")+)"|([^\s".]+))\.(?:"((?:[^"]|"")+)"|([^\s".]+))$/.exec(
    collection,
  );
  if (match === null) return undefined;
  const [, quotedSchema, schema = "", quotedTable, table = ""] = match;
  return {
    schema: quotedSchema?.replaceAll('""', '"') ?? schema,
    table: quotedTable?.replaceAll('""', '"') ?? table,
  };
}
