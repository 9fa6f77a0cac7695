// The process around the command line: its streams, its signals, its exit code.
import { afterLoss, invoke } from "./program.ts";
import { SIGNAL_EXITS, Stopping } from "./stopping.ts";
import type { StopSignal } from "./stopping.ts";
import { styleFor } from "./style.ts";
import type { Output, World } from "./world.ts";
import { keepHeapYoung } from "./young-heap.ts";

/** Width of a page that is no terminal. */
const PAGE_COLUMNS = 100;
/** After a second signal the work has this long to let go; then the process ends. */
const LET_GO_MS = 2000;

const stdout = outputOf(process.stdout);
const world: World = {
  stdout,
  stderr: outputOf(process.stderr),
  env: process.env,
  cwd: process.cwd(),
  stopping: new Stopping(),
  now: () => Date.now(),
};
keepHeapYoung();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop(signal));
const exit = await invoke(process.argv.slice(2), world);
process.exitCode = await afterLoss(world, exit, await stdout.lost());

/** An output of the process, which says in the end whether it lost anything. */
interface Stream extends Output {
  /** Why not all that was written arrived, once all of it is under way; undefined: it did. */
  lost(): Promise<Error | undefined>;
}

/** A reader that has gone (`| head`) is no failure: what is written after that is dropped. */
function outputOf(stream: NodeJS.WriteStream): Stream {
  let isOpen = true;
  let failure: Error | undefined;
  stream.on("error", (error: NodeJS.ErrnoException) => {
    isOpen = false;
    if (error.code !== "EPIPE") failure ??= error;
  });
  return {
    lost: async () => {
      // The callback comes when everything before it has been handed over, or has failed.
      if (isOpen) await new Promise<void>((resolve) => stream.write("", () => resolve()));
      await new Promise<void>((resolve) => setImmediate(resolve)); // "error" comes after it
      return failure;
    },
    isTTY: "isTTY" in stream && stream.isTTY, // only terminals have it
    // A terminal that does not know its width says 0.
    columns: stream.columns > 0 ? stream.columns : PAGE_COLUMNS,
    write: async (text) => {
      if (!isOpen || stream.write(text)) return;
      await new Promise<void>((resolve) => {
        stream.once("drain", resolve);
        stream.once("error", () => resolve());
      });
    },
  };
}

function stop(signal: StopSignal): void {
  const kind = world.stopping.ask(signal);
  if (kind === "exit") process.exit(SIGNAL_EXITS[signal]);
  if (kind === "abort") setTimeout(() => process.exit(SIGNAL_EXITS[signal]), LET_GO_MS).unref();
  const { spell } = styleFor(process.stderr, process.env);
  const text =
    kind === "drain"
      ? "Stopping after the page in hand… Once more stops at once; both are safe."
      : "Stopping at once. What was decided is in the journal.";
  process.stderr.write(spell(`\n${text}\n`));
}
