// The rounds after a cycle's last page: writes that waited for others (a child for its parent),
// and entries that somebody changed between our look and our write. It ends with a round that
// makes no progress; what is left waits in the journal.
import { owed } from "../core/fold.ts";
import type { Entry, Key, Parked } from "../core/state.ts";
import type { Carrier } from "./carry.ts";
import { isPassedBy, type Candidate } from "./candidate.ts";
import { readMarks, type Context } from "./context.ts";
import { decide, decisionOf, payloadOf, type Decision } from "./decide.ts";
import { FLAGS } from "./journal.ts";
import { inPages } from "./in-pages.ts";
import type { Link } from "./link.ts";
import { looksAt } from "./looks.ts";
import { isParked, withMemory } from "./parked.ts";
import { flagged, type Found } from "./questions.ts";
import { secondPass } from "./second-pass.ts";
import type { Tally } from "./tally.ts";

/** Rounds, at most: a chain of references may be that deep when nothing else orders it. */
export const SWEEP_ROUNDS_MAX = 20;

/** What a sweep may do. */
export interface SweepOptions {
  /** Only writes of this very run that their side will take later: nothing that no plan holds. */
  readonly onlyLater?: boolean;
  /** A trial run, of some entries or of one: the others are left to the next run. */
  readonly limit?: number;
  readonly key?: Key;
}

/** Goes on with what is owed until a round makes no progress. */
export async function sweep(
  link: Link,
  carrier: Carrier,
  contexts: readonly Context[],
  options: SweepOptions,
  signal: AbortSignal,
): Promise<void> {
  if (options.limit !== undefined || options.key !== undefined) return;
  await rounds(link, carrier, contexts, options, signal);
  // What waits for each other is parted where no order helps, and put together by more rounds.
  for (const rings of ["others", "all"] as const) {
    const waiting = (context: Context) => waitingIn(context, carrier.tally, signal);
    const count = await secondPass({ link, carrier, contexts }, { rings, waiting }, signal);
    if (count > 0) await rounds(link, carrier, contexts, options, signal);
  }
}

async function rounds(
  link: Link,
  carrier: Carrier,
  contexts: readonly Context[],
  options: SweepOptions,
  signal: AbortSignal,
): Promise<void> {
  let waiting = Infinity;
  for (let round = 0; round < SWEEP_ROUNDS_MAX; round++) {
    await carrier.flush();
    let count = 0;
    for (const context of contexts) {
      // What was sent in this very run may have left its marker since the run began.
      const marks = await readMarks(link, context.pipeline, signal);
      count += await sweepOne(carrier, { ...context, marks }, options, signal);
    }
    await carrier.flush();
    if (count === 0 || count >= waiting) return;
    waiting = count;
  }
}

/** An entry, and the same where nothing waits any more. */
interface Due extends Found {
  readonly next: Entry;
}

/** One round over one pipeline; returns how many entries it tried. */
async function sweepOne(
  carrier: Carrier,
  context: Context,
  options: SweepOptions,
  signal: AbortSignal,
): Promise<number> {
  const flags = options.onlyLater === true ? FLAGS.parked : FLAGS.owes | FLAGS.parked;
  let count = 0;
  const looking = options.onlyLater ? again : lookAgain;
  for await (const page of inPages(readable(context, flags), ({ text }) => text.length)) {
    const open = page.filter((found) => !isPutOff(context, carrier.tally, found));
    let left: readonly Due[] = open.map((found) => ({
      ...found,
      next: dueNow(context, { tally: carrier.tally, ...options }, found),
    }));
    while (left.length > 0) {
      const { decisions, rest } = await looking(context, left, signal);
      left = rest;
      const tried = decisions.filter(({ writes }) => writes.length > 0);
      count += tried.length;
      const news = options.onlyLater ? tried : decisions;
      if (news.length > 0) await carrier.carry(context, news, signal);
    }
  }
  return count;
}

async function* readable(context: Context, flags: number): AsyncGenerator<Found> {
  for await (const found of flagged(context, flags)) if (!isUnreadableHere(found)) yield found;
}

/** What could not be read waits for another content of its row, which the next comparison sees. */
function isUnreadableHere({ entry }: Found): boolean {
  return entry.sides.some((memory) => memory?.parked?.kind === "unreadable");
}

/** Writes that were put off in this run, page by page, as they would be sent once more. */
async function* waitingIn(
  context: Context,
  tally: Tally,
  signal: AbortSignal,
): AsyncGenerator<readonly Decision[]> {
  for await (const page of inPages(readable(context, FLAGS.parked), ({ text }) => text.length)) {
    let left: readonly Due[] = page.map((found) => ({
      ...found,
      next: dueNow(context, { tally, onlyLater: true }, found),
    }));
    while (left.length > 0) {
      const { decisions, rest } = await again(context, left, signal);
      left = rest;
      yield decisions;
    }
  }
}

/** What is to be done about some entries. */
interface Again {
  readonly decisions: readonly Decision[];
  /** Those that have not been looked at: a page of their rows was full. */
  readonly rest: readonly Due[];
}

/** The same writes once more, although their time has not come: others may have made way. */
async function again(context: Context, all: readonly Due[], signal: AbortSignal): Promise<Again> {
  const page = all.filter(({ entry, next }) => next !== entry);
  const looks =
    context.pipeline.memory === "full"
      ? { count: page.length, by: [] }
      : await looksAt(context, keysOf(page), signal);
  const decisions: Decision[] = [];
  for (const [index, { key, entry, text, next }] of page.slice(0, looks.count).entries()) {
    const now = looks.by.map((of) => of[index]);
    const payload = payloadOf(context, entry, now);
    const of = { key, before: entry, text };
    const decision = decisionOf(context, of, next, { payload });
    if (decision === undefined) continue;
    const writes = decision.writes
      .filter(({ side }) => next.sides[side] !== entry.sides[side])
      .map((write) => ({ ...write, from: write.from ?? now[write.side]?.own ?? null }));
    decisions.push({ ...decision, writes, isNews: false });
  }
  return { decisions, rest: page.slice(looks.count) };
}

/** Reads the entries at every side and folds what is there. */
async function lookAgain(
  context: Context,
  page: readonly Due[],
  signal: AbortSignal,
): Promise<Again> {
  const looks = await looksAt(context, keysOf(page), signal);
  const decisions: Decision[] = [];
  for (const [index, { key, text, next }] of page.slice(0, looks.count).entries()) {
    const candidate: Candidate = {
      key,
      body: JSON.parse(context.codec.encode(next)) as unknown[], // as kept
      text,
      looks: looks.by.map((of) => of[index]),
    };
    if (isPassedBy(context.pipeline, context.view, candidate)) continue;
    const decision = decide(context, candidate);
    if (decision !== undefined) decisions.push(decision);
  }
  return { decisions, rest: page.slice(looks.count) };
}

const keysOf = (page: readonly Found[]): readonly Key[] => page.map(({ key }) => key);

/** As if the time of what waits had come, and the way of what was refused in this run were free. */
function dueNow(
  context: Context,
  { tally, onlyLater = false }: SweepOptions & { readonly tally: Tally },
  { key, entry }: Found,
): Entry {
  let next = entry;
  for (const side of context.pipeline.sides.keys()) {
    const parked = next.sides[side]?.parked;
    if (parked === undefined || parked.kind === "unreadable") continue;
    if (parked.kind === "refused" && !isClash(context, tally, { key, side, parked })) continue;
    if (parked.kind === "later" && onlyLater && !tally.isLater(context, key, side)) continue;
    if (isBusy(context, tally, { key, side, parked })) continue;
    const isEarly = parked.kind === "refused" || (parked.due ?? 0) > context.env.now();
    if (isEarly) tally.putAhead(context, key, side, parked);
    const { due: _, ...rest } = parked;
    next = withMemory(next, side, (memory) => ({ ...memory, parked: { ...rest, kind: "later" } }));
  }
  return next;
}

/**
 * A store that is busy is so whatever became of other rows, and only these make way for what an
 * earlier run put off: its time has to come.
 */
function isBusy(context: Context, tally: Tally, { key, side, parked }: ParkedAt): boolean {
  if (parked.kind !== "later" || (parked.due ?? 0) <= context.env.now()) return false;
  if (parked.code === "REPLICA_UNAVAILABLE") return true;
  return parked.code !== "CONSTRAINT" && !tally.isLater(context, key, side);
}

/** All that is owed waits for busy stores: to look at its rows would only keep them busier. */
function isPutOff(context: Context, tally: Tally, { key, entry }: Found): boolean {
  let waits = 0;
  for (const side of context.pipeline.sides.keys()) {
    const memory = entry.sides[side];
    if (memory !== undefined && memory.told.length > 0) return false;
    const write = owed(entry, side, context.policy);
    if (write === undefined) continue;
    const parked = memory?.parked;
    if (parked?.code !== "REPLICA_UNAVAILABLE" || !isParked(context, memory, write)) return false;
    if (!isBusy(context, tally, { key, side, parked })) return false;
    waits += 1;
  }
  return waits > 0;
}

interface ParkedAt {
  readonly key: Key;
  readonly side: number;
  readonly parked: Parked;
}

/** Refused for what other rows held then: they may have made way (design: "Order of writes"). */
function isClash(context: Context, tally: Tally, { key, side, parked }: ParkedAt): boolean {
  const isRivals = parked.code === "CONSTRAINT" || parked.code === "KEY_FOLDS";
  return isRivals && tally.isClash(context, key, side);
}
