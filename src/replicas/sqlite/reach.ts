// Which rows the store would delete or change by itself, asked before anything is deleted.
import { PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Deletions, Reached, Shape } from "../../engine/replica.ts";
import type { Key } from "../../core/state.ts";
import { whileBusy } from "./busy.ts";
import { actingReferences, joinOf, type ActingReference } from "./cascades.ts";
import type { Stored } from "./codec.ts";
import { failureOf } from "./failure.ts";
import { quote } from "./names.ts";
import type { Source } from "./read.ts";
import type { Reading } from "./reading.ts";
import { allRows } from "./rows.ts";
import { exact, shapeTable, type Shaped } from "./shaped.ts";

/** Deletions asked about by one statement. */
const KEYS_AT_ONCE = 500;

/** What the contract calls `reach`. Each page is of one moment. */
export async function* reach(
  { file, patience }: Source,
  { shape, keys, referring }: Deletions,
  signal: AbortSignal,
): AsyncGenerator<readonly Reached[]> {
  if (keys.length === 0) return;
  let reading: Reading | undefined;
  try {
    const found = await whileBusy(() => file.read(), patience, signal);
    reading = found;
    const questions = await whileBusy(() => ask(found, shape, referring), patience, signal);
    for (const question of questions) {
      for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
        const pages = question(keys.slice(start, start + KEYS_AT_ONCE));
        for (let isLast = false; !isLast;) {
          const page = await whileBusy(pages, patience, signal);
          isLast = page.isLast;
          if (page.rows.length > 0) yield page.rows;
        }
      }
    }
  } catch (error) {
    throw failureOf(error, file.path);
  } finally {
    reading?.close();
  }
}

/** One reference, asked for the rows that refer to some keys by it, page by page. */
type Question = (
  keys: readonly Key[],
) => () => { readonly rows: readonly Reached[]; readonly isLast: boolean };

function ask(reading: Reading, shape: Shape, referring: readonly Shape[]): readonly Question[] {
  reading.begin();
  const { db } = reading;
  const parent = shapeTable(db, { ...shape, columns: shape.key });
  return actingReferences(db, parent.table).flatMap((reference) => {
    const columns = reference.pairs.map(({ child }) => child);
    const known = referring.filter(({ collection }) => collection === reference.child);
    // Its rows are told apart by their address alone where nobody says what names them.
    const shapes = known.length === 0 ? [{ collection: reference.child, key: [] }] : known;
    return shapes.map(({ collection, key }): Question => {
      const child = shapeTable(db, { collection, key, columns: [...key, ...columns] });
      const about = { reference, parent, child, isNamed: known.length > 0 };
      return (keys) => pagesOf(reading, about, keys);
    });
  });
}

interface About {
  readonly reference: ActingReference;
  /** Columns: the key's. */
  readonly parent: Shaped;
  /** Columns: the key's, then those that refer. */
  readonly child: Shaped;
  /** False: one row of that table tells of all. */
  readonly isNamed: boolean;
}

function pagesOf(reading: Reading, about: About, keys: readonly Key[]): ReturnType<Question> {
  const { parent, child, reference, isNamed } = about;
  const bound = keys.map((key) => parent.bindKey(key)).filter((each) => each !== undefined);
  const { table } = child;
  const parentWidth = parent.columns.length;
  const childWidth = child.columns.length;
  let after: readonly Stored[] | undefined;
  return () => {
    if (bound.length === 0) return { rows: [], isLast: true };
    const sql = sqlOf(about, bound.length, after !== undefined);
    const found = allRows(reading.db, reading.prepare(sql), ...bound.flat(), ...(after ?? []));
    reading.check();
    after = found.at(-1)?.slice(parentWidth + childWidth);
    const rows = found.map((row): Reached => {
      const from = parent.keyOf(parent.decode(row.slice(0, parentWidth))) ?? "";
      const values = child.decode(row.slice(parentWidth, parentWidth + childWidth));
      const key = isNamed ? child.keyOf(values) : undefined;
      return {
        from,
        collection: table.name,
        ...(key === undefined ? {} : { key }),
        columns: reference.pairs.map((pair) => pair.child),
        values: values.slice(child.keyAt.length),
      };
    });
    return { rows, isLast: !isNamed || found.length < PAGE_ROWS_MAX };
  };
}

/** In the order of the referring rows' addresses, each of them once with every row it refers to. */
function sqlOf(
  { reference, parent, child, isNamed }: About,
  keys: number,
  isNext: boolean,
): string {
  const [from, tests] = joinOf(parent.table, reference);
  const terms = parent.keyColumns.map((column) => `p.${exact(column)}`).join(", ");
  const tuple = `(${parent.keyColumns.map(() => "?").join(", ")})`;
  const values = Array.from({ length: keys }, () => tuple).join(", ");
  const address = child.table.address.map((name) => `c.${quote(name)}`).join(", ");
  const marks = child.table.address.map(() => "?").join(", ");
  const select = [
    ...parent.columns.map(({ name }) => `p.${quote(name)}`),
    ...child.columns.map(({ name }) => `c.${quote(name)}`),
    address,
  ].join(", ");
  const next = isNext ? ` AND (${address}) > (${marks})` : "";
  const where = `${tests} AND (${terms}) IN (VALUES ${values})${next}`;
  if (!isNamed) return `SELECT ${select} FROM ${from} WHERE ${where} GROUP BY ${terms}`;
  return `SELECT ${select} FROM ${from} WHERE ${where} ORDER BY ${address} LIMIT ${PAGE_ROWS_MAX}`;
}
