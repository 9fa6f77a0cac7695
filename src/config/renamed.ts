// Links are named after their systems. Where one of these has another name now, or one has joined,
// what the journal remembers stands under the name of before: that is told, and not passed over.
import type { Journal, LinkJournal } from "../engine/journal.ts";
import type { Note } from "../engine/views.ts";
import type { Config, LinkSettings } from "./config.ts";

/** What is remembered of a link's pipelines under the names of other systems, in words. */
export async function explainNames(
  config: Config,
  { name, pipelines }: LinkSettings,
  { journal, memory }: { readonly journal: Journal; readonly memory: LinkJournal },
): Promise<readonly Note[]> {
  if ((await memory.pipelines()).length > 0) return [];
  const configured = new Set(config.links.map((link) => link.name));
  const ours = new Set(pipelines.map((pipeline) => pipeline.name));
  const notes: Note[] = [];
  for (const other of await journal.links()) {
    if (configured.has(other)) continue;
    const before = await journal.open(other, "read");
    try {
      // A pipeline that stands for many tables is remembered as each of them.
      const known = await before.pipelines();
      const same = known.filter((each) => ours.has(each) || ours.has(each.split(".")[0] ?? ""));
      if (same.length > 0) notes.push(noteOf(same, other, name));
    } finally {
      await before.close();
    }
  }
  return notes;
}

/** More than these are only counted. */
const SHOWN_MAX = 3;

function noteOf(pipelines: readonly string[], before: string, now: string): Note {
  const more = pipelines.length - SHOWN_MAX;
  const shown = pipelines.slice(0, SHOWN_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
  return {
    code: "SYSTEMS_RENAMED",
    pipeline: null,
    text:
      `the journal remembers ${shown} between ${systemsIn(before)}; the configuration has it ` +
      `between ${systemsIn(now)}: its rows meet for the first time, none counts as deleted, and ` +
      "what was deleted on one side since comes back. If a system only has another name, give it " +
      "the old one again",
  };
}

const systemsIn = (link: string): string => link.split("+").join(" and ");
