// Rows that cannot be entries: without a key, or so broken that nobody can say which entry they
// are. The first few are named, all are counted.
import type { Pipeline } from "./link.ts";
import type { SideIndex } from "../core/state.ts";
import type { Unkeyed } from "./replica.ts";
import type { UnkeyedRows } from "./stream.ts";
import type { Note } from "./views.ts";

/** What a person is told of them. */
export function unkeyedNotes(
  { name, sides }: Pipeline,
  side: SideIndex,
  { count, named }: UnkeyedRows,
): readonly Note[] {
  const at = sides[side]?.name ?? "";
  const notes = named.map((row): Note => {
    const code = isBroken(row) ? "VALUE_UNREADABLE" : "KEY_MISSING";
    return { code, pipeline: name, text: `${at}: ${whereText(row)} was left alone` };
  });
  const more = count - named.length;
  if (more <= 0) return notes;
  const [first] = named;
  const code = first !== undefined && isBroken(first) ? "VALUE_UNREADABLE" : "KEY_MISSING";
  const text = `${at}: ${more} more such ${more === 1 ? "row was" : "rows were"} left alone`;
  return [...notes, { code, pipeline: name, text }];
}

/** Where such a row is, and why it is none that can be taken. */
function whereText(row: Unkeyed): string {
  return isBroken(row) ? `${row.where}: it cannot be read and` : `${row.where} has no key and`;
}

/** True if the row itself cannot be read. */
export function isBroken({ code }: Unkeyed): boolean {
  return code === "ROW_BROKEN";
}
