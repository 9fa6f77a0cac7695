import { letters as lettersOf } from "../../engine/index.ts";
import type { Link } from "../../engine/link.ts";
import type { LetterFilter } from "../../engine/options.ts";
import type { LetterView } from "../../engine/views.ts";
import { countOption, keyIn, onlyPlace, placesNamed, textOption } from "../arguments.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { shownKey } from "../print/question.ts";
import { safe } from "../values.ts";
import { counted, count } from "../words.ts";
import { recalled, withRecall } from "../workspace.ts";

const LIMIT_DEFAULT = 20;

/** Lists dead letters and parked writes. Reads only the journal. */
export const letters: Command = (call) =>
  withRecall(call, call.arguments, async (recall) => {
    const limit = countOption(call, "limit") ?? LIMIT_DEFAULT;
    const found: LetterView[] = [];
    const byCode: { [code: string]: number } = {};
    const names = recalled(recall, call.arguments);
    const filters = names === undefined ? [] : letterFilters(call, recall.links, names);
    for (const { link, filter } of filters) {
      for await (const letter of lettersOf(link, filter)) {
        byCode[letter.code] = (byCode[letter.code] ?? 0) + 1;
        if (found.length < limit) found.push(letter);
      }
    }
    const total = Object.values(byCode).reduce((sum, each) => sum + each, 0);
    return {
      exit: EXIT.done,
      summary: { total, shown: found.length, byCode },
      result: { letters: found },
      print: (page) => printAll(page, found, total),
    };
  });

/** Which letters of which links a call means. */
export function letterFilters(
  call: Call,
  links: readonly Link[],
  names: readonly string[] = call.arguments,
): readonly { readonly link: Link; readonly filter: LetterFilter }[] {
  const code = textOption(call, "code");
  const shared = code === undefined ? {} : { code: code.toUpperCase() };
  const text = textOption(call, "key");
  if (text !== undefined) {
    const { link, pipeline } = onlyPlace(names[0], links, "A key");
    const key = keyIn(pipeline, text);
    return [{ link, filter: { ...shared, pipeline: pipeline.name, key } }];
  }
  if (names.length === 0) return links.map((link) => ({ link, filter: shared }));
  return placesNamed(names, links).map(({ link, pipeline }) => {
    return { link, filter: { ...shared, pipeline: pipeline.name } };
  });
}

async function printAll(page: Page, found: readonly LetterView[], total: number): Promise<void> {
  const { good, bold, warn } = page.style;
  if (total === 0) {
    await page.line(`${good("✓")} No letters: nothing was refused, and nothing waits.`);
    return;
  }
  for (const letter of found) {
    const isWrite = letter.kind === "later" || letter.kind === "refused";
    const side = `${isWrite ? "→" : "in"} ${safe(letter.side)}`;
    const where = `${safe(letter.pipeline)}  ${shownKey(letter)} ${side}`;
    const again = letter.due === null ? "" : `, again at ${letter.due}`;
    const tries = letter.attempts > 0 ? `${counted(letter.attempts, "attempt")}${again}` : "";
    await page.line(`${warn(letter.kind)}  ${bold(safe(letter.code))}  ${where}  ${tries}`);
    for (const error of letter.errors) await page.line(`    ${safe(error)}`);
  }
  const shown = found.length < total ? `, the first ${count(found.length)} shown` : "";
  await page.line();
  await page.line(`${counted(total, "letter")}${shown}.`);
  await page.line("Next:  repair the cause, then  syncline retry");
}
