// Bytes and documents as the texts that stand for them in files and answers.
import { formatJson } from "./json.ts";
import { canonical } from "./logical.ts";
import type { Value } from "./state.ts";

/** A list or an object as JSON; undefined: something is in it that JSON does not hold. */
export function documentText(value: Value): string | undefined {
  return canonical({ kind: "json" }, value) === undefined ? undefined : formatJson(value);
}

/** Bytes as `\x` and hexadecimal digits. */
export function textOfBytes(bytes: Uint8Array): string {
  let text = "\\x";
  for (const byte of bytes) text += DIGITS[byte] ?? "";
  return text;
}

/** The bytes of such a text; undefined: it is none. */
export function bytesIn(text: string): Uint8Array | undefined {
  if (!HEX.test(text)) return undefined;
  const bytes = new Uint8Array(text.length / 2 - 1);
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = Number.parseInt(text.slice(2 * at + 2, 2 * at + 4), 16);
  }
  return bytes;
}

const HEX = /^\\x(?:[0-9a-fA-F]{2})*$/;

const DIGITS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);
