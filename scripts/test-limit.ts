/**
 * Loaded before each test file: one that does not end has failed, and says what it waits for. What
 * keeps it is mostly a connection that nobody closed.
 */
const FILE_MS_MAX = Number(process.env["SYNCLINE_TEST_FILE_MS"] ?? 1_200_000);

setTimeout(() => {
  const kept = process.getActiveResourcesInfo().join(", ");
  console.error(`✖ the file did not end within ${FILE_MS_MAX / 1000} s; what keeps it: ${kept}`);
  process.exit(1);
}, FILE_MS_MAX).unref();
