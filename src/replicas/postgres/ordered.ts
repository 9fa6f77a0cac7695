// SQL whose order is that of our keys, for types whose own order is another one: a key is made of
// the canonical text of a date, not of its place in time.

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

/** Types whose canonical text is PostgreSQL's own. */
export const AS_TEXT: Ordered = {
  ordered: (sql) => `(${sql})::text COLLATE "C"`,
  orderedAs: "text",
};

/** `YYYY-MM-DD` as core/calendar.ts writes it. */
export const dateText: Ordered = {
  ordered: (sql) => `(${momentSql(sql, "date", "")}) COLLATE "C"`,
  orderedAs: "text",
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
    orderedAs: "text",
    ...(isInstant && !isWhole ? {} : { misplaced: (sql) => farYears(sql, type) }),
  };
}

/** PostgreSQL leaves minutes of an offset out where there are none. */
export const offsetText: Ordered = {
  ordered: (sql) =>
    `((${sql})::text || CASE WHEN (${sql})::text ~ '[+-][0-9][0-9]$' THEN ':00' ELSE '' END)` +
    ` COLLATE "C"`,
  orderedAs: "text",
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
