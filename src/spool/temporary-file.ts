// Files of our own that last as long as they are open.
import { openSync, unlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileFailure } from "./file-failure.ts";

/** A file that nobody else can open, and that is gone when it is closed or the process ends. */
export function temporaryFile(): number {
  const path = join(tmpdir(), `syncline-${process.pid}-${crypto.randomUUID()}`);
  try {
    const file = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return file;
  } catch (error) {
    throw fileFailure(error, path);
  }
}
