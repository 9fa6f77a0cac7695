// Canonical texts of dates, times and instants: seconds always, fractions up to microseconds with
// trailing zeros cut, instants in UTC. A text that means something else is refused, never guessed.

import { dayOf, daysOf, isDay, textOfDay, textOfSeconds } from "./calendar.ts";
import type { Day } from "./calendar.ts";

const DATE = "([+-]\\d{6,7}|\\d{4})-(\\d\\d)-(\\d\\d)";
const TIME = "(\\d\\d):(\\d\\d)(?::(\\d\\d)(?:[.,](\\d+))?)?";
const ZONE = "(Z|z|[+-]\\d\\d(?::?\\d\\d)?(?::\\d\\d)?)";
const DATE_ONLY = new RegExp(`^${DATE}$`);
const TIME_ONLY = new RegExp(`^${TIME}$`);
const LOCAL = new RegExp(`^${DATE}[Tt ]${TIME}$`);
const ZONED = new RegExp(`^${DATE}[Tt ]${TIME} ?${ZONE}$`);
const DAY_SECONDS = 86_400;
/** Before and after every other moment; some stores have them. */
const ENDS: ReadonlySet<string> = new Set(["infinity", "-infinity"]);
/** What is canonical already, on the days up to the 28th, which every month has. */
const CANONICAL = new RegExp(
  "^\\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])" +
    "T(?:[01]\\d|2[0-3])(?::[0-5]\\d){2}(?:\\.\\d{0,5}[1-9])?Z$",
);

/** True for `infinity` and `-infinity`, which are dates, datetimes and instants. */
export function isEnd(text: string): boolean {
  return ENDS.has(text);
}

/** `YYYY-MM-DD`. undefined: no date, or a day that no calendar has. */
export function dateOf(text: string): string | undefined {
  if (isEnd(text)) return text;
  const day = dayIn(DATE_ONLY.exec(text));
  return day && textOfDay(day);
}

/** `HH:MM:SS[.ffffff]`; 24:00:00 is the end of a day. undefined: no time, or finer than that. */
export function timeOf(text: string): string | undefined {
  const match = TIME_ONLY.exec(text);
  const seconds = secondsIn(match, 1);
  const fraction = fractionIn(match?.[4]);
  if (seconds === undefined || fraction === undefined) return undefined;
  if (seconds === DAY_SECONDS && fraction !== "") return undefined;
  return textOfSeconds(seconds) + fraction;
}

/** A date and time without a zone: `YYYY-MM-DDTHH:MM:SS[.ffffff]`. */
export function datetimeOf(text: string): string | undefined {
  if (isEnd(text)) return text;
  return momentIn(LOCAL.exec(text), 0);
}

/** An instant in UTC: `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`. undefined without a zone. */
export function instantOf(text: string): string | undefined {
  if (CANONICAL.test(text) || isEnd(text)) return text;
  const match = ZONED.exec(text);
  const offset = offsetOf(match?.[8]);
  const moment = offset === undefined ? undefined : momentIn(match, offset);
  return moment === undefined ? undefined : `${moment}Z`;
}

/** The instant of a date, a datetime or an instant in text; undefined: it is none of them. */
export function momentOf(text: string): string | undefined {
  const instant = instantOf(text);
  if (instant !== undefined) return instant;
  const datetime = datetimeOf(text);
  if (datetime !== undefined) return `${datetime}Z`;
  const date = dateOf(text);
  return date === undefined ? undefined : `${date}T00:00:00Z`;
}

function momentIn(match: RegExpExecArray | null, offset: number): string | undefined {
  const day = dayIn(match);
  const seconds = secondsIn(match, 4);
  const fraction = fractionIn(match?.[7]);
  if (day === undefined || seconds === undefined || fraction === undefined) return undefined;
  if (seconds === DAY_SECONDS) return undefined;
  const shifted = seconds - offset;
  const over = Math.floor(shifted / DAY_SECONDS);
  const date = over === 0 ? day : dayOf(daysOf(day) + over);
  return `${textOfDay(date)}T${textOfSeconds(shifted - over * DAY_SECONDS)}${fraction}`;
}

function dayIn(match: RegExpExecArray | null): Day | undefined {
  if (match === null || match[1] === "-000000") return undefined;
  const day = { year: Number(match[1]), month: Number(match[2]), day: Number(match[3]) };
  return isDay(day) ? day : undefined;
}

/** The second of the day; three groups from `first` on hold hours, minutes, seconds. */
function secondsIn(match: RegExpExecArray | null, first: number): number | undefined {
  if (match === null) return undefined;
  const [hours, minutes] = [Number(match[first]), Number(match[first + 1])];
  const seconds = Number(match[first + 2] ?? 0);
  const total = (hours * 60 + minutes) * 60 + seconds;
  return minutes > 59 || seconds > 59 || total > DAY_SECONDS ? undefined : total;
}

/** `.ffffff` without trailing zeros; undefined: finer than microseconds. */
function fractionIn(digits: string | undefined): string | undefined {
  const cut = (digits ?? "").replace(/0+$/, "");
  if (cut.length > 6) return undefined;
  return cut === "" ? "" : `.${cut}`;
}

/** Seconds east of UTC of `Z`, `+05:30` and the like. undefined: the text is none. */
export function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === "") return undefined;
  if (zone === "Z" || zone === "z") return 0;
  const digits = zone.slice(1).replaceAll(":", "").padEnd(6, "0");
  const [hours, minutes, seconds] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2)));
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined;
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * ((hours * 60 + minutes) * 60 + seconds);
}

/** `+05:30`, with seconds where there are any. The inverse of `offsetOf`. */
export function textOfOffset(seconds: number): string {
  const text = textOfSeconds(Math.abs(seconds));
  return (seconds < 0 ? "-" : "+") + (text.endsWith(":00") ? text.slice(0, -3) : text);
}
