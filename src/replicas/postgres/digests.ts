// Digests of ranges of keys, made by the server: it reads the rows of a range by the key's index
// and sends a count and a hash. What is hashed is written down in engine/range-bytes.ts.
//
// undefined, and so compared by rows: keys that are not of whole numbers, uuids, bytes, booleans or
// texts, or that no unique set holds; keys without an index in our order (texts need one that is
// COLLATE "C"), or of which one is NULL somewhere; json, arrays, times with an offset, intervals,
// and numbers that are to be another kind of number.
import { decodeKey } from "../../core/key.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import type { Digester, DigestSpec, RangeDigest } from "../../engine/digester.ts";
import type { Page } from "../../engine/replica.ts";
import { textOfKey } from "./key-text.ts";
import { askedOf, betweenSql, compared, order, rangesSql } from "./digest-ranges.ts";
import type { Asked } from "./digest-ranges.ts";
import { failureOf, isTooMuch } from "./failure.ts";
import { pagesBy, shapedBy } from "./read.ts";
import type { Source } from "./read.ts";
import type { Session } from "./session.ts";
import { rowsIn } from "./tuples.ts";
import { integerWire } from "./wire-number.ts";
import { BYTES } from "./wire-text.ts";

/**
 * Digests of a table at one moment. undefined: its columns cannot be digested, or its ranges could
 * only be found by reading all of it again and again.
 */
export async function openDigester(
  source: Source,
  spec: DigestSpec,
  signal: AbortSignal,
): Promise<Digester | undefined> {
  const { database } = source;
  const session = await database.take(signal);
  let digester: Digester | undefined;
  try {
    await session.run(`${BEGIN}; ${PLAN}`, signal);
    const shaped = await shapedBy(session, source, spec.shape, signal);
    const asked = askedOf(shaped, spec);
    if (asked === undefined || !(await isIndexed(session, asked, signal))) return undefined;
    if (!(await isKeyed(session, asked, signal))) return undefined;
    digester = makeDigester({ source, session, asked, signal });
    return digester;
  } catch (error) {
    signal.throwIfAborted();
    throw failureOf(error, database.title);
  } finally {
    if (digester === undefined) database.giveBack(session, "used");
  }
}

const BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
/**
 * The order of rows in a digest rests on the plan: by the index, by one worker. How long it takes
 * is for whoever waits to say, as in a listing.
 */
const PLAN = `SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;
  SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL jit = off;
  SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off`;

/** True if ranges are found by an index: nothing is sorted, nothing is read from end to end. */
async function isIndexed(session: Session, asked: Asked, signal: AbortSignal): Promise<boolean> {
  const rows = await session.rows(`EXPLAIN (COSTS OFF) ${rangesSql(asked, 2)}`, [], signal);
  return !rows.some(([line]) => /\b(?:Sort|Seq Scan)\b/.test(line ?? ""));
}

/** True if every row has a key: others would be in no range. */
async function isKeyed(
  session: Session,
  { unkeyed }: Asked,
  signal: AbortSignal,
): Promise<boolean> {
  if (unkeyed === undefined) return true;
  return (await session.rows(unkeyed, [], signal)).length === 0;
}

interface Opened {
  readonly source: Source;
  /** Its transaction holds the moment. */
  readonly session: Session;
  readonly asked: Asked;
  readonly signal: AbortSignal;
}

function makeDigester({ source, session, asked, signal }: Opened): Digester {
  const { database } = source;
  let isFine = true;
  const failing = (error: unknown): unknown => {
    isFine = false;
    return signal.aborted ? signal.reason : failureOf(error, database.title);
  };
  return {
    // On a connection of its own, so that this one can read rows meanwhile.
    async *ranges(rowsMax) {
      let sending: Session | undefined;
      let state: "as-new" | "used" = "used";
      try {
        const [[snapshot = ""] = []] = await session.rows(EXPORT, [], signal);
        sending = await database.take(signal);
        await sending.run(`${BEGIN}; SET TRANSACTION SNAPSHOT '${snapshot}'; ${PLAN}`, signal);
        yield* rangesOf(sending, asked, { rowsMax, signal });
        await sending.run("COMMIT", signal);
        state = "as-new";
      } catch (error) {
        // What cannot be put together into one value there is read row by row.
        if (!isTooMuch(error)) throw failing(error);
      } finally {
        if (sending !== undefined) database.giveBack(sending, state);
      }
    },
    async between(after, bounds) {
      try {
        return await unlessTooMuch(session, signal, () => {
          return rangesBetween(session, asked, { after, bounds, signal });
        });
      } catch (error) {
        throw failing(error);
      }
    },
    async *list(after, to) {
      try {
        yield* listRange(session, asked, { after, to, signal });
      } catch (error) {
        throw failing(error);
      }
    },
    async close() {
      try {
        if (isFine && !session.isLost) await session.run("COMMIT", NEVER);
        else isFine = false;
      } finally {
        database.giveBack(session, isFine ? "as-new" : "used");
      }
    },
  };
}

const EXPORT = "SELECT pg_export_snapshot()";
const NEVER = new AbortController().signal;

/** undefined: the server cannot put it together. The moment is kept, and rows are still read. */
async function unlessTooMuch<T>(
  session: Session,
  signal: AbortSignal,
  read: () => Promise<T>,
): Promise<T | undefined> {
  await session.run("SAVEPOINT syncline", signal);
  try {
    const found = await read();
    await session.run("RELEASE SAVEPOINT syncline", signal);
    return found;
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    await session.run("ROLLBACK TO SAVEPOINT syncline; RELEASE SAVEPOINT syncline", signal);
    return undefined;
  }
}

interface AllRanges {
  readonly rowsMax: number;
  readonly signal: AbortSignal;
}

async function* rangesOf(
  session: Session,
  { shaped, keys, ...rest }: Asked,
  { rowsMax, signal }: AllRanges,
): AsyncGenerator<readonly RangeDigest[]> {
  const sql = rangesSql({ shaped, keys, ...rest }, rowsMax);
  const wires = [...keys.map(({ wire }) => wire), COUNT, BYTES];
  const pieces = session.copyOut(`COPY (${sql}) TO STDOUT (FORMAT binary)`, signal);
  const blank: OwnRow = shaped.columns.map(() => null);
  for await (const rows of rowsIn(pieces, wires)) {
    yield rows.map((row): RangeDigest => {
      const [count, digest] = row.slice(keys.length);
      const own = [...blank];
      for (const [at, place] of shaped.keyAt.entries()) own[place] = row[at] ?? null;
      const to = row[0] === null ? null : (shaped.keyOf(own) ?? null);
      const hash = digest instanceof Uint8Array ? { digest: hexOf(digest) } : {};
      return { to, rows: Number(count), ...hash };
    });
  }
}

const COUNT = integerWire({ kind: "integer" }, 8);

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");
}

interface Between {
  readonly after: Key | null;
  readonly bounds: readonly (Key | null)[];
  readonly signal: AbortSignal;
}

/** In the order of their bounds, which are keys of the same kinds. */
async function rangesBetween(
  session: Session,
  asked: Asked,
  { after, bounds, signal }: Between,
): Promise<readonly RangeDigest[]> {
  const found: RangeDigest[] = bounds.map((to) => ({ to, rows: 0 }));
  const ranges = bounds.map((to, at) => ({ at, after: at === 0 ? after : bounds[at - 1], to }));
  for (const hasLower of [false, true]) {
    for (const hasUpper of [false, true]) {
      const some = ranges.filter((range) => {
        return (range.after !== null) === hasLower && (range.to !== null) === hasUpper;
      });
      if (some.length === 0) continue;
      const values = [
        some.map(({ at }) => String(at)),
        ...(hasLower ? columnsOf(asked, some, ({ after: key }) => key ?? null) : []),
        ...(hasUpper ? columnsOf(asked, some, ({ to }) => to) : []),
      ];
      const rows = await session.rows(betweenSql(asked, { hasLower, hasUpper }), values, signal);
      for (const [place, count, digest] of rows) {
        const to = bounds[Number(place)] ?? null;
        const hash = digest === null || digest === undefined ? {} : { digest };
        found[Number(place)] = { to, rows: Number(count), ...hash };
      }
    }
  }
  return found;
}

/** One list of texts for each column of the key. */
function columnsOf<T>(
  asked: Asked,
  ranges: readonly T[],
  keyOf: (range: T) => Key | null,
): readonly string[][] {
  const texts = ranges.map((range) => textsOf(asked, keyOf(range) ?? ""));
  return asked.keys.map((_, at) => texts.map((each) => each[at] ?? ""));
}

function textsOf({ shaped }: Asked, key: Key): readonly string[] {
  const types = shaped.keyColumns.map(({ codec }) => codec.type);
  return decodeKey(key, types).map(textOfKey);
}

interface Listed {
  readonly after: Key | null;
  readonly to: Key | null;
  readonly signal: AbortSignal;
}

async function* listRange(
  session: Session,
  asked: Asked,
  { after, to, signal }: Listed,
): AsyncGenerator<Page> {
  const { shaped, from } = asked;
  // COPY takes no parameters: they are settings of the transaction.
  const settings: string[] = [];
  const texts: string[] = [];
  const test = (key: Key | null, sign: ">" | "<="): string[] => {
    if (key === null) return [];
    const first = texts.length;
    texts.push(...textsOf(asked, key));
    return [compared(asked, sign, ({ type }, at) => `${setting(first + at)}::${type}`)];
  };
  const tests = [...test(after, ">"), ...test(to, "<=")];
  for (const at of texts.keys()) settings.push(`set_config('syncline.at_${at}', $${at + 1}, true)`);
  if (texts.length > 0) await session.rows(`SELECT ${settings.join(", ")}`, texts, signal);
  const where = tests.length === 0 ? "" : ` WHERE ${tests.join(" AND ")}`;
  const rows = `SELECT ${shaped.select} FROM ${from}${where} ORDER BY ${order(asked)}`;
  const sql = `COPY (${rows}) TO STDOUT (FORMAT binary)`;
  yield* pagesBy(session, shaped, { sql, finder: false, after, to }, signal);
}

function setting(at: number): string {
  return `current_setting('syncline.at_${at}')`;
}
