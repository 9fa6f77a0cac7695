// A file is replaced as a whole: written beside itself, forced to disk, and renamed. Whoever reads
// meanwhile sees the old one or the new one, and never a half.
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { SyncError } from "../../core/errors.ts";
import { encode, markOf } from "./encoding.ts";
import { fileFailure } from "../../spool/file-failure.ts";
import { signatureNow } from "./folder.ts";
import type { OpenFile } from "./folder.ts";
import type { Changes } from "./merge.ts";
import { textOf } from "./text.ts";

/** Characters that are encoded and written at once. */
const BLOCK_CHARS = 1 << 18;
const MODE_BITS = 0o7777n;

/**
 * Makes the changes. False: somebody has touched the file since it was opened, and it is as they
 * left it. Throws where it cannot be written; then too it is as it was.
 */
export function replaceFile(file: OpenFile, changes: Changes): boolean {
  const { snapshot } = file;
  const path = resolved(snapshot.path);
  sweepLeftovers(path);
  const beside = join(dirname(path), `${prefixOf(path)}${ownerMark()}-${crypto.randomUUID()}`);
  let isThere = false;
  try {
    accessSync(path, constants.W_OK);
    const out = openSync(beside, "wx", 0o600);
    isThere = true;
    try {
      writeAll(out, file, changes);
      keepOwner(out, file);
      fsyncSync(out);
    } finally {
      closeSync(out);
    }
    // Between this look and the rename nobody can be kept out; it is as short as it can be made.
    if (signatureNow(path) !== snapshot.signature) return false;
    renameSync(beside, path);
    isThere = false;
  } catch (error) {
    throw writeFailure(error, path);
  } finally {
    if (isThere) unlinkSync(beside);
  }
  syncFolder(dirname(path));
  return true;
}

/** Makes a file that was not there, or was empty, with this text. Throws where one is. */
export function makeFile(path: string, bytes: Uint8Array): void {
  try {
    const out = openSync(path, constants.O_WRONLY | constants.O_CREAT, 0o666);
    try {
      if (fstatSync(out).size > 0) {
        throw new SyncError("WRITE_REFUSED", `${path} is there already`, { where: path });
      }
      writeBytes(out, bytes);
      fsyncSync(out);
    } finally {
      closeSync(out);
    }
    syncFolder(dirname(path));
  } catch (error) {
    throw writeFailure(error, path);
  }
}

/** True if a file, or a folder for a new one, can be written. */
export function isWritable(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false; // whatever the reason, it cannot
  }
}

/** A link is followed: the file behind it is replaced, and the link stays. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw fileFailure(error, path);
  }
}

function writeAll(out: number, { layout, snapshot }: OpenFile, changes: Changes): void {
  const { encoding } = snapshot.form;
  writeBytes(out, markOf(snapshot.form));
  let block = layout.head;
  const put = (text: string): void => {
    block += text;
    if (block.length < BLOCK_CHARS) return;
    writeBytes(out, encode(block, encoding));
    block = "";
  };
  const { records, created } = changes;
  let isFirst = true;
  let firstGap: string | undefined;
  const add = (raw: string, gap: string): void => {
    put(isFirst ? (firstGap ?? layout.gap(true)) : gap);
    put(raw);
    isFirst = false;
  };
  let next = 0;
  let place = 0;
  const all = layout.records(textOf(snapshot), { columns: [], isRaw: true });
  let step = all.next();
  for (; step.done !== true; step = all.next()) {
    const { raws, gaps } = step.value;
    for (let index = 0; index < raws.length; index++, place++) {
      firstGap ??= gaps[index] ?? "";
      for (
        let one = created[next];
        one !== undefined && one.before <= place;
        one = created[++next]
      ) {
        add(one.raw, layout.gap(false));
      }
      const change = records.get(place);
      if (change === null) continue;
      add(change ?? raws[index] ?? "", place === 0 ? layout.gap(false) : (gaps[index] ?? ""));
    }
  }
  for (let one = created[next]; one !== undefined; one = created[++next]) {
    add(one.raw, layout.gap(false));
  }
  put(place === 0 && !isFirst ? layout.closing(step.value) : step.value);
  writeBytes(out, encode(block, encoding));
}

function writeBytes(out: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(out, bytes, done, bytes.length - done);
  }
}

/** The new file is the old one's in all but its content. */
function keepOwner(out: number, { snapshot }: OpenFile): void {
  const { uid, gid, mode } = snapshot.stats;
  const now = fstatSync(out, { bigint: true });
  if (now.uid !== uid || now.gid !== gid) fchownSync(out, Number(uid), Number(gid));
  fchmodSync(out, Number(mode & MODE_BITS));
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

const prefixOf = (path: string): string => `.${basename(path)}.syncline-`;
const ownerMark = (): string => `${hostname().replaceAll(/[^\w.]/g, "_")}-${process.pid}`;

/** What a killed process of this machine left beside a file is taken away. */
function sweepLeftovers(path: string): void {
  const prefix = prefixOf(path);
  const [, host = ""] = /^(.*)-\d+$/.exec(ownerMark()) ?? [];
  for (const name of readdirSync(dirname(path))) {
    if (!name.startsWith(`${prefix}${host}-`)) continue;
    const [, pid] = /^-(\d+)-[\da-f-]{36}$/.exec(name.slice(prefix.length + host.length)) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    unlinkSync(join(dirname(path), name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is one all the same.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function writeFailure(error: unknown, path: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "EACCES" && code !== "EPERM" && code !== "EROFS") return fileFailure(error, path);
  return new SyncError("REPLICA_READ_ONLY", `${path} cannot be written with its owner kept`, {
    where: path,
    hint: "Check the permissions of the file and of its folder.",
    cause: error,
  });
}
