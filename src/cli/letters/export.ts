// All letters as lines of JSON, complete, while they are read. Reads only the journal.
import { letterDetails } from "../../engine/index.ts";
import type { LetterDetail } from "../../engine/views.ts";
import type { Command } from "../command.ts";
import { jsonLine } from "../document.ts";
import { EXIT } from "../exit.ts";
import { recalled, withRecall } from "../workspace.ts";
import { letterFilters, pipelinesOf, type Meant } from "./filters.ts";

/** Writes each letter that fits, with what is kept of it, as one line of JSON. */
export const exportLetters: Command = (call) =>
  withRecall(call, pipelinesOf(call), async (recall) => {
    const names = recalled(recall, pipelinesOf(call));
    const meant = names === undefined ? [] : letterFilters(call, recall.links, names);
    return {
      exit: EXIT.done,
      summary: {},
      result: { letters: detailsOf(meant) },
      print: async () => {
        for await (const letter of detailsOf(meant))
          await call.world.stdout.write(jsonLine(letter));
      },
    };
  });

async function* detailsOf(meant: readonly Meant[]): AsyncGenerator<LetterDetail> {
  for (const { link, filter } of meant) yield* letterDetails(link, filter);
}
