/**
 * Runs the tests: all of them, or the files named on the command line.
 * `node --test` counts an empty file as one passing test and is content with a pattern that matches
 * nothing, so each file must have run what it declares, and all of them together a minimum.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { relative, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const TESTS_MIN = 900;
const CONCURRENCY = Math.max(2, availableParallelism());
const DECLARATION = /^(?:test|it|suite|describe)\(/gm;
/** Declared in a loop over cases, or by a suite: how many shows only when they run. */
const DECLARED_INSIDE = /^\s+(?:test|it|replicaSuite|journalSuite)\(|^for \(.* of CASES\)/m;

const root = resolve(import.meta.dirname, "..");
process.chdir(root);
const named = process.argv.slice(2);
const files = (named.length > 0 ? named : globSync("test/**/*.test.ts")).toSorted();

// Tests that start the command use dist: it has to be what the sources say. The house tests tell
// when they do not compile.
spawnSync(process.execPath, ["scripts/build.ts"], { stdio: "ignore" });

/** How many tests each file ran at its top level. */
const counts = new Map<string, number>();
let total = 0;
let failed = false;
const events = run({
  files: files.map((file) => resolve(file)),
  concurrency: CONCURRENCY,
  execArgv: ["--conditions=syncline-source", "--import", resolve("scripts/test-setup.ts")],
});
events.on("test:summary", ({ file, counts: { tests, topLevel }, success }) => {
  if (file !== undefined) {
    counts.set(relative(root, file), topLevel);
    total += tests;
  }
  failed ||= !success;
});
await pipeline(events.compose(spec), process.stdout, { end: false });

const complaints = files.flatMap((file) => {
  const text = readFileSync(file, "utf8");
  const inside = DECLARED_INSIDE.test(text) ? 1 : 0;
  const declared = Math.max(text.match(DECLARATION)?.length ?? 0, inside);
  const ran = counts.get(relative(root, resolve(file))) ?? 0;
  if (declared === 0) return [`${file} declares no test`];
  return ran < declared ? [`${file} declares ${declared} tests and ran ${ran}`] : [];
});
if (named.length === 0 && total < TESTS_MIN) {
  complaints.push(`only ${total} tests ran, and there are at least ${TESTS_MIN}`);
}
for (const complaint of complaints) console.error(`✖ ${complaint}`);
process.exitCode = failed || complaints.length > 0 ? 1 : 0;
