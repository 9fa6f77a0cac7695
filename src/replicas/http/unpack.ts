// The body of an answer as text: unpacked, limited, and looked at before it is parsed.
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import {
  brotliCompressSync,
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { JSON_DEPTH_MAX } from "../../core/document.ts";
import type { Packing } from "./settings.ts";

/** What we understand, as the API is told. */
export const ACCEPTED = "gzip, br, zstd, deflate";

/** Why a body is not taken, to follow the name of its call. */
export class BadBody extends Error {
  override readonly name = "BadBody";
  readonly isTooLarge: boolean;

  constructor(says: string, isTooLarge = false) {
    super(says);
    this.isTooLarge = isTooLarge;
  }
}

const UNPACKERS: { readonly [encoding: string]: () => NodeJS.ReadWriteStream } = {
  gzip: () => createGunzip(),
  "x-gzip": () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress(),
};

/** The text of an answer. Throws BadBody for what is no text, or has more than `bytesMax`. */
export async function textIn(answer: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new BadBody(`is longer than ${bytesMax} bytes`, true);
    chunks.push(chunk);
  };
  const source = unpacked(answer);
  try {
    for await (const chunk of source) take(chunk as Buffer); // no encoding was set
  } catch (error) {
    answer.destroy();
    if (error instanceof BadBody || !isOfZlib(error)) throw error;
    // What was cut off on its way looks to the unpacker as if it were broken.
    if (!answer.complete) throw Object.assign(new Error("cut"), { code: "TRUNCATED" });
    const encoding = answer.headers["content-encoding"] ?? "";
    throw new BadBody(`is not what its Content-Encoding says (${encoding.slice(0, 20)})`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new BadBody("is not text in UTF-8");
  }
}

function unpacked(answer: IncomingMessage): Readable {
  const names = (answer.headers["content-encoding"] ?? "").toLowerCase().split(",");
  const encodings = names.map((each) => each.trim()).filter((each) => !PLAIN.has(each));
  const { statusCode } = answer;
  if (encodings.length === 0 || statusCode === 204 || statusCode === 304) return answer;
  const [encoding = "", another] = encodings;
  const make = Object.hasOwn(UNPACKERS, encoding) ? UNPACKERS[encoding] : undefined;
  if (make === undefined || another !== undefined) {
    throw new BadBody(`is packed in a way that we do not know (${encodings.join(", ")})`);
  }
  const unpacker = make();
  answer.on("error", (error) => (unpacker as unknown as Readable).destroy(error));
  return answer.pipe(unpacker) as unknown as Readable; // both halves of a zlib stream
}

const PLAIN: ReadonlySet<string> = new Set(["", "identity"]);

function isOfZlib(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(?:Z_|ERR_|ZSTD)/.test(String(error.code));
}

/** A body packed as it is to travel. */
export function pack(body: string, packing: Packing): Buffer {
  if (packing === "gzip") return gzipSync(body);
  if (packing === "zstd") return zstdCompressSync(body);
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
}

/** True for a text that nests deeper than a document may: parsing it would take for ever. */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isInText) {
      if (code === BACKSLASH) at += 1;
      else if (code === QUOTE) isInText = false;
    } else if (code === QUOTE) isInText = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      // The answer itself has a few levels around its rows.
      if (depth > JSON_DEPTH_MAX + 20) return true;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return false;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
