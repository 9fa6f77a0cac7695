// Intervals of which a column keeps only some fields (`interval year to month`) or some digits of
// the seconds (`interval(2)`): what is beyond them is cut off, or rounded.
import { partsOfDuration, textOfDuration } from "../../core/durations.ts";
import type { Duration } from "../../core/durations.ts";

/** The fields, a bit each, as a modifier packs them; all of them is no restriction. */
const YEAR = 1 << 2;
const DAY = 1 << 3;
const HOUR = 1 << 10;
const MINUTE = 1 << 11;
const SECOND = 1 << 12;
const ALL = 0x7fff;
/** Digits after the second; more than six: none were said. */
const DIGITS_MAX = 6;

const MICROS_OF_MINUTE = 60_000_000n;
const MICROS_OF_HOUR = 60n * MICROS_OF_MINUTE;
const TIMES = HOUR | MINUTE | SECOND;

/** What a column of this modifier gives back for a canonical text; absent: all of it. */
export function intervalStore(modifier: number): ((text: string) => string) | undefined {
  if (modifier < 0) return undefined;
  const fields = (modifier >> 16) & ALL;
  const digits = modifier & 0xffff;
  if (fields === ALL && digits >= DIGITS_MAX) return undefined;
  return (text) => {
    const parts = partsOfDuration(text);
    // Endless ones have no fields.
    return parts === undefined ? text : textOfDuration(kept(parts, fields, digits));
  };
}

/** Only the last field says what is cut: `hour to minute` keeps years and days. */
function kept({ months, days, micros }: Duration, fields: number, digits: number): Duration {
  const whole = months - (months % 12);
  if (fields === ALL) return { months, days, micros: roundedTo(micros, digits) };
  if (fields === YEAR) return { months: whole, days: 0, micros: 0n };
  if ((fields & (DAY | TIMES)) === 0) return { months, days: 0, micros: 0n };
  if ((fields & TIMES) === 0) return { months, days, micros: 0n };
  if ((fields & SECOND) !== 0) return { months, days, micros: roundedTo(micros, digits) };
  const unit = (fields & MINUTE) === 0 ? MICROS_OF_HOUR : MICROS_OF_MINUTE;
  return { months, days, micros: micros - (micros % unit) };
}

/** Halves go away from zero. */
function roundedTo(micros: bigint, digits: number): bigint {
  if (digits >= DIGITS_MAX) return micros;
  const step = 10n ** BigInt(DIGITS_MAX - digits);
  const half = micros < 0n ? -step / 2n : step / 2n;
  const raised = micros + half;
  return raised - (raised % step);
}
