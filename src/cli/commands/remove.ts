import { removePipeline, status } from "../../engine/index.ts";
import { flag, stands, unknownPipeline } from "../arguments.ts";
import type { Answer, Call, Command } from "../command.ts";
import { EXIT } from "../exit.ts";
import { safe } from "../values.ts";
import { counted } from "../words.ts";
import { withLinks, withMemories } from "../workspace.ts";

/** Forgets a pipeline. Without --yes it only says what would be forgotten. */
export const remove: Command = async (call) => {
  const found = await foundFor(call, call.arguments[0] ?? "");
  if (!flag(call, "yes")) return answerOf(found, false);
  const names = found.isConfigured ? [found.name] : [];
  return withLinks(call, { access: "write", names }, async (links, { beside }) => {
    // What other links know of the same systems has to stay true.
    const journals = [...links.map(({ journal }) => journal), ...beside];
    for (const { link: name, pipeline } of found.pipelines) {
      const link = links.find((each) => each.name === name);
      if (link !== undefined) await removePipeline(link, pipeline, journals);
    }
    return answerOf(found, true);
  });
};

/** What a name stands for in the journal. */
interface Found {
  readonly name: string;
  readonly isConfigured: boolean;
  readonly pipelines: readonly { readonly link: string; readonly pipeline: string }[];
  readonly entries: number;
  readonly questions: number;
}

/**
 * One that is only remembered, because the configuration has renamed or dropped it, goes as well.
 * Throws USAGE for a name that is neither.
 */
function foundFor(call: Call, name: string): Promise<Found> {
  return withMemories(call, [], async (memories) => {
    const pipelines: { link: string; pipeline: string }[] = [];
    const known: string[] = [];
    let [entries, questions] = [0, 0];
    for (const memory of memories) {
      const configured = memory.pipelines.map((pipeline) => pipeline.name);
      known.push(...configured);
      const all = new Set([...configured, ...(await memory.journal.pipelines())]);
      const meant = [...all].filter((each) => stands(name, each));
      const counts = await status({
        ...memory,
        pipelines: meant.map((pipeline) => ({ name: pipeline })),
      });
      for (const [pipeline, each] of Object.entries(counts.pipelines)) {
        pipelines.push({ link: memory.name, pipeline });
        entries += each.entries;
        questions += each.conflicts + each.withheld;
      }
    }
    if (pipelines.length === 0) throw unknownPipeline(name, known);
    const isConfigured = known.some((each) => stands(name, each));
    return { name, isConfigured, pipelines, entries, questions };
  });
}

function answerOf({ name, entries, questions }: Found, isRemoved: boolean): Answer {
  const agreed = counted(entries, "agreed entry", "agreed entries");
  const memory = `${agreed}, ${counted(questions, "open question")}`;
  return {
    exit: EXIT.done,
    summary: { pipeline: name, isRemoved, entries, questions },
    result: null,
    print: async (page) => {
      if (isRemoved) {
        await page.line(`${page.style.good("✓")} ${safe(name)} is forgotten: ${memory}.`);
        await page.line("Take it out of the configuration too, else the next run meets it anew.");
        return;
      }
      await page.line(`${safe(name)}: ${memory} and its history would be forgotten.`);
      await page.line("No row of yours would be touched.");
      await page.line(`Next:  syncline remove ${safe(name)} --yes`);
    },
  };
}
