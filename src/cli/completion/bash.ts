// Completion for bash 3.2 and later: one function, and tables made of the manual.
import type { Values } from "../command.ts";
import { HELP, VERSION } from "./grammar.ts";
import type { ArgumentWords, CommandWords } from "./grammar.ts";
import { quoted } from "./quoted.ts";

/** The script that makes bash complete the commands of a grammar. */
export function bashScript(commands: readonly CommandWords[]): string {
  const names = [...commands.map(({ name }) => name), HELP.name];
  return `${HEAD}
# Offers what an option or an argument takes; fails where nobody knows.
_syncline_values() {
  case "$1" in
${commands.flatMap(valueCases).join("\n")}
    'help 0') _syncline_words ${names.join(" ")} ;;
    *) return 1 ;;
  esac
}

# Succeeds for an option whose value is the next word.
_syncline_takes() {
  case "$1" in
${takesCase(commands)}
    *) return 1 ;;
  esac
}

_syncline_options() {
  case "$1" in
${commands.map(optionCase).join("\n")}
    '') _syncline_words ${[...HELP.flags, ...VERSION.flags].join(" ")} ;;
    *) _syncline_words ${HELP.flags.join(" ")} ;;
  esac
}

_syncline_commands() {
  _syncline_words ${names.join(" ")}
}
${TAIL}`;
}

function valueCases({ name, options, arguments: words }: CommandWords): readonly string[] {
  const ofOptions = options.flatMap(({ flags, values }) => {
    return caseOf(
      flags.map((each) => `${name} ${each}`),
      values,
    );
  });
  const ofArguments = words.flatMap((word, at) => caseOf([placeOf(name, word, at)], word.values));
  return [...ofOptions, ...ofArguments];
}

function placeOf(command: string, { isRepeated }: ArgumentWords, at: number): string {
  return isRepeated ? `${command} [0-9]` : `${command} ${at}`;
}

function caseOf(patterns: readonly string[], values: Values): readonly string[] {
  const calls = callsOf(values);
  if (calls.length === 0) return [];
  const spelt = patterns.map((each) =>
    each.endsWith("]") ? each.replace(" ", "\\ ") : quoted(each),
  );
  return [`    ${spelt.join(" | ")}) ${calls.join("; ")} ;;`];
}

function callsOf({ words = [], names, paths }: Values): readonly string[] {
  const calls = words.length > 0 ? [`_syncline_words ${words.map(quoted).join(" ")}`] : [];
  if (names !== undefined) calls.push(`_syncline_names ${names}`);
  if (paths !== undefined) calls.push(`_syncline_paths ${paths === "folder" ? "-d" : "-f"}`);
  return calls;
}

function takesCase(commands: readonly CommandWords[]): string {
  const taking = commands.flatMap(({ name, options }) => {
    const flags = options.filter(({ takes }) => takes === "value").flatMap((each) => each.flags);
    return flags.map((flag) => quoted(`${name} ${flag}`));
  });
  return `    ${taking.join(" | \\\n      ")}) ;;`;
}

function optionCase({ name, options }: CommandWords): string {
  const words = options.flatMap(({ flags }) => flags);
  return `    ${name}) _syncline_words ${[...words, ...HELP.flags].join(" ")} ;;`;
}

const HEAD = `# bash completion for syncline, made by \`syncline completion bash\`

_syncline_words() {
  local word
  for word in "$@"; do
    if [[ $word == "$cur"* ]]; then COMPREPLY+=("$word"); fi
  done
}

# Names in the configuration: it is read, and no system is opened.
_syncline_names() {
  local name
  local -a of=(--names "$1")
  if [[ -n $config ]]; then of+=(-c "$config"); fi
  while IFS= read -r name; do
    if [[ $name == "$cur"* ]]; then COMPREPLY+=("$name"); fi
  done < <("\${COMP_WORDS[0]/#\\~/$HOME}" completion "\${of[@]}" 2>/dev/null)
}

_syncline_paths() {
  local path
  type compopt &>/dev/null && compopt -o filenames 2>/dev/null
  while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen "$1" -- "$cur")
}
`;

const TAIL = `
_syncline() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command= option= taking= config= ends= word
  local -i i at=0
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    if [[ $word == '=' && -n $option ]]; then
      taking=$option # --option=value is three words to bash
    elif [[ -n $taking ]]; then
      if [[ $taking == -c || $taking == --config ]]; then
        config=\${word/#\\~/$HOME}
        config=\${config//[\\"\\']/}
      fi
      taking= option=
    elif [[ -n $ends || $word != -* ]]; then
      option=
      if [[ -z $command ]]; then command=$word; else ((at += 1)); fi
    elif [[ $word == -- ]]; then
      ends=1
    else
      option=$word
      if _syncline_takes "$command $word"; then taking=$word; fi
    fi
  done
  if [[ $cur == '=' && -n $option ]]; then taking=$option cur=; fi
  if [[ -n $taking ]]; then
    _syncline_values "$command $taking"
  elif [[ $cur == -* && -z $ends ]]; then
    _syncline_options "$command"
  elif [[ -z $command ]]; then
    _syncline_commands
  else
    _syncline_values "$command $at"
  fi
  return 0
}

complete -F _syncline syncline
`;
