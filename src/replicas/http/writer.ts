// The writer of an API: each row by a request of its own, or many of them in one where the API
// takes that. What became of each is its own outcome; only an API that is out of reach as a whole
// is thrown.
import { assert, SyncError } from "../../core/errors.ts";
import type { Key } from "../../core/state.ts";
import type { Batch, Outcome, RowWrite, Writer } from "../../engine/replica.ts";
import { writeTogether } from "./batch-writer.ts";
import { isOnlyWritten } from "./collection.ts";
import type { Opened } from "./collection.ts";
import { describedUnwritable } from "./describe.ts";
import { placeOf } from "./list.ts";
import { inPool } from "./pool.ts";
import { writeRow } from "./row-writer.ts";
import { putOff } from "./told.ts";
import type { Job, Told } from "./told.ts";

/** A writer. It holds nothing but what a request under way does. */
export function makeWriter(on: Opened): Writer {
  let isOpen = true;
  return {
    write: async (batch, signal) => {
      assert(isOpen, "a writer was used after its end");
      signal.throwIfAborted();
      return writeBatch(on, batch, signal);
    },
    finish: async () => {
      assert(isOpen, "a writer was used after its end");
      isOpen = false;
      return [];
    },
    abort: async () => {
      isOpen = false;
    },
  };
}

async function writeBatch(
  on: Opened,
  batch: Batch,
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const place = await placeOf(on, batch.shape, signal);
  const { settings } = place.collection;
  if (settings.write === undefined) throw describedUnwritable(on, place.collection);
  const isBlind = isOnlyWritten(place.collection);
  const write = isBlind ? { ...settings.write, compare: "none" as const } : settings.write;
  const job: Job = { place, write, batch, outcomes: new Map(), down: undefined, busy: 0 };
  const all = batch.writes.map((each, at): Told => ({
    at,
    write: each,
    id: idOf(batch, each, at),
  }));
  const lanes = lanesOf((row) => place.shaped.keyIn(row), all);
  const { batch: together } = write;
  // What is told twice of one row must arrive in order.
  const isApart = lanes.every((lane) => lane.length === 1);
  const rest = together !== undefined && isApart ? await writeTogether(job, all, signal) : all;
  const left = new Set(rest);
  const open = lanes.map((lane) => lane.filter((each) => left.has(each)));
  await inPool(open, on.api.limits.concurrent, signal, async (lane, stop) => {
    for (const told of lane) job.outcomes.set(told.at, await outcomeOf(job, told, stop));
  });
  const outcomes = batch.writes.map((_, at) => job.outcomes.get(at) ?? notTried(job));
  // Nothing was taken, because nobody is there: that is no row's fault. Who has just said when it
  // may be asked again is there.
  const isThere = job.busy > 0 && on.api.budget.closedMs() > 0;
  const isNothing = outcomes.every(({ kind }) => kind === "later");
  if (job.down !== undefined && isNothing && !isThere) throw job.down;
  return outcomes;
}

/** As the engine names a write: sent again, it keeps its name. */
const idOf = ({ id, link }: Batch, { again }: RowWrite, at: number): string =>
  `${link} ${again ?? `${id}.${at}`}`;

/** Errors after which nothing else is tried. */
const DOWN: ReadonlySet<string> = new Set(["REPLICA_UNAVAILABLE", "REPLICA_DENIED"]);

async function outcomeOf(job: Job, told: Told, signal: AbortSignal): Promise<Outcome> {
  if (job.down !== undefined) return putOff(job, job.down);
  try {
    return await writeRow(job, told, signal);
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    if (DOWN.has(error.code)) job.down = error;
    return putOff(job, error);
  }
}

function notTried(job: Job): Outcome {
  assert(job.down !== undefined, "a write has no outcome");
  return putOff(job, job.down);
}

/** Writes of one row in order, those of different rows apart. A row that moves joins both. */
function lanesOf(
  keyIn: (row: NonNullable<RowWrite["to"]>) => Key | undefined,
  all: readonly Told[],
): readonly (readonly Told[])[] {
  const moves = all.some(({ write: { key, to } }) => to !== null && (keyIn(to) ?? key) !== key);
  if (moves) return [all];
  const lanes = new Map<Key, Told[]>();
  for (const told of all) {
    const lane = lanes.get(told.write.key);
    if (lane === undefined) lanes.set(told.write.key, [told]);
    else lane.push(told);
  }
  return [...lanes.values()];
}
