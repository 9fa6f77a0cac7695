// How long is waited for what.

/** What waits, and for how long. */
export interface Timeouts {
  /** Until a connection is there. Default 10 s. */
  readonly connectMs: number;
  /** One statement but a listing. Default 60 s; 0: no limit. */
  readonly statementMs: number;
  /** Another session's lock. Default 5 s. */
  readonly lockMs: number;
  /** A listing during which nothing comes. Default 10 minutes. */
  readonly silenceMs: number;
  /** A server that should have ended a statement, as cancelled or as too long. Default 10 s. */
  readonly graceMs: number;
  /** A connection that nobody uses. Default 10 s. */
  readonly idleMs: number;
}

/** What is used where nothing is said. */
export const TIMEOUTS: Timeouts = {
  connectMs: 10_000,
  statementMs: 60_000,
  lockMs: 5_000,
  silenceMs: 600_000,
  graceMs: 10_000,
  idleMs: 10_000,
};
