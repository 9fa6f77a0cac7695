// A page of new rows copied straight into its table: the fastest way there is, where nothing but
// the table's own constraints decides what becomes of a row. It is a short cut beside the plain way
// (batch.ts): all of a page lands, with its marker, or nothing does, and the plain way says why.
import { ABSENT } from "../../core/state.ts";
import type { OwnRow, Value } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import { PACKED_ROWS_MAX } from "../../engine/packer.ts";
import type { Packed, Packer } from "../../engine/packer.ts";
import { PAGE_ROWS_MAX } from "../../engine/replica.ts";
import type { Outcome, RowWrite } from "../../engine/replica.ts";
import type { Statement } from "./bundle.ts";
import { quoteAll } from "./names.ts";
import { isLively } from "./landing.ts";
import { makeOut } from "./out.ts";
import type { Out } from "./out.ts";
import type { Session } from "./session.ts";
import type { Shaped } from "./shaped.ts";
import { makePutRows } from "./packing.ts";
import { notHeld } from "./refusal.ts";
import { putEnd, putHeader, putTuple, readAll } from "./tuples.ts";

/** Copies pages of one shape. */
export interface Straight {
  /** A page as it is sent; undefined: it may not be copied. */
  pack(writes: readonly RowWrite[]): Content | undefined;
  /** Packs many pages into one copy. */
  packer(): Packer;
  /** What its packer has packed, as it is sent; undefined: another one has. */
  contentOf(packed: Packed): Content | undefined;
  /** Puts it, with what follows it, in a transaction of its own. Throws what the server refused. */
  put(
    session: Session,
    page: Content,
    after: Statement | undefined,
    signal: AbortSignal,
  ): Promise<void>;
}

/** Rows that are ready to be sent. */
export interface Content {
  readonly bytes: Out;
  /** What becomes of its writes, if it lands. */
  readonly outcomes: readonly Outcome[];
  /** None of them is stored otherwise than it was told. */
  readonly isAsTold: boolean;
}

/** Buffers that are kept for pages to come. */
const SPARE_MAX = 4;
/** More are sent in another copy. */
const BYTES_MAX = 1 << 20;

/** Prepares it; undefined: rows of this shape have to be looked at one by one. */
export function makeStraight(shaped: Shaped): Straight | undefined {
  const { table, columns, keyColumns } = shaped;
  const keys = keyColumns.map(({ name }) => name);
  // A row that is there shows in the copying itself.
  const isUnique = table.uniqueSets.some(
    (set) => !set.isDeferrable && set.columns.every((name) => keys.includes(name)),
  );
  const isDirect = columns.every(({ codec }) => codec.isDirect);
  const isDeferred = table.references.some((each) => each.isDeferrable);
  if (!isUnique || !isDirect || isDeferred || isLively(shaped)) return undefined;
  const wires = columns.map(({ codec }) => codec);
  const putRows = makePutRows(columns);
  const spare: Out[] = [];
  const taken = new WeakMap<Packed, Content>();
  // One row at fault spoils all that are copied with it.
  let rowsMax = PACKED_ROWS_MAX;
  const copy =
    `COPY ${table.sql} (${quoteAll(columns.map(({ name }) => name))}) ` +
    "FROM STDIN (FORMAT binary)";
  const empty = (): Out => {
    const out = spare.pop() ?? makeOut();
    out.at = 0;
    putHeader(out);
    return out;
  };
  return {
    pack: (writes) => {
      if (!writes.every(isWholeAndNew)) return undefined;
      const bytes = empty();
      const outcomes: Outcome[] = [];
      for (const { to } of writes) {
        const row = to as readonly Value[]; // it is whole
        const misfit = putTuple(bytes, row, wires);
        if (misfit !== undefined) outcomes.push(notHeld(shaped, misfit.column, misfit.why));
        else outcomes.push({ kind: "applied", row: storedRow(shaped, row) });
      }
      putEnd(bytes);
      return { bytes, outcomes, isAsTold: false };
    },
    packer: () => {
      let bytes = empty();
      let count = 0;
      return {
        add: (rows) => {
          if (!putRows(bytes, rows)) return false;
          count += rows.length;
          return true;
        },
        get isFull() {
          return count > rowsMax - PAGE_ROWS_MAX || bytes.at >= BYTES_MAX;
        },
        end: () => {
          putEnd(bytes);
          const whole = bytes;
          const packed: Packed = {
            count,
            rows: () => readAll(whole.bytes.subarray(0, whole.at), wires),
          };
          const outcomes = ALL_AS_TOLD.slice(0, count);
          taken.set(packed, { bytes, outcomes, isAsTold: true });
          bytes = empty();
          count = 0;
          return packed;
        },
      };
    },
    contentOf: (packed) => taken.get(packed),
    put: async (session, { bytes, isAsTold }, after, signal) => {
      try {
        await session.bundle({ copy, content: bytes, after }, signal);
      } catch (error) {
        if (isAsTold) rowsMax = PAGE_ROWS_MAX;
        throw error;
      }
      if (isAsTold) rowsMax = Math.min(rowsMax * 2, PACKED_ROWS_MAX);
      // After a failure some of it may still be on its way, and must not change.
      if (spare.length < SPARE_MAX) spare.push(bytes);
    },
  };
}

const AS_TOLD: Outcome = { kind: "applied" };
const ALL_AS_TOLD = Array.from({ length: PACKED_ROWS_MAX }, () => AS_TOLD);

const isWholeAndNew = ({ expected, to }: RowWrite): boolean =>
  expected.kind === "absent" && to !== null && !to.includes(ABSENT);

/** The row itself, where the store keeps it as it is. */
function storedRow({ columns }: Shaped, to: readonly Value[]): OwnRow {
  let stored: Value[] | undefined;
  for (let at = 0; at < columns.length; at++) {
    const value = to[at] ?? null;
    const kept = columns[at]?.codec.store(value) ?? null;
    if (kept === value || same(kept, value)) continue;
    stored ??= columns.map((_, place) => to[place] ?? null);
    stored[at] = kept;
  }
  return stored ?? to;
}
