import { isSyncError } from "../../core/errors.ts";
import { run as runLink } from "../../engine/index.ts";
import type { RunView } from "../../engine/views.ts";
import { textOption } from "../arguments.ts";
import type { Command } from "../command.ts";
import { cyclesOf, overLinks, runAnswer } from "../cycles.ts";
import type { Failed, Over } from "../cycles.ts";
import { withLinks } from "../workspace.ts";

/**
 * Compares, decides and writes, one link after the other: one that fails keeps no other from its
 * turn. Asked to stop, it ends after the page in hand.
 */
export const run: Command = (call) => {
  // Who names a pipeline, or speaks of a system, means just that one.
  const isSaid = ["trust", "refill"].some((option) => textOption(call, option) !== undefined);
  const skipsAway = call.arguments.length === 0 && !isSaid;
  const of = { access: "write", names: call.arguments, skipsAway } as const;
  return withLinks(call, of, async (links, { away }) => {
    const { stopping } = call.world;
    const runs: Over<RunView>[] = [];
    const failed: Failed[] = [...away];
    const cycles = cyclesOf(call, links);
    const isOnly = cycles.length + away.length === 1;
    for (const { link, options } of cycles) {
      if (stopping.asked !== undefined) break;
      try {
        const view = await stopping.whileDraining(() => {
          return overLinks(call, (watch) => {
            return runLink(link, { ...options, ...watch }, stopping.signal);
          });
        });
        runs.push({ link, view });
      } catch (error) {
        if (!isSyncError(error) || isOnly || stopping.signal.aborted) throw error;
        failed.push({ link: link.name, error });
      }
    }
    return runAnswer(call, runs, failed);
  });
};
