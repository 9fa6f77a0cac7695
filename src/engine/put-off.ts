// Writes that an earlier run was told to try later, and whose time has not come: a run that leaves
// them is not one that left nothing.
import { isoOfMs } from "../core/calendar.ts";
import { showKey } from "../core/key.ts";
import { FLAGS } from "./journal.ts";
import type { Link } from "./link.ts";
import { entriesWith } from "./questions.ts";
import { LEFT_MAX } from "./tally.ts";
import type { Left, Tally } from "./tally.ts";
import type { LeftView } from "./views.ts";

/** What a run left for good, and what it found put off and did not try. */
export async function withPutOff(link: Link, tally: Tally, of: Left): Promise<Left> {
  const left: LeftView[] = [...of.left];
  let { leftCount } = of;
  for await (const { context, key, entry } of entriesWith(link, FLAGS.parked, {})) {
    for (const [side, { name }] of context.pipeline.sides.entries()) {
      const { kind, due = 0, errors = [] } = entry.sides[side]?.parked ?? {};
      if (kind !== "later" || due <= context.env.now() || tally.isLater(context, key, side)) {
        continue;
      }
      leftCount += 1;
      if (left.length >= LEFT_MAX) continue;
      const message = `${errors.join("; ")}: it is tried again from ${isoOfMs(due)}`;
      const common = { pipeline: context.pipeline.name, key, shown: showKey(key), side: name };
      left.push({ ...common, why: "later", message });
    }
  }
  return { left, leftCount };
}
