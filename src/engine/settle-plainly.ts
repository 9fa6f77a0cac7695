// What becomes of new rows that were written before they were remembered.
import { told } from "../core/fold.ts";
import type { Key, OwnRow } from "../core/state.ts";
import { sameAll } from "../core/values.ts";
import { plainly } from "./candidate.ts";
import { TOLD_MS_MAX } from "./sending.ts";
import type { Context } from "./context.ts";
import { decide } from "./decide.ts";
import { settle } from "./outcome.ts";
import type { EntryRecord } from "./journal.ts";
import { flagsOf } from "./memory.ts";
import type { Expected, Outcome } from "./replica.ts";

/** The side that is loaded. */
export const TARGET = 1;
/** What every write of a load expects. */
export const ABSENT_THERE: Expected = { kind: "absent" };

/** Applied, and stored exactly as it was told. */
export function isExact(outcome: Outcome, to: OwnRow | undefined): boolean {
  if (outcome.kind !== "applied") return false;
  if (outcome.at !== undefined && outcome.at !== 0) return false;
  const { row } = outcome;
  if (row === undefined || row === to) return true;
  return row !== null && to !== undefined && sameAll(row, to);
}

/** What is not exact is settled like any write that was told and came back. */
export function settlePlainly(
  context: Context,
  { key, own }: { readonly key: Key; readonly own: OwnRow },
  id: string,
  outcome: Outcome,
): EntryRecord {
  const decision = decide(context, plainly(key, own));
  const planned = decision?.writes[0];
  if (decision === undefined || planned === undefined) return { key, body: null, flags: 0 };
  const sent = { id, until: context.env.now() + TOLD_MS_MAX, once: false };
  const entry = settle(context, told(decision.after, planned.write, sent), planned, {
    id,
    outcome,
  });
  return {
    key,
    body: context.codec.encode(entry),
    flags: flagsOf(entry, outcome.kind !== "applied"),
  };
}
