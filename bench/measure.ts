// What a whole process costs: wall time, CPU time of it and its children, its greatest memory.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What one run of a command came to. */
export interface Cost {
  readonly wallMs: number;
  /** User and system time; undefined where there is no bash to ask. */
  readonly cpuMs: number | undefined;
  /** Greatest resident memory (ru_maxrss) of a Node process, in MB; of others undefined. */
  readonly peakMb: number | undefined;
  readonly stdout: string;
}

/** How a command is run. */
export interface Running {
  readonly cwd: string;
  /** The command is Node, and is to tell its greatest memory. */
  readonly asksPeak?: boolean;
  /** Exit codes that are no failure. */
  readonly exits?: readonly number[];
}

/** Runs a command to its end. Throws when it fails, with what it had to say. */
export function measure(command: readonly string[], running: Running): Cost {
  const { cwd, asksPeak = false, exits = [0] } = running;
  const folder = asksPeak ? mkdtempSync(join(tmpdir(), "syncline-peak-")) : "";
  const peakFile = join(folder, "peak");
  const options = asksPeak ? [`--import=${TELLS_PEAK}`] : [];
  const [program = "", ...words] = command;
  const whole = [program, ...options, ...words];
  // bash tells CPU times in milliseconds and of pipelines; Node has them of itself only.
  const [shell = "", ...args] = HAS_BASH ? ["bash", "-c", TIMED, "bash", ...whole] : whole;
  const started = process.hrtime.bigint();
  const done = spawnSync(shell, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1", SYNCLINE_PEAK_FILE: peakFile },
    maxBuffer: 1 << 28,
  });
  const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
  const peakMb = asksPeak ? Number(readFileSync(peakFile, "utf8")) / 1024 : undefined;
  if (asksPeak) rmSync(folder, { recursive: true });
  if (done.error !== undefined) throw done.error;
  if (!exits.includes(done.status ?? -1)) {
    const said = `${done.stdout.slice(-2000)}${done.stderr}`;
    throw new Error(`${command.join(" ")} ended with ${done.status}: ${said}`);
  }
  const times = HAS_BASH ? done.stderr.trimEnd().split("\n").at(-1)?.split(" ") : undefined;
  if (times === undefined) return { wallMs, cpuMs: undefined, peakMb, stdout: done.stdout };
  const [wall = 0, user = 0, system = 0] = times.map((text) => Number(text) * 1000);
  return { wallMs: wall, cpuMs: user + system, peakMb, stdout: done.stdout };
}

const TIMED = 'TIMEFORMAT="%3R %3U %3S"; time "$@"';
const HAS_BASH = spawnSync("bash", ["-c", "true"]).status === 0;
/** ru_maxrss is in kilobytes wherever Node runs. */
const TELLS_PEAK = `data:text/javascript,${encodeURIComponent(
  'import { writeFileSync } from "node:fs";' +
    'process.on("exit", () => writeFileSync(process.env.SYNCLINE_PEAK_FILE,' +
    " String(process.resourceUsage().maxRSS)));",
)}`;
