// How the server turns one column of a range into the bytes of engine/range-bytes.ts.
import type { LogicalType } from "../../core/values.ts";
import { SALT_LENGTH } from "../../engine/digester.ts";
import { digestForm } from "../../engine/range-bytes.ts";
import type { Column } from "./catalogue.ts";
import { TEXT_SQL } from "./ordered.ts";

/**
 * An aggregate over a column that stands under a name, as a value of the link's type. undefined:
 * the server has other words for some of its values than core. What it writes in another way only
 * now and then (years before Christ, or of five digits) makes a digest that no other side has.
 */
export function digestSql(
  { codec }: Pick<Column, "codec">,
  type: LogicalType,
  { name, salt }: { readonly name: string; readonly salt: string },
): string | undefined {
  // It is of [0-9a-z] only.
  const end = `'${salt.slice(0, SALT_LENGTH / 2)}'`;
  const nothing = `'${salt.slice(SALT_LENGTH / 2)}'`;
  const fixed = (bytes: string): string =>
    `string_agg(coalesce(${bytes}, ${nothing}::bytea), ''::bytea)`;
  const { kind } = codec.type;
  switch (digestForm(type)) {
    case "integer":
      return isInt64(codec) ? fixed(`int8send(${name}::int8)`) : undefined;
    case "real":
      // -0 + 0 is 0.
      return isDouble(codec) ? fixed(`float8send(${name}::float8 + 0)`) : undefined;
    case "bytes":
      if (kind !== "bytes" || !codec.isDirect) return undefined;
      return `string_agg(coalesce(${name}, ${nothing}::bytea), ${end}::bytea) || ${end}::bytea`;
    case "boolean":
    case "text": {
      const text = digestForm(type) === "boolean" ? letterOf(codec, name) : textOf(codec, name);
      if (text === undefined) return undefined;
      return `textsend(string_agg(coalesce(${text}, ${nothing}), ${end}) || ${end})`;
    }
    case "document":
      return undefined;
  }
}

type Codec = Column["codec"];

const OID = { int8: 20, int2: 21, int4: 23, oid: 26, float4: 700, float8: 701 } as const;
const INTEGERS: ReadonlySet<number> = new Set([OID.int2, OID.int4, OID.int8, OID.oid]);
const DOUBLES: ReadonlySet<number> = new Set([OID.float4, OID.float8]);

/** True where every value is a bigint of the server. */
export function isInt64({ oid, isDirect }: Codec): boolean {
  return isDirect && INTEGERS.has(oid);
}

function isDouble({ oid, isDirect }: Codec): boolean {
  return isDirect && DOUBLES.has(oid);
}

function letterOf({ type }: Codec, name: string): string | undefined {
  return type.kind === "boolean" ? `left(${name}::text, 1)` : undefined;
}

/** The canonical text of a value, in a session whose times are in UTC and whose style is ISO. */
function textOf(codec: Codec, name: string): string | undefined {
  switch (codec.type.kind) {
    case "text":
    case "uuid":
    case "date":
    case "time":
    case "boolean":
      return `${name}::text`;
    case "integer":
      return isInt64(codec) ? `${name}::text` : undefined;
    case "decimal":
      return `trim_scale(${codec.select(name)})::text`;
    case "datetime":
      return `replace(${name}::text, ' ', 'T')`;
    case "instant":
      // Those that are finite end with +00.
      return (
        `CASE WHEN isfinite(${name}) THEN replace(left(${name}::text, -3), ' ', 'T') || 'Z' ` +
        `ELSE ${name}::text END`
      );
    case "named":
      return codec.staged === TEXT_SQL ? codec.select(name) : undefined;
    case "any":
    case "real":
    case "bytes":
    case "json":
    case "list":
    case "offset-time":
    case "duration":
      return undefined;
  }
}
