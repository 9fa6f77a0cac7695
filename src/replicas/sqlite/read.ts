// Listings in key order, page by page, and reads by key (by-key.ts).
import type { StatementSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { SyncError } from "../../core/errors.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import { PAGE_BYTES_MAX, PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Page, Shape, Unkeyed } from "../../engine/replica.ts";
import { readRows } from "./by-key.ts";
import { whileBusy } from "./busy.ts";
import type { Patience } from "./busy.ts";
import type { Stored } from "./codec.ts";
import { failureOf } from "./failure.ts";
import { OURS, quote } from "./names.ts";
import type { DatabaseFile } from "./database-file.ts";
import type { Reading } from "./reading.ts";
import { allRows, someRows } from "./rows.ts";
import type { SomeRows } from "./rows.ts";
import { notUnique, orderTerms, shapeTable } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";

/** What listings and reads need of a replica. */
export interface Source {
  readonly file: DatabaseFile;
  readonly patience: Patience;
}

/**
 * All rows after a key. Where the file allows it, of one moment. Throws LIST_FAILED when it breaks
 * off, KEY_NOT_UNIQUE for two rows of one key; rows without key are named in `unkeyed`.
 */
export async function* list(
  { file, patience }: Source,
  shape: Shape,
  after: Key | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  let reading: Reading | undefined;
  try {
    const found = await whileBusy(() => file.read(), patience, signal);
    reading = found;
    const shaped = await whileBusy(() => begin(found, shape), patience, signal);
    const pages = makePages(found, shaped, after);
    if (after === null) yield* unkeyedPages(found, shaped, signal);
    for (let from = after; ;) {
      const page = await whileBusy(() => pages(from), patience, signal);
      yield page;
      if (page.covers.to === null) return;
      from = page.covers.to;
      // SQLite reads in one go, and others have been answered meanwhile.
      await setImmediate();
      signal.throwIfAborted();
    }
  } catch (error) {
    throw listFailure(error, file.path, signal);
  } finally {
    reading?.close();
  }
}

/** The rows under these keys, in their order, as many as a page holds. */
export async function read(
  { file, patience }: Source,
  shape: Shape,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<Page> {
  return lookAt({ file, patience }, signal, (reading) => {
    const rows = readRows(reading, begin(reading, shape), keys);
    return { keys: keys.slice(0, rows.length), rows };
  });
}

/** Looks at one moment of the file, in one go. */
export async function lookAt<T>(
  { file, patience }: Source,
  signal: AbortSignal,
  look: (reading: Reading) => T,
): Promise<T> {
  const once = () => {
    const reading = file.read();
    try {
      const found = look(reading);
      reading.check();
      return found;
    } finally {
      reading.close();
    }
  };
  try {
    return await whileBusy(once, patience, signal);
  } catch (error) {
    throw failureOf(error, file.path);
  }
}

/** In WAL mode a listing stays at one moment until its connection is closed. */
export function begin(reading: Reading, shape: Shape): Shaped {
  reading.begin();
  return shapeTable(reading.db, shape);
}

function listFailure(error: unknown, path: string, signal: AbortSignal): unknown {
  if (signal.aborted && error === signal.reason) return error;
  const failure = failureOf(error, path);
  if (failure instanceof SyncError && failure !== error) {
    if (failure.code !== "REPLICA_UNAVAILABLE") return failure;
    const message = `the listing of ${path} broke off: ${failure.message}`;
    return new SyncError("LIST_FAILED", message, { where: path, cause: error });
  }
  return failure;
}

type ListPage = Page & { readonly covers: NonNullable<Page["covers"]> };

/** One more row than a page holds is fetched: two of one key must not meet at a page's end. */
const FETCHED = PAGE_ROWS_MAX + 1;

function makePages(
  reading: Reading,
  shaped: Shaped,
  after: Key | null,
): (from: Key | null) => ListPage {
  const start = after === null ? undefined : afterKey(shaped, after);
  const { queries, isSorted } = queriesOf(reading, shaped, start);
  const proof = reading.isSnapshot || isSorted ? "snapshot" : "paged";
  let bound = queries.start;
  let prepared:
    | { readonly db: Reading["db"]; readonly sql: string; readonly run: StatementSync }
    | undefined;
  let count = 0;
  return (from) => {
    const sql = bound === undefined ? queries.first : queries.next;
    // A writer of our own may have made the reading change its connection.
    if (prepared?.db !== reading.db || prepared.sql !== sql) {
      prepared = { db: reading.db, sql, run: reading.prepare(sql) };
    }
    const wanted = {
      db: prepared.db,
      statement: prepared.run,
      rowsMax: PAGE_ROWS_MAX,
      bytesMax: PAGE_BYTES_MAX,
      columns: shaped.columns.length,
    };
    const fetched = someRows(wanted, ...(bound ?? []));
    reading.check();
    const { rows, held } = fetched;
    const isLast = rows.length === held;
    count += held;
    const ends = rows[held - 1] ?? [];
    bound = isSorted ? [count] : shaped.keyAt.map((at) => ends[at] ?? null);
    const { to, ...page } = pageOf(shaped, fetched, from);
    return { ...page, covers: { after: from, to: isLast ? null : to, proof } };
  };
}

function pageOf(
  shaped: Shaped,
  { rows: fetched, held, bytes }: SomeRows,
  from: Key | null,
): { keys: Key[]; rows: OwnRow[]; bytes: number; to: Key; unkeyed?: readonly Unkeyed[] } {
  const keys: Key[] = [];
  const rows: OwnRow[] = [];
  const unkeyed: Unkeyed[] = [];
  let before = from ?? "";
  for (let index = 0; index < fetched.length; index++) {
    const row = shaped.decode(fetched[index] ?? []);
    const key = shaped.keyOf(row);
    if (key === undefined) {
      if (index < held) unkeyed.push(invalidKey(shaped));
      continue;
    }
    if (key === before) throw notUnique(shaped, key);
    if (key < before) throw outOfOrder(shaped);
    if (index === held) break;
    before = key;
    keys.push(key);
    rows.push(row);
  }
  return { keys, rows, bytes, to: before, ...(unkeyed.length === 0 ? {} : { unkeyed }) };
}

function outOfOrder(shaped: Shaped): SyncError {
  return new SyncError("KEY_ORDER", `${shaped.table.name} cannot be listed by this key`, {
    where: shaped.table.name,
    hint: "Its columns hold values whose order is not the store's; name other columns as key.",
  });
}

/** What is said of a row whose key names nothing. */
export function invalidKey(shaped: Shaped): Unkeyed {
  const names = shaped.keyColumns.map((column) => column.name).join(", ");
  return { code: "KEY_INVALID", where: `${shaped.table.name}: a row whose ${names} names nothing` };
}

interface Queries {
  /** Without a key to start from. */
  readonly first: string;
  readonly next: string;
  /** What `next` takes for the first page; undefined: `first` is asked. */
  readonly start: readonly Stored[] | undefined;
}

/**
 * Pages by the key's index. Without one in which a page's start can be sought, the whole table is
 * sorted once into a temporary table of this connection: sorting or passing it for every page would
 * never end.
 */
function queriesOf(
  reading: Reading,
  shaped: Shaped,
  after: readonly Stored[] | undefined,
): { readonly queries: Queries; readonly isSorted: boolean } {
  const { table, keyColumns, select } = shaped;
  const terms = orderTerms(reading.db, shaped).join(", ");
  const whole = keyColumns
    .filter((column) => !column.notNull && column.name !== table.rowidColumn)
    .map((column) => `${quote(column.name)} IS NOT NULL`);
  const above = `(${terms}) > (${keyColumns.map(() => "?").join(", ")})`;
  const page = (conditions: readonly string[]) =>
    `SELECT ${select} FROM main.${quote(table.name)}${where(conditions)} ORDER BY ${terms}`;
  const next = page([...whole, above]);
  const plan = reading.prepare(`EXPLAIN QUERY PLAN ${next}`).all(...keyColumns.map(() => 0));
  const steps = plan.map((step) => String(step["detail"]));
  const isSought = steps.some((step) => step.startsWith("SEARCH"));
  if (isSought && !steps.some((step) => step.includes("TEMP B-TREE"))) {
    const limit = ` LIMIT ${FETCHED}`;
    const queries = { first: page(whole) + limit, next: next + limit, start: after };
    return { queries, isSorted: false };
  }
  const seq = `${OURS}seq`;
  reading.db.exec(`CREATE TEMP TABLE sorted (${seq} INTEGER PRIMARY KEY, ${select})`);
  const sort = `INSERT INTO temp.sorted (${select}) `;
  reading.prepare(sort + (after === undefined ? page(whole) : next)).run(...(after ?? []));
  const from = `FROM temp.sorted WHERE ${seq} > ? ORDER BY ${seq} LIMIT ${FETCHED}`;
  const sorted = `SELECT ${select} ${from}`;
  return { queries: { first: sorted, next: sorted, start: [0] }, isSorted: true };
}

function where(conditions: readonly string[]): string {
  return conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`;
}

function afterKey(shaped: Shaped, key: Key): readonly Stored[] {
  const bound = shaped.bindKey(key);
  if (bound !== undefined) return bound;
  throw new SyncError("KEY_ORDER", `${shaped.table.name} cannot hold the key to list from`);
}

/** Rows with NULL in their key, each named by its rowid or, where it has none, counted. */
async function* unkeyedPages(
  reading: Reading,
  shaped: Shaped,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  const { table, keyColumns } = shaped;
  const nullable = keyColumns.filter((each) => !each.notNull && each.name !== table.rowidColumn);
  if (nullable.length === 0) return;
  const test = nullable.map((column) => `${quote(column.name)} IS NULL`).join(" OR ");
  const from = `FROM main.${quote(table.name)} WHERE ${test}`;
  const [address] = table.address.length === 1 ? table.address : [];
  const sql =
    address === undefined || table.key.includes(address)
      ? `SELECT row_number() OVER () ${from}`
      : `SELECT ${quote(address)} ${from}`;
  const rows = allRows(reading.db, reading.prepare(sql));
  reading.check();
  for (let start = 0; start < rows.length; start += PAGE_ROWS_MAX) {
    signal.throwIfAborted();
    const unkeyed = rows.slice(start, start + PAGE_ROWS_MAX).map(([number]): Unkeyed => ({
      code: "KEY_MISSING",
      where: `${table.name}, ${address ?? "row without key"} ${String(number)}`,
    }));
    yield { keys: [], rows: [], unkeyed };
  }
}
