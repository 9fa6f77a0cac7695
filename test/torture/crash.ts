// A database server that is killed as by a crash of its machine: all of its processes at once.
import { existsSync, readFileSync } from "node:fs";

/** Kills a server and its sessions; one that is gone already is let be. */
export function crash(pid: number): void {
  // The postmaster first, or it would look after its dead.
  const sessions = childrenOf(pid);
  for (const each of [pid, ...sessions]) {
    try {
      process.kill(each, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }
}

/** Where the system does not say, the sessions notice by themselves that they are alone. */
function childrenOf(pid: number): readonly number[] {
  const list = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(list)) return [];
  return readFileSync(list, "utf8").split(" ").filter(Boolean).map(Number);
}
