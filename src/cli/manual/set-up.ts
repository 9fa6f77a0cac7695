// The manual of the commands that set a link up and take it away.
import type { Manual } from "../command.ts";
import { SHELLS } from "../completion/shells.ts";
import { SIDE_KINDS } from "../starter.ts";
import { CONFIG_OPTION, FOLDER, JSON_OPTION } from "./options.ts";

/** init, discover, validate, doctor, remove, completion. */
export const SET_UP: readonly Manual[] = [
  {
    name: "init",
    group: "Set up",
    summary: "write a small configuration to start from",
    text:
      "Writes syncline.yaml, with comments, and .syncline/schema.json, from which editors " +
      "complete it. With --example also two small databases, so that `syncline plan` has " +
      "something to show. A file that is there is never overwritten. Where both systems have " +
      "their tables already, `syncline discover` proposes one that fits them.",
    options: [
      {
        flags: "--source <kind>",
        text: "what the source is: sqlite, postgres, csv, ndjson, json",
        values: { words: SIDE_KINDS },
      },
      {
        flags: "--target <kind>",
        text: "what the target is: the same (default: sqlite)",
        values: { words: SIDE_KINDS },
      },
      { flags: "--example", text: "also make two small SQLite databases to play with" },
      { flags: "--dir <folder>", text: "where to (default: this folder)", values: FOLDER },
      JSON_OPTION,
    ],
    examples: [
      ["init", "a configuration with comments"],
      ["init --source postgres --target csv", "a table of yours and a CSV file"],
      ["init --example && syncline plan", "something to look at, in two commands"],
    ],
    load: async () => (await import("../commands/init.ts")).init,
  },
  {
    name: "discover",
    group: "Set up",
    summary: "propose a configuration for two systems that have their tables already",
    text:
      "Looks at both systems: which tables and columns mean one thing (by name, whatever the " +
      "capitals, plurals and prefixes), by what rows are named, what would be refused, and what " +
      "you have to decide. Each line has its reason beside it, and `validate` takes the whole. " +
      "No secret is written: an address with a password becomes a variable to set.",
    arguments: [
      {
        name: "<source>",
        text: "a SQLite file, a folder of files, postgres://…, or a system's name",
        values: { names: "systems", paths: "file" },
      },
      { name: "<target>", text: "the same", values: { names: "systems", paths: "file" } },
    ],
    options: [
      {
        flags: "-o, --output <file>",
        text: "write it there, unless the file is there (default: print it)",
        values: { paths: "file" },
      },
      CONFIG_OPTION,
      JSON_OPTION,
    ],
    examples: [
      ["discover crm.db billing.db", "two SQLite databases"],
      ["discover crm.db postgres://shop.example/shop -o syncline.yaml", "into a new file"],
      ["discover crm billing -o other.yaml", "two systems of the configuration in this folder"],
      ["discover exports crm.db --json", "a folder of files, with every reason as data"],
    ],
    load: async () => (await import("../commands/discover.ts")).discover,
  },
  {
    name: "validate",
    group: "Set up",
    summary: "check the configuration, and that the systems are as it says",
    text:
      "Reads the configuration, opens every system and compiles every pipeline: tables, columns, " +
      "keys, types and rules. Reads no rows and writes nothing.",
    options: [
      { flags: "--offline", text: "check only the file: open no system" },
      CONFIG_OPTION,
      JSON_OPTION,
    ],
    examples: [
      ["validate", "everything that can be known before the first run"],
      ["validate --offline --json", "only the file, for an editor or a hook"],
    ],
    load: async () => (await import("../commands/validate.ts")).validate,
  },
  {
    name: "doctor",
    group: "Set up",
    summary: "look at everything that commonly goes wrong, and say what to do",
    text:
      "Node, the configuration and its environment, secrets that others can read, every system " +
      "(speed, version, rights, clock, markers), the journal (lock, size, what waits), free " +
      "space and the last run of each pipeline. Whatever fails, the rest is looked at, and " +
      "nothing is changed. Exit 0: nothing failed. Exit 3: only what is around failed. Exit 1: " +
      "more did.",
    options: [CONFIG_OPTION, JSON_OPTION],
    examples: [
      ["doctor", "before the first run, and when something is odd"],
      ["doctor --json", "every check with its code and figures, for a monitor"],
    ],
    load: async () => (await import("../commands/doctor.ts")).doctor,
  },
  {
    name: "remove",
    group: "Set up",
    summary: "take a pipeline away, with its markers and its memory",
    text:
      "Forgets what the journal knows of a pipeline (agreed states, questions, history) and " +
      "takes our markers out of its systems. No row of yours is touched. Asks for --yes.",
    arguments: [
      { name: "<pipeline>", text: "the pipeline's name", values: { names: "pipelines" } },
    ],
    options: [{ flags: "--yes", text: "do it" }, CONFIG_OPTION, JSON_OPTION],
    examples: [
      ["remove customers", "what would be forgotten"],
      ["remove customers --yes", "forget it"],
    ],
    load: async () => (await import("../commands/remove.ts")).remove,
  },
  {
    name: "completion",
    group: "Set up",
    summary: "print a script with which a shell completes commands",
    text:
      "Completes commands, options, what options take, and the names of pipelines and systems in " +
      "the configuration of the folder, or of -c. It only reads that file, at each key.",
    arguments: [
      { name: "[shell]", text: "which shell: bash, zsh or fish", values: { words: SHELLS } },
    ],
    options: [
      { flags: "--names <kind>", text: "print names of the configuration", isHidden: true },
      { ...CONFIG_OPTION, isHidden: true },
      JSON_OPTION,
    ],
    examples: [
      ["completion bash > ~/.local/share/bash-completion/completions/syncline", "for bash"],
      ["completion zsh > ~/.zfunc/_syncline", "for zsh, with fpath+=~/.zfunc before compinit"],
      ["completion fish > ~/.config/fish/completions/syncline.fish", "for fish"],
    ],
    load: async () => (await import("../commands/completion.ts")).completion,
  },
];
