// What the guard let pass within the last hour. A log is read a few changes at a time: judged by
// themselves, a mass deletion would pass as many small ones. So they are counted over an hour, and
// the count is in the journal: a restart does not begin anew.
import type { SideIndex } from "../core/state.ts";
import type { Context } from "./context.ts";
import type { Decision } from "./decide.ts";
import type { Commit } from "./journal.ts";

const MINUTE_MS = 60_000;
/** How long a deletion counts, in minutes. */
const WINDOW_MINUTES = 60;

/** By side's name, how many deletions passed in which minute. */
type Passed = { readonly [side: string]: readonly (readonly [minute: number, count: number])[] };

/** Deletions that passed within the hour, of one pipeline. */
export interface Hour {
  /** So many on this side. */
  passed(side: SideIndex): number;
  /** The facts to be saved before these decisions are carried out. */
  with(decisions: readonly Decision[]): NonNullable<Commit["facts"]>;
}

/** Reads what passed in the hour that ends now. */
export async function readHour(context: Context): Promise<Hour> {
  const { link, pipeline, env } = context;
  const name = `passed ${pipeline.name}`;
  const text = await link.journal.fact(name);
  // A clock that went back makes no minute of the future count for ever.
  const isRecent = (minute: number, now: number): boolean =>
    Math.abs(now - minute) <= WINDOW_MINUTES;
  const minuteNow = (): number => Math.floor(env.now() / MINUTE_MS);
  let all = text === undefined ? {} : (JSON.parse(text) as Passed); // with() wrote it
  const nameOf = (side: SideIndex): string => pipeline.sides[side]?.name ?? "";
  return {
    passed(side) {
      const now = minuteNow();
      const minutes = all[nameOf(side)] ?? [];
      return minutes.reduce((sum, [at, count]) => (isRecent(at, now) ? sum + count : sum), 0);
    },
    with(decisions) {
      const now = minuteNow();
      const next = pipeline.sides.map(({ name: of }, side): [string, Passed[string]] => {
        const count = decisions.filter(({ writes }) =>
          writes.some((write) => write.side === side && write.kind === "delete"),
        ).length;
        const kept = new Map((all[of] ?? []).filter(([at]) => isRecent(at, now)));
        if (count > 0) kept.set(now, (kept.get(now) ?? 0) + count);
        return [of, [...kept]];
      });
      all = Object.fromEntries(next.filter(([, minutes]) => minutes.length > 0));
      return [{ name, value: JSON.stringify(all) }];
    },
  };
}
