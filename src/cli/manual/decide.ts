// The manual of the commands with which a person decides what no policy may.
import { ERROR_CODES } from "../../core/errors.ts";
import type { Manual, OptionManual } from "../command.ts";
import { WHYS } from "../words.ts";
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
      { flags: "--author <name>", text: "who decides, for the history (default: your user name)" },
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
    summary: "list rows and writes that were refused or wait for their time",
    text: "Dead letters and parked writes, each with its code, every error and its attempts.",
    arguments: [PIPELINES],
    options: [CODE, KEY_FILTER, LIMIT_LIST, CONFIG_OPTION, JSON_OPTION],
    examples: [
      ["letters", "the first 20"],
      ["letters customers --code RULE_BROKEN", "one cause"],
    ],
    load: async () => (await import("../commands/letters.ts")).letters,
  },
  {
    name: "retry",
    group: "Decide",
    summary: "try refused rows and writes again, now",
    text: "After the cause was repaired: the same letters, all or by filter, are tried once more.",
    arguments: [PIPELINES],
    options: [CODE, KEY_FILTER, CONFIG_OPTION, JSON_OPTION],
    examples: [
      ["retry", "everything that was given up or waits"],
      ["retry customers --code CONSTRAINT", "one cause"],
    ],
    load: async () => (await import("../commands/retry.ts")).retry,
  },
];
