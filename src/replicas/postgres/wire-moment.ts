// Dates, times and lengths of time in PostgreSQL's binary formats: days and microseconds from 2000
// on.
import { dayOf, daysOf, textOfDay } from "../../core/calendar.ts";
import { offsetOf, textOfOffset } from "../../core/moments.ts";
import { partsOfDuration, textOfDuration } from "../../core/durations.ts";
import type { Value } from "../../core/state.ts";
import type { Wire } from "./codec.ts";
import { putInt32, putInt64, putLength } from "./out.ts";
import type { Out } from "./out.ts";
import { int32At, int64At, writingText } from "./wire-number.ts";

/** From 1970 to 2000. */
const EPOCH_DAYS = 10_957;
const DAY = 86_400_000_000;
const SECOND = 1_000_000;

const DATE_END = 2 ** 31 - 1;
const DATE_BEGIN = -(2 ** 31);
/** 4714 BC to 5874897 AD. */
const DAYS_MIN = -2_451_545;
const DAYS_MAX = 2_145_031_948;

/** Days without a time. */
export const DATE: Wire = {
  read: (bytes, at) => {
    const days = int32At(bytes, at);
    if (days === DATE_END) return "infinity";
    return days === DATE_BEGIN ? "-infinity" : textOfDate(days);
  },
  write: (value, out) => {
    const days = daysOfText(value);
    if (typeof days === "string") return days;
    if ((days < DAYS_MIN || days > DAYS_MAX) && days !== DATE_END && days !== DATE_BEGIN) {
      return TOO_FAR;
    }
    putLength(out, 4);
    putInt32(out, days);
    return undefined;
  },
};

const TOO_FAR = "is too far from today for the store";

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);
/** 4714 BC to 294276 AD. */
const MICROS_MIN = -211_813_488_000_000_000n;
const MICROS_MAX = 9_223_371_331_199_999_999n;

const TIME_TEXT = "(?:[01]\\d|2[0-3])(?::[0-5]\\d){2}(?:\\.\\d{0,5}[1-9])?";
const MOMENT_TEXT = `\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])T${TIME_TEXT}`;

/** Points in time, and dates with a time that belong to no zone. */
export const INSTANT: Wire = momentWire("instant", "Z");
export const DATETIME: Wire = momentWire("datetime", "");

/** Times of day. */
export const TIME: Wire = {
  read: (bytes, at) => textOfTime(Number(int64At(bytes, at))),
  write: writingText({ kind: "time" }, (form, out) => {
    putLength(out, 8);
    putInt64(out, microsOfTime(form));
  }),
};

/** East or west of UTC, at most. */
const OFFSET_END = 16 * 3600;

/** Times of day with an offset. PostgreSQL counts offsets to the west. */
export const OFFSET_TIME: Wire = {
  read: (bytes, at) =>
    textOfTime(Number(int64At(bytes, at))) + textOfOffset(-int32At(bytes, at + 8)),
  write: (value, out) => {
    let [micros, offset] = [0, 0];
    const why = asOffsetTime(value, (form) => {
      const { time, zone } = offsetTimeParts(form);
      [micros, offset] = [microsOfTime(time), offsetOf(zone) ?? 0];
    });
    if (why !== undefined) return why;
    if (Math.abs(offset) >= OFFSET_END) return "has an offset that the store cannot hold";
    putLength(out, 12);
    putInt64(out, micros);
    putInt32(out, -offset);
    return undefined;
  },
};

/** Lengths of time; infinite ones since PostgreSQL 17. */
export function durationWire(hasInfinite: boolean): Wire {
  return { read: readDuration, write: (value, out) => writeDuration(value, out, hasInfinite) };
}

/** A moment or time as a column of so many digits after the second stores it. */
export function rounded(text: string, digits: number): string {
  const match = /^(.*?)(\d\d:\d\d:\d\d)(\.\d+)(.*)$/.exec(text);
  if (match === null) return text;
  const [, before = "", time = "", fraction = "", after = ""] = match;
  if (fraction.length - 1 <= digits) return text;
  const step = 10 ** (6 - digits);
  const micros = microsOfTime(time + fraction);
  // Before 2000 the count is negative, and halves go away from it.
  const isBefore = before !== "" && daysIn(before.slice(0, -1)) < 0;
  const steps = isBefore ? Math.ceil(micros / step - 0.5) : Math.floor(micros / step + 0.5);
  const whole = steps * step;
  if (whole < DAY || before === "") return before + textOfTime(whole) + after;
  return `${textOfDate(daysIn(before.slice(0, -1)) + 1)}T${textOfTime(0)}${after}`;
}

function momentWire(kind: "instant" | "datetime", end: string): Wire {
  const check = writingText({ kind }, keep);
  // Canonical forms on the days that every month has.
  const usual = new RegExp(`^${MOMENT_TEXT}${end}$`);
  return {
    read: (bytes, at) => {
      const micros = int64At(bytes, at);
      return typeof micros === "number" ? momentText(micros, end) : bigMomentText(micros, end);
    },
    write: (value, out) => {
      const isForm = typeof value === "string" && usual.test(value);
      const why = isForm ? undefined : check(value, out);
      if (why !== undefined) return why;
      const micros = microsIn(isForm ? value : kept, end);
      if (typeof micros === "bigint" && micros !== INT64_MAX && micros !== INT64_MIN) {
        if (micros < MICROS_MIN || micros > MICROS_MAX) return TOO_FAR;
      }
      putLength(out, 8);
      putInt64(out, micros);
      return undefined;
    },
  };
}

/** The last form that was checked: writes are not nested, and a closure for each would cost. */
let kept = "";
function keep(form: string): void {
  kept = form;
}

/** Days of dates that were written not long ago. */
const knownDays = new Map<string, number>();

/** Why not, where it is no date. */
function daysOfText(value: Value): number | string {
  const known = typeof value === "string" ? knownDays.get(value) : undefined;
  if (known !== undefined) return known;
  const why = CHECK_DATE(value, NOTHING);
  if (why !== undefined) return why;
  return daysOfDate(kept);
}

function daysOfDate(text: string): number {
  const known = knownDays.get(text);
  if (known !== undefined) return known;
  const days = daysIn(text);
  if (knownDays.size >= CACHED) knownDays.clear();
  knownDays.set(text, days);
  return days;
}

function asOffsetTime(value: Value, then: (form: string) => void): string | undefined {
  const why = CHECK_OFFSET_TIME(value, NOTHING);
  if (why === undefined) then(kept);
  return why;
}

const CHECK_DATE = writingText({ kind: "date" }, keep);
const CHECK_OFFSET_TIME = writingText({ kind: "offset-time" }, keep);
const CHECK_DURATION = writingText({ kind: "duration" }, keep);
/** Checks put nothing anywhere. */
const NOTHING: Out = { bytes: Buffer.alloc(0), at: 0 };

/** Rows have few days in common with rows of long ago, and many with those around them. */
const CACHED = 4096;
const cachedDays = new Int32Array(CACHED);
const cachedTexts: string[] = Array.from({ length: CACHED }, () => "2000-01-01");

function textOfDate(days: number): string {
  const place = days & (CACHED - 1);
  if (cachedDays[place] === days) return cachedTexts[place] as string;
  const text = textOfDay(dayOf(days + EPOCH_DAYS));
  cachedDays[place] = days;
  cachedTexts[place] = text;
  return text;
}

function daysIn(text: string): number {
  if (text === "infinity") return DATE_END;
  if (text === "-infinity") return DATE_BEGIN;
  const end = text.indexOf("-", 1);
  const year = Number(text.slice(0, end));
  const month = Number(text.slice(end + 1, end + 3));
  return daysOf({ year, month, day: Number(text.slice(end + 4, end + 6)) }) - EPOCH_DAYS;
}

function momentText(micros: number, end: string): string {
  const days = Math.floor(micros / DAY);
  return `${textOfDate(days)}T${textOfTime(micros - days * DAY)}${end}`;
}

function bigMomentText(micros: bigint, end: string): string {
  if (micros === INT64_MAX) return "infinity";
  if (micros === INT64_MIN) return "-infinity";
  const day = BigInt(DAY);
  const rest = ((micros % day) + day) % day;
  return `${textOfDate(Number((micros - rest) / day))}T${textOfTime(Number(rest))}${end}`;
}

function microsIn(moment: string, end: string): number | bigint {
  if (moment === "infinity") return INT64_MAX;
  if (moment === "-infinity") return INT64_MIN;
  const at = moment.indexOf("T");
  const days = daysOfDate(moment.slice(0, at));
  const micros = microsOfTime(moment, at + 1, moment.length - end.length);
  const sum = days * DAY + micros;
  return Number.isSafeInteger(sum) ? sum : BigInt(days) * BigInt(DAY) + BigInt(micros);
}

const TWO: readonly string[] = Array.from({ length: 100 }, (_, number) =>
  String(number).padStart(2, "0"),
);
const MINUTES: readonly string[] = Array.from(
  { length: 24 * 60 + 1 },
  (_, minute) => `${TWO[Math.floor(minute / 60)]}:${TWO[minute % 60]}:`,
);
/** Thousandths, and the same without zeros at the end. */
const THREE: readonly string[] = Array.from({ length: 1000 }, (_, number) =>
  String(number).padStart(3, "0"),
);
const TRIMMED: readonly string[] = THREE.map((digits) => digits.replace(/0+$/, ""));

function textOfTime(micros: number): string {
  const seconds = Math.floor(micros / SECOND);
  const rest = micros - seconds * SECOND;
  const minute = (seconds / 60) | 0;
  const text = (MINUTES[minute] as string) + (TWO[seconds - minute * 60] as string);
  if (rest === 0) return text;
  const thousandths = (rest / 1000) | 0;
  const fine = rest - thousandths * 1000;
  return fine === 0
    ? `${text}.${TRIMMED[thousandths]}`
    : `${text}.${THREE[thousandths]}${TRIMMED[fine]}`;
}

/** Of the time that begins at `from` in a text, up to `end`. */
function microsOfTime(text: string, from = 0, end = text.length): number {
  const seconds = (two(text, from) * 60 + two(text, from + 3)) * 60 + two(text, from + 6);
  let fraction = 0;
  let digits = 0;
  for (let at = from + 9; at < end; at++, digits++) {
    fraction = fraction * 10 + text.charCodeAt(at) - ZERO;
  }
  for (; digits < 6; digits++) fraction *= 10;
  return seconds * SECOND + fraction;
}

const ZERO = 48;

function two(text: string, at: number): number {
  return (text.charCodeAt(at) - ZERO) * 10 + text.charCodeAt(at + 1) - ZERO;
}

function offsetTimeParts(text: string): { readonly time: string; readonly zone: string } {
  const at = Math.max(text.lastIndexOf("+"), text.lastIndexOf("-"));
  return { time: text.slice(0, at), zone: text.slice(at) };
}

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);

function readDuration(bytes: Buffer, at: number): string {
  const micros = bytes.readBigInt64BE(at);
  const days = int32At(bytes, at + 8);
  const months = int32At(bytes, at + 12);
  if (micros === INT64_MAX && days === INT32_MAX && months === INT32_MAX) return "infinity";
  if (micros === INT64_MIN && days === INT32_MIN && months === INT32_MIN) return "-infinity";
  return textOfDuration({ months, days, micros });
}

function writeDuration(value: Value, out: Out, hasInfinite: boolean): string | undefined {
  const why = CHECK_DURATION(value, out);
  if (why !== undefined) return why;
  const isInfinite = kept === "infinity" || kept === "-infinity";
  if (isInfinite && !hasInfinite) return "is endless, which this store's intervals cannot be";
  const parts = isInfinite ? endless(kept === "infinity") : partsOfDuration(kept);
  if (parts === undefined) return "is not a duration";
  const { micros, days, months } = parts;
  const isWithin = [days, months].every((each) => each >= INT32_MIN && each <= INT32_MAX);
  if (!isWithin || micros > INT64_MAX || micros < INT64_MIN) return TOO_LONG;
  putLength(out, 16);
  putInt64(out, micros);
  putInt32(out, days);
  putInt32(out, months);
  return undefined;
}

const TOO_LONG = "is longer than the store's intervals";

function endless(isAbove: boolean): { micros: bigint; days: number; months: number } {
  return isAbove
    ? { micros: INT64_MAX, days: INT32_MAX, months: INT32_MAX }
    : { micros: INT64_MIN, days: INT32_MIN, months: INT32_MIN };
}
