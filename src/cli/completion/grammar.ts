// What can stand on a command line, as scripts for shells need it: the manual taken apart.
import type { ArgumentManual, Manual, OptionManual, Values } from "../command.ts";

/** One command. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  readonly arguments: readonly ArgumentWords[];
}

/** One option, with its dashes. */
export interface OptionWords {
  /** `-c` and `--config`, or only one of them. */
  readonly flags: readonly string[];
  readonly text: string;
  /** `attached`: only as `--option=value`. */
  readonly takes: "nothing" | "value" | "attached";
  readonly values: Values;
}

/** One argument; the last one may stand for all that follow. */
export interface ArgumentWords {
  readonly name: string;
  readonly values: Values;
  readonly isRepeated: boolean;
}

/** What `help` and `--help` add to the manual, which has no page about them. */
export const HELP = { name: "help", text: "print a command's help", flags: ["-h", "--help"] };
/** And before any command. */
export const VERSION = { text: "print the version", flags: ["-V", "--version"] };

/** Every command that people see, in the order of the manual. */
export function grammarOf(manual: readonly Manual[]): readonly CommandWords[] {
  return manual.map(({ name, summary, options = [], arguments: words = [] }) => ({
    name,
    summary,
    options: options.filter(({ isHidden }) => isHidden !== true).map(optionOf),
    arguments: words.map(argumentOf),
  }));
}

function optionOf({ flags, text, values = {} }: OptionManual): OptionWords {
  const [, names = flags, value] = /^([^[<]*?)(?: ([[<].*))?$/.exec(flags) ?? [];
  const isAttached = value?.startsWith("[") === true;
  const takes = value === undefined ? "nothing" : isAttached ? "attached" : "value";
  return { flags: names.split(", "), text, takes, values };
}

function argumentOf({ name, values = {} }: ArgumentManual): ArgumentWords {
  const isRepeated = name.includes("...");
  return { name: name.replaceAll(/[[\]<>.]/g, ""), values, isRepeated };
}
