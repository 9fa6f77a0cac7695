// Everything that is kept of the letters of one entry. Reads only the journal.
import { SyncError } from "../../core/errors.ts";
import { showKey } from "../../core/key.ts";
import { letterDetails } from "../../engine/index.ts";
import type { LetterDetail } from "../../engine/views.ts";
import { keyIn, pipelineOption, usage } from "../arguments.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { safe, shownValue } from "../values.ts";
import { recalledPlace, withRecall } from "../workspace.ts";
import { printLetter } from "./line.ts";

/** Shows the letters of one entry with their values. Throws ENTRY_UNKNOWN where there is none. */
export const show: Command = (call) => {
  const [text, ...more] = call.arguments;
  if (text === undefined || more.length > 0) {
    throw usage(
      "Which entry?",
      "syncline letters show KEY, with --pipeline where there are several.",
    );
  }
  return withRecall(call, pipelineOption(call), async (recall) => {
    const { link, pipeline } = recalledPlace(recall, pipelineOption(call)[0], "A key");
    const key = keyIn(pipeline, text);
    const letters: LetterDetail[] = [];
    for await (const letter of letterDetails(link, { pipeline: pipeline.name, key })) {
      letters.push(letter);
    }
    if (letters.length === 0) throw noLetter(pipeline.name, showKey(key));
    return {
      exit: EXIT.done,
      summary: { total: letters.length },
      result: { letters },
      print: async (page) => {
        for (const letter of letters) await printDetail(page, letter);
        await page.line();
        await page.line("Next:  syncline letters test --key KEY      what would become of it now");
      },
    };
  });
};

async function printDetail(page: Page, letter: LetterDetail): Promise<void> {
  const { write, values, unkept } = letter;
  await printLetter(page, letter, write ?? "");
  if (unkept !== null) await page.line(`    ${page.style.dim(unkept)}`);
  const fields = Object.entries(values ?? {}).map(([name, value]) => [
    safe(name),
    shownValue(value),
  ]);
  await page.columns(fields, "      ");
}

function noLetter(pipeline: string, shown: string): SyncError {
  return new SyncError("ENTRY_UNKNOWN", `${safe(pipeline)} has no letter ${safe(shown)}.`, {
    hint: "`syncline letters` lists them.",
  });
}
