// How often a host is asked. All systems of this program that are on one host share its budget; a
// host that says when it is ready again is left alone until then.
import type { HttpOptions } from "./settings.ts";

/** Time, as a budget needs it. */
export interface World {
  readonly now: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
}

/** When a host may be asked next. */
export interface Budget {
  /** Waits for its turn. */
  turn(signal: AbortSignal): Promise<void>;
  /** The host is not to be asked before that time. */
  closeUntil(time: number): void;
  /** How long the host is closed from now on, in ms. */
  closedMs(): number;
  /** Nobody asks for it here any more; when nobody does at all, the host is forgotten. */
  close(): void;
}

interface Host {
  users: number;
  perSecond: number;
  next: number;
  closedUntil: number;
}

const UNKNOWN: Host = { users: 0, perSecond: Infinity, next: 0, closedUntil: 0 };
const hosts = new Map<string, Host>();

/** The budget of a host; the least of all that was said of it holds. */
export function budgetOf(url: URL, perSecond: number | undefined, world: World): Budget {
  const host = hosts.get(url.host) ?? { ...UNKNOWN };
  hosts.set(url.host, host);
  host.users += 1;
  host.perSecond = Math.min(host.perSecond, perSecond ?? Infinity);
  return {
    turn: async (signal) => {
      const now = world.now();
      const at = Math.max(now, host.next, host.closedUntil);
      host.next = at + 1000 / host.perSecond;
      if (at > now) await world.sleep(at - now, signal);
    },
    closeUntil: (time) => {
      host.closedUntil = Math.max(host.closedUntil, time);
    },
    closedMs: () => Math.max(0, host.closedUntil - world.now()),
    close: () => {
      host.users -= 1;
      if (host.users === 0) hosts.delete(url.host);
    },
  };
}

/** First wait before a reading request is tried again, and the longest (ms). */
const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 15_000;

/** How long to wait before a try, counted from 1. */
export function backoffMs(attempt: number, random: number): number {
  const ceiling = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (attempt - 1));
  return Math.round(ceiling * (0.5 + random / 2));
}

/** What a Retry-After header asks for, in ms; undefined: it asks for nothing. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : Math.max(0, time - now);
}

/** The world of a replica, with what its options put in its place. */
export function worldOf(
  { now = Date.now, sleep, random = Math.random }: HttpOptions,
  wait: World["sleep"],
): World {
  return { now, sleep: sleep ?? wait, random };
}
