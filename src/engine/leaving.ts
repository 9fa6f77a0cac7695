// A row that leaves the filter goes from the other sides only once the side that filters holds all
// that is agreed: until then theirs may be the last that has it.
import { owed } from "../core/fold.ts";
import type { Entry, Write } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { PlannedWrite } from "./decide.ts";
import type { Expected } from "./replica.ts";

/** True but for a row that would leave before its owner is at least sent what it is owed. */
export function isTimely(
  context: Context,
  entry: Entry,
  of: { readonly write: Write; readonly writes: readonly PlannedWrite[] },
): boolean {
  if (!isLeave(context, of.write) || mayLeave(context, entry)) return true;
  return of.writes.some(({ side }) => context.policy.sides[side]?.ownsFilter === true);
}

/** True for a deletion because the row is outside the filter. */
function isLeave({ policy: { member } }: Context, { to, base }: Write): boolean {
  return to === null && member >= 0 && base.here && base.values[member] === false;
}

/** True if the row is outside, and its owner is owed nothing. */
function mayLeave({ policy, pipeline }: Context, entry: Entry): boolean {
  if (entry.agreed.values[policy.member] !== false) return false;
  const owner = policy.sides.findIndex(({ ownsFilter }) => ownsFilter);
  return pipeline.sides[owner]?.writable !== true || owed(entry, owner, policy) === undefined;
}

/**
 * What a write expects to find, when it is sent. One that should not be made any more, because of
 * what came of the write before it, meets nothing that it expects: it keeps its place in the batch,
 * which the others' markers count on. A store that cannot compare takes it all the same (I4).
 */
export function expectedNow(
  context: Context,
  { expected, write }: PlannedWrite,
  entry: Entry | undefined,
): Expected {
  const isDue = entry === undefined || !isLeave(context, write) || mayLeave(context, entry);
  return isDue ? expected : { kind: "digest", digest: "", digestOf: () => "something else" };
}
