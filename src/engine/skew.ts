// Clocks that are wrong. `latest` believes the time that a change carries, because every place has
// to settle rivals alike, whenever it looks; so a side whose clock is ahead wins over edits that
// were made after its own, and a person is told which side that is.
import { isSkewed, timeOf } from "../core/stamp.ts";
import type { Policy } from "../core/policy.ts";
import type { Entry, SideIndex, Stamp } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { Note } from "./views.ts";

/** The latest time that changes of each side carry, as far as it is ahead of ours. */
export class Skews {
  /** False: no time settles anything in this pipeline, and none is looked at. */
  readonly goesByTime: boolean;
  readonly #context: Context;
  readonly #latest = new Map<SideIndex, Stamp>();

  constructor(context: Context) {
    this.#context = context;
    this.goesByTime = usesLatest(context.policy);
  }

  /** Looks at the times behind what a decision brings. */
  add({ before, after, isNews }: Pick<Decision, "before" | "after" | "isNews">): void {
    if (!this.goesByTime || !isNews) return;
    for (const [side, stamp] of stampsIn(this.#context, after)) {
      if (!this.#isAhead(side, stamp)) continue;
      const known = before === undefined ? [] : stampsIn(this.#context, before);
      if (known.every((of) => of[1] !== stamp)) this.#latest.set(side, stamp);
    }
  }

  /** One for each side that is ahead by more than allowed, with how far. */
  notes(): readonly Note[] {
    const { pipeline, env } = this.#context;
    const bySide = [...this.#latest].sort(([a], [b]) => a - b);
    return bySide.map(([side, stamp]) => {
      const { name = "", replica } = pipeline.sides[side] ?? {};
      const ahead = spanOf(timeOf(stamp) - env.now());
      return {
        code: "CLOCK_SKEW",
        pipeline: pipeline.name,
        text:
          `${name}: a change carries a time ${ahead} ahead of the clock here, and 'latest' ` +
          `lets it win until then; look at the clock of ${replica?.name ?? name}`,
      };
    });
  }

  /** By more than allowed, and by more than what is known of that side. */
  #isAhead(side: SideIndex, stamp: Stamp): boolean {
    // Our own stamp goes on where an earlier run ended, whatever became of the clock since.
    if (stamp === this.#context.stamp) return false;
    if (stamp <= (this.#latest.get(side) ?? -Infinity)) return false;
    return isSkewed(stamp, this.#context.env.now());
  }
}

/** By side: what was decided, what is asked about, and what rows say of themselves. */
function stampsIn({ pipeline }: Context, { set, open, sides }: Entry): readonly SideStamp[] {
  const found: SideStamp[] = [];
  for (const credit of set) {
    if (typeof credit?.by === "number") found.push([credit.by, credit.stamp]);
  }
  for (const { held } of open) {
    for (const [side, of] of held.entries()) {
      for (const stamp of of?.stamps ?? []) if (stamp !== undefined) found.push([side, stamp]);
    }
  }
  for (const [side, memory] of sides.entries()) {
    const own = memory?.own ?? null;
    const stamp = own === null ? undefined : pipeline.sides[side]?.stampOf?.(own);
    if (stamp !== undefined) found.push([side, stamp]);
  }
  return found;
}

type SideStamp = readonly [side: SideIndex, stamp: Stamp];

/** What a run tells of wrong clocks: ours, if it went back since the last run, and the sides'. */
export function skewNotes(
  { env, stamp }: Pick<Context, "env" | "stamp">,
  sides: readonly Skews[],
): readonly Note[] {
  const now = env.now();
  const isOurs = sides.some(({ goesByTime }) => goesByTime) && isSkewed(stamp, now);
  const text =
    `the clock here is ${spanOf(timeOf(stamp) - now)} behind an earlier run; ` +
    "what changes now counts as changed right after that run";
  const ours: Note[] = isOurs ? [{ code: "CLOCK_SKEW", pipeline: null, text }] : [];
  return [...ours, ...sides.flatMap((each) => each.notes())];
}

function usesLatest({ settle, rows, initial }: Policy): boolean {
  return [...settle, rows, initial].some((rule) => rule?.kind === "latest");
}

const MINUTE_MS = 60_000;

function spanOf(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 120) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
