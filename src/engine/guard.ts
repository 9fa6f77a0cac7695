// The guard: deletions are decided as withheld questions, and released by a verdict over the
// finished listing (I7).
import { SyncError } from "../core/errors.ts";
import { answer, fold } from "../core/fold.ts";
import { WHOLE, type Entry, type Key, type Question, type SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import { decisionOf, type Decision } from "./decide.ts";
import type { Hour } from "./hourly.ts";
import type { Guard } from "./link.ts";
import type { GuardView } from "./views.ts";

/** No side was looked at. */
const NOBODY: readonly undefined[] = [];

/** How many deletions may pass, given how many entries are known. */
export function deletesAllowed({ share, floor, cap }: Guard, known: number): number {
  return Math.min(Math.max(Math.floor(share * known), floor), cap);
}

/**
 * The floor is for the everyday deletions of a small collection. That one is empty all at once is
 * none of these, however small it was: only its last row goes without a question.
 */
const EMPTIED_FLOOR = 1;

/** What deletions are measured by. */
export interface Measure {
  /** Entries that the pipeline knows. */
  readonly known: number;
  /** What a person said may pass. */
  readonly allowed: true | number | undefined;
  /** Live feeds: what passed within the hour counts as well. */
  readonly hour?: Hour | undefined;
}

/** Deletions that wait for the verdict, by side that would lose a row. */
export class Withheld {
  readonly #bySide = new Map<number, number>();
  readonly #emptied: readonly SideIndex[];
  count = 0;

  /** With the sides whose whole listing had no row. */
  constructor(emptied: readonly SideIndex[] = []) {
    this.#emptied = emptied;
  }

  /** Counts an entry if a deletion of it is withheld. */
  add(context: Context, entry: Entry): void {
    if (!entry.open.some(({ why }) => why === "withheld")) return;
    this.count += 1;
    for (const side of losers(context, entry)) {
      this.#bySide.set(side, (this.#bySide.get(side) ?? 0) + 1);
    }
  }

  /** What trips; empty: all of them may pass. */
  trips({ pipeline }: Context, { known, allowed, hour }: Measure): readonly GuardView[] {
    if (allowed === true) return [];
    const { guard } = pipeline;
    const floor = Math.min(guard.floor, EMPTIED_FLOOR);
    return [...this.#bySide].flatMap(([side, deletions]) => {
      const emptied = this.#emptied.find((other) => other !== side);
      const strict = emptied === undefined ? guard : { ...guard, floor };
      const limit = allowed ?? deletesAllowed(strict, known);
      // Who allows so many speaks of those that wait.
      const passed = allowed === undefined ? (hour?.passed(side) ?? 0) : 0;
      if (deletions + passed <= limit) return [];
      const name = pipeline.sides[side]?.name ?? "";
      const isEmptied = emptied !== undefined && allowed === undefined;
      const more = {
        ...(passed === 0 ? {} : { passed }),
        ...(isEmptied ? { emptied: pipeline.sides[emptied]?.name ?? "" } : {}),
      };
      return [{ pipeline: pipeline.name, side: name, deletions, known, limit, ...more }];
    });
  }
}

/** The sides that would lose a row if the withheld deletion of an entry passed. */
export function losers(context: Context, entry: Entry): number[] {
  const question = entry.open.find(({ why }) => why === "withheld");
  if (question === undefined) return [];
  return [...context.pipeline.sides.keys()].filter((side) => {
    const memory = entry.sides[side];
    if (memory === undefined || context.pipeline.sides[side]?.writable !== true) return false;
    // A row that may be landing there right now would go as well, also where none was found.
    if (memory.shadow === null) return memory.told.some(({ to }) => to !== null);
    // Who edits what another one deletes loses its row as well, if the deletion wins; so does who
    // deleted it before a write of ours created it anew.
    return question.field === WHOLE || question.held[side] === undefined;
  });
}

/** Lets a withheld deletion pass. */
function release(context: Context, key: Key, entry: Entry, text: string): Decision | undefined {
  const policy = { ...context.policy, guard: "release" as const };
  return decisionOf(context, { key, before: entry, text }, fold(entry, NOBODY, policy));
}

/** Takes a withheld deletion back: the entry is written again to the side that lost it. */
function restore(context: Context, key: Key, entry: Entry, text: string): Decision | undefined {
  const question = entry.open.find(({ why, field }) => why === "withheld" && field === WHOLE);
  if (question === undefined || !isRestorable(context, question)) return undefined;
  const after = answer(entry, question, entry.agreed.values, "restore", context.policy);
  if (after === undefined) return undefined;
  const whole = withEdits(context, entry, question, after);
  return decisionOf(context, { key, before: entry, text }, whole);
}

/** What becomes of withheld deletions: they pass, or are taken back. */
export type Verdict = "release" | "restore";

/** What each verdict makes of a withheld deletion. */
export const VERDICTS = { release, restore };

/** A one-way source is never written: what it lost cannot be put back. */
function isRestorable({ pipeline }: Context, { held }: Question): boolean {
  return pipeline.sides.every(({ writable }, side) => held[side] === undefined || writable);
}

/** I8: taking a deletion back takes nothing back from those who edited meanwhile. */
function withEdits(context: Context, before: Entry, question: Question, answered: Entry): Entry {
  const isDeletion = question.held.some((of) => of?.row === null);
  const held = question.held.map((of) => ((of?.row ?? null) === null ? undefined : of));
  if (!isDeletion || held.every((of) => of === undefined)) return answered;
  const open = [...answered.open, { ...question, why: "conflict" as const, held }];
  const sides = answered.sides.map((memory, side) =>
    held[side] === undefined ? memory : before.sides[side],
  );
  return fold({ ...answered, open, sides }, NOBODY, context.policy);
}

/** Stops a run before its first write, or a feed before the page that would delete too much. */
export function guardStopped(trip: GuardView): SyncError {
  const { pipeline, side, deletions, known, limit, passed = 0, emptied } = trip;
  const before = passed === 0 ? "" : ` after ${passed} within the hour`;
  const because = emptied === undefined ? "" : ` (${emptied} lists no row at all)`;
  return new SyncError(
    "GUARD_STOPPED",
    `${pipeline}: this run would delete ${deletions} of ${known} entries in ` +
      `${side}${before}${because}; the guard allows ${limit}`,
    {
      hint:
        "Nothing of it was written. If this is right, allow it with --allow-deletes; " +
        "else look at the side that lost them.",
    },
  );
}
