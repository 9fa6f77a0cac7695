// What a configuration says of writes that a side put off.
import type { PipelineSettings } from "../engine/settings.ts";
import { DURATION, durationMs } from "./duration.ts";
import type { KeyShape, ObjectShape, Shape } from "./shape.ts";

/** `retry` of a pipeline. */
export interface RetryInput {
  readonly backoff?: "exponential" | "linear" | "fixed";
  readonly first?: string;
  readonly cap?: string;
  readonly jitter?: number;
  readonly tries?: number;
}

const key = (shape: Shape, doc: string): KeyShape => ({ shape, doc });

/** More than so many tries are none that anybody counts. */
const TRIES_MAX = 1_000_000;

/** What a pipeline says. */
export const RETRY: ObjectShape = {
  kind: "object",
  keys: {
    backoff: key(
      { kind: "text", words: ["exponential", "linear", "fixed"] },
      "from one wait to the next: twice as long (the default), longer by the first, or the same",
    ),
    first: key(DURATION, "the wait after the first try; default 1s"),
    cap: key(DURATION, "the longest wait; default 5m"),
    jitter: key(
      { kind: "number", least: 0, most: 1, whole: false },
      "this share of each wait is left to chance; default 0.5",
    ),
    tries: key(
      { kind: "number", least: 1, most: TRIES_MAX, whole: true },
      "after so many it waits for a person; default: there is no end",
    ),
  },
};

/** The settings of a pipeline; undefined: all of it is the default. */
export function retrySettings(input: RetryInput | undefined): PipelineSettings["retry"] {
  if (input === undefined) return undefined;
  const { backoff, first, cap, jitter, tries } = input;
  const firstMs = first === undefined ? undefined : durationMs(first);
  const capMs = cap === undefined ? undefined : durationMs(cap);
  return {
    ...(backoff === undefined ? {} : { strategy: backoff }),
    ...(firstMs === undefined ? {} : { firstMs }),
    ...(capMs === undefined ? {} : { capMs }),
    ...(jitter === undefined ? {} : { jitter }),
    ...(tries === undefined ? {} : { tries }),
  };
}
