// All of some entries, where what is wanted of them together is bounded otherwise.
import { assert } from "../core/errors.ts";
import type { Key } from "../core/state.ts";
import type { EntryRecord, LinkJournal } from "./journal.ts";

/** Parallel to `keys`; undefined: unknown. */
export async function findAll(
  journal: LinkJournal,
  pipeline: string,
  keys: readonly Key[],
): Promise<readonly (EntryRecord | undefined)[]> {
  const found: (EntryRecord | undefined)[] = [];
  while (found.length < keys.length) {
    const page = await journal.find(pipeline, found.length === 0 ? keys : keys.slice(found.length));
    assert(page.length > 0, "a journal answers for a key at least");
    for (const record of page) found.push(record);
  }
  return found;
}
