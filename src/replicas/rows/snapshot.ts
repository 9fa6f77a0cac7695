// One moment of a file. It is copied in one go, and the copy counts only if nobody wrote meanwhile:
// from then on the file may be edited for as long as a run takes.
import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { SyncError } from "../../core/errors.ts";
import { MARK_BYTES_MAX, NotText, decoderOf, formOf, linesIn, markOf } from "./encoding.ts";
import type { TextForm } from "./encoding.ts";
import { fileFailure } from "../../spool/file-failure.ts";
import { temporaryFile } from "../../spool/temporary-file.ts";
import type { Encoding } from "./settings.ts";

/** A file as it was at one moment, in UTF-8 without a mark. */
export interface Snapshot {
  readonly path: string;
  readonly form: TextForm;
  /** Another one: the file was touched. */
  readonly signature: string;
  readonly stats: BigIntStats;
  readonly size: number;
  /** Only the beginning of the file is here. */
  readonly isPart: boolean;
  /** The bytes from a place on, at most PIECE_BYTES, until the next call; empty at the end. */
  readonly piece: (at: number) => Buffer;
  readonly close: () => void;
}

/** What taking a snapshot needs of the world. */
export interface Patience {
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now: () => number;
}

/**
 * How much of a file is looked at in one go. Texts of this size die young: V8 keeps larger ones
 * apart, until it has looked through all that lives.
 */
const PIECE_BYTES = 1 << 16;
/** Files up to this size are kept in memory; what is larger lies in a file of its own. */
const MEMORY_BYTES_MAX = 16 << 20;
/** How often a file is copied again that somebody is writing. */
export const SNAPSHOTS_MAX = 50;
/** A file that was touched so short a time ago may be touched again within the same tick. */
const TICK_MS = 20;

/** Which state of which file this is. */
export function signatureOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/** What is wanted of a file. */
export interface Taking {
  readonly encoding: Encoding | undefined;
  readonly patience: Patience;
  /** Only so much of its beginning, where it is longer. */
  readonly bytesMax?: number;
}

/**
 * Copies a file. Throws LIST_FAILED when it is written without a pause or is no text,
 * COLLECTION_MISSING when it is gone.
 */
export async function takeSnapshot(
  path: string,
  taking: Taking,
  signal: AbortSignal,
): Promise<Snapshot> {
  for (let attempt = 0; attempt < SNAPSHOTS_MAX; attempt++) {
    signal.throwIfAborted();
    const snapshot = tryCopy(path, taking);
    if (snapshot !== undefined) return snapshot;
    await taking.patience.sleep(TICK_MS, signal);
  }
  throw new SyncError("LIST_FAILED", `${path} is being written without a pause`, {
    where: path,
    hint: "Nothing was decided from it. Run again when whoever writes it is done.",
  });
}

function tryCopy(path: string, taking: Taking): Snapshot | undefined {
  const { encoding: said, patience, bytesMax = Infinity } = taking;
  const file = openRegular(path);
  let copy: Copy | undefined;
  try {
    const before = fstatSync(file, { bigint: true });
    const age = patience.now() - Number(before.mtimeMs);
    if (age >= 0 && age < TICK_MS) return undefined;
    const start = Buffer.alloc(MARK_BYTES_MAX);
    const form = formOf(start.subarray(0, readSync(file, start, 0, start.length, 0)), said);
    const isPart = Number(before.size) > bytesMax;
    copy = makeCopy(isPart ? bytesMax : Number(before.size));
    try {
      fill(copy, file, { form, end: isPart ? bytesMax : undefined });
    } catch (error) {
      // What changed meanwhile may well be no text.
      if (!isSame(before, file)) return undefined;
      throw error instanceof NotText ? noText(path, form, copy, error) : error;
    }
    if (!isSame(before, file)) return undefined;
    const { size, piece, close } = copy;
    copy = undefined;
    const signature = signatureOf(before);
    return { path, form, signature, stats: before, size: size(), isPart, piece, close };
  } catch (error) {
    throw fileFailure(error, path);
  } finally {
    copy?.close();
    closeSync(file);
  }
}

function openRegular(path: string): number {
  try {
    // A pipe without a writer would be waited for.
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (fstatSync(file).isFile()) return file;
    closeSync(file);
  } catch (error) {
    throw fileFailure(error, path);
  }
  throw new SyncError("REPLICA_UNAVAILABLE", `${path} is not a file`, { where: path });
}

function isSame(before: BigIntStats, file: number): boolean {
  return signatureOf(fstatSync(file, { bigint: true })) === signatureOf(before);
}

function fill(
  copy: Copy,
  file: number,
  { form, end }: { readonly form: TextForm; readonly end: number | undefined },
): void {
  const decoder = decoderOf(form);
  let bytes = Buffer.allocUnsafe(PIECE_BYTES);
  for (let at = markOf(form).length; at < (end ?? Infinity);) {
    if (copy.keeps) bytes = Buffer.allocUnsafe(PIECE_BYTES);
    const count = readSync(file, bytes, 0, Math.min(PIECE_BYTES, (end ?? Infinity) - at), at);
    if (count === 0) break;
    at += count;
    copy.add(decoder.piece(bytes.subarray(0, count)));
  }
  // A part may end within a character.
  if (end === undefined) copy.add(decoder.end());
}

function noText(path: string, form: TextForm, copy: Copy, { before }: NotText): SyncError {
  let lines = linesIn(before);
  for (let at = 0; at < copy.size();) {
    const bytes = copy.piece(at);
    lines += linesIn(bytes);
    at += bytes.length;
  }
  const message = `line ${lines + 1} of ${path} is not text in ${form.encoding}`;
  return new SyncError("LIST_FAILED", message, {
    where: `${path}:${lines + 1}`,
    hint: "Say how it is encoded, for example `encoding: windows-1252`, or mend the file.",
  });
}

interface Copy {
  /** What is added is kept as it is, and not to be used again. */
  readonly keeps: boolean;
  readonly add: (bytes: Buffer) => void;
  readonly size: () => number;
  readonly piece: (at: number) => Buffer;
  readonly close: () => void;
}

function makeCopy(size: number): Copy {
  return size <= MEMORY_BYTES_MAX ? inMemory() : onDisk();
}

function inMemory(): Copy {
  const parts: Buffer[] = [];
  let whole: Buffer | undefined;
  let size = 0;
  return {
    keeps: true,
    add: (bytes) => {
      size += bytes.length;
      parts.push(bytes);
    },
    size: () => size,
    piece: (at) => {
      whole ??= Buffer.concat(parts.splice(0));
      return whole.subarray(at, at + PIECE_BYTES);
    },
    close: () => undefined,
  };
}

function onDisk(): Copy {
  const file = temporaryFile();
  // One for all pieces: whoever reads makes text of it before the next.
  const shared = Buffer.allocUnsafe(PIECE_BYTES);
  let size = 0;
  return {
    keeps: false,
    add: (bytes) => {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(file, bytes, done, bytes.length - done, size + done);
      }
      size += bytes.length;
    },
    size: () => size,
    piece: (at) => {
      const bytes = shared.subarray(0, Math.min(PIECE_BYTES, size - at));
      let count = 0;
      while (count < bytes.length) {
        const read = readSync(file, bytes, count, bytes.length - count, at + count);
        if (read === 0) break;
        count += read;
      }
      return bytes.subarray(0, count);
    },
    close: () => closeSync(file),
  };
}
