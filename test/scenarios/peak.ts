// Command lines as processes of their own whose memory is measured: a heap that holds a few pages
// of large rows, and no more.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const MAIN = resolve(import.meta.dirname, "../../src/cli/main.ts");
const TELL = `process.on("exit", () => {
  process.stderr.write("peak " + process.resourceUsage().maxRSS + "\\n");
});`;
const HEAP_MB = 256;
/** What a process may take at its peak, its program and threads included. */
const PEAK_MB_MAX = 600;

/** Runs a command line, which must end well; returns what it said, and its peak in MB. */
export function measured(
  cwd: string,
  ...words: readonly string[]
): { readonly stdout: string; readonly peakMb: number } {
  const line = [
    `--max-old-space-size=${HEAP_MB}`,
    "--import",
    `data:text/javascript,${encodeURIComponent(TELL)}`,
    "--conditions=syncline-source",
    MAIN,
    ...words,
  ];
  const { status, stdout, stderr } = spawnSync(process.execPath, line, {
    cwd,
    env: { PATH: process.env["PATH"] },
    encoding: "utf8",
    maxBuffer: 256 << 20,
  });
  const said = `${words.join(" ")}: ${stdout.slice(0, 2000)}${stderr.slice(-2000)}`;
  assert.equal(status, 0, said);
  return { stdout, peakMb: Number(/^peak (\d+)$/m.exec(stderr)?.[1]) / 1024 };
}

/** Runs a command line, which must end well and within its memory; returns what it said. */
export function within(cwd: string, ...words: readonly string[]): string {
  const { stdout, peakMb } = measured(cwd, ...words);
  assert.ok(peakMb < PEAK_MB_MAX, `${words.join(" ")} took ${peakMb} MB`);
  return stdout;
}
