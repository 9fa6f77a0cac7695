// What an entry becomes by the outcome of one of its writes. Decides nothing that the fold or the
// side has not said.
import { confirm, fold, owed } from "../core/fold.ts";
import type { Policy } from "../core/policy.ts";
import { ABSENT } from "../core/state.ts";
import type { Entry, FieldIndex, Memory, OwnRow, Parked, Position } from "../core/state.ts";
import type { Seen, SideIndex } from "../core/state.ts";
import { same } from "../core/values.ts";
import { dueAt, isLastTry, waitMs } from "./backoff.ts";
import { landed, type Context } from "./context.ts";
import { isPlaced, type PlannedWrite } from "./decide.ts";
import { contentDigest, park, unparked, withMemory } from "./parked.ts";
import { proved } from "./proof.ts";
import type { Outcome } from "./replica.ts";
import { isUnreadable } from "./view.ts";

/** What became of a write that was sent. */
export interface Sent {
  /** Its id, as it was told. */
  readonly id: string;
  readonly outcome: Outcome;
  /** What it was parked as, if this run sent it again, or before its time had come. */
  readonly ahead?: Parked | undefined;
}

/** What an entry becomes by the outcome of one of its writes. */
export function settle(context: Context, entry: Entry, planned: PlannedWrite, sent: Sent): Entry {
  const { side, write } = planned;
  const { id, outcome } = sent;
  switch (outcome.kind) {
    case "applied": {
      if (outcome.again === true) return landedBefore(context, entry, planned, { id, outcome });
      const own = outcome.row === undefined ? untold(context, planned) : outcome.row;
      const row = own === null ? null : context.view.see(side, own);
      const held = row !== null && isUnreadable(row) ? write.to : row;
      const at = outcome.at === undefined ? {} : { at: outcome.at };
      const next = confirmHeld(context, entry, planned, { id, row: held, own, ...at });
      return planned.isPart === true
        ? waiting(context, next, side)
        : withMemory(next, side, unparked);
    }
    case "stale": {
      const missed = confirm(entry, side, { id, applied: false, row: null, own: null });
      const rest = proved(context, missed, (of) => (of === side ? outcome.row : undefined));
      const seen: (Seen | undefined)[] = context.policy.sides.map(() => undefined);
      seen[side] = seenOf(context, side, outcome, rest.sides[side]);
      return fold(rest, seen, context.policy);
    }
    case "refused":
    case "later": {
      const rest = confirm(entry, side, { id, applied: false, row: null, own: null });
      return park(rest, side, parkedOf(context, rest, planned, { ...sent, outcome }));
    }
    case "unknown":
    case "staged":
      return entry;
  }
}

/** What a side returned of a write that landed. */
type Landed = Omit<Parameters<typeof confirm>[2], "applied">;

/**
 * Confirms a write. What its side alone may say is not what it was told, but what it shows: where
 * that is news it is folded like any.
 */
function confirmHeld(
  context: Context,
  entry: Entry,
  { side, write }: PlannedWrite,
  landed: Landed,
): Entry {
  const { row, own, at } = landed;
  const told = write.to;
  const news = ownWord(context.policy, side).filter((f) => {
    return told?.[f] !== undefined && row?.[f] !== undefined && !same(told[f], row[f]);
  });
  if (row === null || news.length === 0) return confirm(entry, side, { ...landed, applied: true });
  const known = row.map((value, f) => (news.includes(f) ? told?.[f] : value));
  const next = confirm(entry, side, { ...landed, applied: true, row: known });
  const seen: (Seen | undefined)[] = context.policy.sides.map(() => undefined);
  seen[side] = seenOf(context, side, { row: own, ...(at && { at }) }, next.sides[side]);
  return fold(next, seen, context.policy);
}

/** Whether its row is inside the filter, and fields in which it is only read. */
function ownWord({ member, sides }: Policy, side: SideIndex): readonly FieldIndex[] {
  const of = sides[side];
  if (of === undefined) return [];
  return of.carries.filter((f) => {
    if (f === member) return of.ownsFilter;
    return of.followsOn?.[f] !== true && sides.some(({ followsOn }) => followsOn?.[f] === true);
  });
}

/** A part of a write has landed: the rest is tried again by the same run. */
function waiting(context: Context, entry: Entry, side: SideIndex): Entry {
  const rest = owed(entry, side, context.policy);
  if (rest === undefined) return withMemory(entry, side, unparked);
  const errors = ["it is written in part and waits for what it refers to"];
  const digest = contentDigest(context, rest.to);
  return park(entry, side, { kind: "later", code: "CONSTRAINT", errors, attempts: 1, digest });
}

/**
 * Its marker proves that the write landed earlier: what is there now may be a later edit (rule 1).
 */
function landedBefore(
  context: Context,
  entry: Entry,
  { side }: PlannedWrite,
  of: { readonly id: string; readonly outcome: Extract<Outcome, { readonly kind: "applied" }> },
): Entry {
  const { row = null, at } = of.outcome;
  const there = { row, ...(at === undefined ? {} : { at }) };
  const now = seenOf(context, side, there, entry.sides[side]);
  if (now === undefined) return entry;
  const seen: (Seen | undefined)[] = context.policy.sides.map(() => undefined);
  seen[side] = { ...now, marks: [...(now.marks ?? []), of.id] };
  return fold(entry, seen, context.policy);
}

/** What a store that returns nothing holds: what it was told, and NULL in what was left to it. */
function untold({ pipeline }: Context, { side, to }: PlannedWrite): OwnRow | null {
  if (to === null || !to.includes(ABSENT)) return to;
  const { shape, description } = pipeline.sides[side] ?? {};
  return to.map((value, at) => {
    const field = description?.fields.find(({ name }) => name === shape?.columns[at]);
    return value === ABSENT && field?.hasDefault === false ? null : value;
  });
}

function seenOf(
  context: Context,
  side: number,
  { row: own, at }: { readonly row: OwnRow | null; readonly at?: Position },
  memory: Memory | undefined,
): Seen | undefined {
  const { pipeline, view } = context;
  const place = at === undefined ? {} : { at };
  // It has left a filter that freezes what is outside: nothing is folded there (design: "Filter").
  const isKept = pipeline.whenFilteredOut === "keep";
  if (isKept && own !== null && !view.isInside(side, own)) return undefined;
  const row = own === null ? null : view.see(side, own);
  if (row !== null && isUnreadable(row)) return undefined;
  const marks = context.policy.sides[side]?.marks ? { marks: landed(context, side, memory) } : {};
  return {
    row,
    own,
    stamp: context.stamp,
    ...marks,
    ...(isPlaced({ own, ...place }, memory) ? place : {}),
  };
}

/** A write that its side has not taken. */
interface Untaken extends Sent {
  readonly outcome: Extract<Outcome, { readonly kind: "refused" | "later" }>;
}

function parkedOf(
  context: Context,
  entry: Entry,
  { side, write }: PlannedWrite,
  { outcome, ahead }: Untaken,
): Parked {
  const { pipeline, env } = context;
  const digest = contentDigest(context, write.to);
  const earlier = entry.sides[side]?.parked;
  // Sent because others may have made way: its own tries are those at their time.
  const known = ahead?.digest === digest ? ahead : undefined;
  const attempts = known?.attempts ?? (earlier?.digest === digest ? earlier.attempts : 0) + 1;
  const { kind, error } = outcome;
  const common = { kind, code: error.code, errors: [error.message], attempts, digest };
  if (kind === "refused") return common;
  if (known?.due !== undefined) return { ...common, due: known.due };
  if (isLastTry(pipeline.retry, attempts)) {
    const spent = `it was tried ${attempts} times, as often as \`retry\` says`;
    return { ...common, kind: "refused", errors: [error.message, spent] };
  }
  const wait = waitMs(pipeline.retry, attempts, env.random());
  return { ...common, due: dueAt(env.now(), wait, outcome.waitMs) };
}
