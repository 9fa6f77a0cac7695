// Letters in a list, or counted by what they have in common. Reads only the journal.
import { letterGroups, letters as lettersOf } from "../../engine/index.ts";
import type { LetterGrouping } from "../../engine/options.ts";
import type { LetterGroup, LetterView } from "../../engine/views.ts";
import { countOption, hintOf, textOption, usage } from "../arguments.ts";
import type { Answer, Call, Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { safe } from "../values.ts";
import { GROUPINGS, count, counted } from "../words.ts";
import { recalled, withRecall } from "../workspace.ts";
import { letterFilters, pipelinesOf, type Meant } from "./filters.ts";
import { printLetter } from "./line.ts";

const LIMIT_DEFAULT = 20;

/** Lists dead letters and parked writes, or counts them. */
export const list: Command = (call) => {
  const by = groupingOf(call);
  return withRecall(call, pipelinesOf(call), async (recall) => {
    const limit = countOption(call, "limit") ?? LIMIT_DEFAULT;
    const names = recalled(recall, pipelinesOf(call));
    const meant = names === undefined ? [] : letterFilters(call, recall.links, names);
    return by === undefined ? listed(meant, limit) : grouped(meant, by, limit);
  });
};

async function listed(meant: readonly Meant[], limit: number): Promise<Answer> {
  const found: LetterView[] = [];
  const byCode: { [code: string]: number } = {};
  let total = 0;
  for await (const letter of allOf(meant)) {
    byCode[letter.code] = (byCode[letter.code] ?? 0) + 1;
    total += 1;
    if (found.length < limit) found.push(letter);
  }
  return {
    exit: EXIT.done,
    summary: { total, shown: found.length, byCode },
    result: { letters: found },
    print: (page) => printAll(page, found, total),
  };
}

async function grouped(meant: readonly Meant[], by: LetterGrouping, limit: number) {
  const all = await letterGroups(allOf(meant), by);
  const groups = all.slice(0, limit);
  return {
    exit: EXIT.done,
    summary: { by, groups: all.length, shown: groups.length },
    result: { groups },
    print: (page: Page) => printGroups(page, groups, all.length),
  };
}

async function* allOf(meant: readonly Meant[]): AsyncGenerator<LetterView> {
  for (const { link, filter } of meant) yield* lettersOf(link, filter);
}

function groupingOf(call: Call): LetterGrouping | undefined {
  const by = textOption(call, "by");
  const found = GROUPINGS.find((each) => each === by);
  if (by === undefined || found !== undefined) return found;
  throw usage(`Letters are not counted by "${safe(by)}".`, hintOf(by, GROUPINGS));
}

async function printAll(page: Page, found: readonly LetterView[], total: number): Promise<void> {
  if (total === 0) return printNone(page);
  for (const letter of found) await printLetter(page, letter);
  const shown = found.length < total ? `, the first ${count(found.length)} shown` : "";
  await page.line();
  await page.line(`${counted(total, "letter")}${shown}.`);
  await page.line("Next:  repair the cause, then  syncline retry");
}

async function printGroups(page: Page, groups: readonly LetterGroup[], all: number): Promise<void> {
  if (all === 0) return printNone(page);
  const { bold, warn } = page.style;
  const rows = groups.map(({ letters, code, kind, pipeline = "", side, cause = "" }) => [
    count(letters),
    code === undefined ? warn(kind ?? "") : bold(safe(code)),
    side === undefined ? safe(pipeline) : `${safe(pipeline)} ${safe(side)}`,
    safe(cause),
  ]);
  await page.columns(rows);
  const more = all - groups.length;
  if (more > 0) await page.line(`and ${count(more)} more`);
  await page.line();
  await page.line("Next:  syncline letters --code CODE --error TEXT      the letters of one cause");
}

async function printNone(page: Page): Promise<void> {
  await page.line(`${page.style.good("✓")} No letters: nothing was refused, and nothing waits.`);
}
