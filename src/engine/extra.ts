// A row that only a follower holds is extra, also where its entry is remembered for the sake of
// something else: deleted or outside the filter, with a question or a write under way. It is not
// drift that has to go.
import { fold } from "../core/fold.ts";
import { isWanted, sideOf } from "../core/rows.ts";
import type { Entry, Seen, SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import { policyFor } from "./meeting.ts";

/** Folds what sides show of an entry, but for what is extra. */
export function foldSeen(
  context: Context,
  entry: Entry,
  states: readonly (Seen | undefined)[],
): Entry {
  const policy = policyFor(entry, states, context.policy);
  const folded = fold(entry, states, policy);
  // To be deleted it has to meet the guard, which has judged where the entry goes in this run.
  if (context.pipeline.extra !== "keep" && !isGoing(context, folded)) return folded;
  const rest = states.map((seen, side) =>
    isExtra(context, { entry, folded, side, seen }) ? undefined : seen,
  );
  return rest.some((seen, side) => seen !== states[side]) ? fold(entry, rest, policy) : folded;
}

/** The entry was agreed to go in this very run, and nothing of it is asked. */
function isGoing({ policy, stamp }: Context, { agreed, open, set }: Entry): boolean {
  return !agreed.here && open.length === 0 && set[policy.fields]?.stamp === stamp;
}

interface Case {
  readonly entry: Entry;
  readonly folded: Entry;
  readonly side: SideIndex;
  readonly seen: Seen | undefined;
}

/** A follower holds a row that it was not told of, and is not to hold. */
function isExtra({ policy, pipeline }: Context, { entry, folded, side, seen }: Case): boolean {
  if (pipeline.sides[side]?.follows !== true || (seen?.row ?? null) === null) return false;
  const memory = entry.sides[side];
  const isOurs = memory !== undefined && (memory.shadow !== null || memory.told.length > 0);
  if (isOurs || isWanted(folded.agreed, sideOf(policy, side), policy)) return false;
  return !folded.open.some(({ why, held }) => why === "drift" && held[side] !== undefined);
}
