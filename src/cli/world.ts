// Everything that a command touches outside of itself. The process is one author of it (main.ts);
// the demo and the tests, which run commands inside themselves, are others.
import type { Stopping } from "./stopping.ts";

/** Where text goes. */
export interface Output {
  /** Resolves when more may be written. */
  write(text: string): Promise<void>;
  readonly isTTY: boolean;
  /** Width of the terminal; elsewhere how wide a page may become. */
  readonly columns: number;
}

/** What a command runs in. */
export interface World {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: { readonly [name: string]: string | undefined };
  readonly cwd: string;
  readonly stopping: Stopping;
  /** ms since the epoch. */
  readonly now: () => number;
}

/** An output that remembers what was written, instead of showing it. */
export class Captured implements Output {
  readonly isTTY = false;
  readonly columns = 100;
  readonly #parts: string[] = [];

  write(text: string): Promise<void> {
    this.#parts.push(text);
    return Promise.resolve();
  }

  get text(): string {
    return this.#parts.join("");
  }
}
