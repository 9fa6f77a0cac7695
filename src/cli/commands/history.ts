import { SyncError } from "../../core/errors.ts";
import { STAMPS_PER_MS, stampOf } from "../../core/stamp.ts";
import type { Value } from "../../core/state.ts";
import { history as historyOf, stateAt } from "../../engine/index.ts";
import { BY_FILTER } from "../../engine/views.ts";
import type { HistoryView } from "../../engine/views.ts";
import { countOption, keyIn, pipelineOption, textOption } from "../arguments.ts";
import type { Place } from "../arguments.ts";
import type { Answer, Call, Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { momentOf } from "../moment.ts";
import type { Page } from "../page.ts";
import { changesText } from "../print/entry.ts";
import { shownFields } from "../print/question.ts";
import { safe, shownValue } from "../values.ts";
import { counted } from "../words.ts";
import { recalledPlace, withRecall } from "../workspace.ts";

const LIMIT_DEFAULT = 20;

/** What became of one entry, newest first, or what it was at a moment. Reads only the journal. */
export const history: Command = (call) =>
  withRecall(call, pipelineOption(call), async (recall) => {
    const place = recalledPlace(recall, textOption(call, "pipeline"), "A key");
    const at = textOption(call, "at");
    return at === undefined ? changesAnswer(call, place) : stateAnswer(call, place, at);
  });

async function changesAnswer(call: Call, { link, pipeline }: Place): Promise<Answer> {
  const text = call.arguments[0] ?? "";
  const key = keyIn(pipeline, text);
  const limit = countOption(call, "limit") ?? LIMIT_DEFAULT;
  const changes: HistoryView[] = [];
  for await (const change of historyOf(link, { pipeline: pipeline.name, key, limit })) {
    changes.push(change);
  }
  return {
    exit: EXIT.done,
    summary: { pipeline: pipeline.name, shown: changes.length },
    result: { changes },
    print: async (page) => {
      for (const change of changes) await printChange(page, change);
      if (changes.length > 0) return;
      await page.line(`The journal has no change of ${safe(pipeline.name)} ${safe(text)}.`);
    },
  };
}

async function stateAnswer(call: Call, { link, pipeline }: Place, at: string): Promise<Answer> {
  const text = call.arguments[0] ?? "";
  const key = keyIn(pipeline, text);
  const moment = momentOf(at, call.world.now());
  // What was decided within that millisecond belongs to it.
  const stamp = stampOf(moment, STAMPS_PER_MS - 1);
  const state = await stateAt(link, { pipeline: pipeline.name, key, at: stamp });
  const iso = new Date(moment).toISOString();
  return {
    exit: EXIT.done,
    summary: { pipeline: pipeline.name, at: iso, isHere: state !== null },
    result: { state },
    print: async (page) => {
      await page.line(`${page.style.bold(safe(text))} at ${iso}`);
      if (state === null) await page.line("  not there");
      else await page.columns(rowsOf(state), "  ");
    },
  };
}

function rowsOf(state: { readonly [field: string]: Value }): readonly string[][] {
  return Object.entries(state).map(([field, value]) => [safe(field), shownValue(value)]);
}

async function printChange(page: Page, change: HistoryView): Promise<void> {
  const { bold, good, warn, bad, dim } = page.style;
  const signs = { create: good("+"), update: warn("~"), delete: bad("-"), overruled: bad("✗") };
  const sign = signs[change.kind];
  const isPlain = change.why === change.by || change.why === BY_FILTER;
  const why = isPlain ? "" : `${safe(change.why)}, `;
  const who = `${safe(change.by)}  ${dim(`(${why}run ${safe(change.run)})`)}`;
  await page.line(`${sign} ${bold(change.at)}  ${who}`);
  const what = whatOf(change);
  if (what !== "") await page.line(`    ${what}`);
}

function whatOf({ kind, why, changes }: HistoryView): string {
  switch (kind) {
    case "delete": {
      const what = why === BY_FILTER ? "left the filter, with" : "deleted with";
      return `${what} ${counted(changes.length, "field")}`;
    }
    case "overruled": {
      if (changes.every(({ from }) => from === undefined)) return "overruled: deleted";
      const values = changes.map(({ field, from }) => [field, shownValue(from)] as const);
      return `overruled: ${shownFields(values)}`;
    }
    case "create":
    case "update":
      return changesText(kind, changes);
  }
}

/** The entry is not in the journal. */
export function unknownEntry(pipeline: string, text: string): SyncError {
  return new SyncError("ENTRY_UNKNOWN", `The journal knows no ${safe(pipeline)} "${safe(text)}".`, {
    hint: "Look at the spelling; `syncline status` says how many entries are remembered.",
  });
}
