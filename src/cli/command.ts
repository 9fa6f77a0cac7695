// What a command is: a page of manual that is always loaded, and the code that is loaded when the
// command is called.
import type { SyncError } from "../core/errors.ts";
import type { Page } from "./page.ts";
import type { World } from "./world.ts";

/** A word on the command line, as `[pipeline]` or `<key>`, or `[pipelines...]` for several. */
export interface ArgumentManual {
  readonly name: string;
  readonly text: string;
  readonly values?: Values;
}

/** What a shell offers for a value. Absent: nobody can know. */
export interface Values {
  /** Some of them, or all where nothing else is said. */
  readonly words?: readonly string[];
  /** Names in the configuration. */
  readonly names?: "pipelines" | "systems";
  readonly paths?: "file" | "folder";
}

/** A flag, as `--limit <n>`, `--json`, `-c, --config <file>`. */
export interface OptionManual {
  readonly flags: string;
  readonly text: string;
  /** How the flags are spelt in the help, where commander's grammar cannot say it. */
  readonly shown?: string;
  readonly values?: Values;
  /** Only for programs of ours: in no help, and not completed. */
  readonly isHidden?: true;
}

/** What `--help` says about a command, and where its code is. */
export interface Manual {
  readonly name: string;
  /** The heading under which it stands. */
  readonly group: "Set up" | "Synchronise" | "Decide" | "Look" | "Try";
  readonly summary: string;
  /** More than the summary, in whole sentences. */
  readonly text: string;
  readonly arguments?: readonly ArgumentManual[];
  readonly options?: readonly OptionManual[];
  /** A command line without the program's name, and what it is for. */
  readonly examples: readonly (readonly [line: string, purpose: string])[];
  readonly load: () => Promise<Command>;
}

/** Runs one command. What fails as a whole is thrown as a SyncError. */
export type Command = (call: Call) => Promise<Answer>;

/** One call of a command, as it was understood. */
export interface Call {
  readonly world: World;
  readonly arguments: readonly string[];
  /** By name without dashes, in camelCase. */
  readonly options: { readonly [name: string]: string | boolean | undefined };
}

/** What became of a call. `summary` and `result` may hold AsyncIterables: they become arrays. */
export interface Answer {
  readonly exit: number;
  readonly summary: object;
  readonly result: object | null;
  /** What failed beside what was done; told after it. */
  readonly errors?: readonly SyncError[];
  /** The same for people. */
  readonly print: (page: Page) => Promise<void>;
  /** Lets go of what `result` and `print` read from; called once, last. */
  readonly close?: () => Promise<void>;
}
