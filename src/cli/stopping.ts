// How a command is asked to stop: once, it ends after the page in hand; twice, at once.
import { SyncError } from "../core/errors.ts";

/** A signal's name and the exit code that says it ended the command. */
export const SIGNAL_EXITS = { SIGINT: 130, SIGTERM: 143 } as const;
export type StopSignal = keyof typeof SIGNAL_EXITS;

/** What a running command looks at. */
export class Stopping {
  readonly #abort = new AbortController();
  #asked: StopSignal | undefined;
  #canDrain = false;

  /** Aborted when the work has to end at once. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The signal that asked for the end, if one did. */
  get asked(): StopSignal | undefined {
    return this.#asked;
  }

  /** True while the first signal only drains: the work in hand looks at `asked` after each page. */
  get canDrain(): boolean {
    return this.#canDrain;
  }

  /** Work that can end between two pages: the first signal lets it finish the page in hand. */
  async whileDraining<T>(work: () => Promise<T>): Promise<T> {
    this.#canDrain = true;
    try {
      return await work();
    } finally {
      this.#canDrain = false;
    }
  }

  /** Takes one signal. Says what it will do: end after this page, end now, or end the process. */
  ask(signal: StopSignal): "drain" | "abort" | "exit" {
    const isFirst = this.#asked === undefined;
    this.#asked = signal;
    if (isFirst && this.#canDrain) return "drain";
    if (this.#abort.signal.aborted) return "exit";
    this.#abort.abort(
      new SyncError("ABORTED", "Stopped before the end, as asked.", {
        hint: "What was decided is in the journal: the next run goes on from there.",
      }),
    );
    return "abort";
  }
}
