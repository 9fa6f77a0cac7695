// Errors of the file system in our words.
import { SyncError } from "../core/errors.ts";

/** What an error of the file system means; anything else is returned as it is. */
export function fileFailure(error: unknown, path: string): unknown {
  if (error instanceof SyncError || !(error instanceof Error) || !("code" in error)) return error;
  const details = { where: path, cause: error };
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return new SyncError("COLLECTION_MISSING", `there is no file ${path}`, details);
    case "ENOSPC":
    case "EDQUOT":
      return new SyncError("DISK_FULL", `there is no space left for ${path}`, {
        ...details,
        hint: "Make room and run again: the file is as it was.",
      });
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return new SyncError("REPLICA_UNAVAILABLE", `${path} cannot be opened (${error.code})`, {
        ...details,
        hint: "Check the permissions of the file and of its folder.",
      });
    default:
      if (typeof error.code !== "string" || !/^E[A-Z0-9]+$/.test(error.code)) return error;
      return new SyncError("REPLICA_UNAVAILABLE", `${path}: ${error.code}`, details);
  }
}
