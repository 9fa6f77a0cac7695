// One batch, one transaction: rows, marker and epoch land together or not at all. Where references
// or triggers will not have that, the batch lands in parts, and its marker always says which.
import type { DatabaseSync } from "node:sqlite";
import { SyncError } from "../../core/errors.ts";
import type { Batch, Outcome, RowWrite } from "../../engine/replica.ts";
import { storedOtherwise } from "../../engine/stored.ts";
import { whileBusy } from "./busy.ts";
import type { Patience } from "./busy.ts";
import { BROKEN, RESULT, extendedCode, failureOf, isBusy, primaryCode } from "./failure.ts";
import { ROWS_AT_ONCE } from "./insert.ts";
import { markText } from "./markers.ts";
import type { Markers } from "./markers.ts";
import { waits } from "./refusal.ts";
import { turnRing } from "./rings.ts";
import type { RowWriter } from "./row-writer.ts";
import type { Shaped } from "./shaped.ts";

/** What writing a batch needs. */
export interface Place {
  readonly db: DatabaseSync;
  readonly path: string;
  readonly patience: Patience;
  /** undefined: we leave nothing here. */
  readonly markers: Markers | undefined;
  /** Rows of the batch's shape, as the schema is inside this transaction. */
  readonly targets: {
    readonly [references in References]: (batch: Batch) => {
      readonly shaped: Shaped;
      readonly rows: RowWriter;
    };
  };
}

/** Writes a batch; outcomes are parallel to its writes. Throws what is not one row's fault. */
export async function writeBatch(
  place: Place,
  batch: Batch,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const run: Run = { place, batch, outcomes: [], signal };
  const all = batch.writes.map((_, index) => index);
  try {
    const first = await attempt(run, all, "deferred");
    if (first === "references" && (await attempt(run, all, "immediate")) === "references") {
      await writeInParts(run, all);
    }
  } catch (error) {
    if (place.db.isTransaction) place.db.exec("ROLLBACK");
    if (!isBusy(error)) throw failureOf(error, place.path);
    const busy = failureOf(error, place.path);
    for (const index of all) run.outcomes[index] ??= laterFor(busy);
  }
  return all.map((index) => run.outcomes[index] ?? laterFor(undefined));
}

interface Run {
  readonly place: Place;
  readonly batch: Batch;
  /** By position; what is set stays. */
  readonly outcomes: (Outcome | undefined)[];
  readonly signal: AbortSignal;
}

/** `deferred`: references are looked at when it commits; `immediate`: with each row. */
type References = "deferred" | "immediate";

/**
 * One transaction over these positions. `references`: it could not be committed because of a
 * reference, and nothing of it is there.
 */
async function attempt(
  run: Run,
  positions: readonly number[],
  references: References,
): Promise<"done" | "references"> {
  const { place, signal } = run;
  const { db, patience } = place;
  /** Rows at which a trigger rolled the whole transaction back: it is done again without them. */
  const lost: Written = [];
  for (;;) {
    await whileBusy(() => db.exec("BEGIN IMMEDIATE"), patience, signal);
    if (references === "deferred") db.exec("PRAGMA defer_foreign_keys = 1");
    const written = writeRows(run, positions, references, lost);
    if (written === "lost") continue;
    if (written === "again") {
      db.exec("ROLLBACK");
      return "done";
    }
    try {
      const end = leaveMarker(run, written);
      await whileBusy(() => db.exec(end), patience, signal);
    } catch (error) {
      if (extendedCode(error) !== BROKEN.FOREIGN_KEY) throw commitFailure(error, place.path);
      db.exec("ROLLBACK");
      return "references";
    }
    for (const index of positions) run.outcomes[index] = written[index];
    return "done";
  }
}

/** Outcomes by position, as far as they are known. */
type Written = (Outcome | undefined)[];

function writeRows(
  run: Run,
  positions: readonly number[],
  references: References,
  lost: Written,
): Written | "lost" | "again" {
  const { place, batch, outcomes } = run;
  const { shaped, rows } = place.targets[references](batch);
  const missed = place.markers?.find(batch);
  if (missed !== undefined && outcomes.length === 0) {
    answerAgain(run, rows, new Set(missed));
    return "again";
  }
  const written = lost.slice();
  let waiting = positions.filter((index) => written[index] === undefined);
  for (let count = Infinity; waiting.length > 0 && waiting.length < count;) {
    count = waiting.length;
    const lostAt = writeOnce({ run, rows, written }, waiting);
    if (lostAt !== undefined) {
      lost[lostAt] = written[lostAt] ?? waits(shaped);
      return "lost";
    }
    // With immediate references a row may only wait for another one of this batch, and a deletion
    // for those of rows that refer to it.
    waiting = waiting.filter((index) => written[index]?.kind === "later");
    if (references === "deferred" && !waiting.some((at) => batch.writes[at]?.to === null)) break;
  }
  const lostAt = makeWay({ run, rows, written }, shaped, positions);
  if (lostAt !== undefined) {
    lost[lostAt] = written[lostAt];
    return "lost";
  }
  if (rows.isLively) {
    for (const index of positions) {
      const [write, outcome] = [batch.writes[index], written[index]];
      if (write !== undefined && outcome?.kind === "applied") written[index] = rows.settle(write);
    }
  }
  return written;
}

/**
 * Rows that were refused for what other rows held then: tried once more after them, and at last all
 * together. Returns the row at which all of it was lost.
 */
function makeWay(pass: Pass, shaped: Shaped, positions: readonly number[]): number | undefined {
  const { run, rows, written } = pass;
  let clashing = positions.filter((at) => isClash(written[at]));
  if (clashing.length === positions.length && clashing.length < 2) return undefined;
  for (let count = Infinity; clashing.length > 0 && clashing.length < count;) {
    count = clashing.length;
    const lostAt = writeOnce(pass, clashing);
    if (lostAt !== undefined) return lostAt;
    clashing = clashing.filter((at) => isClash(written[at]));
  }
  const { writes } = run.batch;
  const turned = turnRing({ db: run.place.db, shaped, rows, writes }, clashing);
  for (const [at, outcome] of turned) written[at] = outcome;
  return undefined;
}

function isClash(outcome: Outcome | undefined): boolean {
  return (
    outcome?.kind === "refused" &&
    (outcome.error.code === "CONSTRAINT" || outcome.error.code === "KEY_FOLDS")
  );
}

interface Pass {
  readonly run: Run;
  readonly rows: RowWriter;
  readonly written: Written;
}

/** Writes rows in order, new ones many at once. Returns the row at which all of it was lost. */
function writeOnce({ run, rows, written }: Pass, positions: readonly number[]): number | undefined {
  const { db } = run.place;
  const { writes } = run.batch;
  for (let at = 0; at < positions.length;) {
    const many = newRows(run.batch, rows, positions, at);
    const outcomes = many === undefined ? undefined : rows.insertMany(many);
    for (let step = 0; step < (many?.length ?? 1); step++, at++) {
      const index = positions[at] ?? 0;
      const write = writes[index];
      const known = outcomes?.[step];
      if (write === undefined) continue;
      written[index] = known ?? rows.write(write, run.batch.cascades === true);
      // The transaction may be gone: everything but this row is to be written again.
      if (known === undefined && !db.isTransaction) return index;
    }
  }
  return undefined;
}

/** ROWS_AT_ONCE new rows from here on; undefined: there are not so many. */
function newRows(
  { writes }: Batch,
  rows: RowWriter,
  positions: readonly number[],
  start: number,
): readonly RowWrite[] | undefined {
  if (start + ROWS_AT_ONCE > positions.length) return undefined;
  const found: RowWrite[] = [];
  for (let at = start; at < start + ROWS_AT_ONCE; at++) {
    const write = writes[positions[at] ?? -1];
    if (write === undefined || !rows.isBulk(write)) return undefined;
    found.push(write);
  }
  return found;
}

/** Puts the marker down, or finds that there is nothing to commit; returns how it ends. */
function leaveMarker(run: Run, written: Written): "COMMIT" | "ROLLBACK" {
  const { place, batch, outcomes } = run;
  const isSettled = place.markers?.settle(batch) === true;
  const missed: number[] = [];
  let isWritten = false;
  for (let index = 0; index < batch.writes.length; index++) {
    isWritten ||= written[index]?.kind === "applied";
    if ((written[index] ?? outcomes[index])?.kind !== "applied") missed.push(index);
  }
  if (isWritten) {
    const now = batch.writes.map((_, index) => written[index] ?? outcomes[index]);
    place.markers?.leave(batch, markText(missed, storedOtherwise(batch, now)));
  }
  return isWritten || isSettled ? "COMMIT" : "ROLLBACK";
}

/**
 * References that are looked at only when it commits cannot say which row is at fault: halves of
 * halves are committed by themselves, and what is left is tried again while some of it lands.
 */
async function writeInParts(run: Run, positions: readonly number[]): Promise<void> {
  let waiting = positions;
  for (let count = Infinity; waiting.length > 0 && waiting.length < count;) {
    count = waiting.length;
    await halve(run, waiting);
    waiting = waiting.filter((index) => run.outcomes[index]?.kind === "later");
  }
}

async function halve(run: Run, positions: readonly number[]): Promise<void> {
  if ((await attempt(run, positions, "deferred")) === "done") return;
  const [only] = positions;
  if (positions.length === 1 && only !== undefined) {
    run.outcomes[only] = waits(run.place.targets.deferred(run.batch).shaped);
    return;
  }
  const middle = positions.length >>> 1;
  await halve(run, positions.slice(0, middle));
  await halve(run, positions.slice(middle));
}

/** The batch landed before: what is there now, which may carry later edits. */
function answerAgain(run: Run, rows: RowWriter, missed: ReadonlySet<number>): void {
  for (const [index, { key }] of run.batch.writes.entries()) {
    const row = rows.find(key);
    run.outcomes[index] = missed.has(index)
      ? { kind: "stale", row }
      : { kind: "applied", again: true, row };
  }
}

function commitFailure(error: unknown, path: string): unknown {
  if (primaryCode(error) !== RESULT.IOERR) return error;
  return new SyncError("OUTCOME_UNKNOWN", `whether a batch landed in ${path} is unknown`, {
    where: path,
    cause: error,
  });
}

function laterFor(cause: unknown): Outcome {
  if (cause instanceof SyncError) return { kind: "later", error: cause };
  const error = new SyncError("REPLICA_UNAVAILABLE", "the write was not tried");
  return { kind: "later", error };
}
