// Lengths of time as a person writes them: 90s, 5m, 1d.
import { DAY_MS } from "../core/calendar.ts";
import type { Shape } from "./shape.ts";

const UNITS_MS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
};

/** A year: what is longer is a mistake. */
const DURATION_MS_MAX = 366 * DAY_MS;

/** `90s`, `5m`, `1d`, up to a year. */
export const DURATION: Shape = {
  kind: "text",
  refuse: (text) => {
    const ms = durationMs(text);
    if (ms !== undefined && ms <= DURATION_MS_MAX) return undefined;
    const hint = "Write a number and ms, s, m, h or d: 90s, 5m, 1d.";
    return { code: "CONFIG_INVALID", says: "is no length of time up to a year", hint };
  },
};

/** A length of time in ms; undefined: it is none. */
export function durationMs(text: string): number | undefined {
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = UNITS_MS[unit];
  return factor === undefined ? undefined : Math.round(Number(count) * factor);
}
