// One batch, one transaction: rows, marker and epoch land together or not at all.
import { SyncError } from "../../core/errors.ts";
import { storedOtherwise } from "../../engine/stored.ts";
import type { Batch, Outcome } from "../../engine/replica.ts";
import type { Cascades } from "./cascades.ts";
import { Lost, STATE, failureOf, isPassing, sqlState, unknownOutcome } from "./failure.ts";
import { isLively, land, settle } from "./landing.ts";
import type { Landing, Written } from "./landing.ts";
import type { Markers } from "./markers.ts";
import { readRows } from "./by-key.ts";
import { folded, isClash } from "./refusal.ts";
import { turnRing } from "./rings.ts";
import { AS_USERS } from "./search-path.ts";
import type { Session } from "./session.ts";
import type { Shaped } from "./shaped.ts";
import type { Positions, Stage } from "./stage.ts";
import { STAGING } from "./staging.ts";
import type { Content, Straight } from "./straight.ts";

/** Tries of a batch at which other sessions were in the way. */
const TRIES_MAX = 3;

/** A shape made ready for writing on one connection. */
export interface Target {
  readonly shaped: Shaped;
  readonly stage: Stage;
  readonly cascades: Cascades;
  readonly straight: Straight | undefined;
  /** Rows are found by an index: no plan that reads the whole table is wanted. */
  readonly isIndexed: boolean;
}

/** What writing a batch needs. */
export interface Place {
  readonly session: Session;
  readonly title: string;
  /** undefined: we leave nothing here. */
  readonly markers: Markers | undefined;
  readonly target: Target;
}

/**
 * Writes a batch; outcomes are parallel to its writes. `packed`: it may be copied straight in.
 * Throws what is not one row's fault.
 */
export async function writeBatch(
  place: Place,
  { batch, packed }: { readonly batch: Batch; readonly packed: Content | undefined },
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  if (packed !== undefined && (await isPut(place, batch, packed, signal))) return packed.outcomes;
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(place, batch, signal);
    } catch (error) {
      await takeBack(place, signal);
      if (place.session.isLost) throw error;
      if (!isPassing(error) && !isOwnMarker(error)) throw error;
      if (tries < TRIES_MAX) continue;
      const busy = failureOf(error, place.title);
      if (!(busy instanceof SyncError)) throw error;
      return batch.writes.map((): Outcome => ({ kind: "later", error: busy }));
    }
  }
}

/** True: it has landed. False: nothing of it has, and whose fault that is shows the plain way. */
async function isPut(
  { session, title, markers, target }: Place,
  batch: Batch,
  packed: Content,
  signal: AbortSignal,
): Promise<boolean> {
  const { outcomes, isAsTold } = packed;
  const missed = missedBy(outcomes);
  if (target.straight === undefined || missed.length === outcomes.length) return false;
  const stored = isAsTold ? undefined : storedOtherwise(batch, outcomes);
  const mark = markers?.leaving(batch, missed, stored);
  try {
    await target.straight.put(session, packed, mark, signal);
    return true;
  } catch (error) {
    await takeBack({ session }, signal);
    // What has a marker can be sent again: it tells. Of anything else nobody knows.
    if (error instanceof Lost && markers === undefined) throw unknownOutcome(title);
    if (error instanceof Lost || sqlState(error) === undefined) throw error;
    return false;
  }
}

/** Nothing stays locked, also where it was aborted. Throws the reason of that. */
async function takeBack({ session }: Pick<Place, "session">, signal: AbortSignal): Promise<void> {
  if (!session.isLost) await session.run("ROLLBACK", NEVER);
  signal.throwIfAborted();
}

/** The same batch, sent by a program that was given up, landed in this moment. */
function isOwnMarker(error: unknown): boolean {
  return sqlState(error) === STATE.UNIQUE;
}

async function attempt(
  { session, title, markers, target }: Place,
  batch: Batch,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const plans = target.isIndexed ? BY_INDEX : "";
  await session.run(`BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE${plans}; ${STAGING}`, signal);
  const missed = await markers?.find(session, batch, signal);
  if (missed !== undefined) {
    const outcomes = await answerAgain(session, target.shaped, batch, missed, signal);
    await session.run("ROLLBACK", signal);
    return outcomes;
  }
  const outcomes = await landBatch(session, target, batch, signal);
  if (await leaveMarker(session, markers, batch, outcomes, signal)) {
    await commit(session, title);
  } else {
    await session.run("ROLLBACK", signal);
  }
  return outcomes;
}

/** A batch is small beside its table, and what is staged has never been counted. */
const BY_INDEX =
  "; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off" +
  "; SET LOCAL enable_seqscan = off";

/** A signal that nobody aborts. */
const NEVER: AbortSignal = new AbortController().signal;

/** It is not broken off: whoever asks must be told whether it landed. */
async function commit(session: Session, title: string): Promise<void> {
  try {
    // What was deferred to the end is code of users as well.
    await session.run(`${AS_USERS}; COMMIT`, NEVER);
  } catch (error) {
    if (error instanceof Lost) throw unknownOutcome(title);
    throw error;
  }
}

async function landBatch(
  session: Session,
  { shaped, stage, cascades }: Target,
  batch: Batch,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const { writes } = batch;
  const all = writes.map((_, at) => at);
  const written: Written = [];
  const mayCascade = batch.cascades === true;
  const on: Landing = { session, shaped, stage, cascades, writes, mayCascade, written, signal };
  const misfits = await stage.put(writes, all, signal);
  for (const [at, outcome] of misfits) written[at] = outcome;
  const fitting = all.filter((at) => !misfits.has(at));
  await land(on, fitting);
  await landWaiting(on, fitting);
  await landClashing(on, fitting);
  await explainClashes(on, fitting);
  if (isLively(shaped)) await settle(on, fitting);
  return all.map((at) => written[at] ?? untried());
}

/** Rows that waited for others of this batch: again, while some of them land. */
async function landWaiting(on: Landing, positions: Positions): Promise<void> {
  await again(on, positions, (outcome) => outcome?.kind === "later");
}

/** Rows that were refused for what other rows held then: after them, and at last all together. */
async function landClashing(on: Landing, positions: Positions): Promise<void> {
  const left = await again(on, positions, isClash);
  await turnRing(on, left);
}

async function again(
  on: Landing,
  positions: Positions,
  isLeft: (outcome: Outcome | undefined) => boolean,
): Promise<Positions> {
  let left = positions.filter((at) => isLeft(on.written[at]));
  // Alone it would fail as it did.
  if (left.length === positions.length && left.length < 2) return left;
  for (let count = Infinity; left.length > 0 && left.length < count;) {
    count = left.length;
    await land(on, left);
    left = left.filter((at) => isLeft(on.written[at]));
  }
  return left;
}

/** A new row whose key this store takes for another one's: both are named. */
async function explainClashes(on: Landing, positions: Positions): Promise<void> {
  const { session, shaped, stage, writes, written, signal } = on;
  const clashing = positions.filter(
    (at) => isClash(written[at]) && writes[at]?.expected.kind === "absent",
  );
  if (clashing.length === 0) return;
  const found = await stage.findFolded(clashing, signal);
  // Rows that came while we wrote.
  const now = await readRows(
    session,
    shaped,
    clashing.map((at) => writes[at]?.key ?? ""),
    signal,
  );
  for (const [index, at] of clashing.entries()) {
    const row = now[index] ?? null;
    const other = found.get(at);
    const key = writes[at]?.key ?? "";
    const otherKey = other === undefined ? undefined : shaped.keyOf(other);
    if (row !== null) written[at] = { kind: "stale", row };
    else if (otherKey !== undefined && otherKey !== key)
      written[at] = folded(shaped, key, otherKey);
  }
}

/** Puts the marker down; false: there is nothing to commit. */
async function leaveMarker(
  session: Session,
  markers: Markers | undefined,
  batch: Batch,
  outcomes: readonly Outcome[],
  signal: AbortSignal,
): Promise<boolean> {
  const missed = missedBy(outcomes);
  if (missed.length === outcomes.length) {
    return (await markers?.settle(session, batch, signal)) === true;
  }
  const mark = markers?.leaving(batch, missed, storedOtherwise(batch, outcomes));
  if (mark !== undefined) await session.rows(mark.sql, mark.values, signal);
  return true;
}

const missedBy = (outcomes: readonly Outcome[]): readonly number[] =>
  outcomes.flatMap((outcome, at) => (outcome.kind === "applied" ? [] : [at]));

/** The batch landed before: what is there now, which may carry later edits. */
async function answerAgain(
  session: Session,
  shaped: Shaped,
  { writes }: Batch,
  missed: readonly number[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const keys = writes.map(({ key }) => key);
  const rows = await readRows(session, shaped, keys, signal);
  const places = new Set(missed);
  return writes.map((_, at): Outcome => {
    const row = rows[at] ?? null;
    return places.has(at) ? { kind: "stale", row } : { kind: "applied", again: true, row };
  });
}

function untried(): Outcome {
  return { kind: "later", error: new SyncError("REPLICA_UNAVAILABLE", "the write was not tried") };
}
