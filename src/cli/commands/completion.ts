import { outlineOf } from "../../config/outline.ts";
import type { Outline } from "../../config/outline.ts";
import { hintOf, textOption, usage } from "../arguments.ts";
import type { Answer, Call, Command } from "../command.ts";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import { grammarOf } from "../completion/grammar.ts";
import type { CommandWords } from "../completion/grammar.ts";
import { SHELLS } from "../completion/shells.ts";
import type { Shell } from "../completion/shells.ts";
import { zshScript } from "../completion/zsh.ts";
import { EXIT } from "../exit.ts";
import { MANUAL } from "../manual/manual.ts";
import { safe } from "../values.ts";
import { configPath } from "../workspace.ts";

const SCRIPTS: { readonly [shell in Shell]: (commands: readonly CommandWords[]) => string } = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** Prints a shell's script; with --names, which the scripts call, names of the configuration. */
export const completion: Command = async (call) => {
  const kind = textOption(call, "names");
  if (kind !== undefined) return names(call, kind);
  const [word = ""] = call.arguments;
  const shell = SHELLS.find((each) => each === word);
  if (shell === undefined) {
    const message = word === "" ? "No shell is named." : `"${safe(word)}" is no shell we know.`;
    throw usage(message, hintOf(word, SHELLS));
  }
  const script = SCRIPTS[shell](grammarOf(MANUAL));
  return {
    exit: EXIT.done,
    summary: { shell },
    result: { script },
    // The script has no sign that a terminal would need to have spelt otherwise but in texts.
    print: (page) => page.lines(script.trimEnd().split("\n")),
  };
};

const KINDS = ["pipelines", "systems"] as const satisfies readonly (keyof Outline)[];

async function names(call: Call, asked: string): Promise<Answer> {
  const kind = KINDS.find((each) => each === asked);
  if (kind === undefined) throw usage(`"${safe(asked)}" has no names.`, hintOf(asked, KINDS));
  const found = (await outlineOf(configPath(call)))[kind];
  return {
    exit: EXIT.done,
    summary: { names: found.length },
    result: { names: found },
    print: (page) => page.lines(found),
  };
}
