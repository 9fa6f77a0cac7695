// Writes that an earlier run was told to try later, and whose time has not come: a run that leaves
// them is not one that left nothing.
import { isoOfMs } from "../core/calendar.ts";
import { showKey } from "../core/key.ts";
import { FLAGS } from "./journal.ts";
import type { Link } from "./link.ts";
import { entriesWith, type Found } from "./questions.ts";
import { LEFT_MAX } from "./tally.ts";
import type { Left, Tally } from "./tally.ts";
import type { LeftView } from "./views.ts";

/** What a run left for good, and what it found put off in these pipelines and did not try. */
export async function withPutOff(
  link: Link,
  tally: Tally,
  of: Left,
  pipelines: readonly string[],
): Promise<Left> {
  const left: LeftView[] = [...of.left];
  let { leftCount } = of;
  for (const pipeline of pipelines) {
    for await (const found of entriesWith(link, FLAGS.parked, { pipeline })) {
      const all = putOffIn(found, tally);
      leftCount += all.length;
      left.push(...all.slice(0, Math.max(0, LEFT_MAX - left.length)));
    }
  }
  return { left, leftCount };
}

function putOffIn({ context, key, entry }: Found, tally: Tally): readonly LeftView[] {
  const { pipeline, env } = context;
  return pipeline.sides.flatMap(({ name }, side): readonly LeftView[] => {
    const { kind, due = 0, errors = [] } = entry.sides[side]?.parked ?? {};
    if (kind !== "later" || due <= env.now() || tally.isLater(context, key, side)) return [];
    const message = `${errors.join("; ")}: it is tried again from ${isoOfMs(due)}`;
    const common = { pipeline: pipeline.name, key, shown: showKey(key), side: name };
    return [{ ...common, why: "later", message }];
  });
}
