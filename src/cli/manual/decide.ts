// The manual of the commands with which a person decides what no policy may.
import { ERROR_CODES } from "../../core/errors.ts";
import type { Manual, OptionManual } from "../command.ts";
import { GROUPINGS, LETTER_KINDS, LETTER_VERBS, WHYS } from "../words.ts";
import {
  ALLOW_DELETES,
  CONFIG_OPTION,
  JSON_OPTION,
  KEY_FILTER,
  LIMIT_LIST,
  PIPELINE_OPTION,
  PIPELINES,
} from "./options.ts";

/** What a letter may carry: codes of single entries. */
const CODES_OF_ENTRIES = Object.entries(ERROR_CODES).flatMap(([code, { exit }]) => {
  return exit === 4 ? [code] : [];
});

const WHY = {
  flags: "--why <why>",
  text: "only: conflict, withheld, rejected, drift or unknown",
  values: { words: WHYS },
};
const FIELD = {
  flags: "--field <name>",
  text: "only questions about this field (*: about whole entries)",
};
const CODE: OptionManual = {
  flags: "--code <code>",
  text: "only this cause, as CONSTRAINT",
  values: { words: CODES_OF_ENTRIES },
};

/** Which letters are meant: the same wherever something is done with them. */
const LETTER_FILTERS: readonly OptionManual[] = [
  CODE,
  {
    flags: "--side <side>",
    text: "only rows of this side, and writes to it: source, target or its name",
    values: { words: ["source", "target"] },
  },
  {
    flags: "--kind <kind>",
    text: "only: later, refused, unreadable or rejected",
    values: { words: LETTER_KINDS },
  },
  { flags: "--error <text>", text: "only letters with an error that has this text in it" },
  KEY_FILTER,
];

const AUTHOR: OptionManual = {
  flags: "--author <name>",
  text: "who decides, for the history (default: your user name)",
};

/** conflicts, resolve, letters, retry. */
export const DECIDE: readonly Manual[] = [
  {
    name: "conflicts",
    group: "Decide",
    summary: "list what waits for a person, with the agreed and the rival values",
    text:
      "Every open question: conflicts, withheld deletions, rejected rows, drift that is kept. " +
      "While one is open, nobody's value is overwritten on that field; everything else goes on.",
    arguments: [PIPELINES],
    options: [WHY, FIELD, KEY_FILTER, LIMIT_LIST, CONFIG_OPTION, JSON_OPTION],
    examples: [
      ["conflicts", "the first 20"],
      ["conflicts customers --why conflict --field email", "one kind, one field"],
      ["conflicts --limit 100000 --json", "all of them, for a script"],
    ],
    load: async () => (await import("../commands/conflicts.ts")).conflicts,
  },
  {
    name: "resolve",
    group: "Decide",
    summary: "answer one question, or many at once",
    text:
      "Names the questions by id, or all that fit the filters, and what to do. The answer is " +
      "written with compare-and-set like any change; it is refused (exit 4) when what was asked " +
      "about has moved since.",
    arguments: [{ name: "[ids...]", text: "ids from `syncline conflicts`" }],
    options: [
      { flags: "--all", text: "all questions that fit the filters" },
      PIPELINE_OPTION,
      WHY,
      FIELD,
      KEY_FILTER,
      {
        flags: "--take <side>",
        text: "what this side holds: source, target or its name",
        values: { words: ["source", "target"] },
      },
      { flags: "--value <json>", text: "this value (a question about one field)" },
      { flags: "--base", text: "what was agreed: undo what moved" },
      { flags: "--delete", text: "the entry goes (a question about a whole entry)" },
      {
        flags: "--policy <word>",
        text: "each by a strategy: source-wins, target-wins, latest, …",
        values: { words: ["source-wins", "target-wins", "latest", "merge", "union"] },
      },
      { flags: "--seen <digest>", text: "only if what is held is still what you saw" },
      ALLOW_DELETES,
      AUTHOR,
      CONFIG_OPTION,
      JSON_OPTION,
    ],
    examples: [
      ["resolve q3f2a91c04d --take source", "one question: the source is right"],
      ["resolve q3f2a91c04d --value '\"ada@example.org\"'", "one question: neither is"],
      ["resolve --all --why conflict --policy source-wins", "every conflict"],
      ["resolve --all --pipeline customers --field tags --base", "one field: as it was"],
    ],
    load: async () => (await import("../commands/resolve.ts")).resolve,
  },
  {
    name: "letters",
    group: "Decide",
    summary: "list, test, edit and replay rows and writes that were refused or wait",
    text:
      "Dead letters and parked writes, each with its code, every error and its attempts. " +
      "`show KEY`: all that is kept of one. `test`: what would become of them now; nothing is " +
      "written. `edit KEY FIELD=VALUE …`: what a row is to be, in your name. `replay`: try them " +
      "again, the same as `retry`. `export`: all of them, one line of JSON each.",
    arguments: [
      {
        name: "[words...]",
        text: "show, test, edit, replay or export and what it takes; else names of pipelines",
        values: { words: LETTER_VERBS, names: "pipelines" },
      },
    ],
    options: [
      ...LETTER_FILTERS,
      PIPELINE_OPTION,
      {
        flags: "--by <what>",
        text: "count them by: cause, code, kind, side or pipeline",
        values: { words: GROUPINGS },
      },
      LIMIT_LIST,
      AUTHOR,
      CONFIG_OPTION,
      JSON_OPTION,
    ],
    examples: [
      ["letters", "the first 20"],
      ["letters --by cause", "how many there are of each broken rule, and of each refusal"],
      ["letters customers --code RULE_BROKEN --error email", "one cause"],
      ["letters show C-17", "one entry: errors, attempts, and the values that are kept"],
      ["letters test customers", "what would pass by today's rules, and what would not"],
      ["letters edit C-17 email=ada@example.org age=36", "what the row is to be"],
      ["letters replay --code CONSTRAINT", "once more, after the cause was repaired"],
      ["letters export customers > letters.ndjson", "all of them, for a script"],
    ],
    load: async () => (await import("../commands/letters.ts")).letters,
  },
  {
    name: "retry",
    group: "Decide",
    summary: "try refused rows and writes again, now",
    text: "After the cause was repaired: the same letters, all or by filter, are tried once more.",
    arguments: [PIPELINES],
    options: [...LETTER_FILTERS, CONFIG_OPTION, JSON_OPTION],
    examples: [
      ["retry", "everything that was given up or waits"],
      ["retry customers --code CONSTRAINT", "one cause"],
    ],
    load: async () => (await import("../commands/retry.ts")).retry,
  },
];
