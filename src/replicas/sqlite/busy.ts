// Another connection is in the way: wait a little, without holding up the whole program.
import { isBusy } from "./failure.ts";

/** How long to wait, and by whose clock. */
export interface Patience {
  readonly busyTimeoutMs: number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const WAIT_MS_MIN = 1;
const WAIT_MS_MAX = 50;

/** Does it again while the file is busy; throws the last error when patience has run out. */
export async function whileBusy<T>(
  attempt: () => T,
  { busyTimeoutMs, sleep }: Patience,
  signal: AbortSignal,
): Promise<T> {
  let waitMs = WAIT_MS_MIN;
  for (let waitedMs = 0; ; waitedMs += waitMs, waitMs = Math.min(waitMs * 2, WAIT_MS_MAX)) {
    signal.throwIfAborted();
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error) || waitedMs >= busyTimeoutMs) throw error;
    }
    await sleep(waitMs, signal);
  }
}
