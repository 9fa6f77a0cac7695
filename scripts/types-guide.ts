/**
 * Compares docs/guide/types.md with what the code does, and fails when it differs; `--write`
 * records it. Every value on the page has gone through the code that moves values.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { typesGuide } from "./types-guide/page.ts";

const path = resolve(import.meta.dirname, "../docs/guide/types.md");
const text = typesGuide();
if (process.argv.includes("--write")) writeFileSync(path, text);
else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
  console.error("docs/guide/types.md differs: run `npm run guide:types -- --write`");
  process.exitCode = 1;
}
