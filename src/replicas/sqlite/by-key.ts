// Rows by their keys, from the first key on as many as a page holds.
import type { Key, OwnRow } from "../../core/state.ts";
import { weightOf } from "../../core/weight.ts";
import { PAGE_BYTES_MAX } from "../../engine/replica.ts";
import { quote } from "./names.ts";
import type { Reading } from "./reading.ts";
import { allRows, someRows } from "./rows.ts";
import { exact, notUnique } from "./shaped.ts";
import type { Shaped } from "./shaped.ts";

/** Keys asked for at once where the table has to be searched from end to end. */
const SCANNED_KEYS_MAX = 500;

/** The rows under the first of these keys, null for those that are not there. */
export function readRows(
  reading: Reading,
  shaped: Shaped,
  keys: readonly Key[],
): readonly (OwnRow | null)[] {
  const { table, select, whereKey, keyColumns } = shaped;
  const sql = `SELECT ${select} FROM main.${quote(table.name)} WHERE ${whereKey} LIMIT 2`;
  const plan = reading.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...keyColumns.map(() => 0));
  const isScan = plan.some((step) => String(step["detail"]).startsWith("SCAN"));
  if (isScan && keys.length > 1) return scanRows(reading, shaped, keys);
  const statement = reading.prepare(sql);
  const found: (OwnRow | null)[] = [];
  let bytes = 0;
  for (const key of keys) {
    if (bytes >= PAGE_BYTES_MAX) break;
    const bound = shaped.bindKey(key);
    const rows = bound === undefined ? [] : allRows(reading.db, statement, ...bound);
    if (rows.length > 1) throw notUnique(shaped, key);
    const [row] = rows;
    found.push(row === undefined ? null : shaped.decode(row));
    if (row !== undefined) bytes += weightOf(row);
  }
  return found;
}

function scanRows(
  reading: Reading,
  shaped: Shaped,
  keys: readonly Key[],
): readonly (OwnRow | null)[] {
  const found: (OwnRow | null)[] = [];
  let bytes = 0;
  let count = SCANNED_KEYS_MAX;
  while (found.length < keys.length && bytes < PAGE_BYTES_MAX) {
    const asked = keys.slice(found.length, found.length + count);
    const scanned = scan(reading, shaped, asked);
    // Rows come in the table's order: those that are too much together are asked for in parts.
    if (scanned === undefined) {
      count = Math.ceil(asked.length / 2);
      continue;
    }
    found.push(...asked.map((key) => scanned.rows.get(key) ?? null));
    bytes += scanned.bytes;
  }
  return found;
}

/** undefined: it is more than a page holds. */
function scan(
  reading: Reading,
  shaped: Shaped,
  keys: readonly Key[],
): { readonly rows: ReadonlyMap<Key, OwnRow>; readonly bytes: number } | undefined {
  const { table, select, keyColumns, columns } = shaped;
  const rows = new Map<Key, OwnRow>();
  const bound = keys.map((key) => shaped.bindKey(key)).filter((each) => each !== undefined);
  if (bound.length === 0) return { rows, bytes: 0 };
  const terms = keyColumns.map(exact).join(", ");
  const tuple = `(${keyColumns.map(() => "?").join(", ")})`;
  const values = bound.map(() => tuple).join(", ");
  const from = `FROM main.${quote(table.name)} WHERE (${terms}) IN (VALUES ${values})`;
  const wanted = {
    db: reading.db,
    statement: reading.prepare(`SELECT ${select} ${from}`),
    // Two rows of one key are one too many.
    rowsMax: keys.length + 1,
    bytesMax: keys.length === 1 ? Infinity : PAGE_BYTES_MAX,
    columns: columns.length,
  };
  const fetched = someRows(wanted, ...bound.flat());
  for (const raw of fetched.rows) {
    const row = shaped.decode(raw);
    const key = shaped.keyOf(row);
    if (key === undefined) continue;
    if (rows.has(key)) throw notUnique(shaped, key);
    rows.set(key, row);
  }
  return fetched.rows.length > fetched.held ? undefined : { rows, bytes: fetched.bytes };
}
