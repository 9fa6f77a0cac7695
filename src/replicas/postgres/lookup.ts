// How a row is found by a value of one of its columns: by the index of the key, wherever the text
// in which the value travels can be made a value of the column's type without the risk of an error.
import { isIPv4, isIPv6 } from "node:net";
import type { Value } from "../../core/state.ts";
import type { BuiltIn } from "./built-in.ts";
import type { Lookup } from "./codec.ts";
import type { TypeInfo } from "./column-type.ts";
import { EQUAL, quote, typeSql } from "./names.ts";
import { TEXT_SQL } from "./ordered.ts";
import { momentInput, textOfKey } from "./key-text.ts";

/** What decides how a column is looked at, besides its type. */
export interface Around {
  /** Two texts that differ may be equal to its collation. */
  readonly isFolding: boolean;
  /** Operators that take many types do not see through a domain. */
  readonly isDomain: boolean;
  /** 150004 for 15.4. */
  readonly version: number;
}

/** The ways to find a value in a column of this type. */
export function lookupOf(built: BuiltIn, info: TypeInfo, around: Around): Lookup {
  const as = built.via?.type ?? typeSql(info);
  const own = (column: string): string =>
    around.isDomain ? `(${column})::${typeSql(info)}` : column;
  const folded = equalityOf(info);
  const equal = (column: string, other: string): string =>
    folded === undefined
      ? `(${column})::${TEXT_SQL} ${EQUAL} (${other})::${TEXT_SQL}`
      : `${own(column)} ${folded} ${other}`;
  if (built.via !== undefined) return { as, equal, ...throughText(as, own, info, around) };
  const input = MOMENTS.has(built.type.kind) ? momentInput : textOfKey;
  const { exact } = built;
  if (exact === undefined && !around.isFolding) return { as, input, equal, test: equal };
  // The loose comparison finds the row by its index, the other one is sure.
  const sure = (sql: string): string => `(${exact?.(sql) ?? sql}) COLLATE pg_catalog."C"`;
  return {
    as,
    input,
    equal,
    test: (column, p) => `${equal(column, p)} AND ${sure(column)} ${EQUAL} ${sure(p)}`,
  };
}

const MOMENTS: ReadonlySet<string> = new Set(["date", "datetime", "instant"]);

/** What unique indexes of a type go by, as an operator of SQL. undefined: it has none. */
function equalityOf({ schema, kind, equality }: TypeInfo): string | undefined {
  // Those of pg_catalog are for all enums, ranges, arrays and rows as well.
  if (schema === "pg_catalog" || kind !== "b") return EQUAL;
  return equality === null ? undefined : `OPERATOR(${quote(equality.schema)}.${equality.name})`;
}

/**
 * By the text of what is in the column, which is sure; and before that by the index, where a text
 * that is none of the type cannot come so far: it would be an error, not a row that is not there.
 */
function throughText(
  as: string,
  own: (column: string) => string,
  info: TypeInfo,
  { version }: Around,
): Pick<Lookup, "input" | "isHeld" | "test"> {
  const sure = (column: string, p: string): string => `(${column})::${as} ${EQUAL} ${p}`;
  const safe = info.schema === "pg_catalog" ? SAFE.get(info.name) : undefined;
  const isChecked = info.schema === "pg_catalog" && ORDERED.has(info.name) && version >= CHECKS;
  if (safe === undefined && !isChecked) return { input: textOfKey, test: sure };
  const type = `pg_catalog.${quote(safe?.as ?? info.name)}`;
  const made = (p: string): string =>
    safe === undefined
      ? `CASE WHEN pg_catalog.pg_input_is_valid(${p}, '${type}') THEN (${p})::${type} END`
      : `(${p})::${type}`;
  return {
    input: textOfKey,
    ...(safe?.isHeld === undefined ? {} : { isHeld: safe.isHeld }),
    test: (column, p) => `${own(column)} ${EQUAL} ${made(p)} AND ${sure(column, p)}`,
  };
}

interface Safe {
  /** The type whose equality the column's index goes by. */
  readonly as: string;
  /** True for every text that the type has. Absent: its wire takes no others. */
  readonly isHeld?: (value: Value) => boolean;
}

const SAFE: ReadonlyMap<string, Safe> = new Map<string, Safe>([
  ["inet", { as: "inet", isHeld: isAddress }],
  ["cidr", { as: "inet", isHeld: isAddress }],
  ["macaddr", { as: "macaddr", isHeld: like(/^[\da-f]{2}(?::[\da-f]{2}){5}$/) }],
  ["macaddr8", { as: "macaddr8", isHeld: like(/^[\da-f]{2}(?::[\da-f]{2}){7}$/) }],
  ["pg_lsn", { as: "pg_lsn", isHeld: like(/^[\dA-F]{1,8}\/[\dA-F]{1,8}$/) }],
  ["bit", { as: "bit" }],
  ["varbit", { as: "varbit" }],
  ["char", { as: "char" }],
  ["money", { as: "money" }],
]);

function like(form: RegExp): (value: Value) => boolean {
  return (value) => typeof value === "string" && form.test(value);
}

function isAddress(value: Value): boolean {
  const text = typeof value === "string" ? value : "";
  const [, address = "", bits = "0"] = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (isIPv4(address)) return Number(bits) <= 32;
  return isIPv6(address) && Number(bits) <= 128;
}

/** Servers from here on say whether a text is one of a type. */
const CHECKS = 160_000;

/** Types with an order, and so with unique indexes, whose texts only the server understands. */
const ORDERED: ReadonlySet<string> = new Set(
  [
    "int4range int8range numrange daterange tsrange tstzrange int4multirange int8multirange",
    "nummultirange datemultirange tsmultirange tstzmultirange tsvector tsquery",
  ].flatMap((line) => line.split(" ")),
);
