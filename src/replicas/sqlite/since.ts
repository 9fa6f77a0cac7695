// What a column tells of changes: rows in which it holds as much as was seen before, or more, the
// overlap taken off. Moments are text here, which sorts as time does where all of it has one form
// and one zone. What is committed later than the overlap is not told, nor what is gone, nor rows
// without a value: a comparison of everything finds those.
import { isoOfMs } from "../../core/calendar.ts";
import { SyncError } from "../../core/errors.ts";
import { smallest } from "../../core/numerals.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import type { LogicalType } from "../../core/values.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type {
  Cursor,
  FeedPage,
  Overlap,
  Shape,
  SinceColumn,
  Unkeyed,
} from "../../engine/replica.ts";
import { cursorOf, placeIn, seenIn } from "../../engine/seen.ts";
import { columnOf } from "./catalogue.ts";
import type { Stored } from "./codec.ts";
import { quote } from "./names.ts";
import { begin, invalidKey, lookAt } from "./read.ts";
import type { Source } from "./read.ts";
import type { Reading } from "./reading.ts";
import { allRows, someRows } from "./rows.ts";
import type { Shaped } from "./shaped.ts";

/** Kinds of columns that grow: numbers, and text that holds moments. */
export const SINCE_KINDS: readonly LogicalType["kind"][] = [
  "integer",
  "real",
  "decimal",
  "text",
  "any",
];

/** Rows that are read in one go, so that they are of one moment, where they do not weigh more. */
const CHUNK_ROWS = 50_000;
const CHUNK_BYTES = PAGE_BYTES_MAX;

/** Rows that changed since a cursor, in the order of their columns. Throws CURSOR_LOST. */
export async function* changesSince(
  source: Source,
  shapes: readonly Shape[],
  cursor: Cursor | undefined,
  signal: AbortSignal,
): AsyncGenerator<FeedPage> {
  const seen = new Map(seenIn(cursor, source.file.path));
  for (const shape of shapes) {
    const { since } = shape;
    if (since === undefined) continue;
    const place = placeIn(shape, since);
    let from: From = { value: fromOf(seen.get(place), since.overlap), address: [] };
    for (;;) {
      const told = await lookAt(source, signal, (reading) => rowsFrom(reading, shape, since, from));
      for (let start = 0; start < told.rows.length; start += PAGE_ROWS_MAX) {
        const rows = told.rows.slice(start, start + PAGE_ROWS_MAX);
        const values = rows.map((row) => row[told.shaped.columns.length] ?? null);
        const last = lastSeen(values, since, told.now);
        if (last !== undefined) seen.set(place, last);
        yield { ...pageOf(told.shaped, rows), cursor: cursorOf(seen) };
      }
      if (told.next === undefined) break;
      from = told.next;
    }
  }
}

/** How far the columns of these shapes have grown. */
export async function headSince(
  source: Source,
  shapes: readonly Shape[],
  signal: AbortSignal,
): Promise<Cursor> {
  return lookAt(source, signal, (reading) => {
    const seen = new Map<string, string>();
    for (const shape of shapes) {
      if (shape.since === undefined) continue;
      const { column, test, from } = tellingOf(begin(reading, shape), shape.since);
      const sql = `SELECT ${column} FROM ${from} WHERE ${test} ORDER BY 1 DESC LIMIT 1`;
      const rows = allRows(reading.db, reading.prepare(sql));
      const values = rows.map(([value = null]) => value);
      const last = lastSeen(values, shape.since, nowIn(reading));
      if (last !== undefined) seen.set(placeIn(shape, shape.since), last);
    }
    return cursorOf(seen);
  });
}

/** From where on rows are wanted. */
interface From {
  /** null: from the beginning. */
  readonly value: Stored;
  /** Behind the row of this address among those that hold the value; empty: from the first one. */
  readonly address: readonly Stored[];
  /** How much more is read in one go than usual: where rows have no address, a moment is whole. */
  readonly times?: number;
}

interface Told {
  readonly shaped: Shaped;
  /** The shape's columns, then the one that tells, then the address. */
  readonly rows: readonly Stored[][];
  readonly now: string;
  /** undefined: these were the last. */
  readonly next: From | undefined;
}

function rowsFrom(reading: Reading, shape: Shape, since: SinceColumn, from: From): Told {
  const shaped = begin(reading, shape);
  const told = tellingOf(shaped, since);
  const { address } = shaped.table;
  const { times = 1 } = from;
  const terms = [told.column, ...address.map(quote)].join(", ");
  const bound = from.value === null ? [] : [from.value, ...from.address];
  const marks = bound.map(() => "?").join(", ");
  const above =
    bound.length === 0
      ? ""
      : bound.length === 1
        ? ` AND ${told.column} >= ?`
        : ` AND (${terms}) > (${marks})`;
  const rowsMax = CHUNK_ROWS * times;
  const select = `SELECT ${shaped.select}, ${terms} FROM ${told.from}`;
  const sql = `${select} WHERE ${told.test}${above} ORDER BY ${terms} LIMIT ${rowsMax + 1}`;
  const wanted = {
    db: reading.db,
    statement: reading.prepare(sql),
    rowsMax,
    bytesMax: CHUNK_BYTES * times,
    columns: shaped.columns.length + 1 + address.length,
  };
  const { rows, held } = someRows(wanted, ...bound);
  const ends = rows[held - 1]?.slice(shaped.columns.length) ?? [];
  const [end = null, ...at] = ends;
  // Without an address the rows of one moment may go on: they are read again with what follows.
  const isStuck = address.length === 0 && end === from.value;
  const next: From = { value: end, address: at, ...(isStuck ? { times: times * 2 } : {}) };
  return {
    shaped,
    rows: rows.slice(0, held),
    now: nowIn(reading),
    next: rows.length === held ? undefined : next,
  };
}

function tellingOf({ table }: Shaped, { column: name, overlap }: SinceColumn) {
  columnOf(table, name);
  const isTime = overlap.kind === "time";
  const column = isTime ? `${quote(name)} COLLATE BINARY` : quote(name);
  // SQLite sorts numbers before texts, whatever the column is declared as.
  const kinds = isTime ? "'text'" : "'integer', 'real'";
  const test = `typeof(${quote(name)}) IN (${kinds})`;
  return { column, test, from: `main.${quote(table.name)}` };
}

function pageOf(shaped: Shaped, fetched: readonly Stored[][]): Omit<FeedPage, "cursor"> {
  const keys: Key[] = [];
  const rows: OwnRow[] = [];
  const unkeyed: Unkeyed[] = [];
  for (const each of fetched) {
    const row = shaped.decode(each.slice(0, shaped.columns.length));
    const key = shaped.keyOf(row);
    if (key === undefined) {
      unkeyed.push(invalidKey(shaped));
      continue;
    }
    keys.push(key);
    rows.push(row);
  }
  const named = unkeyed.length === 0 ? {} : { unkeyed };
  return { collection: shaped.table.name, keys, rows, isNow: true, ...named };
}

/** A day, and perhaps a time of it, as texts have it: its parts up to the second. */
const MOMENT = /^(\d{4}-\d\d-\d\d)(?:([T ])(\d\d:\d\d)(:\d\d)?.*)?$/;

/** The greatest of what was seen that others may follow, as text. */
function lastSeen(
  values: readonly Stored[],
  { overlap }: SinceColumn,
  now: string,
): string | undefined {
  for (let at = values.length - 1; at >= 0; at--) {
    const value = values[at] ?? null;
    if (overlap.kind === "number") return String(value);
    const match = typeof value === "string" ? MOMENT.exec(value) : null;
    if (match === null) continue;
    // I12: a clock only moves it back, so that a date in the far future hides nothing.
    const [whole, , separator = "T"] = match;
    const limit = now.replace("T", separator).slice(0, whole.length);
    return whole < limit ? whole : limit;
  }
  return undefined;
}

function nowIn(reading: Reading): string {
  const sql = "SELECT strftime('%Y-%m-%dT%H:%M:%S', 'now')";
  return String(allRows(reading.db, reading.prepare(sql))[0]?.[0]);
}

/** Where to read on; null: from the beginning. */
function fromOf(seen: string | undefined, overlap: Overlap): Stored {
  if (seen === undefined) return null;
  if (overlap.kind === "number") {
    const isWhole = /^-?\d+$/.test(seen) && Number.isSafeInteger(overlap.count);
    return isWhole ? smallest(BigInt(seen) - BigInt(overlap.count)) : Number(seen) - overlap.count;
  }
  const match = MOMENT.exec(seen);
  if (match === null) {
    throw new SyncError("CURSOR_LOST", "where a column of moments was read to is no moment");
  }
  const [, day = "", separator, time, second] = match;
  const ms = Date.parse(`${day}T${time ?? "00:00"}${second ?? ":00"}Z`) - overlap.ms;
  // A month of 13 is no moment, whatever it looks like.
  if (Number.isNaN(ms)) return null;
  const from = isoOfMs(ms);
  if (separator === undefined) return from.slice(0, 10);
  return from.slice(0, second === undefined ? 16 : 19).replace("T", separator);
}
