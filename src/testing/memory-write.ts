// How a memory replica takes a batch: each write by compare-and-set, references checked at the
// end, the marker in the same step.
import { SyncError } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";
import { ABSENT } from "../core/state.ts";
import type { OwnRow, Value } from "../core/state.ts";
import { same, sameAll, whyNot } from "../core/values.ts";
import type { Batch, Expected, Outcome, RowWrite } from "../engine/replica.ts";
import { storedOtherwise } from "../engine/stored.ts";
import { project, tableNamed, viewOf } from "./memory-collection.ts";
import type { Table, View } from "./memory-collection.ts";
import { childrenOf } from "./memory-reach.ts";
import { change, findRow, keyIn, rowsIn, tuple } from "./memory-store.ts";
import type { Memory, Stored } from "./memory-store.ts";

/** Applies a batch in one step. A batch whose marker is known is answered, not written again. */
export function applyBatch(
  memory: Memory,
  tables: ReadonlyMap<string, Table>,
  batch: Batch,
): readonly Outcome[] {
  const table = tableNamed(tables, batch.shape.collection);
  const view = viewOf(table, batch.shape);
  const settled = new Set(batch.settled);
  if (settled.size > 0) {
    memory.markers = memory.markers.filter(
      (each) => each.link !== batch.link || !settled.has(each.id),
    );
  }
  const marker = memory.markers.find((each) => each.link === batch.link && each.id === batch.id);
  if (marker !== undefined && table.can.marks) {
    return answerAgain({ memory, table, view }, batch, marker.missed);
  }
  const { cascades = false } = batch;
  const outcomes = applyWrites({ memory, tables, table, view, cascades }, batch.writes);
  const missed = outcomes.flatMap((each, index) => (each.kind === "applied" ? [] : [index]));
  if (table.can.marks && missed.length < outcomes.length) {
    const { link, id } = batch;
    const stored = storedOtherwise(batch, withRows({ memory, table, view }, batch, outcomes));
    memory.markers.push({ link, id, missed, stored });
  }
  return outcomes;
}

/** Outcomes with the rows that are there now, also where outcomes do not carry them. */
function withRows(
  on: { readonly memory: Memory; readonly table: Table; readonly view: View },
  batch: Batch,
  outcomes: readonly Outcome[],
): readonly Outcome[] {
  if (on.table.can.returns) return outcomes;
  return batch.writes.map((write, index) => {
    const found = findRow(on.memory, on.table, on.view, write.key);
    const outcome = outcomes[index] ?? refusal("INTERNAL", "a write without an outcome");
    if (outcome.kind !== "applied") return outcome;
    return { ...outcome, row: found === undefined ? null : project(on.view, found.row) };
  });
}

/** Applies one write by itself. */
export function applyWrite(
  memory: Memory,
  tables: ReadonlyMap<string, Table>,
  on: { readonly table: Table; readonly view: View },
  write: RowWrite,
): Outcome {
  const [outcome] = applyWrites({ memory, tables, ...on, cascades: true }, [write]);
  return outcome ?? refusal("INTERNAL", "a write without an outcome");
}

interface Place {
  /** Deletions may take what refers to their rows with them. */
  readonly cascades: boolean;
  readonly memory: Memory;
  readonly tables: ReadonlyMap<string, Table>;
  readonly table: Table;
  readonly view: View;
}

/**
 * Writes that miss a row they refer to are tried again after the others, as long as some of them
 * land: within a batch references may stand in any order.
 */
function applyWrites(place: Place, writes: readonly RowWrite[]): readonly Outcome[] {
  const outcomes = writes.map((write) => applyOne(place, write));
  for (let progress = true; progress;) {
    progress = false;
    for (const [index, write] of writes.entries()) {
      if (outcomes[index]?.kind !== "later") continue;
      const outcome = applyOne(place, write);
      outcomes[index] = outcome;
      progress ||= outcome.kind !== "later";
    }
  }
  return outcomes;
}

function applyOne(place: Place, write: RowWrite): Outcome {
  const { memory, table, view } = place;
  const found = findRow(memory, table, view, write.key);
  const current = found === undefined ? null : project(view, found.row);
  if (table.can.compareAndSet === "row" && !isExpected(write.expected, current)) {
    return { kind: "stale", row: current, ...positionOf(place, found) };
  }
  if (write.to === null) return remove(place, found);
  const row = rowToStore(place, found?.row, write.to);
  if (row instanceof SyncError) return { kind: "refused", error: row };
  const error = forbidden(place, found?.row, row);
  if (error !== undefined) return error;
  const stored = change(memory, table, found?.row ?? null, row);
  return {
    kind: "applied",
    ...(table.can.returns ? { row: project(view, stored?.row ?? row) } : {}),
    ...positionOf(place, stored),
  };
}

function isExpected(expected: Expected, current: OwnRow | null): boolean {
  switch (expected.kind) {
    case "absent":
      return current === null;
    case "row":
      return current !== null && sameAll(expected.row, current);
    case "digest":
      return current !== null && expected.digestOf(current) === expected.digest;
  }
}

function remove(place: Place, found: Stored | undefined): Outcome {
  const { memory, table } = place;
  if (found !== undefined) {
    const error = removeWithChildren(place, table, found.row);
    if (error !== undefined) return { kind: "later", error };
  }
  return {
    kind: "applied",
    ...(table.can.returns ? { row: null } : {}),
    ...(table.options.isOrdered === false ? {} : { at: memory.seq }),
  };
}

interface Step {
  readonly table: Table;
  readonly before: OwnRow;
  readonly row: OwnRow | null;
}

/** Deletes a row and does with what refers to it as the references say; or nothing at all. */
function removeWithChildren(place: Place, table: Table, row: OwnRow): SyncError | undefined {
  const steps: Step[] = [];
  const error = planRemoval(place, { table, before: row, row: null }, steps);
  if (error !== undefined) return error;
  for (const step of steps) change(place.memory, step.table, step.before, step.row);
  return undefined;
}

function planRemoval(place: Place, removal: Step, steps: Step[]): SyncError | undefined {
  steps.push(removal);
  for (const each of childrenOf(place, removal.table, removal.before)) {
    if (steps.some((step) => step.before === each.row)) continue;
    const { onDelete } = each.reference;
    if (onDelete === "refuse") {
      return new SyncError("CONSTRAINT", `a row of ${each.table.options.name} refers to it`);
    }
    if (!place.cascades) {
      const what = `a row of ${each.table.options.name} would go or change with it`;
      return new SyncError("CONSTRAINT", what);
    }
    const child = { table: each.table, before: each.row };
    if (onDelete === "cascade") {
      const error = planRemoval(place, { ...child, row: null }, steps);
      if (error !== undefined) return error;
    } else {
      steps.push({ ...child, row: withNulls(each.row, each.columns) });
    }
  }
  return undefined;
}

function withNulls(row: OwnRow, columns: readonly number[]): OwnRow {
  return row.map((value, index) => (columns.includes(index) ? null : value));
}

/** The row as it would be stored; an error names the column that cannot hold its value. */
/** True for a new row that a table takes, as far as it goes alone, and keeps as it is told. */
export function isKept(table: Table, view: View, to: OwnRow): boolean {
  const { fields, key } = table.options;
  const row = rowToStore({ table, view }, undefined, to);
  if (row instanceof SyncError || !sameAll(project(view, row), to)) return false;
  return fields.every(
    (field, index) => row[index] !== null || (field.nullable ?? !key.includes(field.name)),
  );
}

function rowToStore(
  { table, view }: Pick<Place, "table" | "view">,
  before: OwnRow | undefined,
  to: OwnRow,
): OwnRow | SyncError {
  const row = before?.slice() ?? table.options.fields.map((field) => field.default ?? null);
  for (const [index, position] of view.columns.entries()) {
    const value = to[index] ?? null;
    const field = table.options.fields[position];
    if (value === ABSENT || field === undefined) continue;
    if (field.generated === true) {
      if (same(row[position], value)) continue;
      return error("VALUE_NOT_HELD", `${field.name} is computed by the store`, field.name);
    }
    const form = table.canonical[position]?.(value);
    if (form === undefined) {
      const why = whyNot(field.type, value) ?? "is not held";
      return error("VALUE_NOT_HELD", `${field.name} ${why}`, field.name);
    }
    row[position] = asStored(table, field.name, form);
  }
  return row;
}

function asStored(table: Table, column: string, value: Value): Value {
  if (value === null) return value;
  const told = table.options.store?.(column, value) ?? value;
  return table.options.hidden?.(column, told) ?? told;
}

function forbidden(place: Place, before: OwnRow | undefined, row: OwnRow): Outcome | undefined {
  const { memory, table } = place;
  const { name, fields, key, foldKey } = table.options;
  const empty = fields.findIndex(
    (field, index) => row[index] === null && !(field.nullable ?? !key.includes(field.name)),
  );
  if (empty >= 0) return refusal("CONSTRAINT", `${name}.${fields[empty]?.name} cannot be null`);
  const ownKey = keyIn(row, table.key);
  if (ownKey === undefined) return refusal("CONSTRAINT", `${name} takes no row without a key`);
  const rows = rowsIn(memory, table);
  const holder = rows.get(ownKey);
  if (holder !== undefined && holder.row !== before) {
    return refusal("CONSTRAINT", `${name}.${key.join(", ")} is not unique`);
  }
  for (const each of rows.values()) {
    if (each.row === before) continue;
    const other = keyIn(each.row, table.key);
    if (foldKey !== undefined && other !== undefined && foldKey(other) === foldKey(ownKey)) {
      return refusal("KEY_FOLDS", `${name} takes this key for one that is already there`);
    }
    const set = table.uniqueSets.find((columns) => clashes(table, columns, each.row, row));
    if (set !== undefined) return refusal("CONSTRAINT", `${name}.${set.join(", ")} is not unique`);
    if (foldKey === undefined && table.uniqueSets.length < 2) break;
  }
  return missingParent(place, row);
}

function clashes(table: Table, columns: readonly string[], a: OwnRow, b: OwnRow): boolean {
  const positions = viewOf(table, { key: [], columns }).columns;
  const values = tuple(a, positions);
  return values !== undefined && sameAll(values, tuple(b, positions) ?? []);
}

function missingParent(place: Place, row: OwnRow): Outcome | undefined {
  const { memory, tables, table } = place;
  for (const reference of table.options.references ?? []) {
    const values = tuple(row, viewOf(table, { key: [], columns: reference.columns }).columns);
    if (values === undefined) continue;
    const parent = tableNamed(tables, reference.collection);
    const there = viewOf(parent, { key: [], columns: reference.references }).columns;
    const isItself = parent === table && sameAll(tuple(row, there) ?? [], values);
    if (isItself) continue;
    const parents = [...rowsIn(memory, parent).values()];
    if (parents.some((each) => sameAll(tuple(each.row, there) ?? [], values))) continue;
    return {
      kind: "later",
      error: error(
        "CONSTRAINT",
        `${table.options.name} refers to a row of ${reference.collection} that is not there`,
      ),
    };
  }
  return undefined;
}

/** The batch landed before: what is there now, which may carry later edits. */
function answerAgain(
  on: { readonly memory: Memory; readonly table: Table; readonly view: View },
  batch: Batch,
  missed: readonly number[],
): readonly Outcome[] {
  const skipped = new Set(missed);
  return batch.writes.map((write, index) => {
    const found = findRow(on.memory, on.table, on.view, write.key);
    const row = found === undefined ? null : project(on.view, found.row);
    return skipped.has(index)
      ? { kind: "stale", row, ...positionOf(on, found) }
      : { kind: "applied", again: true, row, ...positionOf(on, found) };
  });
}

function positionOf(
  on: { readonly memory: Memory; readonly table: Table },
  stored: Stored | undefined,
): { readonly at?: number } {
  return on.table.options.isOrdered === false ? {} : { at: stored?.at ?? on.memory.seq };
}

function refusal(code: ErrorCode, message: string): Outcome {
  return { kind: "refused", error: error(code, message) };
}

function error(code: ErrorCode, message: string, where?: string): SyncError {
  return new SyncError(code, message, where === undefined ? {} : { where });
}
