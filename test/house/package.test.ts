import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "./tool.ts";

test("the package works in an empty folder under the oldest Node allowed and under ours", () => {
  succeeds(["scripts/pack-check.ts", "--linked"]);
});

test("what a user can call is what api/ says", (t) => {
  if (existsSync(join(root, "api"))) succeeds(["scripts/api.ts"]);
  else t.diagnostic("nothing is recorded yet: npm run check:api -- --write");
});

test("the command finds the pinned Node when an old one starts it", (t) => {
  const old = spawnSync("node", ["-v"], { encoding: "utf8", env: withoutOurNode() });
  t.diagnostic(`started with Node ${old.stdout.trim()}`);
  const { status, stderr } = spawnSync("node", [join(root, "bin/syncline.mjs"), "--help"], {
    encoding: "utf8",
    env: withoutOurNode(),
  });
  assert.equal(status, 0, stderr);
});

/** npm puts the pinned Node first in the path; a user of `npx` may have another. */
function withoutOurNode(): NodeJS.ProcessEnv {
  const folders = (process.env["PATH"] ?? "").split(":");
  return { ...process.env, PATH: folders.filter((each) => !/node_modules/.test(each)).join(":") };
}

function succeeds(args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: "utf8",
  });
  assert.equal(status, 0, stdout + stderr);
}
