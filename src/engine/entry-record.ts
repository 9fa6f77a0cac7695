// What the journal is told of an entry: its body and why it has to be found again.
import { owed } from "../core/fold.ts";
import type { Entry, Key } from "../core/state.ts";
import type { Context } from "./context.ts";
import { isForgettable, type Decision } from "./decide.ts";
import type { EntryRecord } from "./journal.ts";
import { flagsOf } from "./memory.ts";

/** The record of an entry that was decided, or written; `isTold`: it is being written. */
export function recordOf(context: Context, key: Key, entry: Entry, isTold: boolean): EntryRecord {
  if (!isTold && isForgettable(context, entry)) return { key, body: null, flags: 0 };
  return {
    key,
    body: context.codec.encode(entry),
    flags: flagsOf(entry, isTold || owes(context, entry)),
  };
}

/** The record of an entry of whose decision nobody is told. */
export function restRecord(context: Context, { key, after, body }: Decision): EntryRecord {
  return { key, body, flags: body === null ? 0 : flagsOf(after, owes(context, after)) };
}

/** True if a side that can be written is owed something, now or once it is unparked. */
function owes(context: Context, entry: Entry): boolean {
  return context.pipeline.sides.some(
    ({ writable }, side) => writable && owed(entry, side, context.policy) !== undefined,
  );
}
