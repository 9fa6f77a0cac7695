// Folders and programs for the tests of journals in files.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

/** A new folder that goes with its test. */
export function newFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "syncline-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Another program that works on a journal, until it ends or is killed. */
export interface Other {
  readonly pid: number;
  /** The next line it prints; undefined: it has ended. */
  readonly line: () => Promise<string | undefined>;
  /** Ends it as the machine would: at once. Settles when it is gone. */
  readonly kill: () => Promise<void>;
  /** Settles with the signal that ended it. */
  readonly ended: Promise<string | null>;
}

/** Starts test/journals/other.ts with these arguments. */
export function startOther(t: TestContext, ...args: readonly string[]): Other {
  const script = fileURLToPath(new URL("./other.ts", import.meta.url));
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<string | null>((resolve, fail) => {
    child.once("exit", (_code, signal) => resolve(signal));
    child.once("error", fail);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  t.after(kill);
  return {
    pid: child.pid ?? 0,
    line: async () => {
      const { done, value } = await lines.next();
      return done === true ? undefined : value;
    },
    kill,
    ended,
  };
}
