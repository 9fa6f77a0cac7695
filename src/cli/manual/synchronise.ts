// The manual of the commands that compare sides and write to them.
import type { Manual } from "../command.ts";
import {
  ALLOW_DELETES,
  CONFIG_OPTION,
  EVERYTHING,
  JSON_OPTION,
  KEY_TRIAL,
  LIMIT_TRIAL,
  PIPELINES,
  REFILL,
  RESTORE,
  TRUST,
} from "./options.ts";

/** plan, apply, run, verify, rollback. */
export const SYNCHRONISE: readonly Manual[] = [
  {
    name: "plan",
    group: "Synchronise",
    summary: "show what would be written where, and write nothing",
    text:
      "Compares every side with what all of them last agreed on. Shows creates, updates by " +
      "field, deletes, conflicts with the agreed and the rival values, and what the guard " +
      "withholds and why. No side is written; the plan itself is kept in the journal for `apply`.",
    arguments: [PIPELINES],
    options: [
      { flags: "--full", text: "show every entry (default: the first 20 of a pipeline)" },
      { flags: "--exit-code", text: "end with 10 if there is something to do" },
      LIMIT_TRIAL,
      KEY_TRIAL,
      ALLOW_DELETES,
      RESTORE,
      EVERYTHING,
      TRUST,
      REFILL,
      CONFIG_OPTION,
      JSON_OPTION,
    ],
    examples: [
      ["plan", "what a run would do"],
      ["plan customers --full", "one pipeline, every entry"],
      ["plan customers --key C-1042", "one entry"],
      ["plan --allow-deletes=2000", "with up to 2,000 withheld deletions"],
      ["plan --exit-code --json", "for a script: 0 nothing to do, 10 something"],
    ],
    load: async () => (await import("../commands/plan.ts")).plan,
  },
  {
    name: "apply",
    group: "Synchronise",
    summary: "carry out exactly one plan",
    text:
      "Writes what the plan says and nothing else. Refused (exit 5) when the configuration or " +
      "the journal has moved on since. A row that has moved is left alone and listed (exit 4). " +
      "After Ctrl-C the same plan is applied again from where it was stopped.",
    arguments: [
      { name: "[plan]", text: "id, or the beginning of an id or hash (default: the latest)" },
    ],
    options: [CONFIG_OPTION, JSON_OPTION],
    examples: [
      ["apply", "the latest plan"],
      ["apply 7f3a9c", "the plan whose id or hash begins so"],
    ],
    load: async () => (await import("../commands/apply.ts")).apply,
  },
  {
    name: "run",
    group: "Synchronise",
    summary: "plan and apply in one go, under the pipeline's policies",
    text:
      "Compares, decides, writes. What needs a person is kept and reported (exit 4), everything " +
      "else goes on. Pipelines whose systems are out of reach keep no others from their turn. " +
      "Ctrl-C ends after the page in hand, twice at once; the next run goes on.",
    arguments: [PIPELINES],
    options: [
      LIMIT_TRIAL,
      KEY_TRIAL,
      ALLOW_DELETES,
      RESTORE,
      EVERYTHING,
      TRUST,
      REFILL,
      CONFIG_OPTION,
      JSON_OPTION,
    ],
    examples: [
      ["run", "every pipeline"],
      ["run customers --limit 10", "a trial with ten entries"],
      ["run customers --restore", "give withheld entries back to the side that lost them"],
    ],
    load: async () => (await import("../commands/run.ts")).run,
  },
  {
    name: "verify",
    group: "Synchronise",
    summary: "compare the sides with each other, whatever the journal says",
    text:
      "Compares both sides through the mapping, to the end. A database that can makes digests of " +
      "ranges of keys itself, and only the rows of ranges that differ are read. Exit 0: equal. " +
      "Exit 1: different. Exit 4: they differ only where a question is open.",
    arguments: [PIPELINES],
    options: [
      { flags: "--by-rows", text: "read every row of every side, whatever digests say" },
      CONFIG_OPTION,
      JSON_OPTION,
    ],
    examples: [
      ["verify", "every pipeline"],
      ["verify --by-rows", "without trusting anybody's digests"],
      ["verify customers --json", "one pipeline, for a script"],
    ],
    load: async () => (await import("../commands/verify.ts")).verify,
  },
  {
    name: "rollback",
    group: "Synchronise",
    summary: "undo one run, or take one entry back to a moment",
    text:
      "Makes a plan that undoes what a run changed, or that gives one entry the state of a " +
      "moment. Later edits are not lost: they meet the undo as rivals. Needs history " +
      "(memory: full).",
    arguments: [{ name: "[run]", text: "the run's id (see `syncline runs`)" }],
    options: [
      { flags: "--key <key>", text: "take back only this entry; needs --to" },
      { flags: "--to <time>", text: "the moment, as 2026-11-25T10:00Z, 10:00 or '2 hours ago'" },
      {
        flags: "-p, --pipeline <name>",
        text: "the entry's pipeline, where there are several",
        values: { names: "pipelines" },
      },
      ALLOW_DELETES,
      { flags: "--apply", text: "also carry the plan out" },
      CONFIG_OPTION,
      JSON_OPTION,
    ],
    examples: [
      ["rollback 0197f3", "what undoing that run would do"],
      ["rollback 0197f3 --apply", "undo it"],
      ["rollback --key C-1042 --to '2 hours ago'", "one entry as it was"],
    ],
    load: async () => (await import("../commands/rollback.ts")).rollback,
  },
];
