// What a configuration says of columns that tell what changed.
import type { Overlap } from "../engine/replica.ts";
import type { SinceSettings } from "../engine/settings.ts";
import { DURATION, durationMs } from "./duration.ts";
import type { KeyShape, ObjectShape, Shape } from "./shape.ts";

/** `since` of a pipeline: true, a field, or all that can be said. */
export type SinceInput = boolean | string | (SinceOnInput & { readonly full?: string });

/** `since` of one side. */
export interface SinceOnInput {
  readonly field?: string;
  readonly overlap?: string | number;
}

const key = (shape: Shape, doc: string): KeyShape => ({ shape, doc });

/** A text that is not empty. */
const NAME: Shape = {
  kind: "text",
  refuse: (text) => (text === "" ? { code: "CONFIG_INVALID", says: "cannot be empty" } : undefined),
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
