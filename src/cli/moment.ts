// Times as people write them: an ISO date, a time of today, or so long ago.
import { usage } from "./arguments.ts";
import { safe } from "./values.ts";

const UNITS: { readonly [unit: string]: number } = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/** ms since the epoch. Texts without a zone are local time; a date alone is its beginning. */
export function momentOf(text: string, now: number): number {
  const moment = agoOf(text, now) ?? timeOfToday(text, now) ?? isoOf(text);
  if (moment !== undefined) return moment;
  throw usage(
    `"${safe(text)}" is no moment.`,
    "Write 2026-11-25T10:00Z, 2026-11-25, 10:00, 'now' or '2 hours ago'.",
  );
}

function agoOf(text: string, now: number): number | undefined {
  if (text.trim() === "now") return now;
  const match = /^\s*(\d+(?:\.\d+)?)\s*(second|minute|hour|day|week)s?\s+ago\s*$/i.exec(text);
  const unit = UNITS[match?.[2]?.toLowerCase() ?? ""];
  return match === null || unit === undefined ? undefined : now - Number(match[1]) * unit;
}

function timeOfToday(text: string, now: number): number | undefined {
  const match = /^\s*(\d{1,2}):(\d\d)(?::(\d\d))?\s*$/.exec(text);
  if (match === null) return undefined;
  const [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return new Date(now).setHours(hour, minute, second, 0);
}

function isoOf(text: string): number | undefined {
  const match =
    /^\s*(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?)?\s*$/i.exec(
      text,
    );
  if (match === null) return undefined;
  const [, day = "", time = "00:00", zone = ""] = match;
  const moment = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(moment) ? undefined : moment;
}
