// The part of the replica contract by which many new rows go to their store at once, in a form of
// its own, so that nothing else is kept of them while they are on their way.
import type { OwnRow } from "../core/state.ts";

/** New rows in the form in which their store takes them. */
export interface Packed {
  readonly count: number;
  /** The rows again, as they were added. */
  rows(): readonly OwnRow[];
}

/** Packs new rows of one shape, page by page, to be sent as one batch. */
export interface Packer {
  /**
   * Takes all of these rows, or none: false where one of them would not be stored as just these
   * values, or would not be taken at all.
   */
  add(rows: readonly OwnRow[]): boolean;
  /** It should be sent now; one more page is taken all the same. */
  readonly isFull: boolean;
  /** What was added. Afterwards it is empty, and can be used again. */
  end(): Packed;
}

/** New rows that are packed into one batch, at most. */
export const PACKED_ROWS_MAX = 8000;
