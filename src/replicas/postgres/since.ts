// What a column tells of changes: rows in which it holds as much as was seen before, or more, the
// overlap taken off. What is committed later than that is not told, nor what is gone, nor rows
// without a value: a comparison of everything finds those. How far was read is what rows hold; the
// server's clock only ever moves it back, so that a date in the far future hides nothing.
import { SyncError } from "../../core/errors.ts";
import type { OwnRow } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Cursor, FeedPage, Overlap, Shape, Unkeyed } from "../../engine/replica.ts";
import { cursorOf, placeIn, seenIn } from "../../engine/seen.ts";
import { columnOf } from "./catalogue.ts";
import type { Column } from "./catalogue.ts";
import { LISTING, listFailure, shapedBy, unkeyedOf, weighed } from "./read.ts";
import type { Source } from "./read.ts";
import type { Session } from "./session.ts";
import { selected } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";
import { textWire } from "./wire-text.ts";

/** Kinds of columns that grow. */
export const SINCE_KINDS: readonly LogicalType["kind"][] = [
  "instant",
  "datetime",
  "date",
  "integer",
  "decimal",
  "real",
];

/** Rows that changed since a cursor, in the order of their columns. Throws CURSOR_LOST. */
export async function* changesSince(
  source: Source,
  shapes: readonly Shape[],
  cursor: Cursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<FeedPage> {
  const { database } = source;
  const seen = new Map(seenIn(cursor, database.title));
  for (const shape of shapes) {
    if (shape.since === undefined) continue;
    const session = await database.take(signal);
    let state: "as-new" | "used" = "used";
    try {
      await session.run(LISTING, signal);
      const place = placeIn(shape, shape.since);
      const told = tellingOf(await shapedBy(session, source, shape, signal), shape.since);
      for await (const { last, ...page } of pagesSince(session, told, seen.get(place), signal)) {
        if (last !== undefined) seen.set(place, last);
        yield { ...page, cursor: cursorOf(seen) };
      }
      await session.run("COMMIT", signal);
      state = "as-new";
    } catch (error) {
      throw listFailure(error, database.title, signal);
    } finally {
      database.giveBack(session, state);
    }
  }
}

/** How far the columns of these shapes have grown. */
export async function headSince(
  source: Source,
  shapes: readonly Shape[],
  signal: AbortSignal,
): Promise<Cursor> {
  return source.database.use(signal, async (session) => {
    const seen = new Map<string, string>();
    for (const shape of shapes) {
      if (shape.since === undefined) continue;
      const told = tellingOf(await shapedBy(session, source, shape, signal), shape.since);
      const where = told.isFinite === undefined ? "" : ` WHERE ${told.isFinite}`;
      const greatest = `SELECT max(${told.sql}) AS seen FROM ${told.shaped.table.from}${where}`;
      // Nothing is not the least of two.
      const capped = `CASE WHEN seen IS NOT NULL THEN ${told.capped("seen")}::text END`;
      const sql = `SELECT ${capped} FROM (${greatest}) AS g`;
      const [row] = await session.rows(sql, [], signal);
      const value = row?.[0];
      if (typeof value === "string") seen.set(placeIn(shape, shape.since), value);
    }
    return cursorOf(seen);
  });
}

/** A column that tells, in SQL. */
interface Telling {
  readonly shaped: Shaped;
  readonly sql: string;
  /** True for values that others may follow; undefined: for all. */
  readonly isFinite: string | undefined;
  /** A value, or the greatest that a column of now can hold. */
  readonly capped: (value: string) => string;
  /** What was seen, as text, less the overlap. */
  readonly from: (seen: string) => string;
}

function tellingOf(shaped: Shaped, since: NonNullable<Shape["since"]>): Telling {
  const column = columnOf(shaped.table, since.column);
  const sql = selected(column);
  const { capped, from } = arithmeticOf(column, since.overlap);
  const isWhole = column.codec.type.kind === "integer";
  return { shaped, sql, isFinite: isWhole ? undefined : `${sql} < 'Infinity'`, capped, from };
}

function arithmeticOf({ codec, name }: Column, overlap: Overlap): Pick<Telling, "capped" | "from"> {
  const { type, staged } = codec;
  if (overlap.kind === "number") {
    const least = type.kind === "integer" ? (type.min ?? INT8_MIN) : undefined;
    const less = (seen: string) => `${seen}::numeric - ${String(overlap.count)}`;
    return {
      capped: (value) => value,
      from: (seen) =>
        least === undefined
          ? `(${less(seen)})::${staged}`
          : `greatest(${less(seen)}, ${least})::${staged}`,
    };
  }
  const now = NOW[type.kind];
  if (now === undefined) {
    throw new SyncError("CONFIG_INVALID", `'${name}' counts, and its overlap is a time`);
  }
  return {
    capped: (value) => `least(${value}, ${now})`,
    from: (seen) => `(${seen}::${staged} - interval '${overlap.ms} milliseconds')::${staged}`,
  };
}

const INT8_MIN = "-9223372036854775808";

/** Now, in the types that hold moments. Where no zone is said, it is UTC's. */
const NOW: { readonly [kind in LogicalType["kind"]]?: string } = {
  instant: "now()",
  datetime: "(now() AT TIME ZONE 'UTC')",
  date: "(now() AT TIME ZONE 'UTC')::date",
};

interface Part extends Omit<FeedPage, "cursor"> {
  /** How far its rows were changed, as text. */
  readonly last: string | undefined;
}

async function* pagesSince(
  session: Session,
  { shaped, sql, isFinite, capped, from }: Telling,
  seen: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const { table, columns, select } = shaped;
  // COPY takes no parameters: they are settings of the session, and never part of the statement.
  const bound = "pg_catalog.current_setting('syncline.since')";
  if (seen !== undefined) {
    await session.rows("SELECT set_config('syncline.since', $1, false)", [seen], signal);
  }
  const where = seen === undefined ? `${sql} IS NOT NULL` : `${sql} >= ${from(bound)}`;
  const last = `${capped(sql)}::text`;
  const shown = isFinite === undefined ? last : `CASE WHEN ${isFinite} THEN ${last} END`;
  // With a name of its own: an order goes by names of what is selected first.
  const selection = `SELECT ${select}, ${shown} AS "syncline seen" FROM ${table.from}`;
  const rows = `${selection} WHERE ${where} ORDER BY ${sql}`;
  const copied = session.copyOut(`COPY (${rows}) TO STDOUT (FORMAT binary)`, signal);
  const wires = [...columns.map((column) => column.codec), textWire({ kind: "text" })];
  let page = pageOf(shaped);
  for await (const { rows, bytes } of weighed(copied, wires)) {
    for (const row of rows) {
      page.add(row, bytes / rows.length);
      if (page.isFull()) {
        yield page.part();
        page = pageOf(shaped);
      }
    }
  }
  if (!page.isEmpty()) yield page.part();
}

/** One page, filled row by row; a row's last cell is how far it was changed. */
function pageOf(shaped: Shaped) {
  const { table, columns } = shaped;
  const keys: FeedPage["keys"][number][] = [];
  const rows: OwnRow[] = [];
  const unkeyed: Unkeyed[] = [];
  let last: string | undefined;
  let bytes = 0;
  return {
    isEmpty: () => keys.length + unkeyed.length === 0,
    isFull: () => keys.length + unkeyed.length >= PAGE_ROWS_MAX || bytes >= PAGE_BYTES_MAX,
    add: (row: OwnRow, weight: number) => {
      bytes += weight;
      const own = row.slice(0, columns.length);
      const seen = row[columns.length];
      if (typeof seen === "string") last = seen;
      const key = shaped.keyOf(own);
      if (key === undefined) {
        unkeyed.push(unkeyedOf(shaped, own));
        return;
      }
      keys.push(key);
      rows.push(own);
    },
    part: (): Part => ({
      collection: table.name,
      keys,
      rows,
      bytes,
      isNow: true,
      last,
      ...(unkeyed.length === 0 ? {} : { unkeyed }),
    }),
  };
}
