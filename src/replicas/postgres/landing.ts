// How the writes of a batch land in a table: by sets, inside savepoints, halved until every row
// that is at fault stands alone.
import { ABSENT } from "../../core/state.ts";
import type { Key, OwnRow, Value } from "../../core/state.ts";
import { same, sameAll } from "../../core/values.ts";
import type { Expected, Outcome, RowWrite } from "../../engine/replica.ts";
import type { Cascades } from "./cascades.ts";
import { readRows } from "./by-key.ts";
import { STATE, sqlState } from "./failure.ts";
import {
  Ignored,
  constraintOf,
  isRowsFault,
  refusalOf,
  refused,
  twice,
  waitsForChildren,
} from "./refusal.ts";
import { AS_OURS, AS_USERS } from "./search-path.ts";
import type { Session } from "./session.ts";
import type { Shaped } from "./shaped.ts";
import { putColumns } from "./stage.ts";
import type { Positions, Stage } from "./stage.ts";

/** Outcomes by position, as far as they are known. */
export type Written = (Outcome | undefined)[];

/** A batch on its way. */
export interface Landing {
  readonly session: Session;
  readonly shaped: Shaped;
  readonly stage: Stage;
  readonly cascades: Cascades;
  readonly writes: readonly RowWrite[];
  /** Deletions may take rows with them. */
  readonly mayCascade: boolean;
  readonly written: Written;
  readonly signal: AbortSignal;
}

/** Tables that change rows by themselves: what is stored has to be read again. */
export function isLively({ table, columns }: Shaped): boolean {
  const isOwn = table.references.some(
    (each) => each.collection === table.name && (each.onDelete !== "refuse" || each.isFollowing),
  );
  return table.triggers.length > 0 || isOwn || columns.some((column) => column.generated);
}

/** Writes at these positions, each with an outcome at the end. All of them are staged. */
export async function land(on: Landing, positions: Positions): Promise<void> {
  for (const segment of segmentsOf(on, positions)) {
    await landAll(on, await decide(on, segment));
  }
}

/** What a write comes down to. */
export interface Action {
  readonly at: number;
  readonly kind: "insert" | "update" | "delete";
  /** The columns that are put. */
  readonly put: Positions;
  /** What is there; undefined: nothing. */
  readonly found: OwnRow | undefined;
}

/** Each write sees the ones before it: those of one key are not written by one statement. */
function segmentsOf({ writes, shaped }: Landing, positions: Positions): Positions[] {
  const segments: number[][] = [];
  let touched = new Set<Key>();
  let segment: number[] = [];
  for (const at of positions) {
    const write = writes[at];
    if (write === undefined) continue;
    const after = keyAfter(shaped, write);
    if (touched.has(write.key) || touched.has(after)) {
      segments.push(segment);
      [segment, touched] = [[], new Set()];
    }
    touched.add(write.key).add(after);
    segment.push(at);
  }
  if (segment.length > 0) segments.push(segment);
  return segments;
}

/** The key under which a written row is found afterwards. */
function keyAfter({ keyAt, keyOf }: Shaped, { key, to }: RowWrite): Key {
  if (to === null || keyAt.some((at) => to[at] === ABSENT)) return key;
  return keyOf(to) ?? key;
}

/** What is to be done with each write, its row seen and locked; the others are settled. */
export async function decide(on: Landing, positions: Positions): Promise<readonly Action[]> {
  const { writes, written, shaped, stage, signal } = on;
  const deletes = positions.some((at) => writes[at]?.to === null);
  const found = await stage.find(positions, deletes ? "row" : "key", signal);
  const actions: Action[] = [];
  for (const at of positions) {
    const write = writes[at];
    if (write === undefined) continue;
    const [row, another] = found.get(at) ?? [];
    if (another !== undefined) written[at] = twice(shaped);
    else if (!isExpected(write.expected, row)) written[at] = { kind: "stale", row: row ?? null };
    else {
      const action = actionOf(shaped, at, write.to, row);
      if (action === undefined) written[at] = { kind: "applied", row: row ?? null };
      else actions.push(action);
    }
  }
  return on.mayCascade ? actions : withoutCascades(on, actions);
}

async function withoutCascades(
  { shaped, written, cascades, signal }: Landing,
  actions: readonly Action[],
): Promise<readonly Action[]> {
  const deletions = actions.filter(({ kind }) => kind === "delete").map(({ at }) => at);
  if (deletions.length === 0) return actions;
  const children = await cascades(deletions, signal);
  for (const [at, child] of children) written[at] = waitsForChildren(shaped, child);
  return actions.filter(({ at }) => !children.has(at));
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

/** undefined: there is nothing to do. */
function actionOf(
  shaped: Shaped,
  at: number,
  to: OwnRow | null,
  found: OwnRow | undefined,
): Action | undefined {
  if (to === null) return found && { at, kind: "delete", put: [], found };
  const all = putColumns(shaped, to);
  if (found === undefined) return { at, kind: "insert", put: all, found };
  // What stays as it is is not written: it may be spelled in a way that only the store knows.
  const put = all.filter((column) => !same(to[column] ?? null, found[column]));
  if (put.length > 0) return { at, kind: "update", put, found };
  // A computed column that should be another one shows when it is looked at.
  return hasOtherComputed(shaped, to, found) ? { at, kind: "update", put, found } : undefined;
}

function hasOtherComputed({ columns }: Shaped, to: OwnRow, found: OwnRow): boolean {
  return columns.some(
    (column, at) => column.generated && to[at] !== ABSENT && !same(to[at] ?? null, found[at]),
  );
}

/** Lands these together, or without those that are at fault, which get their outcomes. */
async function landAll(on: Landing, actions: readonly Action[]): Promise<void> {
  if (actions.length === 0) return;
  const { session, shaped, written, signal } = on;
  await session.run(`SAVEPOINT syncline; ${AS_USERS}`, signal);
  let fault: unknown;
  try {
    const wrong = await apply(on, actions);
    if (wrong.length === 0) {
      await session.run(`${AS_OURS}; RELEASE SAVEPOINT syncline`, signal);
      return;
    }
    await undo(on);
    for (const at of wrong) written[at] = wrongComputed(on, at);
    await landAll(
      on,
      actions.filter(({ at }) => !wrong.includes(at)),
    );
    return;
  } catch (error) {
    if (!isRowsFault(error)) throw error;
    fault = error;
  }
  await undo(on);
  const [only] = actions;
  if (actions.length === 1 && only !== undefined) {
    written[only.at] = refusalOf(fault, shaped, on.writes[only.at]?.to);
    return;
  }
  const lost = await withoutParents(on, actions, fault);
  if (lost.size > 0) {
    for (const at of lost) written[at] = refusalOf(fault, shaped);
    await landAll(
      on,
      actions.filter(({ at }) => !lost.has(at)),
    );
    return;
  }
  const middle = actions.length >>> 1;
  await landAll(on, actions.slice(0, middle));
  await landAll(on, actions.slice(middle));
}

/**
 * Rows that refer to each other land together or not at all: halving them would part them. So those
 * whose reference leads nowhere are looked for, and the others are tried again as one.
 */
async function withoutParents(
  { shaped, stage, signal }: Landing,
  actions: readonly Action[],
  fault: unknown,
): Promise<ReadonlySet<number>> {
  const name = constraintOf(fault);
  const reference = shaped.table.references.find((each) => each.name === name);
  if (sqlState(fault) !== STATE.FOREIGN_KEY || reference === undefined) return new Set();
  const placed = actions.filter(({ kind }) => kind !== "delete").map(({ at }) => at);
  return new Set(await stage.findLost(reference, placed, signal));
}

/** Takes back what was done since the savepoint, which ends, and the search path of users. */
export async function undo({
  session,
  signal,
}: Pick<Landing, "session" | "signal">): Promise<void> {
  await session.run("ROLLBACK TO SAVEPOINT syncline; RELEASE SAVEPOINT syncline", signal);
}

/**
 * Writes them, sets outcomes; returns the positions whose computed columns came out otherwise. The
 * search path is the users' when this begins; whoever calls it takes that back.
 */
export async function apply(on: Landing, actions: readonly Action[]): Promise<Positions> {
  const { session, stage, shaped, signal } = on;
  const lively = isLively(shaped);
  // What is deleted makes way for what is new.
  for (const kind of ["delete", "update", "insert"] as const) {
    const chosen = actions.filter((action) => action.kind === kind);
    for (const [, group] of Map.groupBy(chosen, ({ put }) => put.join())) {
      const positions = group.map(({ at }) => at);
      const { put = [] } = group[0] ?? {};
      if (kind === "update" && put.length === 0) continue;
      const count =
        kind === "delete"
          ? await stage.remove(positions, signal)
          : await stage[kind](put, positions, signal);
      if (lively && count < positions.length) throw new Ignored();
    }
  }
  // Whose fault a deferred check is would not be known at the end.
  if (mayDefer(shaped) || lively) await session.run("SET CONSTRAINTS ALL IMMEDIATE", signal);
  for (const action of actions)
    on.written[action.at] = { kind: "applied", row: storedRow(on, action) };
  const isUnsure =
    lively || actions.some((action) => isPartial(shaped, action) || isRespelled(shaped, action));
  if (!isUnsure) return [];
  // Some texts (`regclass`) are spelled by the search path: rows are read with ours, as ever.
  await session.run(AS_OURS, signal);
  const positions = actions.map(({ at }) => at);
  return settle(on, positions);
}

/** Something of it is checked only when a transaction ends. */
function mayDefer({ table }: Shaped): boolean {
  return [...table.references, ...table.uniqueSets].some(({ isDeferrable }) => isDeferrable);
}

function isPartial({ columns }: Shaped, { kind, put }: Action): boolean {
  return kind === "insert" && put.length < columns.length;
}

function isRespelled({ columns }: Shaped, { put }: Action): boolean {
  return put.some((at) => columns[at]?.codec.respells);
}

function storedRow({ shaped, writes }: Landing, { at, kind, put, found }: Action): OwnRow | null {
  const to = writes[at]?.to;
  if (kind === "delete" || to === null || to === undefined) return null;
  const row: Value[] = found === undefined ? shaped.columns.map(() => null) : [...found];
  for (const column of put) {
    const value = to[column] ?? null;
    row[column] = shaped.columns[column]?.codec.store(value) ?? null;
  }
  return row;
}

/** Reads rows again that the store may have made something else of. */
export async function settle(on: Landing, positions: Positions): Promise<Positions> {
  const { session, shaped, writes, written, signal } = on;
  const kept = positions.filter((at) => written[at]?.kind === "applied");
  const keys = kept.map((at) => keyAfter(shaped, writes[at] as RowWrite)); // of the batch
  const rows = await readRows(session, shaped, keys, signal);
  const wrong: number[] = [];
  for (const [index, at] of kept.entries()) {
    const row = rows[index] ?? null;
    const to = writes[at]?.to ?? null;
    if (to !== null && row !== null && hasOtherComputed(shaped, to, row)) wrong.push(at);
    written[at] = { kind: "applied", row };
  }
  return wrong;
}

/** A computed column that would have to differ from what the store computes is refused by name. */
function wrongComputed({ shaped, writes, written }: Landing, at: number): Outcome {
  const { table, columns } = shaped;
  const outcome = written[at];
  const row = outcome?.kind === "applied" ? outcome.row : undefined;
  const to = writes[at]?.to;
  const column = columns.find(
    (each, index) => each.generated && to?.[index] !== ABSENT && !same(to?.[index], row?.[index]),
  );
  const name = `${table.name}.${column?.name ?? ""}`;
  return refused("VALUE_NOT_HELD", `${name} is computed by the store as another value`);
}
