// Pages of rows are garbage soon after they are read, and V8 is told so. bench/README.md has the
// figures: without this a run takes 50 MB more and a tenth longer.
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Two semi-spaces of 16 MB; V8 would double them. */
const YOUNG_BYTES_MAX = 32e6;
const LOOK_MS = 10;
const GROWS_PERCENT = 80;

/** Keeps pages of rows in the young part of the heap, and that part small. */
export function keepHeapYoung(): void {
  // V8 takes what is made in the middle of a page for long-lived, and puts it where it stays.
  setFlagsFromString("--no-allocation-site-pretenuring");
  // Long texts on their way to another thread are no part of the young heap. Left alone, V8 lets
  // the old one grow to several times of what lives in it before it looks.
  setFlagsFromString(`--heap-growing-percent=${GROWS_PERCENT}`);
  // The greatest size is fixed when V8 starts, but by how much it grows is asked each time.
  const timer = setInterval(() => {
    const young = getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
    if (young !== undefined && young.space_size < YOUNG_BYTES_MAX) return;
    setFlagsFromString("--semi-space-growth-factor=1");
    clearInterval(timer);
  }, LOOK_MS);
  timer.unref();
}
