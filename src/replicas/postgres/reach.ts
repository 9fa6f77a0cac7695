// Which rows the store would delete or change by itself, asked before anything is deleted.
import { PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Deletions, Reached, Shape } from "../../engine/replica.ts";
import type { Key } from "../../core/state.ts";
import { actingReferences, refersTo } from "./cascades.ts";
import type { ActingReference } from "./cascades.ts";
import { failureOf } from "./failure.ts";
import { quote } from "./names.ts";
import { shapedBy } from "./read.ts";
import type { Source } from "./read.ts";
import type { Session } from "./session.ts";
import type { Shaped } from "./shaped.ts";
import { rowOfRecord } from "./tuples.ts";

/** Deletions asked about by one statement. */
const KEYS_AT_ONCE = 1000;

/** What the contract calls `reach`; all of one moment. */
export async function* reach(
  source: Source,
  { shape, keys, referring }: Deletions,
  signal: AbortSignal,
): AsyncGenerator<readonly Reached[]> {
  if (keys.length === 0) return;
  const { database } = source;
  const session = await database.take(signal);
  let state: "as-new" | "used" = "used";
  try {
    await session.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", signal);
    const keyShape = { ...shape, columns: shape.key };
    const parent = await shapedBy(session, source, keyShape, signal);
    for (const reference of await actingReferences(session, parent.table, signal)) {
      for (const about of await shapesOf(
        session,
        source,
        { parent, reference },
        referring,
        signal,
      )) {
        for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
          yield* pagesOf(session, about, keys.slice(start, start + KEYS_AT_ONCE), signal);
        }
      }
    }
    await session.run("COMMIT", signal);
    state = "as-new";
  } catch (error) {
    signal.throwIfAborted();
    throw failureOf(error, database.title);
  } finally {
    database.giveBack(session, state);
  }
}

interface About {
  readonly parent: Shaped;
  readonly reference: ActingReference;
  /** Columns: the key's, then those that refer. */
  readonly child: Shaped;
  /** False: one row of that table tells of all. */
  readonly isNamed: boolean;
}

async function shapesOf(
  session: Session,
  source: Source,
  { parent, reference }: Pick<About, "parent" | "reference">,
  referring: readonly Shape[],
  signal: AbortSignal,
): Promise<readonly About[]> {
  const columns = reference.pairs.map((pair) => pair.child);
  const known = referring.filter(({ collection }) => collection === reference.child);
  const shapes = known.length === 0 ? [{ collection: reference.child, key: [] }] : known;
  const abouts: About[] = [];
  for (const { collection, key } of shapes) {
    const shape = { collection, key, columns: [...key, ...columns] };
    const child = await shapedBy(session, source, shape, signal);
    abouts.push({ parent, reference, child, isNamed: known.length > 0 });
  }
  return abouts;
}

async function* pagesOf(
  session: Session,
  about: About,
  keys: readonly Key[],
  signal: AbortSignal,
): AsyncGenerator<readonly Reached[]> {
  const { parent, child, reference, isNamed } = about;
  const places: string[] = [];
  const texts: string[][] = parent.keyColumns.map(() => []);
  for (const [place, key] of keys.entries()) {
    const bound = parent.bindKey(key);
    if (bound === undefined) continue;
    places.push(String(place));
    for (const [at, text] of bound.entries()) texts[at]?.push(text);
  }
  if (places.length === 0) return;
  const wires = child.columns.map((column) => column.codec);
  const opened = `DECLARE syncline_reach NO SCROLL CURSOR FOR ${sqlOf(about)}`;
  await session.rows(opened, [places, ...texts], signal);
  for (;;) {
    const rows = await session.rows(`FETCH ${PAGE_ROWS_MAX} FROM syncline_reach`, [], signal);
    if (rows.length === 0) break;
    yield rows.map(([place, record]): Reached => {
      const row = rowOfRecord(record ?? "", wires);
      const key = isNamed ? child.keyOf(row) : undefined;
      return {
        from: keys[Number(place)] ?? "",
        collection: child.table.name,
        ...(key === undefined ? {} : { key }),
        columns: reference.pairs.map((pair) => pair.child),
        values: row.slice(child.keyColumns.length),
      };
    });
  }
  await session.run("CLOSE syncline_reach", signal);
}

/** $1 are the places of the keys, the others their values, column by column. */
function sqlOf({ parent, child, reference, isNamed }: About): string {
  const parameters = parent.keyColumns.map(({ codec }, at) => `$${at + 2}::${codec.lookup.as}[]`);
  const names = parent.keyColumns.map((_, at) => `k${at}`).join(", ");
  const tests = parent.keyColumns.map(({ codec, name }, at) => {
    return codec.lookup.test(`p.${quote(name)}`, `k.k${at}`);
  });
  const values = child.columns.map(({ codec, name }) => codec.select(`c.${quote(name)}`));
  const once = isNamed ? "" : "DISTINCT ON (k.place) ";
  return (
    `SELECT ${once}k.place, record_send(ROW(${values.join(", ")})) ` +
    `FROM unnest($1::int[], ${parameters.join(", ")}) AS k (place, ${names}) ` +
    `JOIN ${parent.table.from} p ON ${tests.join(" AND ")} ` +
    `JOIN ${child.table.from} c ON ${refersTo(reference, "c", "p")}`
  );
}
