// Runs command lines inside the test, with captured output; and as a child process where signals,
// pipes or exit codes are the subject.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestContext } from "node:test";
import { invoke } from "../../src/cli/program.ts";
import { Stopping } from "../../src/cli/stopping.ts";
import { Captured } from "../../src/cli/world.ts";
import type { World } from "../../src/cli/world.ts";

/** What a command line did. */
export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The one document of `--json`. */
export interface Document {
  readonly schemaVersion: string;
  readonly command: string;
  readonly ok: boolean;
  // Each test knows what its command says.
  readonly summary: { readonly [name: string]: never };
  readonly result: { readonly [name: string]: never };
  readonly error: null | {
    readonly code: string;
    readonly message: string;
    readonly hint: string | null;
    readonly where: string | null;
    readonly exit: number;
  };
}

const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");
const NODE_ARGUMENTS = ["--conditions=syncline-source", MAIN];

/** A folder that goes with the test. */
export function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "syncline-cli-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs one command line inside this process. */
export function cli(cwd: string, ...words: readonly string[]): Promise<Ran> {
  return cliAt(Date.now, cwd, ...words);
}

/** The same on a clock of the test. */
export async function cliAt(
  now: () => number,
  cwd: string,
  ...words: readonly string[]
): Promise<Ran> {
  const stdout = new Captured();
  const stderr = new Captured();
  const stopping = new Stopping();
  const world: World = { stdout, stderr, env: {}, cwd, stopping, now };
  const exit = await invoke(words, world);
  return { exit, stdout: stdout.text, stderr: stderr.text };
}

/** Runs one command line with --json and returns its document and exit code. */
export async function json(
  cwd: string,
  ...words: readonly string[]
): Promise<{ readonly exit: number; readonly document: Document }> {
  const { exit, stdout } = await cli(cwd, ...words, "--json");
  return { exit, document: JSON.parse(stdout) };
}

/** Runs one command line as a process of its own. */
export function cliProcess(
  cwd: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...NODE_ARGUMENTS, ...words], {
    cwd,
    env: { PATH: process.env["PATH"], ...env },
    encoding: "utf8",
  });
  return { exit: status ?? -1, stdout, stderr };
}

/** The same with its stdout going elsewhere; `through` is what the line is given to. */
export function cliInto(
  cwd: string,
  words: readonly string[],
  stdout: number | "pipe",
  through: readonly string[] = [],
): Ran {
  const [command = "", ...line] = [...through, process.execPath, ...NODE_ARGUMENTS, ...words];
  const { status, stderr } = spawnSync(command, line, {
    cwd,
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", stdout, "pipe"],
    encoding: "utf8",
  });
  return { exit: status ?? -1, stdout: "", stderr: stderr ?? "" };
}

/** Starts one command line as a process of its own. */
export function startCli(cwd: string, words: readonly string[]) {
  return spawn(process.execPath, [...NODE_ARGUMENTS, ...words], {
    cwd,
    env: { PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** The same with a limit on the size of every file it writes, in blocks of 512 bytes. */
export function limitedCli(cwd: string, words: readonly string[], blocks: number): Ran {
  const script = `ulimit -f ${blocks}; exec "$0" "$@"`;
  const line = ["-c", script, process.execPath, ...NODE_ARGUMENTS, ...words];
  const { status, stdout, stderr } = spawnSync("sh", line, { cwd, encoding: "utf8" });
  return { exit: status ?? -1, stdout, stderr };
}
