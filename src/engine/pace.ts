// How much a pipeline writes at once, and how fast: no more rows in one batch, and none sooner,
// than its settings say. Whoever has to wait does so before anything is decided for good: what is
// saved as told (I1) is sent at once.
import { assert } from "../core/errors.ts";
import type { Decision } from "./decide.ts";
import type { Env, Pipeline } from "./link.ts";

/** The time in which rows are counted (ms). */
const WINDOW_MS = 1000;

/** Rows that go into one batch, at most; Infinity where nobody has said. */
export function batchRowsOf({ batchRows = Infinity, rowsPerSecond = Infinity }: Pipeline): number {
  return Math.min(batchRows, rowsPerSecond);
}

/** The same decisions in parts, each of which may be written at once; a decision stays whole. */
export function partsOf(
  { rowsPerSecond }: Pipeline,
  decisions: readonly Decision[],
): readonly (readonly Decision[])[] {
  if (rowsPerSecond === undefined) return [decisions];
  const parts: Decision[][] = [];
  let part: Decision[] = [];
  let rows = 0;
  for (const decision of decisions) {
    const { length } = decision.writes;
    if (part.length > 0 && rows + length > rowsPerSecond) {
      parts.push(part);
      part = [];
      rows = 0;
    }
    part.push(decision);
    rows += length;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}

/** Rows that were let through together. */
interface Passed {
  at: number;
  readonly rows: number;
}

/** Lets rows through: of each pipeline no more in any second than it may write. */
export class Pace {
  readonly #env: Env;
  readonly #passed = new Map<string, Passed[]>();
  #last = 0;

  constructor(env: Env) {
    this.#env = env;
  }

  /** Waits until so many rows may be written. */
  async turn(
    { name, rowsPerSecond: most }: Pick<Pipeline, "name" | "rowsPerSecond">,
    rows: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (most === undefined || rows === 0) return;
    const { sleep } = this.#env;
    assert(sleep !== undefined, `${name} is throttled, and there is no timer in its world`);
    const passed = this.#passed.get(name) ?? [];
    this.#passed.set(name, passed);
    for (;;) {
      const now = this.#now();
      while (passed[0] !== undefined && passed[0].at + WINDOW_MS <= now) passed.shift();
      const [first] = passed;
      const sum = passed.reduce((total, each) => total + each.rows, 0);
      if (first === undefined || sum + rows <= most) {
        // An entry with several sides may be more than that: its rows count in the seconds to come.
        for (let rest = rows, at = now; rest > 0; rest -= most, at += WINDOW_MS) {
          passed.push({ at, rows: Math.min(rest, most) });
        }
        return;
      }
      await sleep(first.at + WINDOW_MS - now, signal);
    }
  }

  /** A clock that is put back takes along what it has measured. */
  #now(): number {
    const now = this.#env.now();
    const back = this.#last - now;
    if (back > 0) {
      for (const passed of this.#passed.values()) for (const each of passed) each.at -= back;
    }
    this.#last = now;
    return now;
  }
}
