// Rows with the ETags that their API gave them: with one, a write lands on that state or not at
// all, and nobody has to read the row first.
import { sameAll } from "../../core/values.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import type { Expected } from "../../engine/replica.ts";
import type { Place } from "./list.ts";

/** Rows of one API whose ETags are remembered; the oldest goes first. */
const TAGS_MAX = 50_000;

/** A row as it was when it had this ETag. */
export interface Tagged {
  readonly etag: string;
  readonly row: OwnRow;
}

const nameOf = ({ collection, shaped }: Place, key: Key): string =>
  JSON.stringify([collection.name, shaped.shape.columns, key]);

/** Remembers a row's ETag; none: what was remembered is void. */
export function remember(place: Place, key: Key, row: OwnRow | null, etag?: string): void {
  const { tags } = place.on;
  const name = nameOf(place, key);
  tags.delete(name);
  if (row === null || etag === undefined) return;
  tags.set(name, { etag, row });
  for (const oldest of tags.keys()) {
    if (tags.size <= TAGS_MAX) break;
    tags.delete(oldest);
  }
}

/** The ETag of exactly this state; undefined: nobody knows it. */
export function tagOf(place: Place, key: Key, expected: Expected): string | undefined {
  const known = place.on.tags.get(nameOf(place, key));
  return known !== undefined && isExpected(expected, known.row) ? known.etag : undefined;
}

/** True if a row is what a write is aimed at. */
export function isExpected(expected: Expected, row: OwnRow | null): boolean {
  if (row === null) return expected.kind === "absent";
  switch (expected.kind) {
    case "absent":
      return false;
    case "row":
      return sameAll(expected.row, row);
    case "digest":
      return expected.digestOf(row) === expected.digest;
  }
}
