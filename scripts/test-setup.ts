/**
 * Loaded before each test file. One that does not end has failed, and says what it waits for:
 * mostly a connection that nobody closed. With SYNCLINE_TEST_SEED (a whole number) properties try
 * the same cases every time, so that CI judges the commit; without it they go on exploring.
 */
import { configureGlobal } from "fast-check";

const FILE_MS_MAX = Number(process.env["SYNCLINE_TEST_FILE_MS"] ?? 1_200_000);

setTimeout(() => {
  const kept = process.getActiveResourcesInfo().join(", ");
  console.error(`✖ the file did not end within ${FILE_MS_MAX / 1000} s; what keeps it: ${kept}`);
  process.exit(1);
}, FILE_MS_MAX).unref();

const seed = process.env["SYNCLINE_TEST_SEED"] ?? "";
if (seed !== "") configureGlobal({ seed: Number(seed) });
