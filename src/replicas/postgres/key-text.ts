// Values of keys as the texts that PostgreSQL reads.
import { assert } from "../../core/errors.ts";
import type { Value } from "../../core/state.ts";

/** A value of a key as PostgreSQL reads it. */
export function textOfKey(value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return bytesText(value);
  if (typeof value === "boolean" || typeof value === "bigint") return String(value);
  assert(typeof value === "number", "a key has a part that is no value of keys");
  return String(value);
}

/** The same for a moment: years before the first have a word there, those beyond 9999 no sign. */
export function momentInput(value: Value): string {
  const text = textOfKey(value);
  const match = /^(?:([+-])(\d{6,7})|0000)(.*)$/.exec(text);
  if (match === null) return text;
  const [, sign, year = "0", rest = ""] = match;
  if (sign === "+") return `${Number(year)}${rest}`;
  return `${String(Number(year) + 1).padStart(4, "0")}${rest} BC`;
}

/** Bytes as `bytea` reads them. */
export function bytesText(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes).toString("hex")}`;
}
