import { run as runLink } from "../../engine/index.ts";
import type { RunView } from "../../engine/views.ts";
import type { Command } from "../command.ts";
import { cyclesOf, overLinks, runAnswer } from "../cycles.ts";
import type { Over } from "../cycles.ts";
import { withLinks } from "../workspace.ts";

/** Compares, decides and writes. Asked to stop, it ends after the page in hand. */
export const run: Command = (call) =>
  withLinks(call, { access: "write", names: call.arguments }, async (links) => {
    const { stopping } = call.world;
    const runs: Over<RunView>[] = [];
    for (const { link, options } of cyclesOf(call, links)) {
      if (stopping.asked !== undefined) break;
      const view = await stopping.whileDraining(() => {
        return overLinks(call, (watch) => {
          return runLink(link, { ...options, ...watch }, stopping.signal);
        });
      });
      runs.push({ link, view });
    }
    return runAnswer(call, runs);
  });
