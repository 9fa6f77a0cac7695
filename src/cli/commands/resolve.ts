import { SyncError } from "../../core/errors.ts";
import { parseJson } from "../../core/json.ts";
import { JSON_NULL } from "../../core/state.ts";
import { resolve as resolveLink } from "../../engine/index.ts";
import type { Link } from "../../engine/link.ts";
import type { Choice, QuestionFilter, ResolutionView } from "../../engine/options.ts";
import { authorOf } from "../author.ts";
import { flag, hintOf, pipelineOption, placesOf, textOption, usage } from "../arguments.ts";
import type { Answer, Call, Command } from "../command.ts";
import { allowDeletes } from "../cycles.ts";
import type { Over } from "../cycles.ts";
import { EXIT } from "../exit.ts";
import type { Page } from "../page.ts";
import { cut, safe } from "../values.ts";
import { count, counted } from "../words.ts";
import { withLinks } from "../workspace.ts";
import { filtersOf } from "./conflicts.ts";

const LEFT_SHOWN_MAX = 10;

/** Answers questions. What has moved since is left open and listed: exit 4. */
export const resolve: Command = (call) =>
  withLinks(call, { access: "write", names: pipelineOption(call) }, async (links) => {
    const choice = choiceOf(call, links);
    const seen = textOption(call, "seen");
    const author = authorOf(call);
    const deletes = allowDeletes(call);
    const allowed = deletes === undefined ? {} : { allowDeletes: deletes };
    const views: Over<ResolutionView>[] = [];
    const unknown: SyncError[] = [];
    for (const { link, filter } of asked(call, links)) {
      const given = { ...(seen === undefined ? {} : { seen }), ...allowed };
      const resolution = { filter, choice, author, ...given };
      try {
        const view = await resolveLink(link, resolution, call.world.stopping.signal);
        views.push({ link, view });
      } catch (error) {
        // An id is unknown to every link but its own.
        if (!(error instanceof SyncError) || error.code !== "QUESTION_UNKNOWN") throw error;
        unknown.push(error);
      }
    }
    // Who means all that fit has an answer also where none does; an id was meant to be there.
    const isNamed = call.arguments.length > 0;
    if (isNamed && views.length === 0 && unknown[0] !== undefined) throw unknown[0];
    return answerOf(views);
  });

function answerOf(views: readonly Over<ResolutionView>[]): Answer {
  const answered = views.reduce((sum, { view }) => sum + view.answered, 0);
  const confirmed = views.reduce((sum, { view }) => sum + view.confirmed, 0);
  const left = views.flatMap(({ view }) => view.left);
  const runs = views.map(({ link, view }) => ({ link: link.name, id: view.run }));
  return {
    exit: left.length > 0 ? EXIT.waits : EXIT.done,
    summary: { answered, confirmed, left: left.length },
    result: { runs, left },
    print: (page) => printView(page, { answered, confirmed, left }),
  };
}

async function printView(
  page: Page,
  { answered, confirmed, left }: Omit<ResolutionView, "run">,
): Promise<void> {
  const { good, warn } = page.style;
  for (const each of left.slice(0, LEFT_SHOWN_MAX)) {
    const what = `${safe(each.id)}  ${cut(safe(each.shown))}`;
    await page.line(`  ${warn("!")} ${what}  ${safe(each.message)}`);
  }
  if (left.length > LEFT_SHOWN_MAX) {
    await page.line(`  and ${count(left.length - LEFT_SHOWN_MAX)} more`);
  }
  if (answered === 0 && left.length === 0) {
    await page.line("No open question fits: nothing was answered.");
    return;
  }
  const open = left.length === 0 ? "" : `, ${count(left.length)} left open`;
  const sign = left.length === 0 ? good("✓") : warn("⚠");
  await page.line(`${sign} ${counted(answered, "question")} answered${open}.`);
  if (confirmed < answered) {
    await page.line(`Next:  syncline run      (${count(answered - confirmed)} not confirmed yet)`);
  }
}

/** The questions that are meant: by id, or with --all by the filters. */
function asked(
  call: Call,
  links: readonly Link[],
): readonly { readonly link: Link; readonly filter: QuestionFilter }[] {
  const ids = call.arguments;
  if (ids.length > 0 && flag(call, "all")) throw usage("Name ids or give --all, not both.");
  if (ids.length === 0 && !flag(call, "all")) {
    throw usage("Which questions?", "Name their ids (`syncline conflicts`), or give --all.");
  }
  const name = textOption(call, "pipeline");
  const found = filtersOf(call, links, name === undefined ? [] : [name]);
  if (ids.length === 0) return found;
  return found.map(({ link, filter }) => ({ link, filter: { ...filter, ids } }));
}

const CHOICES = ["take", "value", "base", "delete", "policy"] as const;

function choiceOf(call: Call, links: readonly Link[]): Choice {
  const given = CHOICES.filter((name) => {
    return textOption(call, name) !== undefined || flag(call, name);
  });
  const [kind] = given;
  if (kind === undefined || given.length > 1) {
    throw usage(
      kind === undefined ? "What is the answer?" : "There can be one answer only.",
      "Give one of --take SIDE, --value JSON, --base, --delete, --policy WORD.",
    );
  }
  switch (kind) {
    case "base":
      return { kind: "base" };
    case "delete":
      return { kind: "delete" };
    case "policy":
      return { kind: "policy", strategy: textOption(call, "policy") ?? "" };
    case "value":
      return valueOf(textOption(call, "value") ?? "");
    case "take":
      return sideOf(textOption(call, "take") ?? "", links);
  }
}

function valueOf(text: string): Choice {
  const value = parseJson(text);
  if (value === undefined) {
    throw usage(`"${cut(safe(text))}" is not JSON.`, `A text needs quotes: --value '"text"'.`);
  }
  return { kind: "value", value: value === JSON_NULL ? null : value };
}

function sideOf(side: string, links: readonly Link[]): Choice {
  const known = placesOf(links).flatMap(({ pipeline }) => pipeline.sides.map(({ name }) => name));
  if (!known.includes(side)) throw usage(`There is no side "${safe(side)}".`, hintOf(side, known));
  return { kind: "side", side };
}
