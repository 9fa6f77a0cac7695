import type { Call, Command } from "../command.ts";
import { hintOf, usage } from "../arguments.ts";
import { LETTER_VERBS } from "../words.ts";
import { retry } from "./retry.ts";
import { edit } from "../letters/edit.ts";
import { exportLetters } from "../letters/export.ts";
import { list } from "../letters/list.ts";
import { show } from "../letters/show.ts";
import { test } from "../letters/test.ts";

type Verb = (typeof LETTER_VERBS)[number] | "list";

const FILTERS = ["code", "side", "kind", "error", "key", "pipeline"] as const;

/** What each takes besides `--config` and `--json`, as options are named in a call. */
const OPTIONS: { readonly [verb in Verb]: readonly string[] } = {
  list: [...FILTERS, "by", "limit"],
  show: ["pipeline"],
  test: [...FILTERS, "limit"],
  edit: ["pipeline", "author"],
  replay: FILTERS,
  export: FILTERS,
};

const COMMANDS: { readonly [verb in Verb]: Command } = {
  list,
  show,
  test,
  edit,
  replay: retry,
  export: exportLetters,
};

/** Lists letters, or does what the first word says with them. */
export const letters: Command = (call) => {
  const { verb, rest } = verbOf(call);
  const unfit = Object.keys(call.options).find((name) => {
    return name !== "config" && name !== "json" && !OPTIONS[verb].includes(name);
  });
  if (unfit !== undefined) {
    const what = verb === "list" ? "a list of letters" : `\`letters ${verb}\``;
    throw usage(`--${unfit} means nothing to ${what}.`, hintOf("", OPTIONS[verb]));
  }
  return COMMANDS[verb](rest);
};

/** A pipeline that is called like a verb is named with `--pipeline`. */
function verbOf(call: Call): { readonly verb: Verb; readonly rest: Call } {
  const [first, ...words] = call.arguments;
  const verb = LETTER_VERBS.find((each) => each === first);
  if (verb === undefined) return { verb: "list", rest: call };
  return { verb, rest: { ...call, arguments: words } };
}
