// How a memory replica takes many new rows at once.
import type { OwnRow } from "../core/state.ts";
import type { Packed, Packer } from "../engine/packer.ts";
import type { Table, View } from "./memory-collection.ts";
import { isKept } from "./memory-write.ts";

/** Small loads, as its pages are small. */
const PAGES_PACKED = 3;

/** A packer of one shape; undefined: what is written there is staged. */
export function makePacker(table: Table, view: View, pageRows: number): Packer | undefined {
  if (table.can.commits !== "page") return undefined;
  let packed: OwnRow[] = [];
  return {
    add: (rows) => {
      const isTaken = rows.every((row) => isKept(table, view, row));
      if (isTaken) packed.push(...rows);
      return isTaken;
    },
    get isFull() {
      return packed.length > (PAGES_PACKED - 1) * pageRows;
    },
    end: (): Packed => {
      const rows = packed;
      packed = [];
      return { count: rows.length, rows: () => rows };
    },
  };
}
