// What a comparison (or a feed, or a sweep) hands to whoever decides: keys where something is in
// play, and, for first loads, rows that nobody else holds or knows.
import type { Key, OwnRow, SideIndex } from "../core/state.ts";
import type { Pipeline } from "./link.ts";
import type { View } from "./view.ts";

/** One side's part in a candidate. */
export interface Look {
  readonly own: OwnRow | null;
  /** Absent from a listing that was not one snapshot: to be read again before it counts (I7). */
  readonly isUnproven?: boolean;
  readonly at?: number | bigint;
  readonly stamp?: number | undefined;
  /** It comes from a log, and may be older than what we know; a listing or a read shows what is. */
  readonly isLogged?: boolean;
}

/** A key where something is in play. */
export interface Candidate {
  readonly key: Key;
  /** The parsed body of what is remembered; undefined: nothing. */
  readonly body: readonly unknown[] | undefined;
  /** The same as text. */
  readonly text: string | undefined;
  /** Why no side's row under this key can be taken: it folds with another key. */
  readonly rejected?: string;
  /** A first load left the follower's row, and broke off before it was remembered. */
  readonly isOurs?: boolean;
  /** A person asked for it: what cannot be read this time either counts one more try. */
  readonly isAsked?: true;
  /** A person says what it is to be: that a row of it breaks rules sets nothing aside. */
  readonly isEdited?: true;
  /** By side; undefined: that side was not looked at. */
  readonly looks: readonly (Look | undefined)[];
}

/**
 * True for a candidate that a comparison would pass by: a row that only followers hold, or one
 * outside the filter of which nothing is known.
 */
export function isPassedBy(pipeline: Pipeline, view: View, candidate: Candidate): boolean {
  const { body, looks, isOurs = false } = candidate;
  const isThere = (side: SideIndex): boolean => (looks[side]?.own ?? null) !== null;
  const owner = pipeline.sides.findIndex((side) => side.isInside !== undefined);
  const own = owner < 0 ? null : (looks[owner]?.own ?? null);
  const isOutside = own !== null && !view.isInside(owner, own);
  const isKnown = body !== undefined || isOurs;
  if (isOutside && (!isKnown || pipeline.whenFilteredOut === "keep")) return true;
  if (isKnown) return false;
  // Whether a row is extra only a look at all who lead can tell.
  const isWhole = pipeline.sides.every((side, index) => side.follows || looks[index] !== undefined);
  if (pipeline.extra !== "keep" && isWhole) return false;
  return pipeline.sides.every((side, index) => side.follows || !isThere(index));
}

/** Rows of the leading side that nobody else holds or knows, in key order. */
export interface Fresh {
  readonly keys: Key[];
  readonly owns: OwnRow[];
}

/**
 * True for pipelines whose creates may go this way. Where a store changes rows by itself, they
 * would not be known again after a crash, and be written a second time: there they are told first
 * (I1).
 */
export function canLoad({ sides }: Pipeline): boolean {
  const [source, target] = sides;
  if (sides.length !== 2 || source === undefined || target === undefined) return false;
  const { capabilities, triggers } = target.description;
  const { commits, list } = capabilities;
  if (commits !== "page" || list === "none" || triggers.length > 0) return false;
  return !source.writable && target.follows && target.writable;
}

/** A fresh row as the plain way wants it. */
export function plainly(key: Key, own: OwnRow): Candidate {
  return { key, body: undefined, text: undefined, looks: [{ own }, { own: null }] };
}
