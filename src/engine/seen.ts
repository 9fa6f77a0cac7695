// The cursor of replicas whose columns tell what changed: how far each of them was read, as text.
import { SyncError } from "../core/errors.ts";
import type { Cursor, Shape, SinceColumn } from "./replica.ts";

/** By collection and column, the greatest value that was seen. */
export type Seen = ReadonlyMap<string, string>;

/** Where a column's value stands among what was seen. */
export function placeIn({ collection }: Shape, { column }: SinceColumn): string {
  return JSON.stringify([collection, column]);
}

/** What a cursor says was seen; nothing without one. Throws CURSOR_LOST where it is none. */
export function seenIn(cursor: Cursor | undefined, system: string): Seen {
  if (cursor === undefined) return new Map();
  try {
    const value: unknown = JSON.parse(cursor);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const entries: readonly (readonly [string, unknown])[] = Object.entries(value);
      const isSeen = entries.every((each) => typeof each[1] === "string");
      if (isSeen) return new Map(entries as readonly (readonly [string, string])[]); // just looked
    }
  } catch {
    // Said below, like whatever else is no cursor of ours.
  }
  const message = `${system} does not know where it was to go on`;
  throw new SyncError("CURSOR_LOST", message, { where: system });
}

/** The cursor that says so much. */
export function cursorOf(seen: Seen): Cursor {
  return JSON.stringify(Object.fromEntries(seen));
}
