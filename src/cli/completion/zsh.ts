// Completion for zsh: what its `_arguments` needs to know, made of the manual.
import type { Values } from "../command.ts";
import { HELP, VERSION } from "./grammar.ts";
import type { ArgumentWords, CommandWords, OptionWords } from "./grammar.ts";
import { quoted } from "./quoted.ts";

/** The script that makes zsh complete the commands of a grammar. */
export function zshScript(commands: readonly CommandWords[]): string {
  const described = [
    ...commands.map(({ name, summary }) => quoted(`${name}:${summary}`)),
    quoted(`${HELP.name}:${HELP.text}`),
  ];
  return `#compdef syncline
# zsh completion for syncline, made by \`syncline completion zsh\`

_syncline_commands() {
  local -a commands=(
    ${described.join("\n    ")}
  )
  _describe command commands
}

# Names in the configuration: it is read, and no system is opened.
_syncline_names() {
  local config=\${opt_args[--config]:-\${opt_args[-c]}}
  local -a of=(--names $1) names
  if [[ -n $config ]]; then of+=(-c \${(Q)~config}); fi
  names=(\${(f)"$(\${(Q)~synclineProgram} completion $of 2>/dev/null)"})
  compadd -a names
}

_syncline_pipelines() { _syncline_names pipelines }
_syncline_systems() { _syncline_names systems; compadd -- ${systemWords(commands).join(" ")} }

_syncline_places() { _syncline_names systems; _files }

_syncline() {
  local synclineProgram=$words[1] curcontext=$curcontext state
  local -a line
  local -A opt_args
  _arguments -C \\
    ${[spec(HELP.flags, "print this help"), spec(VERSION.flags, VERSION.text)].join(" \\\n    ")} \\
    '1:command:_syncline_commands' \\
    '*:: :->arguments'
  [[ $state == arguments ]] || return
  curcontext=\${curcontext%:*:*}:syncline-$words[1]:
  case $words[1] in
${commands.map(caseOf).join("\n")}
    help) _arguments '1:command:_syncline_commands' ;;
  esac
}

if [[ $funcstack[1] == _syncline ]]; then _syncline "$@"; else compdef _syncline syncline; fi
`;
}

function systemWords(commands: readonly CommandWords[]): readonly string[] {
  const all = commands.flatMap(({ options }) => options.map(({ values }) => values));
  const known = all.filter(({ names }) => names === "systems").flatMap(({ words = [] }) => words);
  return [...new Set(known)];
}

function caseOf({ name, options, arguments: words }: CommandWords): string {
  const specs = [
    ...options.map(optionSpec),
    spec(HELP.flags, "print this help"),
    ...words.map(argumentSpec),
  ];
  return `    ${name})\n      _arguments \\\n        ${specs.join(" \\\n        ")}\n      ;;`;
}

function optionSpec({ flags, text, takes, values }: OptionWords): string {
  if (takes === "nothing") return spec(flags, text);
  const mark = takes === "attached" ? "=-" : "";
  const value = `${takes === "attached" ? "::" : ":"}${(flags.at(-1) ?? "").replace(/^-+/, "")}`;
  return spec(flags, text, { mark, value: `${value}:${actionOf(values)}` });
}

/** One option under all its names, which exclude each other. */
function spec(
  flags: readonly string[],
  text: string,
  taking: { readonly mark: string; readonly value: string } = { mark: "", value: "" },
): string {
  const told = `[${text.replaceAll(/[[\]:\\]/g, "\\$&")}]`;
  const { mark, value } = taking;
  const [only] = flags;
  if (flags.length === 1) return quoted(`${only}${longMark(only, mark, value)}${told}${value}`);
  const each = flags.map((flag) => `${flag}${longMark(flag, mark, value)}`);
  return `${quoted(`(${flags.join(" ")})`)}{${each.join(",")}}${quoted(`${told}${value}`)}`;
}

/** `--option value` and `--option=value` are one to us; zsh wants to be told. */
function longMark(flag: string | undefined, mark: string, value: string): string {
  return mark === "" && value !== "" && flag?.startsWith("--") === true ? "=" : mark;
}

function argumentSpec({ name, values, isRepeated }: ArgumentWords, at: number): string {
  return quoted(`${isRepeated ? "*" : at + 1}:${name}:${actionOf(values)}`);
}

function actionOf({ words = [], names, paths }: Values): string {
  if (names !== undefined && paths !== undefined) return "_syncline_places";
  if (names !== undefined) return `_syncline_${names}`;
  if (words.length > 0) return `(${words.join(" ")})`;
  if (paths !== undefined) return paths === "folder" ? "_files -/" : "_files";
  return " ";
}
