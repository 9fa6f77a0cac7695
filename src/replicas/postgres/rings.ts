// Rows that pass unique values on among themselves: none of them can be written first, so all of
// them give their values up and then take the new ones, inside one transaction.
import { same } from "../../core/values.ts";
import type { Column } from "./catalogue.ts";
import { apply, decide, undo } from "./landing.ts";
import type { Action, Landing } from "./landing.ts";
import { EQUAL, quote } from "./names.ts";
import { isClash, isRowsFault } from "./refusal.ts";
import { AS_OURS, AS_USERS } from "./search-path.ts";
import { among } from "./stage.ts";
import type { Positions } from "./stage.ts";

/** Tries of one ring, each without the rows at which the last one failed. */
const RING_TRIES_MAX = 20;

/**
 * Settles those of these updates that can be made only together. All were refused before, in this
 * very transaction. Does nothing where they are no ring, or somebody looks on (triggers).
 */
export async function turnRing(on: Landing, clashing: Positions): Promise<void> {
  const { shaped, written, writes } = on;
  const isUpdate = (at: number) =>
    writes[at]?.to !== null && writes[at]?.expected.kind !== "absent" && isClash(written[at]);
  let members = clashing.filter(isUpdate);
  if (members.length < 2 || shaped.table.triggers.length > 0) return;
  if (shaped.table.references.some((each) => each.isFollowing)) return;
  const before = new Map(members.map((at) => [at, written[at]]));
  for (let tries = 0; tries < RING_TRIES_MAX && members.length >= 2; tries++) {
    const failed = await turn(on, members);
    if (failed === undefined) return;
    for (const at of members) written[at] = before.get(at);
    members = members.filter((at) => !failed.includes(at));
  }
}

/** Those that stand in the way of the others; undefined: all have landed. */
async function turn(on: Landing, members: Positions): Promise<Positions | undefined> {
  const { session, signal } = on;
  const actions = (await decide(on, members)).filter(({ kind }) => kind === "update");
  if (actions.length < members.length) {
    const left = new Set(actions.map(({ at }) => at));
    return members.filter((at) => !left.has(at));
  }
  await session.run(`SAVEPOINT syncline; ${AS_USERS}`, signal);
  if (!(await isFree(on, actions, giveUp)) && !(await isFree(on, actions, replace))) {
    await undo(on);
    return members;
  }
  const failed = await takeEach(on, actions);
  if (failed.length > 0) {
    await undo(on);
    return failed;
  }
  await session.run(`${AS_OURS}; RELEASE SAVEPOINT syncline`, signal);
  return undefined;
}

/** True if this way has made room for all of them; else nothing has happened. */
async function isFree(on: Landing, actions: readonly Action[], way: Way): Promise<boolean> {
  const { session, signal } = on;
  await session.run(`SAVEPOINT syncline_room; ${AS_USERS}`, signal);
  try {
    const isDone = await way(on, actions);
    if (isDone) await session.run("RELEASE SAVEPOINT syncline_room", signal);
    else await session.run(BACK("syncline_room"), signal);
    return isDone;
  } catch (error) {
    if (!isRowsFault(error)) throw error;
    await session.run(BACK("syncline_room"), signal);
    return false;
  }
}

/** False: it is no way for these. */
type Way = (on: Landing, actions: readonly Action[]) => Promise<boolean>;

const BACK = (savepoint: string): string =>
  `ROLLBACK TO SAVEPOINT ${savepoint}; RELEASE SAVEPOINT ${savepoint}`;

/** Each on its own: so the one at fault shows. */
async function takeEach(on: Landing, actions: readonly Action[]): Promise<Positions> {
  const { session, signal } = on;
  const failed: number[] = [];
  for (const action of actions) {
    await session.run(`SAVEPOINT syncline_ring; ${AS_USERS}`, signal);
    try {
      await apply(on, [action]);
      await session.run("RELEASE SAVEPOINT syncline_ring", signal);
    } catch (error) {
      if (!isRowsFault(error)) throw error;
      await session.run(BACK("syncline_ring"), signal);
      failed.push(action.at);
    }
  }
  return failed;
}

/** Puts values that nobody has in place of the unique ones that are to change. */
async function giveUp(on: Landing, actions: readonly Action[]): Promise<boolean> {
  const { session, shaped, stage, writes, signal } = on;
  for (const { at, found } of actions) {
    const to = writes[at]?.to;
    const changing = shaped.columns.filter(
      (column, index) =>
        isUniqueValue(on, column) && !same(found?.[index] ?? null, to?.[index] ?? null),
    );
    if (changing.length === 0) continue;
    const sets = changing.map(
      (column, index) => `${quote(column.name)} = ${unused(column, index)}`,
    );
    const values = changing.map((column) => unusedText(column, at));
    const places = `SELECT t.tableoid, t.ctid FROM ${stage.from} WHERE ${among([at])}`;
    const where = `(t.tableoid, t.ctid) ${EQUAL} (${places})`;
    await session.rows(
      `UPDATE ${shaped.table.from} t SET ${sets.join(", ")} WHERE ${where}`,
      values,
      signal,
    );
  }
  return true;
}

/**
 * Where a type has no value that nobody has, the rows go and come back in one statement. Not where
 * other rows would go or change with them.
 */
async function replace(on: Landing, actions: readonly Action[]): Promise<boolean> {
  const { stage, shaped, cascades, signal } = on;
  const { kind } = shaped.table;
  if (kind !== "table" && kind !== "partitioned") return false;
  const positions = actions.map(({ at }) => at);
  if ((await cascades(positions, signal)).size > 0) return false;
  return (await stage.replace(actions, signal)) === actions.length;
}

function isUniqueValue({ shaped }: Landing, column: Column): boolean {
  const { table, keyColumns } = shaped;
  if (column.generated || keyColumns.includes(column)) return false;
  return table.uniqueSets.some((set) => set.columns.includes(column.name));
}

function unused({ codec }: Column, index: number): string {
  return codec.assign(`$${index + 1}::${codec.staged}`);
}

/** A value that no row has; where one has it after all, the store refuses and nothing is done. */
function unusedText(column: Column, at: number): string | null {
  if (!column.notNull) return null;
  const { type } = column.codec;
  switch (type.kind) {
    case "integer":
      return String(BigInt(type.min ?? -(2n ** 31n)) + BigInt(at));
    case "uuid":
      return `00000000-0000-0000-0000-${String(at).padStart(12, "0")}`;
    case "bytes":
      return `\\x${Buffer.from(`\u0001${at}`).toString("hex")}`;
    default:
      return type.kind === "text" ? `\u0001${at}` : String(-at - 1);
  }
}
