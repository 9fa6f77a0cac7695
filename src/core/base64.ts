const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes as base64 with padding (RFC 4648). */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const group = (at(bytes, i) << 16) | (at(bytes, i + 1) << 8) | at(bytes, i + 2);
    text += digit(group >> 18) + digit(group >> 12);
    text += i + 1 < bytes.length ? digit(group >> 6) : "=";
    text += i + 2 < bytes.length ? digit(group) : "=";
  }
  return text;
}

/** The bytes of a base64 text with padding. undefined: it is none, or not the one of its bytes. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  for (let i = 0, to = 0; i < text.length; i += 4) {
    let group = 0;
    for (let j = i; j < i + 4; j++)
      group = (group << 6) | Math.max(ALPHABET.indexOf(text.charAt(j)), 0);
    // Writing past the end of a typed array does nothing, which is what padding asks for.
    bytes[to++] = group >> 16;
    bytes[to++] = group >> 8;
    bytes[to++] = group;
  }
  // Foreign characters, misplaced padding and bits that no byte holds: one check for all of them.
  return encodeBase64(bytes) === text ? bytes : undefined;
}

function at(bytes: Uint8Array, i: number): number {
  return bytes[i] ?? 0;
}

function digit(bits: number): string {
  return ALPHABET.charAt(bits & 63);
}
