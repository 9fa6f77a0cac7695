// The way back of column-type.ts: statements that make a table for values of given types.
import type { LogicalType } from "../../core/values.ts";
import type { NewCollection } from "../../engine/replica.ts";
import { lengthRefusal, quote, quoteAll, quoteTable, tableName } from "./names.ts";

/**
 * The statement that makes a table, with every name quoted. A bare name is in `schema`. Throws
 * CONFIG_INVALID for a name that is too long.
 */
export function ddlOf({ name, fields, key }: NewCollection, schema: string): string {
  const table = tableName(name) ?? { schema, table: name };
  const names = [table.schema, table.table, ...fields.map((field) => field.name)];
  const refusal = lengthRefusal(names, name);
  if (refusal !== undefined) throw refusal;
  const columns = fields.map((field) => {
    const notNull = field.nullable && !key.includes(field.name) ? "" : " NOT NULL";
    return `  ${quote(field.name)} ${declaredFor(field.type)}${notNull}`;
  });
  if (key.length > 0) columns.push(`  PRIMARY KEY (${quoteAll(key)})`);
  return `CREATE TABLE ${quoteTable(table)} (\n${columns.join(",\n")}\n)`;
}

/** The declared type under which a new column is made. */
export function declaredFor(type: LogicalType): string {
  switch (type.kind) {
    case "integer":
      return declaredInteger(type);
    case "real":
      return type.single === true ? "real" : "double precision";
    case "decimal":
      return declaredDecimal(type);
    case "text":
      return declaredText(type);
    case "list":
      return isScalar(type.of) ? `${declaredFor(type.of)}[]` : "jsonb";
    case "named":
      return NAMED.get(type.name) ?? "text";
    default:
      return DECLARED[type.kind];
  }
}

/** The type that such a column has. */
export function columnFor(type: LogicalType): LogicalType {
  switch (type.kind) {
    case "integer": {
      const bounds = BOUNDS[declaredInteger(type)];
      return bounds === undefined ? { kind: "decimal" } : { kind: "integer", ...bounds };
    }
    case "real":
      return type.single === true ? { kind: "real", single: true } : { kind: "real" };
    case "decimal": {
      const { precision, scale = 0 } = type;
      if (precision === undefined || declaredDecimal(type) === "numeric")
        return { kind: "decimal" };
      return { kind: "decimal", precision, scale, nan: true };
    }
    case "text": {
      const { maxLength } = type;
      const isHeld = maxLength !== undefined && declaredText(type) !== "text";
      return { kind: "text", noZero: true, ...(isHeld ? { maxLength } : {}) };
    }
    case "list":
      return isScalar(type.of) ? { kind: "list", of: columnFor(type.of) } : columnFor(DOCUMENT);
    case "named":
      return NAMED.has(type.name) ? type : columnFor(TEXT);
    case "any":
      return columnFor(TEXT);
    case "json":
      return { kind: "json", noZero: true };
    default:
      return { kind: type.kind };
  }
}

const TEXT: LogicalType = { kind: "text" };
const DOCUMENT: LogicalType = { kind: "json" };

const DECLARED = {
  // Numbers are kept as their text: no type of PostgreSQL holds whatever comes.
  any: "text",
  boolean: "boolean",
  bytes: "bytea",
  instant: "timestamp with time zone",
  datetime: "timestamp without time zone",
  date: "date",
  time: "time without time zone",
  "offset-time": "time with time zone",
  duration: "interval",
  json: "jsonb",
  uuid: "uuid",
} as const;

/**
 * Types that every PostgreSQL has. The others are text: they may not be there, and a name from
 * another system is never part of a statement.
 */
const NAMED: ReadonlyMap<string, string> = new Map(
  [
    "inet cidr macaddr macaddr8 point line lseg box path polygon circle tsvector tsquery",
    'jsonpath xml pg_lsn pg_snapshot "char" int4range int8range numrange daterange',
    "tsrange tstzrange int4multirange int8multirange nummultirange datemultirange tsmultirange",
    "tstzmultirange",
  ].flatMap((line) => line.split(" ").map((name): [string, string] => [name, name])),
)
  // Without a length it would be one bit long.
  .set("bit", "varbit");

const INT2 = [-32_768n, 32_767n] as const;
const INT4 = [-2_147_483_648n, 2_147_483_647n] as const;
const INT8 = [-(2n ** 63n), 2n ** 63n - 1n] as const;

const BOUNDS: {
  readonly [declared: string]: { readonly min: bigint | number; readonly max: bigint | number };
} = {
  smallint: { min: -32_768, max: 32_767 },
  integer: { min: -2_147_483_648, max: 2_147_483_647 },
  bigint: { min: INT8[0], max: INT8[1] },
};

function declaredInteger({ min, max }: LogicalType & { readonly kind: "integer" }): string {
  // Without bounds nearly all whole numbers are meant: what 64 bits do not hold is refused by name.
  if (min === undefined || max === undefined) return "bigint";
  const isWithin = ([least, most]: readonly [bigint, bigint]) => min >= least && max <= most;
  if (isWithin(INT2)) return "smallint";
  if (isWithin(INT4)) return "integer";
  return isWithin(INT8) ? "bigint" : "numeric";
}

const PRECISION_MAX = 1000;

function declaredDecimal(type: LogicalType & { readonly kind: "decimal" }): string {
  const { precision, scale = 0 } = type;
  const isHeld = precision !== undefined && precision >= 1 && precision <= PRECISION_MAX;
  // Other scales than these are not known to every server.
  return isHeld && scale >= 0 && scale <= precision ? `numeric(${precision},${scale})` : "numeric";
}

const LENGTH_MAX = 10_485_760;

function declaredText({ maxLength }: LogicalType & { readonly kind: "text" }): string {
  const isHeld = maxLength !== undefined && maxLength >= 1 && maxLength <= LENGTH_MAX;
  return isHeld ? `varchar(${maxLength})` : "text";
}

function isScalar({ kind }: LogicalType): boolean {
  return kind !== "list" && kind !== "any";
}
