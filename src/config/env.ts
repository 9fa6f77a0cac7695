// The world as programs on Node see it: the engine's clock, randomness, ids and digests.
import { hash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Env } from "../engine/link.ts";
import { makeSorter } from "../spool/sorter.ts";
import { sha256 } from "../threads/sha256.ts";

/**
 * The real world, its time in ms since the epoch from `now`. Ids sort by the millisecond in which
 * they were made.
 */
export function realEnv(now: () => number = Date.now): Env {
  return {
    now,
    random: Math.random,
    id: () => idAt(now()),
    hash: sha256,
    sha256: (bytes) => hash("sha256", bytes, "hex"),
    sorter: makeSorter,
    sleep: async (ms, signal) => {
      signal.throwIfAborted();
      await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
    },
  };
}

/** 48 bits of time and 80 random bits, in letters that sort as their numbers do. */
function idAt(ms: number): string {
  let time = "";
  for (let rest = ms, i = 0; i < TIME_LETTERS; i++, rest = Math.floor(rest / 32)) {
    time = `${ALPHABET[rest % 32] ?? ""}${time}`;
  }
  let random = "";
  for (const byte of randomBytes(RANDOM_LETTERS)) random += ALPHABET[byte % 32] ?? "";
  return time + random;
}

// Crockford's letters: none of them is mistaken for another.
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const TIME_LETTERS = 10;
const RANDOM_LETTERS = 16;
