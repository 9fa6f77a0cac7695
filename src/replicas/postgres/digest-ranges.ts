// A shape compiled for digests: SQL that finds ranges of keys and says of each how many rows it has
// and what they are.
import type { DigestSpec } from "../../engine/digester.ts";
import type { Column } from "./catalogue.ts";
import type { Wire } from "./codec.ts";
import { digestSql, isInt64 } from "./digest-sql.ts";
import { quote } from "./names.ts";
import { TEXT_SQL } from "./ordered.ts";
import { selected } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";

/** A shape and what is digested of it. */
export interface Asked {
  readonly shaped: Shaped;
  /** A count and a hash over the rows of a subquery. */
  readonly sums: string;
  /** What that subquery selects. */
  readonly columns: string;
  /** The table with those of its rows that have a key. */
  readonly from: string;
  /** Says whether there are others; undefined: there cannot be. */
  readonly unkeyed: string | undefined;
  readonly keys: readonly KeyColumn[];
}

interface KeyColumn {
  readonly wire: Wire;
  readonly sql: string;
  /** Sorts as our keys do; of an expression of its type. */
  readonly ordered: (sql: string) => string;
  /** The type of a parameter that is compared with it. */
  readonly type: string;
}

/** Compiles what is asked. undefined: the server cannot digest it, or find its ranges. */
export function askedOf(shaped: Shaped, { fields, salt }: DigestSpec): Asked | undefined {
  const { table, keyColumns, columns } = shaped;
  const names = keyColumns.map(({ name }) => name);
  const isUnique = table.uniqueSets.some((set) => set.columns.every((at) => names.includes(at)));
  const keys = keyColumns.flatMap((column) => keyColumnOf(column) ?? []);
  if (!isUnique || keys.length < keyColumns.length || table.kind === "foreign") return undefined;
  const parts = fields.map(({ column, type }, at) => {
    const found = columns.find(({ name }) => name === column);
    return found === undefined ? undefined : digestSql(found, type, { name: `c${at}`, salt });
  });
  if (parts.includes(undefined)) return undefined;
  const nullable = keyColumns.filter(({ notNull }) => !notNull).map(({ name }) => quote(name));
  const isKeyed = nullable.map((name) => `${name} IS NOT NULL`).join(" AND ");
  const isUnkeyed = nullable.map((name) => `${name} IS NULL`).join(" OR ");
  const where = isKeyed === "" ? "" : ` WHERE ${isKeyed}`;
  return {
    shaped,
    sums: `count(*) AS n, sha256(${parts.join(" || ")}) AS d`,
    columns: fields.map(({ column }, at) => `${quote(column)} AS c${at}`).join(", "),
    from: `(SELECT * FROM ${table.from}${where}) t`,
    unkeyed:
      isUnkeyed === "" ? undefined : `SELECT 1 FROM ${table.from} WHERE ${isUnkeyed} LIMIT 1`,
    keys,
  };
}

const KEY_TYPES: ReadonlyMap<string, string> = new Map([
  ["uuid", "uuid"],
  ["bytes", "bytea"],
  ["boolean", "boolean"],
  ["text", "text"],
]);

function keyColumnOf(column: Column): KeyColumn | undefined {
  const { codec } = column;
  // Bounds of whole numbers may come from a column that holds more.
  const type = isInt64(codec) ? "bigint" : KEY_TYPES.get(codec.type.kind);
  if (type === undefined || !codec.isDirect) return undefined;
  // Texts of other types than text itself have an order in which blanks do not count.
  if (type === "text" && codec.orderedAs !== TEXT_SQL) return undefined;
  return { wire: codec, sql: selected(column), ordered: codec.ordered, type };
}

type Part = (key: KeyColumn, at: number) => string;

function listed({ keys }: Asked, part: Part): string {
  return keys.map(part).join(", ");
}

/** The key as a list in SQL, in our order. */
export function order(asked: Asked): string {
  return listed(asked, ({ ordered, sql }) => ordered(sql));
}

/** The key against what stands at each of its places. */
export function compared(asked: Asked, test: ">" | "<=", bound: Part): string {
  const bounds = listed(asked, (key, at) => key.ordered(bound(key, at)));
  return `(${order(asked)}) ${test} (${bounds})`;
}

/** All ranges: from each bound on so many rows, the last of which is the next bound. */
export function rangesSql(asked: Asked, rowsMax: number): string {
  const { sums, columns, from } = asked;
  const keysOf = listed(asked, ({ sql }, at) => `${sql} AS k${at}`);
  const step = (where: string): string =>
    `SELECT ${listed(asked, (_, at) => `k.k${at}`)}, d.n, d.d ` +
    `FROM (SELECT ${sums} FROM (SELECT ${columns} FROM ${from}${where} ` +
    `ORDER BY ${order(asked)} LIMIT ${rowsMax}) v) d ` +
    `LEFT JOIN (SELECT ${keysOf} FROM ${from}${where} ` +
    `ORDER BY ${order(asked)} OFFSET ${rowsMax - 1} LIMIT 1) k ON true`;
  const names = listed(asked, (_, at) => `k${at}`);
  const above = ` WHERE ${compared(asked, ">", (_, at) => `r.k${at}`)}`;
  return (
    `WITH RECURSIVE r (${names}, n, d) AS (${step("")} UNION ALL ` +
    `SELECT x.* FROM r CROSS JOIN LATERAL (${step(above)}) x WHERE r.k0 IS NOT NULL) ` +
    `SELECT ${names}, n, d FROM r`
  );
}

/** Which ends of some ranges are bounds. */
export interface Ends {
  readonly hasLower: boolean;
  readonly hasUpper: boolean;
}

/** Some ranges: $1 are their places, then come lower bounds by column, then upper ones. */
export function betweenSql(asked: Asked, { hasLower, hasUpper }: Ends): string {
  const { sums, columns, from, keys } = asked;
  const lower = hasLower ? keys.map(({ type }, at) => ({ name: `a${at}`, type })) : [];
  const upper = hasUpper ? keys.map(({ type }, at) => ({ name: `b${at}`, type })) : [];
  const bounds = [{ name: "place", type: "int" }, ...lower, ...upper];
  const tests = [
    ...(hasLower ? [compared(asked, ">", (_, at) => `r.a${at}`)] : []),
    ...(hasUpper ? [compared(asked, "<=", (_, at) => `r.b${at}`)] : []),
  ];
  const where = tests.length === 0 ? "" : ` WHERE ${tests.join(" AND ")}`;
  return (
    `SELECT r.place, d.n, encode(d.d, 'hex') ` +
    `FROM unnest(${bounds.map(({ type }, at) => `$${at + 1}::${type}[]`).join(", ")}) ` +
    `AS r (${bounds.map(({ name }) => name).join(", ")}) CROSS JOIN LATERAL (SELECT ${sums} ` +
    `FROM (SELECT ${columns} FROM ${from}${where} ORDER BY ${order(asked)}) v) d`
  );
}
