// The proleptic Gregorian calendar by arithmetic, because pure code has no clock and no Date.

/** A day of the calendar; months and days count from 1. */
export interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Ms of a day; UTC has no others. */
export const DAY_MS = 86_400_000;

/** Days from 1970-01-01 to that day. Any integer year; the day must exist. */
export function daysOf({ year, month, day }: Day): number {
  // The year is taken to begin in March, so that the leap day is its last one.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + dayOfEra + dayOfYear - 719_468;
}

/** The day that is so many days after 1970-01-01. The inverse of `daysOf`. */
export function dayOf(days: number): Day {
  const fromMarch = days + 719_468;
  const era = Math.floor(fromMarch / 146_097);
  const dayOfEra = fromMarch - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** True if the calendar has that day. */
export function isDay({ year, month, day }: Day): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= lengthOfMonth(year, month);
}

/** `YYYY-MM-DD`; years outside 0 to 9999 with a sign and six digits, as ISO 8601 extends them. */
export function textOfDay({ year, month, day }: Day): string {
  return `${textOfYear(year)}-${pad(month, 2)}-${pad(day, 2)}`;
}

/**
 * ISO text in UTC of a time in ms since 1970, as `Date` writes it: always three digits of
 * milliseconds, so that the times of a list sort as text.
 */
export function isoOfMs(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const rest = ms - days * DAY_MS;
  const seconds = Math.floor(rest / 1000);
  const fraction = pad(rest - seconds * 1000, 3);
  return `${textOfDay(dayOf(days))}T${textOfSeconds(seconds)}.${fraction}Z`;
}

/** `HH:MM:SS` of a second of the day. */
export function textOfSeconds(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return `${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}:${pad(seconds % 60, 2)}`;
}

function lengthOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function textOfYear(year: number): string {
  if (year >= 0 && year <= 9999) return pad(year, 4);
  return `${year < 0 ? "-" : "+"}${pad(Math.abs(year), 6)}`;
}

function pad(number: number, digits: number): string {
  return String(number).padStart(digits, "0");
}
