// Rows that pass unique values on among themselves: none of them can be written first, so all of
// them give their values up and then take the new ones, inside one transaction.
import type { DatabaseSync } from "node:sqlite";
import type { Key } from "../../core/state.ts";
import { same } from "../../core/values.ts";
import type { Outcome, RowWrite } from "../../engine/replica.ts";
import type { Column } from "./catalogue.ts";
import type { Stored } from "./codec.ts";
import { primaryCode, RESULT } from "./failure.ts";
import { quote } from "./names.ts";
import type { RowWriter } from "./row-writer.ts";
import type { Shaped } from "./shaped.ts";

/** Tries of one ring, each without the rows at which the last one failed. */
const RING_TRIES_MAX = 20;

/** What turning a ring needs. */
export interface Ring {
  readonly db: DatabaseSync;
  readonly shaped: Shaped;
  readonly rows: RowWriter;
  readonly writes: readonly RowWrite[];
}

/**
 * Outcomes, by position, of those of these updates that can be made only together. All were refused
 * before, in this very transaction. Empty: they are no ring, or somebody looks on (triggers).
 */
export function turnRing(ring: Ring, refused: readonly number[]): ReadonlyMap<number, Outcome> {
  const nothing: ReadonlyMap<number, Outcome> = new Map();
  const { db, shaped, writes } = ring;
  let members = refused.filter((at) => isUpdate(writes[at]));
  if (members.length < 2 || shaped.table.triggers.length > 0 || isFollowed(ring)) return nothing;
  for (let tries = 0; tries < RING_TRIES_MAX && members.length >= 2; tries++) {
    db.exec("SAVEPOINT syncline_ring");
    const outcomes = turn(ring, members);
    const landed = members.filter((at) => outcomes.get(at)?.kind === "applied");
    if (landed.length < members.length) db.exec("ROLLBACK TO syncline_ring");
    db.exec("RELEASE syncline_ring");
    if (landed.length === members.length) return outcomes;
    members = landed;
  }
  return nothing;
}

function isUpdate(write: RowWrite | undefined): boolean {
  return write !== undefined && write.to !== null && write.expected.kind !== "absent";
}

/** Rows elsewhere would follow a value that is only given up for a moment. */
function isFollowed({ db, shaped }: Ring): boolean {
  const sql = `SELECT 1 FROM sqlite_schema m, pragma_foreign_key_list(m.name) f
    WHERE m.type = 'table' AND lower(f."table") = lower(?)
      AND f.on_update NOT IN ('NO ACTION', 'RESTRICT')`;
  return db.prepare(sql).get(shaped.table.name) !== undefined;
}

function turn(ring: Ring, members: readonly number[]): Map<number, Outcome> {
  const { rows, writes } = ring;
  const outcomes = new Map<number, Outcome>();
  const parked = members.filter((at) => {
    const write = writes[at];
    return write !== undefined && giveUp(ring, write, at);
  });
  for (const at of parked) {
    const write = writes[at];
    const row = write === undefined ? null : rows.find(write.key);
    if (write === undefined || row === null) continue;
    outcomes.set(at, rows.write({ ...write, expected: { kind: "row", row } }, false));
  }
  return outcomes;
}

/** Puts values that nobody has in place of the unique ones that are to change. */
function giveUp({ db, shaped, rows }: Ring, { key, to }: RowWrite, at: number): boolean {
  const row = rows.find(key);
  if (row === null || to === null) return false;
  const changing = shaped.columns.filter(
    (column, index) => isUniqueValue(shaped, column) && !same(row[index], to[index] ?? null),
  );
  const bound = shaped.bindKey(key);
  if (changing.length === 0 || bound === undefined) return false;
  const sets = changing.map(({ name }, index) => `${quote(name)} = ?${bound.length + index + 1}`);
  const update = `UPDATE OR ABORT main.${quote(shaped.table.name)} SET ${sets.join(", ")}`;
  const values = changing.map((column) => unused(column, key, at));
  try {
    db.prepare(`${update} WHERE ${shaped.whereKey}`).run(...bound, ...values);
    return true;
  } catch (error) {
    if (primaryCode(error) !== RESULT.CONSTRAINT) throw error;
    return false;
  }
}

function isUniqueValue({ table, keyColumns }: Shaped, column: Column): boolean {
  if (column.generated || keyColumns.includes(column)) return false;
  return table.uniqueSets.some((set) => set.columns.includes(column.name));
}

/** A value that no row has; where one has it after all, the store refuses and nothing is done. */
function unused(column: Column, key: Key, at: number): Stored {
  if (!column.notNull) return null;
  const isText = column.affinity === "text" || column.affinity === "blob";
  if (isText && column.type.kind !== "bytes") return `syncline ${at} ${key}`;
  if (isText) return new TextEncoder().encode(`syncline ${at} ${key}`);
  return -(2n ** 52n) - BigInt(at);
}
