// Digests. Hashing is an argument: pure code has none of its own.

import { encodeValues } from "./json.ts";
import type { Value } from "./state.ts";

/**
 * A cryptographic digest of a text, at least 128 bits, in letters, digits, `-` and `_`: it stands
 * in JSON as it is.
 */
export type Hash = (text: string) => string;

/** Folds lines into one digest, in order, in bounded memory. */
export interface RunningHash {
  add(line: string): void;
  /** The digest of all lines so far. May be asked at any time; adding may go on. */
  digest(): string;
}

/** Lines are hashed in blocks of this many characters; part of what a digest means. */
export const HASH_BLOCK_CHARS = 65_536;

/** The digest of a row by its values: equal rows have equal digests, whatever their replica. */
export function rowDigest(hash: Hash, values: readonly (Value | undefined)[]): string {
  return hash(encodeValues(values));
}

/** A digest of lines in order. Lines are kept apart by their lengths, so no two lists are alike. */
export function makeRunningHash(hash: Hash): RunningHash {
  let chained = "";
  let block = "";
  return {
    add(line) {
      block += `${line.length}:${line}`;
      if (block.length < HASH_BLOCK_CHARS) return;
      chained = hash(`${chained}\n${block}`);
      block = "";
    },
    digest: () => hash(`${chained}\n${block}\nend`),
  };
}
