// New rows by the page, on a thread of their own: binding them, the log and the disk cost as much
// as reading them does, and the engine reads the next page meanwhile. It is a short cut beside the
// plain way (batch.ts) and puts what that would put, or nothing: then the plain way is taken, and
// says what is wrong.
import { extname } from "node:path";
import type { Batch } from "../../engine/replica.ts";
import { startShortCut } from "../../threads/short-cut.ts";
import type { ShortCut } from "../../threads/short-cut.ts";
import type { PackedValues } from "./packing.ts";

/** What a thread is started with. */
export interface LoaderData {
  readonly path: string;
  /** How long it waits where another connection is in the way for a moment. */
  readonly busyMs: number;
  readonly hasMarkers: boolean;
}

/** One batch of new rows for one table. */
export interface LoaderPage {
  /** As a statement names it. */
  readonly table: string;
  readonly columns: readonly string[];
  /** The schema for which the values were made. */
  readonly schemaVersion: unknown;
  /** The values of all rows, one row after the other. */
  readonly values: PackedValues;
  readonly batch: Pick<Batch, "id" | "link" | "settled">;
  /** What its marker says of rows that are stored otherwise than they were told. */
  readonly stored: string;
}

/** A thread that loads: pages are there, and durable, or not at all. */
export type Loader = ShortCut<LoaderPage>;

/** Starts a thread on a database that this process writes already. */
export function startLoader(data: LoaderData): Loader {
  // Beside this file, whether that is the source or what was made of it.
  return startShortCut(
    new URL(`./loader-thread${extname(import.meta.url)}`, import.meta.url),
    data,
  );
}
