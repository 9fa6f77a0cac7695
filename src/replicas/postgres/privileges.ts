// What our user may do with a table, and the statements that would allow it.
import { SyncError } from "../../core/errors.ts";
import type { Catalogue, Table } from "./catalogue.ts";
import { collectionName, lengthRefusal, quote } from "./names.ts";
import type { TableName } from "./names.ts";

/** What our user may do in the database. */
export interface DatabasePrivileges {
  readonly user: string;
  readonly database: string;
  /** Temporary tables, in which rows are staged. */
  readonly mayStage: boolean;
  /** A standby, or a user or database that may only read. */
  readonly isReadOnly: boolean;
}

/** What our user may do with one table. */
export interface TablePrivileges {
  /** USAGE of its schema. */
  readonly mayEnter: boolean;
  /** SELECT of at least one column. */
  readonly mayRead: boolean;
  /** Policies may hide rows from our user: they would look deleted (I7). */
  readonly isFiltered: boolean;
  /** Which of SELECT, INSERT, UPDATE and DELETE are missing. */
  readonly lacks: readonly string[];
}

/** Why a table cannot be read, with the statement that helps; undefined: it can. */
export function readingRefusal(table: Table): SyncError | undefined {
  const { user, mayEnter, mayRead, isFiltered } = table.privileges;
  if (mayEnter && mayRead && isFiltered) {
    const why = `policies of ${table.name} may hide rows from ${user}, which would look deleted`;
    return denied(why, table, [`ALTER ROLE ${quote(user)} BYPASSRLS;`]);
  }
  if (mayEnter && mayRead) return undefined;
  const entering = mayEnter ? [] : [enteringOf(table)];
  const hint = [...entering, `GRANT SELECT ON ${table.sql} TO ${quote(user)};`];
  return denied(`${user} may not read ${table.name}`, table, hint);
}

/** Why a column that our user may not read is none for a pipeline. */
export function hiddenColumn(table: Table, column: string): SyncError {
  const { user } = table.privileges;
  const grant = `GRANT SELECT (${quote(column)}) ON ${table.sql} TO ${quote(user)};`;
  const name = JSON.stringify(column);
  return denied(`${user} may not read ${name} of ${table.name}`, table, [
    `${grant} Or write a \`mapping\` without it.`,
  ]);
}

/**
 * Why a table cannot be written, with the GRANT that helps; undefined: it can. `others`: statements
 * that are needed besides, whatever the table.
 */
export function writingRefusal(
  table: Table,
  others: readonly string[] = [],
): SyncError | undefined {
  const { user, mayEnter, lacks, isReadOnly } = table.privileges;
  const where = table.name;
  if (isView(table)) {
    const hint = "Write to a table.";
    return new SyncError("REPLICA_READ_ONLY", `${where} is a view or a foreign table`, {
      where,
      hint,
    });
  }
  if (isReadOnly) return readOnly(where);
  const to = quote(user);
  const grants = [
    ...(mayEnter ? [] : [enteringOf(table)]),
    ...(lacks.length === 0 ? [] : [`GRANT ${lacks.join(", ")} ON ${table.sql} TO ${to};`]),
    ...stagingIn(table.privileges),
    ...others,
  ];
  return grants.length === 0 ? undefined : denied(`${user} may not write ${where}`, table, grants);
}

/** Why a table cannot be made and then written; undefined: it can. */
export function makingRefusal(
  { privileges, schemas }: Pick<Catalogue, "privileges" | "schemas">,
  { schema, table }: TableName,
  others: readonly string[],
): SyncError | undefined {
  const name = collectionName({ schema, table });
  const tooLong = lengthRefusal([schema, table], name);
  if (tooLong !== undefined) return tooLong;
  if (privileges.isReadOnly) return readOnly(name);
  const found = schemas.find((each) => each.name === schema);
  if (found === undefined) {
    return new SyncError("COLLECTION_MISSING", `there is no schema ${schema} for ${name}`, {
      where: name,
      hint: `Syncline makes tables, and no schemas for them: CREATE SCHEMA ${quote(schema)};`,
    });
  }
  const { user } = privileges;
  const making = `GRANT USAGE, CREATE ON SCHEMA ${quote(schema)} TO ${quote(user)};`;
  const grants = [...(found.mayFill ? [] : [making]), ...stagingIn(privileges), ...others];
  if (grants.length === 0) return undefined;
  return denied(`${user} may not make ${name} and write it`, { name }, grants);
}

/** Or a foreign table. */
function isView({ kind }: Table): boolean {
  return kind !== "table" && kind !== "partitioned";
}

function readOnly(where: string): SyncError {
  return new SyncError("REPLICA_READ_ONLY", `the database of ${where} is read-only`, {
    where,
    hint: "It may be a standby: name the primary, or make it the source of a one-way pipeline.",
  });
}

function stagingIn({ user, database, mayStage }: DatabasePrivileges): readonly string[] {
  const grant = `GRANT TEMPORARY ON DATABASE ${quote(database)} TO ${quote(user)};`;
  return mayStage ? [] : [`${grant} -- to stage rows`];
}

function enteringOf({ schema, privileges }: Table): string {
  return `GRANT USAGE ON SCHEMA ${quote(schema)} TO ${quote(privileges.user)};`;
}

function denied(
  message: string,
  { name }: Pick<Table, "name">,
  hint: readonly string[],
): SyncError {
  return new SyncError("REPLICA_DENIED", message, { where: name, hint: hint.join("\n") });
}
