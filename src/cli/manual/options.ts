// Options and arguments that mean the same on every command that has them.
import type { ArgumentManual, OptionManual, Values } from "../command.ts";

/** On every command. */
export const JSON_OPTION: OptionManual = {
  flags: "--json",
  text: "print one JSON document instead of text",
};

/** On every command that works on pipelines. */
export const CONFIG_OPTION: OptionManual = {
  flags: "-c, --config <file>",
  text: "the configuration (default: syncline.yaml in this folder)",
  values: { paths: "file" },
};

export const FOLDER: Values = { paths: "folder" };

export const PIPELINES: ArgumentManual = {
  name: "[pipelines...]",
  text: "only these pipelines (default: all of them)",
  values: { names: "pipelines" },
};

export const PIPELINE_OPTION: OptionManual = {
  flags: "-p, --pipeline <name>",
  text: "only this pipeline",
  values: { names: "pipelines" },
};

export const LIMIT_TRIAL: OptionManual = {
  flags: "--limit <n>",
  text: "a trial: change at most so many entries",
};

export const KEY_TRIAL: OptionManual = {
  flags: "--key <key>",
  text: "a trial: only this entry (several key columns: 'de, Berlin')",
};

export const LIMIT_LIST: OptionManual = {
  flags: "--limit <n>",
  text: "list at most so many (default 20)",
};

export const KEY_FILTER: OptionManual = {
  flags: "--key <key>",
  text: "only this entry (several key columns: 'de, Berlin')",
};

export const ALLOW_DELETES: OptionManual = {
  flags: "--allow-deletes [max]",
  shown: "--allow-deletes[=MAX]",
  text: "let withheld deletions pass: all, or at most MAX",
};

export const RESTORE: OptionManual = {
  flags: "--restore",
  text: "write entries back to the side that lost them (two-way only)",
};

export const EVERYTHING: OptionManual = {
  flags: "--everything",
  text: "compare everything, also where `since` tells what changed",
};

const SYSTEMS: Values = { names: "systems", words: ["journal"] };

export const TRUST: OptionManual = {
  flags: "--trust <systems>",
  text: "after a system (or `journal`) was replaced or restored: what it holds is the truth",
  values: SYSTEMS,
};

export const REFILL: OptionManual = {
  flags: "--refill <systems>",
  text: "after a system (or `journal`) was replaced or restored: bring it up to date",
  values: SYSTEMS,
};
