// How a command ends: one number, whatever happened.
import { AssertionError, ERROR_CODES, SyncError } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";

/** Exit codes (design: "Faces"). An unknown one must be read as a failure. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  environment: 3,
  waits: 4,
  refused: 5,
  changes: 10,
} as const;

/** What the operating system says about files, in our words. */
const SYSTEM_CODES: { readonly [code: string]: ErrorCode } = {
  ENOSPC: "DISK_FULL",
  EDQUOT: "DISK_FULL",
  EROFS: "REPLICA_READ_ONLY",
  EACCES: "REPLICA_READ_ONLY",
  EPERM: "REPLICA_READ_ONLY",
};

/** Makes one kind of error of whatever was thrown. What nobody expected is INTERNAL. */
export function syncErrorOf(thrown: unknown): SyncError {
  if (thrown instanceof SyncError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (!(thrown instanceof AssertionError) && thrown instanceof Error && "code" in thrown) {
    const code = SYSTEM_CODES[String(thrown.code)];
    if (code !== undefined) return new SyncError(code, message, { cause: thrown });
  }
  return new SyncError("INTERNAL", message, {
    cause: thrown,
    hint: "This is a bug of Syncline. Set SYNCLINE_DEBUG=1 to see where, and please report it.",
  });
}

/** The exit code that an error's code stands for. */
export function exitOf(error: SyncError): number {
  return ERROR_CODES[error.code].exit;
}
