import assert from "node:assert/strict";
import { test } from "node:test";
import { tool } from "./tool.ts";

test("every zone, test and script compiles under its own rules", () => passes("tsc", ["-b"]));
test("the linter has nothing to say", () => passes("oxlint", ["--deny-warnings"]));
test("every file is formatted", () => passes("oxfmt", ["--check"]));
test("no file, export or dependency is unused", () => passes("knip", ["--no-config-hints"]));

function passes(name: string, args: readonly string[]): void {
  const { code, output } = tool(name, args);
  assert.equal(code, 0, `${name} ${args.join(" ")}\n${output}`);
}
