// Rows by their keys, from the first key on as many as a page holds.
import type { Key, OwnRow } from "../../core/state.ts";
import { PAGE_BYTES_MAX } from "../../engine/replica.ts";
import type { Table } from "./catalogue.ts";
import { isUntranslatable } from "./failure.ts";
import { quote } from "./names.ts";
import { holdsUnicode } from "./ordered.ts";
import type { Session } from "./session.ts";
import { notUnique } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";
import { rowOfRecord } from "./tuples.ts";

/** The rows under these keys as this session's transaction sees them. Throws KEY_NOT_UNIQUE. */
export async function readRows(
  session: Session,
  shaped: Shaped,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<(OwnRow | null)[]> {
  const found = await firstRows(session, shaped, keys, signal);
  while (found.length < keys.length) {
    found.push(...(await firstRows(session, shaped, keys.slice(found.length), signal)));
  }
  return found;
}

/**
 * How many rows of a table are asked for at once, where a page has held fewer than were asked for:
 * the server makes all of them ready, also those that the page has no room for.
 */
const spans = new WeakMap<Table, number>();

/** The same for the first of these keys, one at least: as many as a page holds. */
export async function firstRows(
  session: Session,
  shaped: Shaped,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<(OwnRow | null)[]> {
  const { table } = shaped;
  const span = spans.get(table) ?? Infinity;
  const asked = keys.slice(0, span);
  const found = await pageOf(session, shaped, asked, signal);
  if (found.length < asked.length) spans.set(table, 2 * found.length);
  else if (asked.length < keys.length) spans.set(table, 2 * span);
  return found;
}

async function pageOf(
  session: Session,
  shaped: Shaped,
  keys: readonly Key[],
  signal: AbortSignal,
): Promise<(OwnRow | null)[]> {
  const found: (OwnRow | null)[] = keys.map(() => null);
  const asked = keys.flatMap((key, place): Asked[] => {
    const texts = shaped.bindKey(key);
    return texts === undefined ? [] : [{ place: String(place), texts }];
  });
  if (asked.length === 0) return found;
  const rows = holdsUnicode(shaped.table.encoding)
    ? await ask(session, shaped, asked, signal)
    : await askApart(session, shaped, asked, signal);
  const wires = shaped.columns.map((column) => column.codec);
  const known = new Set<number>();
  let count = keys.length;
  for (const [place, record = null] of rows) {
    const at = Number(place);
    if (known.has(at)) throw notUnique(shaped, keys[at] ?? "");
    known.add(at);
    if (record === null) count = Math.min(count, at);
    else found[at] = rowOfRecord(record, wires);
  }
  return found.slice(0, count);
}

/** A key's values, column by column, with its place in the question. */
interface Asked {
  readonly place: string;
  readonly texts: readonly string[];
}

type Rows = Awaited<ReturnType<Session["rows"]>>;

function ask(
  session: Session,
  shaped: Shaped,
  asked: readonly Asked[],
  signal: AbortSignal,
): Promise<Rows> {
  const places = asked.map(({ place }) => place);
  const columns = shaped.keyColumns.map((_, at) => asked.map(({ texts }) => texts[at] ?? ""));
  return session.rows(lookupSql(shaped), [places, ...columns], signal);
}

/** The same where the database may not have a character of a key: no row has it, then. */
async function askApart(
  session: Session,
  shaped: Shaped,
  asked: readonly Asked[],
  signal: AbortSignal,
): Promise<Rows> {
  const { isInTransaction } = session;
  if (isInTransaction) await session.run("SAVEPOINT syncline_keys", signal);
  try {
    const rows = await ask(session, shaped, asked, signal);
    if (isInTransaction) await session.run("RELEASE SAVEPOINT syncline_keys", signal);
    return rows;
  } catch (error) {
    if (!isUntranslatable(error)) throw error;
  }
  if (isInTransaction) {
    const back = "ROLLBACK TO SAVEPOINT syncline_keys; RELEASE SAVEPOINT syncline_keys";
    await session.run(back, signal);
  }
  if (asked.length === 1) return [];
  const middle = asked.length >>> 1;
  return [
    ...(await askApart(session, shaped, asked.slice(0, middle), signal)),
    ...(await askApart(session, shaped, asked.slice(middle), signal)),
  ];
}

/**
 * $1 are the places in the question, the others the values of the key, column by column. What comes
 * behind a full page is told without its record.
 */
function lookupSql({ table, keyColumns, columns }: Shaped): string {
  // With the table's name: a column may be called like one of ours.
  const select = columns.map(({ codec, name }) => codec.select(`t.${quote(name)}`)).join(", ");
  const parameters = keyColumns.map(({ codec }, at) => `$${at + 2}::${codec.lookup.as}[]`);
  const names = keyColumns.map((_, at) => `k${at}`);
  const tests = keyColumns.map(({ codec, name }, at) => {
    return codec.lookup.test(`t.${quote(name)}`, `k.k${at}`);
  });
  const before = "ORDER BY k.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING";
  const rows =
    `SELECT k.place, r.record, sum(octet_length(r.record)) OVER (${before}) AS before ` +
    `FROM unnest($1::int[], ${parameters.join(", ")}) ` +
    `AS k (place, ${names.join(", ")}) JOIN ${table.from} t ON ${tests.join(" AND ")} ` +
    `CROSS JOIN LATERAL (SELECT record_send(ROW(${select})) AS record) r`;
  const sent = `CASE WHEN before IS NULL OR before < ${PAGE_BYTES_MAX} THEN record END`;
  return `SELECT place, ${sent} FROM (${rows}) rows`;
}
