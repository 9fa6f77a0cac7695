// The manual of the commands that look at what was done, and of the demonstration.
import type { Manual } from "../command.ts";
import { CONFIG_OPTION, FOLDER, JSON_OPTION, LIMIT_LIST } from "./options.ts";
import { PIPELINE_OPTION, PIPELINES } from "./options.ts";

/** status, runs, history, blame. */
export const LOOK: readonly Manual[] = [
  {
    name: "status",
    group: "Look",
    summary: "what is remembered, what waits, and how the last run ended",
    text: "Reads only the journal.",
    arguments: [PIPELINES],
    options: [CONFIG_OPTION, JSON_OPTION],
    examples: [["status", "every pipeline in one line"]],
    load: async () => (await import("../commands/status.ts")).status,
  },
  {
    name: "runs",
    group: "Look",
    summary: "list plans, runs, answers and rollbacks, newest first",
    text: "Reads only the journal.",
    options: [LIMIT_LIST, CONFIG_OPTION, JSON_OPTION],
    examples: [
      ["runs", "the last 20"],
      ["runs --limit 1 --json", "the last one, for a script"],
    ],
    load: async () => (await import("../commands/runs.ts")).runs,
  },
  {
    name: "history",
    group: "Look",
    summary: "what became of one entry: every change, by whom and why",
    text: "With --at: the entry as it was at that moment. Needs history (memory: full).",
    arguments: [{ name: "<key>", text: "the entry's key (several key columns: 'de, Berlin')" }],
    options: [
      { flags: "--at <time>", text: "the moment, as 2026-11-25T10:00Z, 10:00 or '2 hours ago'" },
      PIPELINE_OPTION,
      LIMIT_LIST,
      CONFIG_OPTION,
      JSON_OPTION,
    ],
    examples: [
      ["history C-1042", "newest first"],
      ["history C-1042 --at '2 hours ago'", "the entry as it was"],
    ],
    load: async () => (await import("../commands/history.ts")).history,
  },
  {
    name: "blame",
    group: "Look",
    summary: "who decided each field of one entry, and when",
    text: "Reads only the journal. Needs history (memory: full).",
    arguments: [{ name: "<key>", text: "the entry's key (several key columns: 'de, Berlin')" }],
    options: [PIPELINE_OPTION, CONFIG_OPTION, JSON_OPTION],
    examples: [["blame C-1042", "one line for each field"]],
    load: async () => (await import("../commands/blame.ts")).blame,
  },
  {
    name: "demo",
    group: "Try",
    summary: "see all of it on real data, in a fresh folder",
    text:
      "Builds two SQLite databases from three published versions of npm's mime-db and lets them " +
      "drift apart: plan, guard, conflicts, answers, restore, verify, rollback; then loads the " +
      "cities of the world one-way, twice. Every figure comes from the commands' own JSON.",
    options: [
      {
        flags: "--dir <folder>",
        text: "where to (default: a new temporary folder)",
        values: FOLDER,
      },
      {
        flags: "--postgres <url>",
        text: "one side in a PostgreSQL, in a schema syncline_demo that is made for it",
      },
      { flags: "--swap", text: "exchange the two sides: every figure is mirrored" },
      {
        flags: "--base <folder>",
        text: "what both agreed on: a package or folder with JSON entries",
        values: FOLDER,
      },
      { flags: "--source <folder>", text: "what the source becomes", values: FOLDER },
      { flags: "--target <folder>", text: "what the target becomes", values: FOLDER },
      {
        flags: "--key <columns>",
        text: "the fields that name an entry in your own data, as id or a,b",
      },
      { flags: "--cities", text: "the one-way part too, where you bring your own data" },
      { flags: "--no-cities", text: "leave the one-way part out" },
      JSON_OPTION,
    ],
    examples: [
      ["demo", "about half a minute"],
      ['demo --postgres "$DATABASE_URL"', "SQLite and your PostgreSQL; nothing else is touched"],
      ["demo --swap", "the same with the sides exchanged"],
      ["demo --base v1 --source v2 --target v3", "your own three versions of a JSON file"],
    ],
    load: async () => (await import("../demo/demo.ts")).demo,
  },
];
