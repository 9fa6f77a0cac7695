// Hybrid logical time: milliseconds since 2020 and a counter in one safe integer, so that stamps of
// all places compare as numbers and the later of two changes that know of each other is greater.

import { DAY_MS, daysOf, isoOfMs } from "./calendar.ts";
import { assert } from "./errors.ts";
import type { Stamp } from "./state.ts";

/**
 * Where stamps begin to count, in ms since 1970. Until about the year 2089 they are safe integers.
 */
export const STAMP_EPOCH_MS: number = daysOf({ year: 2020, month: 1, day: 1 }) * DAY_MS;
/** Stamps within one millisecond; a clock that needs more runs ahead into the next one. */
export const STAMPS_PER_MS = 4096;
/** How far another place's clock may be ahead before it is reported, unless the caller says. */
export const SKEW_MS_MAX = 5 * 60_000;

/** What became of a stamp that was observed. */
export interface Observed {
  /** It is ahead of our time by more than allowed, and our clock did not follow it. */
  readonly skewed: boolean;
  /** How far it is ahead of our own clock; below zero: behind. */
  readonly aheadMs: number;
}

/** A clock whose stamps only grow, whatever the time that it is given does. */
export interface Clock {
  /** A stamp that is greater than every one that this clock gave or followed. */
  tick(): Stamp;
  /** Takes note of another place's stamp, so that the next `tick` is after it. */
  observe(stamp: Stamp, limits?: { readonly skewMsMax: number }): Observed;
}

/**
 * The stamp of a time in ms since 1970. Before 2020 stamps are below zero, and times before 1950
 * are all the same, as are those after 2089; never 0, which says that nothing is known.
 */
export function stampOf(ms: number, counter = 0): Stamp {
  assert(counter >= 0 && counter < STAMPS_PER_MS, "a stamp's counter is out of its range");
  const stamp = Math.floor(ms - STAMP_EPOCH_MS) * STAMPS_PER_MS + counter;
  return Math.min(Math.max(stamp, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER) || 1;
}

/** The time of a stamp, in ms since 1970. */
export function timeOf(stamp: Stamp): number {
  return Math.floor(stamp / STAMPS_PER_MS) + STAMP_EPOCH_MS;
}

/** The time of a stamp for people: `2026-01-31T10:00:00.250Z`. */
export function isoOf(stamp: Stamp): string {
  return isoOfMs(timeOf(stamp));
}

/** True if a stamp is further ahead of a time than another place's clock may be. */
export function isSkewed(stamp: Stamp, nowMs: number, skewMsMax: number = SKEW_MS_MAX): boolean {
  return timeOf(stamp) - nowMs > skewMsMax;
}

/** A clock over a source of time in ms since 1970, which may jump and go back. */
export function makeClock(options: {
  readonly now: () => number;
  /** The greatest stamp that was ever given, as a journal remembers it. */
  readonly after?: Stamp;
}): Clock {
  let last = options.after ?? 0;
  return {
    tick() {
      last = Math.max(last + 1, stampOf(options.now()));
      assert(Number.isSafeInteger(last), "a clock has run beyond the last stamp");
      return last;
    },
    observe(stamp, limits = { skewMsMax: SKEW_MS_MAX }) {
      const now = options.now();
      const skewed = isSkewed(stamp, now, limits.skewMsMax);
      // A clock that is a day ahead must not pull all others with it.
      if (!skewed) last = Math.max(last, stamp);
      return { skewed, aheadMs: timeOf(stamp) - now };
    },
  };
}
