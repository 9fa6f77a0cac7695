// All of some entries, where what is wanted of them together is bounded otherwise.
import type { Key } from "../core/state.ts";
import type { EntryRecord, LinkJournal } from "./journal.ts";

/** Parallel to `keys`; undefined: unknown. */
export async function findAll(
  journal: LinkJournal,
  pipeline: string,
  keys: readonly Key[],
): Promise<readonly (EntryRecord | undefined)[]> {
  let found = await journal.find(pipeline, keys);
  while (found.length < keys.length) {
    found = [...found, ...(await journal.find(pipeline, keys.slice(found.length)))];
  }
  return found;
}
