// Canonical texts of lengths of time, and of times of day with an offset. A length of time keeps
// its months, days and seconds apart, because neither is a fixed number of the other.

import { offsetOf, textOfOffset, timeOf } from "./moments.ts";

/** A length of time in the three units that calendars do not convert into each other. */
export interface Duration {
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

const FRACTION = "(-?\\d+)(?:[.,](\\d{1,6})0*)?";
const ISO = new RegExp(
  "^P(?:(-?\\d+)Y)?(?:(-?\\d+)M)?(?:(-?\\d+)W)?(?:(-?\\d+)D)?" +
    `(?:T(?:(-?\\d+)H)?(?:(-?\\d+)M)?(?:${FRACTION}S)?)?$`,
);
const SECOND = 1_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;

/** The parts of an ISO 8601 duration, each with its own sign. undefined: it is none. */
export function partsOfDuration(text: string): Duration | undefined {
  const match = ISO.exec(text);
  if (match === null || text.endsWith("P") || text.endsWith("T")) return undefined;
  const [years, months, weeks, days] = [1, 2, 3, 4].map((at) => Number(match[at] ?? 0));
  const [hours, minutes, seconds] = [5, 6, 7].map((at) => BigInt(match[at] ?? 0));
  const part = BigInt((match[8] ?? "").padEnd(6, "0"));
  const fraction = match[7]?.startsWith("-") === true ? -part : part;
  const parts = {
    months: (years ?? 0) * 12 + (months ?? 0),
    days: (weeks ?? 0) * 7 + (days ?? 0),
    micros: (hours ?? 0n) * HOUR + (minutes ?? 0n) * MINUTE + (seconds ?? 0n) * SECOND + fraction,
  };
  return Number.isSafeInteger(parts.months) && Number.isSafeInteger(parts.days) ? parts : undefined;
}

/** `P1Y2M3DT4H5M6.7S`: parts that are zero are left out, nothing at all is `PT0S`. */
export function textOfDuration({ months, days, micros }: Duration): string {
  const years = Math.trunc(months / 12);
  const date = unit(years, "Y") + unit(months - years * 12, "M") + unit(days, "D");
  const time =
    unit(micros / HOUR, "H") + unit((micros % HOUR) / MINUTE, "M") + secondsOf(micros % MINUTE);
  return date === "" && time === "" ? "PT0S" : `P${date}${time === "" ? "" : `T${time}`}`;
}

/** A duration in its one form; `infinity` and `-infinity` are durations. undefined: it is none. */
export function durationOf(text: string): string | undefined {
  if (text === "infinity" || text === "-infinity") return text;
  const parts = partsOfDuration(text);
  return parts && textOfDuration(parts);
}

const OFFSET_TIME = /^(.*?) ?(Z|z|[+-]\d\d(?::?\d\d){0,2})$/;

/** `HH:MM:SS[.ffffff]+HH:MM[:SS]`; the offset is kept as it is. undefined: none is said. */
export function offsetTimeOf(text: string): string | undefined {
  const [, before = "", zone = ""] = OFFSET_TIME.exec(text) ?? [];
  const time = timeOf(before);
  const offset = offsetOf(zone);
  return time === undefined || offset === undefined ? undefined : time + textOfOffset(offset);
}

function unit(count: number | bigint, letter: string): string {
  return Number(count) === 0 ? "" : `${count}${letter}`;
}

function secondsOf(micros: bigint): string {
  if (micros === 0n) return "";
  const size = micros < 0n ? -micros : micros;
  const fraction = String(size % SECOND)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const point = fraction === "" ? "" : `.${fraction}`;
  return `${micros < 0n ? "-" : ""}${size / SECOND}${point}S`;
}
