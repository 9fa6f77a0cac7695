// Texts and bytes as strings of one character per byte of UTF-8, which sort as the bytes do. No
// character is U+0000, so that SQLite keeps such a string as TEXT and sorts it the same.

/** Ends a component; below everything that a component can hold. */
const END = "\u0001";
/** Bytes 0, 1 and 2 are this and then the byte plus 2. */
const ESCAPE = 2;

/** Text, ended. undefined: half a character has no bytes. */
export function encodeText(text: string): string | undefined {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= ESCAPE || code > 0x7f) return encodeWide(text, i);
  }
  return text + END;
}

/** Bytes, ended. */
export function encodeBytes(bytes: Uint8Array): string {
  let out = "";
  for (const byte of bytes) out += one(byte);
  return out + END;
}

/** The characters between `start` and the end mark, and where the next component starts. */
export function decodeRaw(
  key: string,
  start: number,
): { readonly raw: string; readonly next: number } {
  const end = key.indexOf(END, start);
  const raw = key.slice(start, end);
  // eslint-disable-next-line no-control-regex
  const plain = raw.includes("\u0002") ? raw.replace(/\u0002([^])/g, unescape) : raw;
  return { raw: plain, next: end + 1 };
}

/** The text whose UTF-8 bytes are the characters of `raw`. */
export function textOfRaw(raw: string): string {
  let out = "";
  for (let i = 0; i < raw.length;) {
    const lead = raw.charCodeAt(i);
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let code = length === 1 ? lead : lead & (0xff >> (length + 1));
    for (let j = 1; j < length; j++) code = (code << 6) | (raw.charCodeAt(i + j) & 0x3f);
    out += String.fromCodePoint(code);
    i += length;
  }
  return out;
}

/** The bytes that are the characters of `raw`. */
export function bytesOfRaw(raw: string): Uint8Array {
  return Uint8Array.from(raw, (character) => character.charCodeAt(0));
}

function encodeWide(text: string, from: number): string | undefined {
  if (!text.isWellFormed()) return undefined;
  let out = text.slice(0, from);
  for (let i = from; i < text.length; i++) {
    const code = text.codePointAt(i) ?? 0;
    if (code < 0x80) {
      out += one(code);
    } else if (code < 0x800) {
      out += String.fromCharCode(0xc0 | (code >> 6), tail(code));
    } else if (code < 0x10000) {
      out += String.fromCharCode(0xe0 | (code >> 12), tail(code >> 6), tail(code));
    } else {
      out += String.fromCharCode(
        0xf0 | (code >> 18),
        tail(code >> 12),
        tail(code >> 6),
        tail(code),
      );
      i++; // the second half of the pair
    }
  }
  return out + END;
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

function one(byte: number): string {
  return byte <= ESCAPE ? String.fromCharCode(ESCAPE, byte + 2) : String.fromCharCode(byte);
}

function unescape(_: string, character: string): string {
  return String.fromCharCode(character.charCodeAt(0) - 2);
}
