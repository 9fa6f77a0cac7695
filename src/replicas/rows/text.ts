// A snapshot as text, piece by piece. Pieces of ASCII become strings of one byte a character, in
// which searching is fastest.
import { isAscii } from "node:buffer";
import { wholeUntil } from "./encoding.ts";
import type { Snapshot } from "./snapshot.ts";

/** The next piece of a text; undefined: that was all. */
export type NextText = () => string | undefined;

/** A text was asked for more than the beginning that is here. */
export class PartEnd extends Error {
  readonly code = "PART_END";
}

/** Reads a snapshot from its beginning. At the end of a part it throws PartEnd. */
export function textOf(snapshot: Pick<Snapshot, "piece" | "isPart">): NextText {
  let at = 0;
  return () => {
    const bytes = snapshot.piece(at);
    if (bytes.length === 0) {
      if (snapshot.isPart) throw new PartEnd("only the beginning is here");
      return undefined;
    }
    const end = wholeUntil(bytes);
    // The snapshot is known to be whole characters: only its last piece can end in none.
    const part = bytes.subarray(0, end === 0 ? bytes.length : end);
    at += part.length;
    return isAscii(part) ? part.toString("latin1") : part.toString("utf8");
  };
}
