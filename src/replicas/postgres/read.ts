// Listings in key order, and reads by key.
import { SyncError } from "../../core/errors.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Page, Shape, Unkeyed } from "../../engine/replica.ts";
import { firstRows } from "./by-key.ts";
import { readTable } from "./catalogue.ts";
import type { Ask, Table } from "./catalogue.ts";
import type { Wire } from "./codec.ts";
import type { Database } from "./connect.ts";
import { failureOf } from "./failure.ts";
import type { Tables } from "./known.ts";
import type { Session } from "./session.ts";
import { notUnique, shapeTable } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";
import { rowsIn } from "./tuples.ts";
import { textWire } from "./wire-text.ts";

/** What listings and reads need of a replica. */
export interface Source {
  readonly database: Database;
  /** Schemas that hold what is ours. */
  readonly ours: readonly string[];
  /** Absent: a table is looked up whenever it is needed. */
  readonly tables?: Tables;
}

/**
 * All rows after a key, by one statement: of one moment. Throws LIST_FAILED when it breaks off,
 * KEY_NOT_UNIQUE for two rows of one key; rows without key are named in `unkeyed`.
 */
export async function* list(
  source: Source,
  shape: Shape,
  after: Key | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const { database } = source;
  const session = await database.take(signal);
  let state: "as-new" | "used" = "used";
  try {
    await session.run(LISTING, signal);
    const shaped = await shapedBy(session, source, shape, signal);
    yield* pagesOf(session, shaped, after, signal);
    await session.run("COMMIT", signal);
    state = "as-new";
  } catch (error) {
    throw listFailure(error, database.title, signal);
  } finally {
    database.giveBack(session, state);
  }
}

/** A listing takes as long as whoever reads it: what ends it is silence. */
export const LISTING =
  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0";

/** The rows under these keys, in their order, as many as a page holds. */
export async function read(
  source: Source,
  shape: Shape,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<Page> {
  return source.database.use(signal, async (session) => {
    const shaped = await shapedBy(session, source, shape, signal);
    const rows = await firstRows(session, shaped, keys, signal);
    return { keys: keys.slice(0, rows.length), rows };
  });
}

/** Asks a session's database about itself. */
export function asking(session: Session, signal: AbortSignal): Ask {
  return (sql, values) => session.rows(sql, values, signal);
}

/** A shape compiled against the table as it is now. */
export async function shapedBy(
  session: Session,
  { ours, tables }: Omit<Source, "database">,
  shape: Shape,
  signal: AbortSignal,
): Promise<Shaped> {
  const { collection } = shape;
  const table =
    tables === undefined
      ? await readTable(asking(session, signal), collection, ours)
      : await tables.get(session, collection, signal);
  return shapeTable(table, shape);
}

async function* pagesOf(
  session: Session,
  shaped: Shaped,
  after: Key | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const { table, keyColumns } = shaped;
  const finder = hasPlaces(table) && keyColumns.some((column) => !column.notNull);
  const sql = await listSql(session, shaped, { after, finder, signal });
  yield* pagesBy(session, shaped, { sql, finder, after, to: null }, signal);
}

/** A `COPY … TO STDOUT (FORMAT binary)` of a shape's rows in key order, and what it covers. */
export interface Copied {
  readonly sql: string;
  /** The place of each row follows its columns. */
  readonly finder: boolean;
  readonly after: Key | null;
  readonly to: Key | null;
}

/** What is copied out, page by page. */
export async function* pagesBy(
  session: Session,
  shaped: Shaped,
  { sql, finder, after, to }: Copied,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const { table, columns } = shaped;
  const wires: Wire[] = columns.map((column) => column.codec);
  if (finder) wires.push(PLACE);
  const proof = table.kind === "foreign" ? "paged" : "snapshot";
  const paging = makePaging(shaped, after);
  for await (const { rows, bytes } of weighed(session.copyOut(sql, signal), wires)) {
    for (const row of rows) {
      const page = paging.add(row, bytes / rows.length);
      if (page !== undefined) yield { ...page.page, covers: { ...page.covers, proof } };
    }
  }
  const { page, covers } = paging.end();
  yield { ...page, covers: { ...covers, to, proof } };
}

/** Rows as they come, and how much was sent since those before them: that is what they weigh. */
export async function* weighed(
  pieces: AsyncIterable<Buffer>,
  wires: readonly Wire[],
): AsyncGenerator<{ readonly rows: readonly OwnRow[]; readonly bytes: number }> {
  let bytes = 0;
  const counted = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      bytes += piece.length;
      yield piece;
    }
  };
  for await (const rows of rowsIn(counted(), wires)) {
    yield { rows, bytes };
    bytes = 0;
  }
}

/** Where a row is stored: a person finds one without key by it. */
const PLACE: Wire = textWire({ kind: "text" });

function hasPlaces(table: Table): boolean {
  return table.kind === "table" || table.kind === "materialized";
}

interface Asked {
  readonly after: Key | null;
  readonly finder: boolean;
  readonly signal: AbortSignal;
}

async function listSql(
  session: Session,
  shaped: Shaped,
  { after, finder, signal }: Asked,
): Promise<string> {
  const { table, select } = shaped;
  // What a key says of a place in the table is said in the order of keys.
  const order = after === null ? await orderFor(session, shaped, signal) : shaped.order;
  const columns = finder ? `${select}, ctid::text` : select;
  const texts = after === null ? [] : shaped.afterTexts(after);
  // COPY takes no parameters: they are settings of the session, and never part of the statement.
  const settings = texts.map((_, at) => `set_config('syncline.after_${at}', $${at + 1}, false)`);
  if (settings.length > 0) await session.rows(`SELECT ${settings.join(", ")}`, texts, signal);
  const bound = texts.map((_, at) => `current_setting('syncline.after_${at}')`);
  const where = texts.length === 0 ? "" : ` WHERE ${shaped.after(bound)}`;
  const rows = `SELECT ${columns} FROM ${table.from}${where} ORDER BY ${order}`;
  return `COPY (${rows}) TO STDOUT (FORMAT binary)`;
}

/** By an index where that is the order of keys; a row that comes in between ends the listing. */
async function orderFor(
  session: Session,
  { table, order, byIndex }: Shaped,
  signal: AbortSignal,
): Promise<string> {
  if (byIndex === undefined) return order;
  const tests = byIndex.unless.map((test) => `EXISTS (SELECT FROM ${table.from} WHERE ${test})`);
  const [row] = await session.rows(`SELECT ${tests.join(" OR ")}`, [], signal);
  return row?.[0] === "t" ? order : byIndex.order;
}

interface Filled {
  readonly page: Pick<Page, "keys" | "rows" | "unkeyed" | "bytes">;
  readonly covers: { readonly after: Key | null; readonly to: Key };
}

/** Fills pages with rows that come one by one. A page is given when the next one has begun. */
function makePaging(shaped: Shaped, after: Key | null) {
  const { table, columns } = shaped;
  let from = after;
  let before: Key = after ?? "";
  let keys: Key[] = [];
  let rows: OwnRow[] = [];
  let unkeyed: Unkeyed[] = [];
  let bytes = 0;
  const take = (): Filled => {
    const page = { keys, rows, bytes, ...(unkeyed.length === 0 ? {} : { unkeyed }) };
    const filled = { page, covers: { after: from, to: before } };
    from = before;
    [keys, rows, unkeyed, bytes] = [[], [], [], 0];
    return filled;
  };
  return {
    add: (row: OwnRow, weight: number): Filled | undefined => {
      const key = shaped.keyOf(row);
      if (key === undefined) {
        unkeyed.push(unkeyedOf(shaped, row));
        // A page without keys would speak for no range.
        return unkeyed.length < PAGE_ROWS_MAX || keys.length === 0 ? undefined : take();
      }
      if (key === before) throw notUnique(shaped, key);
      if (key < before) throw outOfOrder(table);
      const isFull = keys.length >= PAGE_ROWS_MAX || bytes >= PAGE_BYTES_MAX;
      const filled = isFull && keys.length > 0 ? take() : undefined;
      bytes += weight;
      before = key;
      keys.push(key);
      rows.push(row.length === columns.length ? row : row.slice(0, columns.length));
      return filled;
    },
    end: () => {
      const { page, covers } = take();
      return { page, covers: { after: covers.after } };
    },
  };
}

/** What is said of a row without key; its place, where it is known, follows its columns. */
export function unkeyedOf({ table, keyColumns, keyAt, columns }: Shaped, row: OwnRow): Unkeyed {
  const place = row[columns.length];
  const names = keyColumns.map((column) => column.name).join(", ");
  const where = typeof place === "string" ? `${table.name}, ctid ${place}` : table.name;
  return keyAt.some((at) => row[at] === null)
    ? { code: "KEY_MISSING", where: `${where}: a row without ${names}` }
    : { code: "KEY_INVALID", where: `${where}: a row whose ${names} names nothing` };
}

function outOfOrder(table: Table): SyncError {
  return new SyncError("KEY_ORDER", `${table.name} cannot be listed by this key`, {
    where: table.name,
    hint: "Its columns hold values whose order is not the store's; name other columns as key.",
  });
}

/** A listing that failed, in our words; what aborted it as it is. */
export function listFailure(error: unknown, place: string, signal: AbortSignal): unknown {
  if (signal.aborted && error === signal.reason) return error;
  const failure = failureOf(error, place);
  if (failure instanceof SyncError && failure !== error) {
    if (failure.code !== "REPLICA_UNAVAILABLE") return failure;
    const message = `the listing of ${place} broke off: ${failure.message}`;
    const { hint } = failure;
    return new SyncError("LIST_FAILED", message, { where: place, ...(hint && { hint }) });
  }
  return failure;
}
