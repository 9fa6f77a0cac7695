// When a write that its side put off is tried again, and when that is given up.

/** The longest wait that a store may ask for (ms): a day. */
const ASKED_MS_MAX = 86_400_000;

/** How long each wait is, and how many there are. */
export interface Backoff {
  /** From one wait to the next: twice as long, longer by the first one, or the same. */
  readonly strategy: "exponential" | "linear" | "fixed";
  readonly firstMs: number;
  readonly capMs: number;
  /** This share of a wait is left to chance, so that not all come at once; in [0, 1]. */
  readonly jitter: number;
  /** After so many tries it waits for a person. Absent: there is no end. */
  readonly tries?: number;
}

/** Where nobody says anything: a second, doubled up to five minutes, without an end. */
export const BACKOFF_DEFAULT: Backoff = {
  strategy: "exponential",
  firstMs: 1_000,
  capMs: 300_000,
  jitter: 0.5,
};

/** The wait after so many tries (ms); `random` in [0, 1) is its chance. */
export function waitMs(backoff: Backoff, tries: number, random: number): number {
  const { strategy, firstMs, capMs, jitter } = backoff;
  // 2 ** 1100 is Infinity, and its least with the cap is the cap.
  const factor = { exponential: 2 ** (tries - 1), linear: tries, fixed: 1 }[strategy];
  const wait = Math.min(capMs, firstMs * factor);
  return Math.round(wait * (1 - jitter + jitter * random));
}

/** When it is due: after the wait, and not before its store said it is ready (`askedMs`). */
export function dueAt(now: number, wait: number, askedMs = 0): number {
  return now + Math.max(wait, Math.min(askedMs, ASKED_MS_MAX));
}

/** True if that was the last try. */
export function isLastTry({ tries }: Backoff, attempts: number): boolean {
  return tries !== undefined && attempts >= tries;
}
