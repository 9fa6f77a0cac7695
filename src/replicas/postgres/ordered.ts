// SQL whose order is that of our keys, for types whose own order is another one: a key is made of
// the canonical text of a date, not of its place in time.

import type { Value } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import { bytesText, textOfKey } from "./key-text.ts";

/** The type `text` in SQL. */
export const TEXT_SQL = "pg_catalog.text";

/** How to sort by a column of some type, and the type of what is sorted. */
export interface Ordered {
  readonly ordered: (staged: string) => string;
  readonly orderedAs: string;
  /**
   * Tests for values that the type's own order puts elsewhere: a column that holds none of them can
   * be sorted as it is, by its index. Absent: there are others, or it is sorted as it is anyway.
   */
  readonly misplaced?: (staged: string) => readonly string[];
}

/** Where a value stands in that order, as the text of a bound. */
export type OrderedText = (value: Value) => string;

/**
 * The same in a database of another encoding, where `COLLATE "C"` is the order of that encoding's
 * bytes and a bound may have characters that it does not: sorted by the bytes of UTF-8, which no
 * index has.
 */
export function inOrderOf(
  encoding: string,
  kind: LogicalType["kind"],
  ordered: Ordered,
): Ordered & { readonly orderedText: OrderedText } {
  if (holdsUnicode(encoding) || !TEXTS.has(ordered.orderedAs) || ASCII.has(kind)) {
    return { ...ordered, orderedText: textOfKey };
  }
  return {
    ordered: (sql) => `convert_to(${ordered.ordered(sql)}, 'UTF8')`,
    orderedAs: "bytea",
    orderedText: (value) => bytesText(Buffer.from(textOfKey(value))),
  };
}

/** True where a text is the same bytes there as in UTF-8: it can be any, and sorts as ours do. */
export function holdsUnicode(encoding: string): boolean {
  return encoding === "UTF8" || encoding === "SQL_ASCII";
}

/** Types whose order is that of a text. */
const TEXTS: ReadonlySet<string> = new Set([TEXT_SQL, "bpchar"]);

/** Kinds whose canonical texts are of ASCII. */
const ASCII: ReadonlySet<LogicalType["kind"]> = new Set([
  "date",
  "datetime",
  "instant",
  "offset-time",
]);

/** Types whose canonical text is PostgreSQL's own. */
export const AS_TEXT: Ordered = {
  ordered: (sql) => `(${sql})::${TEXT_SQL} COLLATE "C"`,
  orderedAs: TEXT_SQL,
};

/** `YYYY-MM-DD` as core/calendar.ts writes it. */
export const dateText: Ordered = {
  ordered: (sql) => `(${momentSql(sql, "date", "")}) COLLATE "C"`,
  orderedAs: TEXT_SQL,
  misplaced: (sql) => farYears(sql, "date"),
};

/**
 * The same with a time. `isWhole`: there are no parts of seconds. With them, the Z of an instant
 * comes after the point of those within its second.
 */
export function momentText(kind: "datetime" | "instant", isWhole: boolean): Ordered {
  const isInstant = kind === "instant";
  const type = isInstant ? "timestamptz" : "timestamp";
  const seconds = (sql: string): string =>
    ` || to_char(${sql}, '"T"HH24:MI:SS')` +
    ` || rtrim(rtrim(to_char(${sql}, '.US'), '0'), '.')${isInstant ? " || 'Z'" : ""}`;
  return {
    ordered: (sql) => {
      const local = isInstant ? `((${sql}) AT TIME ZONE 'UTC')` : `(${sql})`;
      return `(${momentSql(local, "timestamp", seconds(local))}) COLLATE "C"`;
    },
    orderedAs: TEXT_SQL,
    ...(isInstant && !isWhole ? {} : { misplaced: (sql) => farYears(sql, type) }),
  };
}

/** PostgreSQL leaves minutes of an offset out where there are none. */
export const offsetText: Ordered = {
  ordered: (sql) =>
    `((${sql})::text || CASE WHEN (${sql})::text ~ '[+-][0-9][0-9]$' THEN ':00' ELSE '' END)` +
    ` COLLATE "C"`,
  orderedAs: TEXT_SQL,
};

/** Their texts begin with a sign; those of the infinities are where they belong. */
function farYears(sql: string, type: "date" | "timestamp" | "timestamptz"): readonly string[] {
  const [first, end] = [`'0001-01-01'::${type}`, `'10000-01-01'::${type}`];
  return [
    `${sql} < ${first} AND ${sql} > '-infinity'::${type}`,
    `${sql} >= ${end} AND ${sql} < 'infinity'::${type}`,
  ];
}

function momentSql(sql: string, type: "date" | "timestamp", time: string): string {
  // Before the year 1 it counts without a year 0.
  const year = `(extract(year FROM ${sql})::int + (extract(year FROM ${sql}) < 0)::int)`;
  const far =
    `CASE WHEN ${year} < 0 THEN '-' ELSE '+' END || ` +
    `lpad(abs(${year})::text, greatest(6, length(abs(${year})::text)), '0')`;
  const isFar = `(${year} < 0 OR ${year} > 9999)`;
  const years = `CASE WHEN ${isFar} THEN ${far} ELSE lpad(${year}::text, 4, '0') END`;
  // Dates reach further than what to_char knows.
  const two = (part: string): string => `lpad(extract(${part} FROM ${sql})::int::text, 2, '0')`;
  const day =
    type === "date"
      ? `'-' || ${two("month")} || '-' || ${two("day")}`
      : `to_char(${sql}, '-MM-DD')`;
  return (
    `CASE WHEN ${sql} >= '0001-01-01'::${type} AND ${sql} < '10000-01-01'::${type} ` +
    `THEN to_char(${sql}, 'YYYY-MM-DD')${time} ` +
    `WHEN NOT isfinite(${sql}) THEN ${sql}::text ` +
    `ELSE (${years}) || ${day}${time} END`
  );
}
