// Rows that a deletion would take with it, or change behind it (ON DELETE CASCADE, SET NULL, SET
// DEFAULT). Nobody planned that and nobody would see what went: an edit could be among it (I8), and
// what the store changed by itself would be taken for a user's edit.
import { collectionName, quote, quoteTable } from "./names.ts";
import type { TableName } from "./names.ts";
import type { Session } from "./session.ts";
import type { Shaped } from "./shaped.ts";
import { among } from "./stage.ts";
import type { Positions, Stage } from "./stage.ts";

/** The tables that would be touched, by the position of the deletion that would do it. */
export type Cascades = (
  positions: Positions,
  signal: AbortSignal,
) => Promise<ReadonlyMap<number, string>>;

interface Below {
  readonly name: string;
  readonly sql: (positions: Positions) => string;
}

/** A reference whose rows go or change when the row to which they refer is deleted. */
export interface ActingReference {
  /** The collection that refers, in SQL as well. */
  readonly child: string;
  readonly sql: string;
  readonly pairs: readonly Pair[];
  /** A table that refers to itself. */
  readonly isOwn: boolean;
}

interface Pair {
  readonly child: string;
  readonly parent: string;
  /** By which the store itself compares them, the parent's first. */
  readonly equal: string;
}

/** Finds what such references make of rows below a table, when it is first asked. */
export function makeCascades(session: Session, shaped: Shaped, stage: Stage): Cascades {
  let all: readonly Below[] | undefined;
  return async (positions, signal) => {
    all ??= await below(session, shaped, stage, signal);
    const found = new Map<number, string>();
    for (const { name, sql } of all) {
      for (const [at] of await session.rows(sql(positions), [], signal)) {
        if (!found.has(Number(at))) found.set(Number(at), name);
      }
    }
    return found;
  };
}

/** A reference of one partition is told as one of its table; so is one to a partition of ours. */
const BELOW = `
WITH parent AS (
  SELECT r.oid FROM pg_catalog.pg_class r JOIN pg_catalog.pg_namespace s ON s.oid = r.relnamespace
   WHERE s.nspname = $1 AND r.relname = $2
), parents AS (
  SELECT oid FROM parent
  UNION SELECT t.relid FROM parent CROSS JOIN LATERAL pg_catalog.pg_partition_tree(parent.oid) t
)
SELECT n.nspname, c.relname, json_agg(json_build_object(
    'child', child.attname, 'parent', parent.attname,
    'equal', format('OPERATOR(%I.%s)', s.nspname, o.oprname)) ORDER BY k.at)
  FROM parents
  JOIN pg_catalog.pg_constraint f ON f.confrelid = parents.oid
  JOIN pg_catalog.pg_class c
    ON c.oid = coalesce(pg_catalog.pg_partition_root(f.conrelid), f.conrelid)
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL unnest(f.conkey, f.confkey, f.conpfeqop) WITH ORDINALITY
       AS k (child, parent, equal, at)
  JOIN pg_catalog.pg_operator o ON o.oid = k.equal
  JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace
  JOIN pg_catalog.pg_attribute child ON child.attrelid = f.conrelid AND child.attnum = k.child
  JOIN pg_catalog.pg_attribute parent ON parent.attrelid = f.confrelid AND parent.attnum = k.parent
 WHERE f.contype = 'f' AND f.confdeltype IN ('c', 'n', 'd') AND f.conparentid = 0
 GROUP BY f.oid, n.nspname, c.relname
 ORDER BY n.nspname, c.relname, f.oid`;

/** All references of that kind to a table. */
export async function actingReferences(
  session: Session,
  table: TableName,
  signal: AbortSignal,
): Promise<readonly ActingReference[]> {
  const rows = await session.rows(BELOW, [table.schema, table.table], signal);
  return rows.map(([schema, name, columns]): ActingReference => {
    const child = { schema: schema ?? "", table: name ?? "" };
    const pairs = JSON.parse(columns ?? "[]") as readonly Pair[]; // BELOW made it
    return {
      child: collectionName(child),
      sql: quoteTable(child),
      pairs,
      isOwn: child.schema === table.schema && child.table === table.table,
    };
  });
}

/** That a row refers to another one: aliases of both. A row may refer to itself. */
export function refersTo({ pairs, isOwn }: ActingReference, child: string, parent: string): string {
  const tests = pairs.map((pair) => {
    return `${parent}.${quote(pair.parent)} ${pair.equal} ${child}.${quote(pair.child)}`;
  });
  if (isOwn) {
    tests.push(`(${child}.tableoid, ${child}.ctid) <> (${parent}.tableoid, ${parent}.ctid)`);
  }
  return tests.join(" AND ");
}

async function below(
  session: Session,
  { table }: Shaped,
  stage: Stage,
  signal: AbortSignal,
): Promise<readonly Below[]> {
  const references = await actingReferences(session, table, signal);
  return references.map((reference): Below => {
    const inner = `SELECT 1 FROM ${reference.sql} c WHERE ${refersTo(reference, "c", "t")}`;
    return {
      name: reference.child,
      sql: (positions) =>
        `SELECT s.at FROM ${stage.from} WHERE ${among(positions)} AND EXISTS (${inner})`,
    };
  });
}
