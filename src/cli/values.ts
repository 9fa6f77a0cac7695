// Values as people see them: quoted, cut to a length, and with nothing in them that a terminal
// would obey.
import { formatJson } from "../core/json.ts";
import { ABSENT, JSON_NULL } from "../core/state.ts";
import type { Value } from "../core/state.ts";

/** Longer values are cut here; `--json` has them whole. */
const SHOWN_MAX = 60;
/** An object or array that is longer than this as text is not worth more work. */
const BYTES_SHOWN_MAX = 16;

/** One value, safe to print: text in quotes, no control characters, not longer than a glance. */
export function shownValue(value: Value | undefined): string {
  if (value === undefined) return "(nothing)";
  if (value === null) return "NULL";
  if (value === ABSENT) return "(absent)";
  if (value === JSON_NULL) return "null";
  if (value instanceof Uint8Array) return shownBytes(value);
  if (typeof value === "string") return cut(quoted(value));
  if (typeof value === "object") return cut(safe(formatJson(value)));
  return String(value);
}

/** Text that came from outside, on one line and harmless, without quotes. */
export function safe(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return NAMED_ESCAPES[character] ?? `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** The beginning of a text, and a sign that there is more. */
export function cut(text: string, length: number = SHOWN_MAX): string {
  const characters = [...text];
  if (characters.length <= length) return text;
  return `${characters.slice(0, length - 1).join("")}…`;
}

const NAMED_ESCAPES: { readonly [character: string]: string } = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function quoted(text: string): string {
  return `"${safe(text.replaceAll("\\", "\\\\").replaceAll('"', '\\"'))}"`;
}

function shownBytes(bytes: Uint8Array): string {
  const start = Buffer.from(bytes.subarray(0, BYTES_SHOWN_MAX)).toString("hex");
  return bytes.length > BYTES_SHOWN_MAX ? `x'${start}…' (${bytes.length} bytes)` : `x'${start}'`;
}
