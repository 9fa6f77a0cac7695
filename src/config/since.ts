// What a configuration says of columns that tell what changed.
import { DAY_MS } from "../core/calendar.ts";
import type { Overlap } from "../engine/replica.ts";
import type { SinceSettings } from "../engine/settings.ts";
import type { KeyShape, ObjectShape, Shape } from "./shape.ts";

/** `since` of a pipeline: true, a field, or all that can be said. */
export type SinceInput = boolean | string | (SinceOnInput & { readonly full?: string });

/** `since` of one side. */
export interface SinceOnInput {
  readonly field?: string;
  readonly overlap?: string | number;
}

const UNITS_MS: { readonly [unit: string]: number } = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
};

/** A year: what is longer is a mistake. */
const DURATION_MS_MAX = 366 * DAY_MS;

const key = (shape: Shape, doc: string): KeyShape => ({ shape, doc });

/** A text that is not empty. */
const NAME: Shape = {
  kind: "text",
  refuse: (text) => (text === "" ? { code: "CONFIG_INVALID", says: "cannot be empty" } : undefined),
};

/** `90s`, `5m`, `1d`. */
const DURATION: Shape = {
  kind: "text",
  refuse: (text) => {
    const ms = durationMs(text);
    if (ms !== undefined && ms <= DURATION_MS_MAX) return undefined;
    const hint = "Write a number and ms, s, m, h or d: 90s, 5m, 1d.";
    return { code: "CONFIG_INVALID", says: "is no length of time up to a year", hint };
  },
};

const FIELD = key(NAME, "a field, or a column, whose value grows with every change of its row");
const OVERLAP = key(
  {
    kind: "either",
    of: [DURATION, { kind: "number", least: 0, most: Number.MAX_SAFE_INTEGER, whole: false }],
  },
  "how far back is asked for again: 5m of a time (the default), or so much of a number",
);

/** What one side says. */
export const SINCE_ON: Shape = {
  kind: "either",
  of: [NAME, { kind: "object", keys: { field: FIELD, overlap: OVERLAP } }],
};

const OBJECT: ObjectShape = {
  kind: "object",
  keys: {
    field: FIELD,
    overlap: OVERLAP,
    full: key(DURATION, "how long until everything is compared again; default 1d"),
  },
};

/** What a pipeline says. */
export const SINCE: Shape = { kind: "either", of: [{ kind: "boolean" }, NAME, OBJECT] };

/** A length of time in ms; undefined: it is none. */
function durationMs(text: string): number | undefined {
  const [, count = "", unit = ""] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const factor = UNITS_MS[unit];
  return factor === undefined ? undefined : Math.round(Number(count) * factor);
}

/** The settings of a pipeline; undefined: it compares everything. */
export function sinceSettings(input: SinceInput | undefined): SinceSettings | undefined {
  if (input === undefined || input === false) return undefined;
  if (input === true) return {};
  if (typeof input === "string") return { field: input };
  const { full } = input;
  const fullMs = full === undefined ? undefined : durationMs(full);
  return { ...sinceOn(input), ...(fullMs === undefined ? {} : { fullMs }) };
}

/** The settings of one side. */
export function sinceOn(input: string | SinceOnInput): Omit<SinceSettings, "fullMs"> {
  if (typeof input === "string") return { field: input };
  const { field, overlap } = input;
  return {
    ...(field === undefined ? {} : { field }),
    ...(overlap === undefined ? {} : { overlap: overlapOf(overlap) }),
  };
}

function overlapOf(said: string | number): Overlap {
  if (typeof said === "number") return { kind: "number", count: said };
  return { kind: "time", ms: durationMs(said) ?? 0 }; // the shape has refused what is none
}
