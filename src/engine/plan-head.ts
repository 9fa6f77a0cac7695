// What a recorded plan says of itself besides its blocks.
import type { Said } from "./context.ts";
import type { PlanRecord } from "./journal.ts";
import type { Since } from "./since.ts";
import type { GuardView, Note, PlanView, Summary } from "./views.ts";

/** Head of a plan besides its record's columns. */
export interface PlanHead {
  readonly summary: Summary;
  readonly guards: readonly GuardView[];
  readonly notes: readonly Note[];
  readonly writes: number;
  /** What was said of systems that are not what they were, so that applying it is not stopped. */
  readonly said?: Said;
  /** Pipelines that it went over from end to end. */
  readonly whole?: readonly string[];
  /** Where sides that tell what changed are asked on from, once it was applied. */
  readonly since?: ReturnType<Since["facts"]>;
  /** Pages of first loads that broke off, and that it has counted in. */
  readonly loads?: readonly string[];
  /** Applying it was stopped before this block; absent: it was not begun. */
  readonly from?: number;
}

const headOf = (record: PlanRecord): PlanHead => JSON.parse(record.summary) as PlanHead; // ours

/** What was said about the systems of a recorded plan. */
export function saidOf(record: PlanRecord): Said {
  return headOf(record).said ?? {};
}

/** The pipelines that a recorded plan went over from end to end. */
export function wholeOf(record: PlanRecord): readonly string[] {
  return headOf(record).whole ?? [];
}

/** What a recorded plan leaves for the next comparison to go on from. */
export function sinceOf(record: PlanRecord): ReturnType<Since["facts"]> {
  return headOf(record).since ?? [];
}

/** The first block that applying a recorded plan has still to carry out. */
export function blockAfter(record: PlanRecord): number {
  return headOf(record).from ?? 0;
}

/** Pages of broken-off first loads that a recorded plan knows of. */
export function loadsOf(record: PlanRecord): readonly string[] {
  return headOf(record).loads ?? [];
}

/** A plan that was carried out up to a block, as it is recorded; undefined: to its end. */
export function carriedOut(record: PlanRecord, from: number | undefined): PlanRecord {
  if (from === undefined) return { ...record, status: "applied" };
  const head = headOf(record);
  return { ...record, summary: JSON.stringify({ ...head, from }) };
}

/** What a recorded plan says of itself. */
export function viewOfPlan(record: PlanRecord): PlanView {
  const all = headOf(record);
  const { said: _, whole: _whole, since: _since, from: _from, loads: _loads, ...head } = all;
  return { id: record.id, hash: record.hash, ...head };
}
