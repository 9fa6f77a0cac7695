// What would become of letters if they were tried now. Reads the systems, and writes nothing.
import { testLetters } from "../../engine/index.ts";
import type { TestedLetter } from "../../engine/views.ts";
import { countOption, textOption } from "../arguments.ts";
import type { Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { sampleOf } from "../sample.ts";
import { safe, shownValue } from "../values.ts";
import { count, counted } from "../words.ts";
import { withLinks } from "../workspace.ts";
import { letterFilters, pipelinesOf, type Meant } from "./filters.ts";
import { placeOf, printErrors } from "./line.ts";

const LIMIT_DEFAULT = 20;

/** Judges letters by today's configuration and rows. What would not go through: exit 4. */
export const test: Command = (call) =>
  withLinks(call, { access: "read", names: pipelinesOf(call) }, async (links) => {
    const limit = countOption(call, "limit") ?? LIMIT_DEFAULT;
    const all = tested(letterFilters(call, links), call.world.stopping.signal);
    const { items: letters, counts } = await sampleOf(all, limit, ({ verdict }) => verdict);
    const { passes = 0, tries = 0, fails = 0, waits = 0 } = counts;
    const total = passes + tries + fails + waits;
    const isOne = textOption(call, "key") !== undefined;
    return {
      exit: fails + waits > 0 ? EXIT.waits : EXIT.done,
      summary: { total, shown: letters.length, passes, tries, fails, waits },
      result: { letters },
      print: async (page) => {
        for (const letter of letters) await printOne(page, letter, isOne);
        await printSum(page, { passes, tries, fails, waits }, total - letters.length);
      },
    };
  });

async function* tested(meant: readonly Meant[], signal: AbortSignal): AsyncGenerator<TestedLetter> {
  for (const { link, filter } of meant) yield* testLetters(link, filter, signal);
}

async function printOne(page: Page, letter: TestedLetter, isOne: boolean): Promise<void> {
  const { good, warn, bad } = page.style;
  const { verdict, writes, row } = letter;
  const sign = { passes: good("✓"), tries: warn("~"), fails: bad("✗"), waits: warn("!") }[verdict];
  const sends = writes.map(({ side, kind }) => `${kind} in ${safe(side)}`).join(", ");
  await page.line(`${sign} ${verdict}  ${placeOf(letter)}  ${sends}`);
  if (verdict !== "passes") await printErrors(page, letter.errors);
  if (!isOne || row === null) return;
  const fields = Object.entries(row).map(([name, value]) => [safe(name), shownValue(value)]);
  await page.columns(fields, "      ");
}

type Counts = { readonly [verdict in TestedLetter["verdict"]]: number };

async function printSum(page: Page, counts: Counts, hidden: number): Promise<void> {
  const { passes, tries, fails, waits } = counts;
  const total = passes + tries + fails + waits;
  if (total === 0) {
    await page.line(`${page.style.good("✓")} No letter fits: there is nothing to test.`);
    return;
  }
  const words = { passes: "would pass", tries: "would be sent again", fails: "would fail" };
  const parts = Object.entries({ ...words, waits: "wait" }).flatMap(([verdict, text]) => {
    const number = counts[verdict as keyof Counts]; // the names of both are the same
    return number === 0 ? [] : [`${count(number)} ${text}`];
  });
  const shown = hidden > 0 ? `, ${count(hidden)} not shown` : "";
  await page.line();
  await page.line(
    `${counted(total, "letter")} tested, nothing written: ${parts.join(", ")}${shown}.`,
  );
  if (passes + tries > 0) await page.line("Next:  syncline letters replay");
  else await page.line("Next:  syncline letters edit KEY FIELD=VALUE      or mend the rows");
}
