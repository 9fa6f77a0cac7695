// One row at a time by compare-and-set, or many new ones at once.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ABSENT } from "../../core/state.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import { same, sameAll } from "../../core/values.ts";
import type { Expected, Outcome, RowWrite } from "../../engine/replica.ts";
import { bindKept, packMany, storedAt, storedRow } from "./binding.ts";
import type { PackedRows } from "./binding.ts";
import type { Column } from "./catalogue.ts";
import { makeCascades, type Cascades } from "./cascades.ts";
import type { Stored } from "./codec.ts";
import { RESULT, primaryCode } from "./failure.ts";
import { STATEMENTS_MAX, insertSql, mainTable } from "./insert.ts";
import { quote, quoteAll } from "./names.ts";
import { notHeld, refusalOf, refused, waitsForChildren } from "./refusal.ts";
import { allRows, oneRow } from "./rows.ts";
import type { Shaped } from "./shaped.ts";

/** Writes rows of one shape inside a transaction of its caller. */
export interface RowWriter {
  /**
   * Throws what is not the row's own fault. After a refusal the transaction may be gone. Rows that
   * refer to a deleted one go with it only where `cascades` says so.
   */
  write(write: RowWrite, cascades: boolean): Outcome;
  /** True for a new row that need not be looked for first. */
  isBulk(write: RowWrite): boolean;
  /** Puts ROWS_AT_ONCE new rows; undefined: one of them is not taken, and none was put. */
  insertMany(writes: readonly RowWrite[]): readonly Outcome[] | undefined;
  /** New rows to be put elsewhere; undefined: one of them is not taken. */
  pack(writes: readonly RowWrite[]): PackedRows | undefined;
  /** The table changes rows by itself: at the end of a batch each of its rows is to be settled. */
  readonly isLively: boolean;
  /** What became of a row that was written, with everything that came after it. */
  settle(write: RowWrite): Outcome;
  /** The row under a key. */
  find(key: Key): OwnRow | null;
}

/** Prepares writing rows of a shape. */
export function makeRowWriter(db: DatabaseSync, shaped: Shaped): RowWriter {
  const { table, columns } = shaped;
  const statements = makeStatements(db, shaped);
  const hasGenerated = columns.some((column) => column.generated);
  // Such tables change rows after we wrote them: each write gets a savepoint and is read again.
  const isLively = table.triggers.length > 0 || table.hasActions || hasGenerated;
  const whole = columns.map((_, at) => at);
  const on: On = { db, shaped, statements, isLively, whole, cascades: makeCascades(db, table) };
  // Where the key is unique a row that is there shows in the insert itself.
  const isBulkTable = shaped.isUnique && !isLively;
  const find = (key: Key) => statements.find(key)?.row ?? null;
  return {
    write: (write, cascades) => (isLively ? guarded : writeOne)(on, write, cascades),
    isBulk: ({ expected, to }) =>
      isBulkTable && expected.kind === "absent" && to !== null && !to.includes(ABSENT),
    insertMany: (writes) => insertMany(on, writes),
    pack: (writes) => packMany(on.shaped, writes),
    isLively,
    settle: (write) => ({ kind: "applied", row: find(keyAfter(on, write)) }),
    find,
  };
}

interface Found {
  readonly row: OwnRow;
  readonly address: readonly Stored[];
}

/** Statements of one shape, prepared when they are first needed. */
interface Statements {
  find(key: Key): Found | undefined;
  /** How many rows changed. The statement is made once for each set of columns. */
  insert(put: readonly number[], rows: number, values: readonly Stored[]): number;
  update(put: readonly number[], values: readonly Stored[]): number;
  remove(values: readonly Stored[]): number;
}

interface On {
  readonly db: DatabaseSync;
  readonly shaped: Shaped;
  readonly statements: Statements;
  readonly isLively: boolean;
  readonly cascades: Cascades;
  /** The position of every column. */
  readonly whole: readonly number[];
}

class NotUnique extends Error {}

function makeStatements(db: DatabaseSync, shaped: Shaped): Statements {
  const { table, columns } = shaped;
  const kept = new Map<string, StatementSync>();
  const run = (name: string, makeSql: () => string, values: readonly Stored[]) => {
    let statement = kept.get(name);
    if (statement === undefined) {
      if (kept.size >= STATEMENTS_MAX) kept.clear();
      statement = db.prepare(makeSql());
      // Otherwise run() throws after the row is in when its rowid is beyond 2^53.
      statement.setReadBigInts(true);
      kept.set(name, statement);
    }
    return Number(statement.run(...values).changes);
  };
  const named = (put: readonly number[]) => put.map((at) => columns[at]?.name ?? "");
  const into = mainTable(table.name);
  return {
    find: makeFinder(db, shaped),
    insert: (put, rows, values) =>
      run(`insert ${rows} ${put.join()}`, () => insertSql(into, named(put), rows), values),
    update: (put, values) =>
      run(`update ${put.join()}`, () => updateSql(into, named(put), table.address), values),
    remove: (values) =>
      run("delete", () => `DELETE FROM ${into} WHERE ${addressTest(table.address, 0)}`, values),
  };
}

function makeFinder(db: DatabaseSync, shaped: Shaped): Statements["find"] {
  const { table, select, whereKey, isUnique } = shaped;
  const width = shaped.columns.length;
  const addressAt = table.address.map((name) =>
    shaped.columns.findIndex((each) => each.name === name),
  );
  // Where the shape has the address among its columns it need not be asked for again.
  const isInside = !addressAt.includes(-1);
  const extra = isInside ? "" : `, ${quoteAll(table.address)}`;
  const from = `FROM ${mainTable(table.name)} WHERE ${whereKey}`;
  const finder = db.prepare(`SELECT ${select}${extra} ${from} LIMIT 2`);
  return (key) => {
    const bound = shaped.bindKey(key);
    if (bound === undefined) return undefined;
    const rows = isUnique ? undefined : allRows(db, finder, ...bound);
    if (rows !== undefined && rows.length > 1) throw new NotUnique();
    const row = rows === undefined ? oneRow(db, finder, ...bound) : rows[0];
    if (row === undefined) return undefined;
    const address = isInside ? addressAt.map((at) => row[at] ?? null) : row.splice(width);
    return { row: shaped.decode(row), address };
  };
}

/** One write that triggers may leave half done, undone as a whole when it is refused. */
function guarded(on: On, write: RowWrite, cascades: boolean): Outcome {
  on.db.exec("SAVEPOINT syncline_row");
  const outcome = wrongGenerated(on, write, writeOne(on, write, cascades));
  // A trigger may have rolled back the whole transaction.
  if (!on.db.isTransaction) return outcome;
  if (outcome.kind !== "applied") on.db.exec("ROLLBACK TO syncline_row");
  on.db.exec("RELEASE syncline_row");
  return outcome;
}

/** A computed column that would have to differ from what the store computes is refused by name. */
function wrongGenerated(on: On, write: RowWrite, outcome: Outcome): Outcome {
  if (outcome.kind !== "applied" || write.to === null) return outcome;
  const { columns } = on.shaped;
  if (!columns.some((column) => column.generated)) return outcome;
  const row = on.statements.find(keyAfter(on, write))?.row;
  if (row === undefined) return outcome;
  const wrong = columns.find((column, index) => {
    const to = write.to?.[index];
    return column.generated && to !== undefined && to !== ABSENT && !same(to, row[index]);
  });
  if (wrong === undefined) return outcome;
  const name = `${on.shaped.table.name}.${wrong.name}`;
  return refused("VALUE_NOT_HELD", `${name} is computed by the store as another value`, undefined);
}

function keyAfter({ shaped }: On, { key, to }: RowWrite): Key {
  if (to === null || shaped.keyAt.some((at) => to[at] === ABSENT)) return key;
  return shaped.keyOf(to) ?? key;
}

function writeOne(on: On, write: RowWrite, cascades: boolean): Outcome {
  try {
    const found = on.statements.find(write.key);
    if (!isExpected(write.expected, found?.row)) return { kind: "stale", row: found?.row ?? null };
    if (write.to === null) return remove(on, found, cascades);
    return found === undefined ? insert(on, write, write.to) : update(on, found, write.to);
  } catch (error) {
    if (error instanceof NotUnique) {
      const names = on.shaped.keyColumns.map((column) => column.name).join(", ");
      const message = `two rows of ${on.shaped.table.name} have the same ${names}`;
      return refused("KEY_NOT_UNIQUE", message, undefined);
    }
    const outcome = refusalOf(error, { db: on.db, shaped: on.shaped, to: write.to });
    if (outcome === undefined) throw error;
    return outcome;
  }
}

function isExpected(expected: Expected, row: OwnRow | undefined): boolean {
  switch (expected.kind) {
    case "absent":
      return row === undefined;
    case "row":
      return row !== undefined && sameAll(expected.row, row);
    case "digest":
      return row !== undefined && expected.digestOf(row) === expected.digest;
  }
}

function remove(on: On, found: Found | undefined, cascades: boolean): Outcome {
  if (found === undefined) return { kind: "applied", row: null };
  const child = cascades ? undefined : on.cascades(found.address);
  if (child !== undefined) return waitsForChildren(on.shaped, child);
  if (on.statements.remove(found.address) === 0) return ignored(on);
  return { kind: "applied", row: null };
}

function insert(on: On, write: RowWrite, to: OwnRow): Outcome {
  const { shaped, statements } = on;
  const put = positionsOf(shaped, (column, at) => !column.generated && to[at] !== ABSENT);
  const bound: Stored[] = [];
  const wrong = bindAll(shaped, to, put, bound);
  if (wrong !== undefined) return wrong;
  if (statements.insert(put, 1, bound) === 0) return ignored(on);
  const isWhole = put.length === shaped.columns.length;
  const row = isWhole ? storedRow(shaped, to) : statements.find(keyAfter(on, write))?.row;
  return { kind: "applied", row: row ?? null };
}

function update(on: On, found: Found, to: OwnRow): Outcome {
  const { shaped, statements } = on;
  const put = changedPositions(shaped, found.row, to);
  if (put.length === 0) return { kind: "applied", row: found.row };
  const bound: Stored[] = [];
  const wrong = bindAll(shaped, to, put, bound);
  if (wrong !== undefined) return wrong;
  bound.push(...found.address);
  if (statements.update(put, bound) === 0) return ignored(on);
  const row = found.row.slice();
  for (const at of put) row[at] = storedAt(shaped, to, at);
  return { kind: "applied", row };
}

function changedPositions(shaped: Shaped, from: OwnRow, to: OwnRow): readonly number[] {
  return positionsOf(shaped, (column, at) => {
    const value = to[at] ?? null;
    return !column.generated && value !== ABSENT && !same(value, from[at]);
  });
}

function insertMany(on: On, writes: readonly RowWrite[]): readonly Outcome[] | undefined {
  const { shaped, statements } = on;
  const bound: Stored[] = [];
  const outcomes: Outcome[] = [];
  for (const { to } of writes) {
    if (to === null) return undefined;
    const isKept = bindKept(shaped.columns, to, bound);
    if (isKept === undefined) return undefined;
    outcomes.push({ kind: "applied", row: isKept ? to : storedRow(shaped, to) });
  }
  try {
    statements.insert(on.whole, writes.length, bound);
    return outcomes;
  } catch (error) {
    // Whose fault it is shows one by one; the statement was undone as a whole.
    if (isRowsFault(error)) return undefined;
    throw error;
  }
}

function isRowsFault(error: unknown): boolean {
  const code = primaryCode(error);
  return code === RESULT.CONSTRAINT || code === RESULT.TOOBIG || code === RESULT.MISMATCH;
}

/** Binds some columns; returns why when one of the values is not held. */
function bindAll(
  shaped: Shaped,
  to: OwnRow,
  put: readonly number[],
  bound: Stored[],
): Outcome | undefined {
  for (const at of put) {
    const column = shaped.columns[at];
    const value = to[at] ?? null;
    const stored = column?.codec.write(value);
    if (column !== undefined && stored === undefined) return notHeld(shaped, column, value);
    bound.push(stored ?? null);
  }
  return undefined;
}

function positionsOf(
  { columns }: Shaped,
  isMeant: (column: Column, at: number) => boolean,
): readonly number[] {
  const positions: number[] = [];
  for (let at = 0; at < columns.length; at++) {
    const column = columns[at];
    if (column !== undefined && isMeant(column, at)) positions.push(at);
  }
  return positions;
}

function updateSql(into: string, names: readonly string[], address: readonly string[]): string {
  const sets = names.map((name, index) => `${quote(name)} = ?${index + 1}`).join(", ");
  return `UPDATE OR ABORT ${into} SET ${sets} WHERE ${addressTest(address, names.length)}`;
}

function addressTest(address: readonly string[], after: number): string {
  return address.map((name, index) => `${quote(name)} = ?${after + index + 1}`).join(" AND ");
}

function ignored({ shaped }: On): Outcome {
  const message = `a trigger of ${shaped.table.name} ignored it`;
  return refused("WRITE_REFUSED", message, undefined);
}
