import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "./tool.ts";

test("every thread has its program beside the built file that starts it", async () => {
  const sources = globSync("src/**/*-thread.ts", { cwd: root });
  assert.ok(sources.length > 0);
  for (const source of sources) {
    const built = join(root, source.replace(/^src/, "dist").replace(/\.ts$/, ".js"));
    assert.ok(existsSync(built), `${built} is missing: npm run build`);
    // It is whole, and refuses to be anything but a thread.
    await assert.rejects(import(pathToFileURL(built).href), /started as a program/);
  }
});
