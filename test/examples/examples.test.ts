import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../src/config/index.ts";
import { root } from "../house/tool.ts";

test("a program keeps two databases in agreement, from configuration to proof", () => {
  const program = join(root, "examples/two-databases.ts");
  const args = ["--conditions=syncline-source", program];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /planned: 1 .* 1 question/s);
  assert.match(stdout, /answered: 1 confirmed: 1/);
  assert.match(stdout, /equal: 2,.*different: 0/s);
});

test("scenario 11: a guide's calls, in their order, deliver 700 of 1000 requirements", () => {
  const program = join(root, "examples/supernal/batch.ts");
  const args = ["--conditions=syncline-source", program];
  const env = { ...process.env, DATABASE_URL: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env });
  assert.equal(status, 0, stderr);
  // The guide shows what it prints.
  const guide = readFileSync(join(root, "docs/guide/supernal.md"), "utf8");
  assert.ok(guide.includes(`\n${stdout}\``), stdout);
});

test("a configuration in TypeScript is read like one in YAML", async () => {
  const config = await loadConfig(join(root, "examples/syncline.config.ts"));
  const [link] = config.links;
  assert.deepEqual(link?.pipelines[0]?.mapping?.[2], {
    source: "code",
    target: "code",
    transform: "C-${value}",
  });
});
