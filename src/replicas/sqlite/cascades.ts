// Rows that a deletion would take with it, or change behind it (ON DELETE CASCADE, SET NULL, SET
// DEFAULT). Nobody planned that and nobody would see what went: an edit could be among it (I8), and
// what the store changed by itself would be taken for a user's edit.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Table } from "./catalogue.ts";
import type { Stored } from "./codec.ts";
import { quote } from "./names.ts";

/**
 * The table of a row that would go, or change, with the one of this address; undefined: there is
 * none.
 */
export type Cascades = (address: readonly Stored[]) => string | undefined;

interface Below {
  readonly name: string;
  readonly statement: StatementSync;
}

/** Finds what such references make of rows below a table, when it is first asked. */
export function makeCascades(db: DatabaseSync, table: Table): Cascades {
  let all: readonly Below[] | undefined;
  return (address) => {
    all ??= below(db, table);
    return all.find(({ statement }) => statement.get(...address) !== undefined)?.name;
  };
}

function below(db: DatabaseSync, table: Table): readonly Below[] {
  return actingReferences(db, table).map((reference) => ({
    name: reference.child,
    statement: db.prepare(sqlOf(table, reference)),
  }));
}

/** A reference to a table that does something to its own rows when a row there is deleted. */
export interface ActingReference {
  readonly child: string;
  /** Columns that refer, and those referred to. */
  readonly pairs: readonly { readonly child: string; readonly parent: string }[];
}

/** All such references to a table, in the order of the tables' names. */
export function actingReferences(db: DatabaseSync, table: Table): readonly ActingReference[] {
  const rows = db
    .prepare(
      `SELECT m.name AS child, f.id, f."from", f."to" FROM sqlite_schema m,
         pragma_foreign_key_list(m.name) f
       WHERE m.type = 'table' AND lower(f."table") = lower(?)
         AND f.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT')
       ORDER BY m.name, f.id, f.seq`,
    )
    .all(table.name);
  const references = Map.groupBy(rows, (row) => JSON.stringify([row["child"], row["id"]]));
  return [...references.values()].map((parts) => ({
    child: String(parts[0]?.["child"]),
    pairs: parts.map((part, at) => ({
      child: String(part["from"]),
      parent: String(part["to"] ?? table.key[at]),
    })),
  }));
}

/**
 * The tables with the conditions under which a row `c` refers to a row `p` of the table. The
 * parent's side of a comparison stands first: its rules hold. A row may refer to itself.
 */
export function joinOf(table: Table, { child, pairs }: ActingReference): readonly [string, string] {
  const tests = pairs.map((pair) => `p.${quote(pair.parent)} = c.${quote(pair.child)}`);
  if (child.toLowerCase() === table.name.toLowerCase()) {
    const address = table.address.map(quote);
    const isItself = address.map((name) => `c.${name} IS p.${name}`).join(" AND ");
    tests.push(`NOT (${isItself})`);
  }
  const from = `main.${quote(table.name)} AS p CROSS JOIN main.${quote(child)} AS c`;
  return [from, tests.join(" AND ")];
}

function sqlOf(table: Table, reference: ActingReference): string {
  const [from, tests] = joinOf(table, reference);
  const address = table.address.map((name, at) => `p.${quote(name)} = ?${at + 1}`).join(" AND ");
  return `SELECT 1 FROM ${from} WHERE ${tests} AND ${address} LIMIT 1`;
}
