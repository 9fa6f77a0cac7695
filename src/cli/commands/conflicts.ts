import { questions } from "../../engine/index.ts";
import type { Link } from "../../engine/link.ts";
import type { QuestionFilter } from "../../engine/options.ts";
import type { QuestionView } from "../../engine/views.ts";
import { checkField, countOption, keyIn, onlyPlace, placesNamed } from "../arguments.ts";
import { textOption, whyOption } from "../arguments.ts";
import type { Call, Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { printQuestion } from "../print/question.ts";
import { sampleOf } from "../sample.ts";
import { safe } from "../values.ts";
import { count, counted } from "../words.ts";
import { recalled, withRecall } from "../workspace.ts";

const LIMIT_DEFAULT = 20;

/** Lists open questions. Reads only the journal. */
export const conflicts: Command = (call) =>
  withRecall(call, call.arguments, async (recall) => {
    const limit = countOption(call, "limit") ?? LIMIT_DEFAULT;
    const names = recalled(recall, call.arguments);
    const filters = names === undefined ? [] : filtersOf(call, recall.links, names);
    const sample = await sampleOf(allOf(filters), limit, ({ why }) => why);
    const { items: asked, counts: byWhy } = sample;
    const total = Object.values(byWhy).reduce((sum, each) => sum + each, 0);
    return {
      exit: EXIT.done,
      summary: { total, shown: asked.length, byWhy },
      result: { questions: asked },
      print: (page) => printAll(page, asked, total, byWhy),
    };
  });

async function* allOf(filters: ReturnType<typeof filtersOf>): AsyncIterable<QuestionView> {
  for (const { link, filter } of filters) yield* questions(link, filter);
}

/** Which questions of which links a call means. */
export function filtersOf(
  call: Call,
  links: readonly Link[],
  names: readonly string[],
): readonly { readonly link: Link; readonly filter: QuestionFilter }[] {
  const places = placesNamed(names, links);
  const why = whyOption(call);
  const field = textOption(call, "field");
  checkField(field, places);
  const shared = {
    ...(why === undefined ? {} : { why }),
    ...(field === undefined ? {} : { field }),
  };
  const text = textOption(call, "key");
  if (text !== undefined) {
    const { link, pipeline } = onlyPlace(names[0], links, "A key");
    const key = keyIn(pipeline, text);
    return [{ link, filter: { ...shared, pipeline: pipeline.name, key } }];
  }
  if (names.length === 0) return links.map((link) => ({ link, filter: shared }));
  return places.map(({ link, pipeline }) => {
    return { link, filter: { ...shared, pipeline: pipeline.name } };
  });
}

async function printAll(
  page: Page,
  asked: readonly QuestionView[],
  total: number,
  byWhy: { readonly [why: string]: number },
): Promise<void> {
  if (total === 0) {
    await page.line(`${page.style.good("✓")} Nothing waits for you.`);
    return;
  }
  for (const question of asked) await printQuestion(page, question);
  const kinds = Object.entries(byWhy).map(([why, number]) => `${count(number)} ${why}`);
  const shown = asked.length < total ? `, ${count(asked.length)} of them shown` : "";
  await page.line();
  await page.line(`${counted(total, "open question")} (${kinds.join(", ")})${shown}.`);
  // Of a row that breaks a rule as a whole no side's value is held: nobody can choose one.
  const [side] = asked.flatMap(({ held }) => Object.keys(held));
  const take = `syncline resolve ID --take ${safe(side ?? "")}`;
  const choose = `${take}      many:  syncline resolve --help`;
  const repair = "repair the rows, or the rules, then  syncline retry";
  await page.line(`Next:  ${side === undefined ? repair : choose}`);
}
