// Texts, bytes, uuids and documents in PostgreSQL's binary formats.
import { formatJson, parseJson } from "../../core/json.ts";
import { canonical, whyNot } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";
import type { Wire } from "./codec.ts";
import { putBytes, putInt32, putLength, putPlain, putText, reserve } from "./out.ts";
import type { Out } from "./out.ts";
import { writing, writingText } from "./wire-number.ts";

/** Texts of any kind. */
export function textWire(type: LogicalType): Wire {
  const isPlain =
    type.kind === "text" &&
    type.maxLength === undefined &&
    type.maxBytes === undefined &&
    type.values === undefined;
  const fits = writingText(type, (form, out) => putText(out, form));
  if (!isPlain) return { read: textAt, write: fits };
  return {
    read: textAt,
    write: (value, out) => {
      return typeof value === "string" && putPlain(out, value) ? undefined : fits(value, out);
    },
  };
}

/** char(n): blanks at the end are padding and say nothing. */
export function paddedWire(type: LogicalType): Wire {
  const { write } = textWire(type);
  return {
    read: (bytes, at, length) => withoutBlanks(textAt(bytes, at, length)),
    write: (value, out) => write(typeof value === "string" ? withoutBlanks(value) : value, out),
  };
}

/** What char(n) gives back. */
export function withoutBlanks(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === BLANK) end--;
  return end === text.length ? text : text.slice(0, end);
}

const BLANK = 32;

/** Bytes as they are. */
export const BYTES: Wire = {
  read: (bytes, at, length) => Uint8Array.from(bytes.subarray(at, at + length)),
  write: writing({ kind: "bytes" }, (form, out) => {
    if (form instanceof Uint8Array) putBytes(out, form);
  }),
};

const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, "0"),
);

/** Uuids: 16 bytes. */
export const UUID: Wire = {
  read: (bytes, at) => {
    const two = (i: number): string =>
      (HEX[bytes[at + i] as number] as string) + (HEX[bytes[at + i + 1] as number] as string);
    const head = `${two(0)}${two(2)}-${two(4)}-${two(6)}-${two(8)}-`;
    return `${head}${two(10)}${two(12)}${two(14)}`;
  },
  write: writingText({ kind: "uuid" }, (form, out) => {
    putLength(out, 16);
    reserve(out, 16);
    out.bytes.write(form.replaceAll("-", ""), out.at, "hex");
    out.at += 16;
  }),
};

/**
 * Documents. A text that is no document to us (too deep, half a character as an escape) is shown as
 * its bytes: nothing else takes it, and nobody's value changes in silence.
 */
export function documentWire(type: LogicalType, hasVersion: boolean): Wire {
  const before = hasVersion ? 1 : 0;
  return {
    read: (bytes, at, length) => {
      const text = textAt(bytes, at + before, length - before);
      return parseJson(text) ?? Uint8Array.from(bytes.subarray(at + before, at + length));
    },
    write: (value, out) => {
      if (value instanceof Uint8Array) {
        putDocument(out, hasVersion, value);
        return undefined;
      }
      const form = canonical(type, value);
      if (form === undefined) return whyNot(type, value) ?? "does not fit";
      const start = out.at;
      if (!hasVersion) putText(out, formatJson(form));
      else putVersioned(out, formatJson(form), start);
      return undefined;
    },
  };
}

/** The driver's types do not know what its buffers can do quickest. */
interface Sliced {
  utf8Slice(start: number, end: number): string;
}

/** A text that was sent. */
function textAt(bytes: Buffer, at: number, length: number): string {
  const end = at + length;
  if (length > SHORT) return (bytes as unknown as Sliced).utf8Slice(at, end);
  let text = "";
  for (let i = at; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte > 0x7f) return (bytes as unknown as Sliced).utf8Slice(at, end);
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Up to here a loop is faster than a call into the runtime. */
const SHORT = 7;

function putVersioned(out: Out, text: string, start: number): void {
  putInt32(out, 0);
  reserve(out, 1 + text.length * 3);
  out.bytes[out.at] = 1;
  const size = 1 + out.bytes.write(text, out.at + 1);
  out.at = start;
  putInt32(out, size);
  out.at += size;
}

function putDocument(out: Out, hasVersion: boolean, bytes: Uint8Array): void {
  if (!hasVersion) return putBytes(out, bytes);
  const versioned = new Uint8Array(bytes.length + 1);
  versioned[0] = 1;
  versioned.set(bytes, 1);
  putBytes(out, versioned);
}
