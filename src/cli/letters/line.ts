// One letter as a person reads it.
import type { LetterView } from "../../engine/views.ts";
import type { Page } from "../page.ts";
import { shownKey } from "../print/question.ts";
import { safe } from "../values.ts";
import { counted } from "../words.ts";

/** The entry and the side that a letter is about. */
export function placeOf(letter: LetterView): string {
  const isWrite = letter.kind === "later" || letter.kind === "refused";
  const side = `${isWrite ? "→" : "in"} ${safe(letter.side)}`;
  return `${safe(letter.pipeline)}  ${shownKey(letter)} ${side}`;
}

/** Its kind, code, place and tries in one line; then every error in one of its own. */
export async function printLetter(page: Page, letter: LetterView, more = ""): Promise<void> {
  const { bold, warn } = page.style;
  const again = letter.due === null ? "" : `, again at ${letter.due}`;
  const tries = letter.attempts > 0 ? `${counted(letter.attempts, "attempt")}${again}` : "";
  const head = `${warn(letter.kind)}  ${bold(safe(letter.code))}  ${placeOf(letter)}`;
  await page.line(`${head}${more === "" ? "" : `  ${more}`}  ${tries}`);
  await printErrors(page, letter.errors);
}

/** What is wrong, line by line. */
export async function printErrors(page: Page, errors: readonly string[]): Promise<void> {
  for (const error of errors) await page.line(`    ${safe(error)}`);
}
