// A side that does not digest by itself, beside one that does: its listing is read range by range.
// The rows of the range in hand are held, so that they can be compared one by one where they do not
// have the other side's digest.
import type { Key, OwnRow, SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { RangeDigest } from "./digester.ts";
import { makeRangeBytes, type RangeField, type RangeRows } from "./range-bytes.ts";
import { PAGE_BYTES_MAX } from "./replica.ts";
import { listSide, type RowStream, type Taken, type UnkeyedRows } from "./stream.ts";
import { isPicking, isUnreadable } from "./view.ts";

/** Rows of one range that are held, at most: of a longer one there is no digest. */
export const HELD_ROWS_MAX = 20_000;
/** Nor of one whose pages weigh as much. */
const HELD_BYTES_MAX = 4 * PAGE_BYTES_MAX;

/** How a side's rows are digested. */
export interface HeldOptions {
  readonly context: Context;
  readonly side: SideIndex;
  /** The fields to be digested; `at` is that of the link. */
  readonly fields: readonly RangeField[];
  readonly salt: string;
  readonly sha256: (bytes: Uint8Array) => string;
}

/** The rows of one side, range by range. */
export interface HeldRows {
  /** Goes on to the end of this range. True: its rows have the same digest. */
  isSame(range: RangeDigest): Promise<boolean>;
  /** Goes on without looking: the range is to be streamed. */
  skip(): void;
  /** The rows of the range in hand once more, from its beginning. */
  stream(to: Key | null): RowStream;
  /** What cannot be an entry, as far as the listing has come. */
  unkeyed(): UnkeyedRows;
  close(): Promise<void>;
}

/** Opens the listing of a side. */
export function holdRows(options: HeldOptions, signal: AbortSignal): HeldRows {
  const { context, side, sha256 } = options;
  const found = context.pipeline.sides[side];
  if (found === undefined) throw new RangeError(`no side ${side}`);
  const rest = listSide(found, null, signal);
  const bytesOf = makeBytesOf(options);
  const isInside = (own: OwnRow): boolean => context.view.isInside(side, own);
  let held: Taken = { keys: [], owns: [] };
  /** Holds the rows of a range. False: there are too many. */
  const hold = async (to: Key | null): Promise<boolean> => {
    const before = rest.drawn;
    for (;;) {
      if (rest.isUsedUp) await rest.fill();
      if (rest.head === undefined || (to !== null && rest.head > to)) return true;
      const room = HELD_ROWS_MAX - held.keys.length;
      if (room === 0 || rest.drawn - before > HELD_BYTES_MAX) return false;
      rest.take(held, to, room);
    }
  };
  const skip = () => {
    held = { keys: [], owns: [] };
  };
  return {
    skip,
    async isSame({ to, rows, digest }) {
      skip();
      if (!(await hold(to))) return false;
      const inside = found.isInside === undefined ? held.owns : held.owns.filter(isInside);
      if (inside.length !== rows) return false;
      if (rows === 0) return true;
      if (digest === undefined) return false;
      const bytes = bytesOf(inside);
      return bytes !== undefined && sha256(bytes) === digest;
    },
    stream: (to) => streamHeld({ ...held, rest, to }),
    unkeyed: () => rest.unkeyed,
    close: () => rest.close(),
  };
}

function makeBytesOf(options: HeldOptions): (owns: readonly OwnRow[]) => Uint8Array | undefined {
  const { context, side, fields, salt } = options;
  const { view, pipeline } = context;
  const lens = pipeline.sides[side]?.lens;
  if (lens !== undefined && isPicking(lens, pipeline.fields.length)) {
    const picked = fields.map(({ at, form }) => ({ at: lens.positions[at] ?? -1, form }));
    return makeRangeBytes(picked, salt);
  }
  const make = makeRangeBytes(fields, salt);
  return (owns) => {
    const rows: RangeRows[number][] = [];
    for (const own of owns) {
      const row = view.fields(side, own);
      if (isUnreadable(row)) return undefined;
      rows.push(row);
    }
    return make(rows);
  };
}

interface Held {
  readonly keys: readonly Key[];
  readonly owns: readonly OwnRow[];
  /** Stands behind what is held. */
  readonly rest: RowStream;
  readonly to: Key | null;
}

/** What is held, and after it what else is up to `to`. */
function streamHeld({ keys, owns, rest, to }: Held): RowStream {
  let at = 0;
  const isHeld = (): boolean => at < keys.length;
  const headNow = (): Key | undefined => {
    if (isHeld()) return keys[at];
    const key = rest.head;
    return key === undefined || (to !== null && key > to) ? undefined : key;
  };
  const stream: RowStream = {
    head: undefined,
    isUsedUp: true,
    row: () => (isHeld() ? (owns[at] ?? []) : rest.row()),
    next() {
      if (isHeld()) at += 1;
      else rest.next();
      stream.head = headNow();
      stream.isUsedUp = stream.head === undefined;
      return !stream.isUsedUp;
    },
    async fill() {
      stream.isUsedUp = false;
      if (!isHeld() && rest.isUsedUp) await rest.fill();
      stream.head = headNow();
    },
    // What is behind the range is still wanted.
    close: () => Promise.resolve(),
  };
  return stream;
}
