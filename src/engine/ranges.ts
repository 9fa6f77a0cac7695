// The sides of a pipeline, range of keys by range of keys: where all of them have one digest their
// rows are equal, and nobody has to see them. One side says where a range ends.
import { assert } from "../core/errors.ts";
import type { FieldIndex, Key } from "../core/state.ts";
import type { Context } from "./context.ts";
import { SALT_LENGTH, type Digester, type DigestSpec, type RangeDigest } from "./digester.ts";
import { holdRows, type HeldRows } from "./held-rows.ts";
import type { Env, Pipeline, Side } from "./link.ts";
import { digestForm, type RangeField } from "./range-bytes.ts";
import { streamPages } from "./stream.ts";
import type { KeyRange, RowStream, UnkeyedRows } from "./stream.ts";

/** Rows in one range: what has to be read where one of them differs. */
export const RANGE_ROWS = 1000;

/** One range of all sides. */
interface Look extends KeyRange {
  /** True: so many rows are equal on every side, under equal keys. False: nothing is known. */
  readonly isEqual: boolean;
  readonly rows: number;
}

/** All sides of a pipeline, from the first key to the last. */
export interface Ranges {
  looks(): AsyncGenerator<Look, void, undefined>;
  /** The rows of the range that came last, by side. Of one that was equal they cannot be had. */
  rows(range: KeyRange): readonly RowStream[];
  /** By side, what cannot be an entry; known when the last range was looked at. */
  unkeyed(): readonly UnkeyedRows[];
  close(): Promise<void>;
}

/**
 * Opens the sides of a pipeline by their digests. undefined: no side digests by itself, or the
 * sides do not show the same fields and keys in a way in which digests could say so.
 */
export async function openRanges(
  context: Context,
  signal: AbortSignal,
): Promise<Ranges | undefined> {
  const { pipeline, env } = context;
  const fields = comparedFields(pipeline);
  if (env.sha256 === undefined || fields === undefined) return undefined;
  const salt = makeSalt(env);
  const open: OpenSide[] = [];
  const close = async () => {
    for (const { digester, held } of open) await (digester ?? held)?.close();
  };
  try {
    for (const side of pipeline.sides) {
      const spec = specOf(pipeline, side, { fields, salt });
      const digester = spec && (await side.replica.digester?.(spec, signal));
      open.push(digester === undefined ? { side } : { side, digester });
    }
    if (!open.some(({ digester }) => digester !== undefined)) return undefined;
    const forms = fields.map((at): RangeField => {
      return { at, form: digestForm(pipeline.types[at] ?? { kind: "any" }) };
    });
    for (const [side, each] of open.entries()) {
      if (each.digester !== undefined) continue;
      const { sha256 } = env;
      each.held = holdRows({ context, side, fields: forms, salt, sha256 }, signal);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    looks: () => looksOf(open, signal),
    rows: (range) => rowsOf(open, range),
    unkeyed: () => open.map(({ held }) => held?.unkeyed() ?? NO_ROWS),
    close,
  };
}

/** A side that digests by itself has no rows without a key. */
const NO_ROWS: UnkeyedRows = { count: 0, named: [] };

/** A side has one of both. */
interface OpenSide {
  readonly side: Side;
  readonly digester?: Digester;
  held?: HeldRows;
}

async function* looksOf(
  open: readonly OpenSide[],
  signal: AbortSignal,
): AsyncGenerator<Look, void, undefined> {
  const [first, ...digesters] = open.flatMap(({ digester }) => digester ?? []);
  const helds = open.flatMap(({ held }) => held ?? []);
  assert(first !== undefined, "ranges without anybody who says where they end");
  let after: Key | null = null;
  for await (const batch of first.ranges(RANGE_ROWS)) {
    signal.throwIfAborted();
    const bounds = batch.map(({ to }) => to);
    const from = after;
    const told = await Promise.all(digesters.map((each) => each.between(from, bounds)));
    if (told.includes(undefined)) break;
    for (const [at, range] of batch.entries()) {
      const isTold = told.every((ranges) => isSame(range, ranges?.[at]));
      const isEqual = await areHeld(helds, range, isTold);
      yield { after, to: range.to, isEqual, rows: range.rows };
      if (range.to === null) return;
      after = range.to;
    }
  }
  // What comes after it cannot be digested.
  for (const each of helds) each.skip();
  yield { after, to: null, isEqual: false, rows: 0 };
}

function isSame(range: RangeDigest, other: RangeDigest | undefined): boolean {
  if (other?.rows !== range.rows) return false;
  return range.rows === 0 || (range.digest !== undefined && range.digest === other.digest);
}

/** Every listing goes on to the end of the range, or stays before it where rows are read anyway. */
async function areHeld(
  helds: readonly HeldRows[],
  range: RangeDigest,
  isTold: boolean,
): Promise<boolean> {
  let isEqual = isTold;
  for (const held of helds) {
    if (isEqual) isEqual = await held.isSame(range);
    else held.skip();
  }
  return isEqual;
}

function rowsOf(open: readonly OpenSide[], range: KeyRange): readonly RowStream[] {
  return open.map(({ side, digester, held }) => {
    if (digester === undefined) {
      assert(held !== undefined, "a side is neither digested nor listed");
      return held.stream(range.to);
    }
    return streamPages(side, digester.list(range.after, range.to), range);
  });
}

/**
 * The link fields in which the first side is compared with each of the others. undefined: they are
 * not the same for all of these, or the key is not among them as it is.
 */
function comparedFields({ sides, fields, key }: Pipeline): readonly FieldIndex[] | undefined {
  const [first, ...others] = sides.map(({ lens }) => {
    return lens.carries.filter((field) => field < fields.length);
  });
  const [common, ...more] = others.map((carried) => first?.filter((at) => carried.includes(at)));
  if (common === undefined) return undefined;
  const isOne = more.every((each) => each?.join() === common.join());
  const isKeyed = sides.every(({ lens }) => {
    return (
      lens.keyIsPlain &&
      lens.keyFields.join() === key.join() &&
      key.every((at) => common.includes(at) && (lens.positions[at] ?? -1) >= 0)
    );
  });
  return isOne && isKeyed ? common : undefined;
}

/** What a replica would have to digest; undefined: the side does more than to pick columns. */
function specOf(
  { types }: Pipeline,
  side: Side,
  { fields, salt }: { readonly fields: readonly FieldIndex[]; readonly salt: string },
): DigestSpec | undefined {
  if (side.isInside !== undefined) return undefined;
  const picked = fields.map((at) => ({
    column: side.shape.columns[side.lens.forms[at] ?? -1],
    type: types[at] ?? { kind: "any" as const },
  }));
  const isPicked = (field: (typeof picked)[number]): field is DigestSpec["fields"][number] =>
    field.column !== undefined;
  return picked.every(isPicked) ? { shape: side.shape, fields: picked, salt } : undefined;
}

/** Nobody who puts values into rows can have known it. */
function makeSalt({ hash, id, random }: Env): string {
  let salt = "";
  for (let round = 0; salt.length < SALT_LENGTH; round++) {
    const letters = hash(`${id()} ${random()} ${round}`).toLowerCase();
    salt += letters.replaceAll(/[^0-9a-z]/g, "");
  }
  return salt.slice(0, SALT_LENGTH);
}
