// New rows as they are bound, and as they are stored.
import type { OwnRow, Value } from "../../core/state.ts";
import type { Outcome, RowWrite } from "../../engine/replica.ts";
import type { Column } from "./catalogue.ts";
import { storedForm } from "./codec.ts";
import type { Stored } from "./codec.ts";
import { Packing } from "./packing.ts";
import type { PackedValues } from "./packing.ts";
import type { Shaped } from "./shaped.ts";

/** Whole new rows. */
export interface PackedRows {
  /** As they are bound, one row after the other. */
  readonly values: PackedValues;
  /** What becomes of them if all are put. */
  readonly outcomes: readonly Outcome[];
}

/** One for all: it says no more than that the row is there as it was told. */
const AS_TOLD: Outcome = { kind: "applied" };

/** Characters and bytes of one page at most: it lies in memory three times. */
const PACKED_MAX = 16e6;

/** Packs new rows; undefined: one of them is not taken, or they are too large for that. */
export function packMany(shaped: Shaped, writes: readonly RowWrite[]): PackedRows | undefined {
  const values = new Packing(writes.length * shaped.columns.length);
  const outcomes: Outcome[] = [];
  for (let index = 0; index < writes.length; index++) {
    const to = writes[index]?.to ?? null;
    if (to === null) return undefined;
    const isKept = bindKept(shaped.columns, to, values);
    if (isKept === undefined || values.size > PACKED_MAX) return undefined;
    outcomes.push(isKept ? AS_TOLD : { kind: "applied", row: storedRow(shaped, to) });
  }
  return { values: values.end(), outcomes };
}

/** Binds a whole row; true: it will come back as it is, undefined: a value is not held. */
export function bindKept(
  columns: readonly Column[],
  to: OwnRow,
  bound: { push(value: Stored): unknown },
): boolean | undefined {
  let isKept = true;
  let at = 0;
  for (const { codec } of columns) {
    const value = to[at++] ?? null;
    const keeps = codec.keeps(value);
    isKept &&= keeps;
    if (keeps && codec.isPlain) {
      bound.push(value as Stored); // plain codecs keep nothing else
      continue;
    }
    const stored = codec.write(value);
    if (stored === undefined) return undefined;
    bound.push(stored);
  }
  return isKept;
}

/** A row as it is stored after it was put. */
export function storedRow(shaped: Shaped, to: OwnRow): OwnRow {
  return shaped.columns.map((_, at) => storedAt(shaped, to, at));
}

/** The same of one column. */
export function storedAt({ columns }: Shaped, to: OwnRow, at: number): Value {
  const value = to[at] ?? null;
  const codec = columns[at]?.codec;
  return codec === undefined ? value : storedForm(codec, value);
}
