// SQLite's result codes in our words. Nothing here looks at message texts but to pass names on.
import { SyncError } from "../../core/errors.ts";

/** Primary result codes. */
export const RESULT = {
  ERROR: 1,
  PERM: 3,
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  TOOBIG: 18,
  CONSTRAINT: 19,
  MISMATCH: 20,
  NOTADB: 26,
} as const;

/** A program was killed in the middle of a transaction: nobody can read before it is undone. */
export const READONLY_ROLLBACK = 776;

/** Extended result codes of broken constraints. */
export const BROKEN = {
  CHECK: 275,
  FOREIGN_KEY: 787,
  NOT_NULL: 1299,
  PRIMARY_KEY: 1555,
  TRIGGER: 1811,
  UNIQUE: 2067,
  ROWID: 2579,
  DATATYPE: 3091,
} as const;

/** The extended result code of an error of node:sqlite; undefined: it is none. */
export function extendedCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error)) return undefined;
  return typeof error.errcode === "number" ? error.errcode : undefined;
}

/** The primary result code of an error of node:sqlite; undefined: it is none. */
export function primaryCode(error: unknown): number | undefined {
  const code = extendedCode(error);
  return code === undefined ? undefined : code & 0xff;
}

/** True when another connection is in the way. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === RESULT.BUSY || code === RESULT.LOCKED;
}

/** True for an integer that no JavaScript number holds. */
export function isOutOfRange(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_OUT_OF_RANGE";
}

/** The whole failed: what that means, with the file named and what to do. */
export function failureOf(error: unknown, path: string): unknown {
  const code = primaryCode(error);
  if (error instanceof SyncError || code === undefined) return error;
  const details = { where: path, cause: error };
  switch (code) {
    case RESULT.NOTADB:
    case RESULT.CORRUPT:
      return new SyncError("REPLICA_NOT_A_DATABASE", `${path} is not a sound SQLite database`, {
        ...details,
        hint: "Check the path, or restore the file from a copy.",
      });
    case RESULT.BUSY:
    case RESULT.LOCKED:
      return new SyncError("REPLICA_UNAVAILABLE", `${path} is locked by another program`, {
        ...details,
        hint: "Wait until it is done, or end it, and try again.",
      });
    case RESULT.FULL:
      return new SyncError("DISK_FULL", `there is no space left for ${path}`, {
        ...details,
        hint: "Make room and run again: nothing of the batch was kept.",
      });
    case RESULT.READONLY:
    case RESULT.PERM:
      return new SyncError("REPLICA_READ_ONLY", `${path} cannot be written`, {
        ...details,
        hint: "Check the permissions of the file and of its folder.",
      });
    default:
      return new SyncError("REPLICA_UNAVAILABLE", `${path}: ${messageOf(error)}`, {
        ...details,
        hint: "Check that the file and its folder can be read.",
      });
  }
}

/** SQLite's own words, which name tables and columns and never values. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
