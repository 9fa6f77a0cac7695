// Completion for fish: one line for each thing that can be said.
import type { Values } from "../command.ts";
import { HELP, VERSION } from "./grammar.ts";
import type { ArgumentWords, CommandWords, OptionWords } from "./grammar.ts";

/** The script that makes fish complete the commands of a grammar. */
export function fishScript(commands: readonly CommandWords[]): string {
  const names = [...commands, { name: HELP.name, summary: HELP.text }];
  return `${HEAD}
complete -c syncline -f
complete -c syncline -s V -l version -n '__syncline_is ""' -d ${quoted(VERSION.text)}
complete -c syncline -s h -l help -d ${quoted("print help")}
${names.map(({ name, summary }) => command(name, summary)).join("\n")}
complete -c syncline -n '__syncline_is help' -a ${quoted(names.map(({ name }) => name).join(" "))}
${commands.flatMap(linesOf).join("\n")}
`;
}

function command(name: string, summary: string): string {
  return `complete -c syncline -n '__syncline_is ""' -a ${name} -d ${quoted(summary)}`;
}

function linesOf({ name, options, arguments: words }: CommandWords): readonly string[] {
  const is = `complete -c syncline -n ${quoted(`__syncline_is ${name}`)}`;
  const said = words.flatMap((word) => argument(is, word));
  return [...said, ...options.map((each) => `${is}${option(each)}`)];
}

function argument(is: string, { values }: ArgumentWords): readonly string[] {
  return offers(values).length === 0 ? [] : [`${is}${offers(values)}`];
}

function option({ flags, text, takes, values }: OptionWords): string {
  const names = flags.map((flag) => {
    return flag.startsWith("--") ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`;
  });
  const value = takes === "value" ? ` -x${offers(values)}` : "";
  return `${names.join("")}${value} -d ${quoted(text)}`;
}

function offers({ words = [], names, paths }: Values): string {
  const said = [...words];
  if (names !== undefined) said.push(`(__syncline_names ${names})`);
  if (paths === "folder") said.push("(__fish_complete_directories (commandline -ct))");
  if (paths === "file") said.push("(__fish_complete_path (commandline -ct))");
  return said.length === 0 ? "" : ` -a ${quoted(said.join(" "))}`;
}

/** A text in single quotes, as fish reads it. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

const HEAD = `# fish completion for syncline, made by \`syncline completion fish\`

# Succeeds if this is the command on the line; "": there is none yet.
function __syncline_is
    set -l words (commandline -opc)
    set -l command
    for word in $words[2..-1]
        if not string match -q -- '-*' $word
            set command $word
            break
        end
    end
    test "$argv[1]" = "$command"
end

# Names in the configuration: it is read, and no system is opened.
function __syncline_names
    set -l words (commandline -opc)
    set -l of --names $argv[1]
    for i in (seq 2 (count $words))
        switch $words[$i]
            case -c --config
                set -q words[(math $i + 1)]; and set of --names $argv[1] -c $words[(math $i + 1)]
            case '--config=*'
                set of --names $argv[1] -c (string replace -- --config= '' $words[$i])
        end
    end
    $words[1] completion $of 2>/dev/null
end
`;
