// A run of the command line whose process dies in its middle.
import { statSync } from "node:fs";
import { join } from "node:path";
import { startCli } from "../cli/world.ts";

/** Starts a run and kills it some time after it has decided something; it may have ended before. */
export async function runKilled(folder: string, afterMs: number): Promise<void> {
  const log = join(folder, ".syncline", "journal.db-wal");
  const looks = (): string => {
    const found = statSync(log, { throwIfNoEntry: false });
    return `${found?.mtimeMs} ${found?.size}`;
  };
  let before = looks();
  let commits = 0;
  let timer: NodeJS.Timeout | undefined;
  const child = startCli(folder, ["run"]);
  child.stdout.resume();
  child.stderr.resume();
  const exited = new Promise<void>((done) => child.on("exit", () => done()));
  // Starting takes longer than all that follows: the journal shows when the first page is decided.
  const watch = setInterval(() => {
    const now = looks();
    if (now !== before) commits += 1;
    before = now;
    if (commits >= COMMITS_BEFORE) timer ??= setTimeout(() => child.kill("SIGKILL"), afterMs);
  }, 2);
  await exited;
  clearInterval(watch);
  clearTimeout(timer);
}

/** The journal is opened, the run is on record, the first page is decided. */
const COMMITS_BEFORE = 3;
