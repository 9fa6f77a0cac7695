// How far long work has come: one live line on a terminal, else a line every ten seconds. Always on
// stderr, so that data on stdout stays data.
import { count } from "./words.ts";
import { styleFor } from "./style.ts";
import type { Progress } from "../engine/options.ts";
import type { World } from "./world.ts";

const TERMINAL_EVERY_MS = 100;
const PIPE_EVERY_MS = 10_000;
const CLEAR_LINE = "\r\u001B[2K";

const PHASES: { readonly [phase in Progress["phase"]]: string } = {
  compare: "comparing",
  write: "writing",
  delete: "deleting",
  verify: "verifying",
  index: "indexing",
};

/** The progress of one command. */
export class ProgressLine {
  readonly #world: World;
  readonly #spell: (text: string) => string;
  #started: number;
  #shown: number;
  #isOpen = false;

  constructor(world: World) {
    this.#world = world;
    this.#spell = styleFor(world.stderr, world.env).spell;
    this.#started = world.now();
    this.#shown = world.now();
  }

  /** Takes note of how far the work is, and says so when it is time to. */
  readonly onProgress = (progress: Progress): void => {
    const { stderr } = this.#world;
    const now = this.#world.now();
    if (now - this.#shown < (stderr.isTTY ? TERMINAL_EVERY_MS : PIPE_EVERY_MS)) return;
    this.#shown = now;
    const seconds = Math.round((now - this.#started) / 1000);
    const text = this.#spell(
      `${progress.pipeline}: ${PHASES[progress.phase]} · ${count(progress.done)} · ${seconds} s`,
    );
    this.#isOpen = stderr.isTTY;
    void stderr.write(stderr.isTTY ? CLEAR_LINE + text.slice(0, stderr.columns - 1) : `${text}\n`);
  };

  /** Takes the live line away, so that what follows starts on an empty one. */
  close(): void {
    if (this.#isOpen) void this.#world.stderr.write(CLEAR_LINE);
    this.#isOpen = false;
  }
}
