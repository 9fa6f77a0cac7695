import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

export type Finished = { readonly code: number | null; readonly output: string };

/** Runs a command-line tool of the project in a folder, and returns all that it printed. */
export function tool(name: string, args: readonly string[], cwd: string = root): Finished {
  const path = resolve(root, "node_modules/.bin", name);
  const { error, status, stdout, stderr } = spawnSync(path, args, { cwd, encoding: "utf8" });
  if (error !== undefined) throw error;
  return { code: status, output: stdout + stderr };
}
