// A buffer that grows, for what is sent in PostgreSQL's binary formats (big-endian throughout).

/** Bytes to be sent; those before `at` are written. */
export interface Out {
  bytes: Buffer;
  at: number;
}

/** An empty one. */
export function makeOut(size = 1 << 16): Out {
  return { bytes: Buffer.allocUnsafe(size), at: 0 };
}

/** Makes room for so many more bytes. */
export function reserve(out: Out, more: number): void {
  if (out.at + more <= out.bytes.length) return;
  const grown = Buffer.allocUnsafe(Math.max(out.bytes.length * 2, out.at + more));
  out.bytes.copy(grown, 0, 0, out.at);
  out.bytes = grown;
}

/** A number of 16 bits. */
export function putInt16(out: Out, value: number): void {
  reserve(out, 2);
  const { bytes, at } = out;
  bytes[at] = value >> 8;
  bytes[at + 1] = value;
  out.at = at + 2;
}

/** A number of 32 bits, signed or not. */
export function putInt32(out: Out, value: number): void {
  reserve(out, 4);
  const { bytes, at } = out;
  bytes[at] = value >> 24;
  bytes[at + 1] = value >> 16;
  bytes[at + 2] = value >> 8;
  bytes[at + 3] = value;
  out.at = at + 4;
}

/** A number of 64 bits, signed or not. */
export function putInt64(out: Out, value: number | bigint): void {
  if (typeof value === "bigint") {
    putInt32(out, Number(BigInt.asIntN(32, value >> 32n)));
    putInt32(out, Number(BigInt.asIntN(32, value)));
    return;
  }
  const high = Math.floor(value / 0x1_0000_0000);
  putInt32(out, high);
  putInt32(out, value - high * 0x1_0000_0000);
}

/** The length of a field, to be followed by that many bytes. -1: NULL. */
export function putLength(out: Out, length: number): void {
  putInt32(out, length);
}

/** A text in UTF-8 with its length before it. It must be well-formed. */
export function putText(out: Out, text: string): void {
  // Three bytes for one unit of UTF-16 are the most that UTF-8 takes.
  reserve(out, 4 + text.length * 3);
  const { bytes, at } = out;
  const start = at + 4;
  const size = bytes.write(text, start);
  bytes[at] = size >> 24;
  bytes[at + 1] = size >> 16;
  bytes[at + 2] = size >> 8;
  bytes[at + 3] = size;
  out.at = start + size;
}

/**
 * The same for what most texts are: short, ASCII and without U+0000. False: it is not, and nothing
 * is written.
 */
export function putPlain(out: Out, text: string): boolean {
  const { length } = text;
  if (length >= ASCII_LENGTH) return false;
  reserve(out, 4 + length);
  const { bytes, at } = out;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0 || code > 0x7f) return false;
    bytes[at + 4 + i] = code;
  }
  bytes[at] = 0;
  bytes[at + 1] = 0;
  bytes[at + 2] = 0;
  bytes[at + 3] = length;
  out.at = at + 4 + length;
  return true;
}

/** Bytes with their length before them. */
export function putBytes(out: Out, content: Uint8Array): void {
  reserve(out, 4 + content.length);
  putInt32(out, content.length);
  out.bytes.set(content, out.at);
  out.at += content.length;
}

/** Up to here a loop is faster than a call into the runtime. */
const ASCII_LENGTH = 24;
