// Bytes to text and back. Inside, every file is UTF-8: others are brought into it when they are
// read, and out of it when they are written. Nothing is ever replaced by U+FFFD.
import { isUtf8 } from "node:buffer";
import type { Encoding } from "./settings.ts";

/** How the text of a file stands in bytes. */
export interface TextForm {
  readonly encoding: Encoding;
  readonly hasMark: boolean;
}

const MARKS: readonly (readonly [Encoding, readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** Bytes that are enough to see how a file begins. */
export const MARK_BYTES_MAX = 3;

/** How a file that begins with these bytes is encoded. A mark that contradicts is text. */
export function formOf(start: Uint8Array, said: Encoding | undefined): TextForm {
  for (const [encoding, mark] of MARKS) {
    if (said !== undefined && said !== encoding) continue;
    if (mark.every((byte, at) => start[at] === byte)) return { encoding, hasMark: true };
  }
  return { encoding: said ?? "utf-8", hasMark: false };
}

/** The bytes of a form's mark. */
export function markOf({ encoding, hasMark }: TextForm): Uint8Array {
  const mark = hasMark ? MARKS.find(([name]) => name === encoding)?.[1] : undefined;
  return Uint8Array.from(mark ?? []);
}

/** Bytes that were not text of their encoding. */
export class NotText extends Error {
  /** What stands before them in this piece. */
  readonly before: Buffer;
  readonly code = "NOT_TEXT";
  constructor(before: Buffer) {
    super("bytes that are no text");
    this.before = before;
  }
}

/** Makes UTF-8 of a file, piece by piece. Throws NotText. */
export interface Decoder {
  piece(bytes: Buffer): Buffer;
  /** What was left over; called once, at the end. */
  end(): Buffer;
}

/** The way of an encoding into UTF-8; the mark has been taken away already. */
export function decoderOf({ encoding }: TextForm): Decoder {
  if (encoding === "utf-8") return utf8Decoder();
  if (encoding === "latin1") {
    const piece = (bytes: Buffer): Buffer => Buffer.from(bytes.toString("latin1"), "utf8");
    return { piece, end: () => Buffer.alloc(0) };
  }
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  const decode = (bytes: Buffer, stream: boolean): Buffer => {
    try {
      return Buffer.from(decoder.decode(bytes, { stream }), "utf8");
    } catch {
      throw new NotText(Buffer.alloc(0)); // the decoder says no more than that
    }
  };
  return { piece: (bytes) => decode(bytes, true), end: () => decode(Buffer.alloc(0), false) };
}

function utf8Decoder(): Decoder {
  let rest = Buffer.alloc(0);
  const check = (bytes: Buffer): Buffer => {
    if (!isUtf8(bytes)) throw new NotText(bytes.subarray(0, goodUntil(bytes)));
    return bytes;
  };
  return {
    piece: (bytes) => {
      const whole = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const end = wholeUntil(whole);
      rest = Buffer.from(whole.subarray(end));
      return check(whole.subarray(0, end));
    },
    end: () => check(rest),
  };
}

/** Where the last character of which only a part is here begins. */
export function wholeUntil(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return bytes.length;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** The bytes before the first that is no UTF-8: halves of halves. */
function goodUntil(bytes: Buffer): number {
  let [low, high] = [0, bytes.length];
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    const part = bytes.subarray(0, middle);
    if (isUtf8(part.subarray(0, wholeUntil(part)))) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** How many lines end in these bytes of UTF-8. */
export function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

/** Text as bytes of an encoding. What it cannot hold was refused before (`holds`). */
export function encode(text: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case "utf-8":
      return Buffer.from(text, "utf8");
    case "utf-16le":
      return Buffer.from(text, "utf16le");
    case "utf-16be":
      return Buffer.from(text, "utf16le").swap16();
    case "latin1":
      return Buffer.from(text, "latin1");
    case "windows-1252":
      return Buffer.from(
        text.replace(ABOVE_LATIN, (each) => WINDOWS.get(each) ?? each),
        "latin1",
      );
  }
}

/** True if an encoding has bytes for a text. */
export function holds(encoding: Encoding, text: string): boolean {
  if (encoding === "latin1") return !ABOVE_LATIN_ONCE.test(text);
  if (encoding !== "windows-1252") return text.isWellFormed();
  for (const letter of text) {
    const isPlain = letter < "\u0080" || (letter >= "\u00a0" && letter <= "\u00ff");
    if (!isPlain && !WINDOWS.has(letter)) return false;
  }
  return true;
}

const ABOVE_LATIN = /[\u{100}-\u{10ffff}]/gu;
const ABOVE_LATIN_ONCE = /[\u{100}-\u{10ffff}]/u;

/** The letters that windows-1252 has between 0x80 and 0x9f, each as the character of its byte. */
const WINDOWS: ReadonlyMap<string, string> = new Map(
  Array.from({ length: 32 }, (_, at) => {
    const byte = 0x80 + at;
    const letter = new TextDecoder("windows-1252").decode(Uint8Array.of(byte));
    return [letter, String.fromCharCode(byte)];
  }),
);
