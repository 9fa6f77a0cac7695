// Texts that lie one behind the other, and their digests: many at once, and nothing is made of any
// of them by itself.
import { assert } from "../core/errors.ts";
import { DIGEST_LENGTH, READS_BEYOND, TEXTS_AT, makeDigestLanes, reach } from "./digest-lanes.ts";
import type { DigestLanes } from "./digest-lanes.ts";
import { sha256 } from "./sha256.ts";

/** Texts in their order. */
export interface Texts {
  /** The length of one of them, in characters. */
  lengthOf(at: number): number;
  /** Those from one up to another, with a joint between each two. */
  slice(from: number, to: number): string;
}

/** What stands between two texts, and behind each one in bytes; it is in none of them. */
const JOINT = "\0";

/** The texts that were joined. */
export function joinedTexts(text: string, count: number): Texts {
  const ends = new Int32Array(count);
  for (let at = 0, from = 0; at < count; at++) {
    const end = text.indexOf(JOINT, from);
    const isCounted = (end === -1) === (at === count - 1);
    assert(isCounted, "there are as many texts as they are said to be");
    ends[at] = end === -1 ? text.length : end;
    from = end + 1;
  }
  const startOf = (at: number): number => (at === 0 ? 0 : (ends[at - 1] ?? 0) + 1);
  return {
    lengthOf: (at) => (ends[at] ?? 0) - startOf(at),
    slice: (from, to) => (to > from ? text.slice(startOf(from), ends[to - 1]) : ""),
  };
}

/** What stands around a digest. */
export interface Frame {
  readonly before: string;
  readonly after: string;
}

/** Digests (`sha256`) of texts in UTF-8, each with a joint behind it, in their frames. */
export function digestTexts(texts: Uint8Array, count: number, { before, after }: Frame): Texts {
  const isAscii = Buffer.byteLength(before + after) === before.length + after.length;
  if (!isAscii || texts.length > BYTES_MAX) return digestsOneByOne(texts, count, { before, after });
  const frame = Buffer.from(`${before}${"=".repeat(DIGEST_LENGTH)}${after}${JOINT}`, "latin1");
  const stride = frame.length;
  const out = TEXTS_AT + texts.length + READS_BEYOND;
  const all = (lanes ??= makeDigestLanes());
  reach(all, out + count * stride);
  const memory = Buffer.from(all.memory.buffer);
  memory.set(texts, TEXTS_AT);
  memory.fill(frame, out, out + count * stride);
  const made = all.digests(TEXTS_AT, TEXTS_AT + texts.length, out + before.length, stride);
  assert(made === count, "there are as many texts as they are said to be");
  const digests = Buffer.from(memory.subarray(out, out + count * stride));
  return {
    lengthOf: () => stride - 1,
    slice: (from, to) =>
      to > from ? digests.toString("latin1", from * stride, to * stride - 1) : "",
  };
}

/** Made when it is first needed. */
let lanes: DigestLanes | undefined;

/** More than this is not laid into the program's memory, which never shrinks. */
const BYTES_MAX = 8 << 20;

function digestsOneByOne(texts: Uint8Array, count: number, { before, after }: Frame): Texts {
  const all = new TextDecoder().decode(texts).split(JOINT).slice(0, count);
  return joinedTexts(all.map((text) => `${before}${sha256(text)}${after}`).join(JOINT), count);
}
