// The demonstration's hands: it calls the same commands as everybody, shows their own output, and
// reads every figure from their JSON.
import { SyncError } from "../../core/errors.ts";
import type { Command } from "../command.ts";
import { documentOf } from "../document.ts";
import { Page } from "../page.ts";
import type { SideCounts } from "../../engine/views.ts";
import { Captured } from "../world.ts";
import type { World } from "../world.ts";

/** One command of the story, as `demo --json` lists it. */
export interface Step {
  readonly title: string;
  /** The command line that does the same. */
  readonly line: string;
  readonly exit: number;
  readonly summary: Json;
}

/** Whatever a document holds. */
type Json = { readonly [name: string]: unknown };

/** What one command said. */
export interface Said {
  readonly exit: number;
  readonly summary: Json;
  readonly result: Json;
}

/** A pipeline's figures in a summary. */
export interface Figures {
  readonly source: SideCounts;
  readonly target: SideCounts;
  readonly conflicts: number;
  readonly withheld: number;
  readonly unchanged: number;
}

type Options = { readonly [name: string]: string | boolean };

/** Runs the story's commands in one folder and tells what they do. */
export class Shell {
  readonly steps: Step[] = [];
  readonly #world: World;
  readonly #page: Page;
  #title = "";
  #number = 0;

  /** `page` is where the story goes; with `--json` it goes nowhere. */
  constructor(world: World, page: Page) {
    this.#world = world;
    this.#page = page;
  }

  /** Begins a chapter. */
  async title(text: string): Promise<void> {
    this.#title = text;
    await this.#page.line();
    await this.#page.line(this.#page.style.bold(`${++this.#number}. ${text}`));
  }

  /** A sentence of the story. Its figures come from `run`. */
  async say(text: string): Promise<void> {
    for (const line of text.split("\n")) await this.#page.line(`   ${line}`);
  }

  /** Runs a command, shows what it prints, and returns what it says to programs. */
  async run(
    name: string,
    command: Command,
    words: readonly string[],
    options: Options,
  ): Promise<Said> {
    const { asked, signal } = this.#world.stopping;
    signal.throwIfAborted();
    // A command that was drained has said so; the story ends there.
    if (asked !== undefined) throw new SyncError("ABORTED", "The demonstration was stopped.");
    const line = lineOf(name, words, options);
    await this.#page.line();
    await this.#page.line(`   ${this.#page.style.dim("$")} ${this.#page.style.bold(line)}`);
    const answer = await command({ world: this.#world, arguments: words, options });
    try {
      const { exit, summary, result } = answer;
      const ok = exit === 0 || exit === 4;
      const text = await documentOf({ command: name, ok, summary, result, error: null });
      const document: Said = { ...JSON.parse(text), exit }; // documentOf wrote exactly this
      const shown = new Captured();
      await answer.print(
        new Page(
          { ...shownLike(this.#world), write: (part) => shown.write(part) },
          this.#world.env,
        ),
      );
      for (const each of shown.text.trimEnd().split("\n")) await this.#page.line(`     ${each}`);
      if (exit !== 0) await this.#page.line(this.#page.style.dim(`     (exit ${exit})`));
      this.steps.push({ title: this.#title, line, exit, summary: document.summary });
      return document;
    } finally {
      await answer.close?.();
    }
  }
}

/** A pipeline's figures in what a plan or run said. */
export function figuresOf(said: Said, pipeline: string): Figures {
  const pipelines = said.summary["pipelines"] as { readonly [name: string]: Figures }; // §13's form
  const figures = pipelines[pipeline];
  if (figures === undefined) throw new RangeError(`the summary has no pipeline ${pipeline}`);
  return figures;
}

function shownLike({ stdout }: World): { readonly isTTY: boolean; readonly columns: number } {
  return { isTTY: stdout.isTTY, columns: stdout.columns };
}

function lineOf(name: string, words: readonly string[], options: Options): string {
  const given = Object.entries(options).filter(([option]) => option !== "config");
  const flags = given.map(([option, value]) => {
    const flag = `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return value === true ? flag : `${flag} ${String(value)}`;
  });
  return ["syncline", name, ...words, ...flags].join(" ");
}
