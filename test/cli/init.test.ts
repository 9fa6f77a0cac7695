import assert from "node:assert/strict";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { loadConfig } from "../../src/config/index.ts";
import { dump } from "./scene.ts";
import { cli, folderOf } from "./world.ts";

test("init writes a configuration and its schema, and both fit each other", async (t) => {
  const folder = folderOf(t);
  const { exit, stdout } = await cli(folder, "init");
  assert.equal(exit, 0);
  assert.match(stdout, /^✓ syncline\.yaml\n✓ \.syncline\/schema\.json\nNext: /);
  const text = readFileSync(join(folder, "syncline.yaml"), "utf8");
  assert.match(text, /^# yaml-language-server: \$schema=\.\/\.syncline\/schema\.json\n/);
  const schema = JSON.parse(readFileSync(join(folder, ".syncline/schema.json"), "utf8"));
  assert.match(String(schema.$schema), /draft-07/);
  assert.equal((await cli(folder, "validate", "--offline")).exit, 0);
});

test("the settings that init only mentions are settings that work", async (t) => {
  const folder = folderOf(t);
  await cli(folder, "init");
  const file = join(folder, "syncline.yaml");
  const text = readFileSync(file, "utf8");
  // Every line that is commented out, one after the other, in its place.
  const mentioned = text.split("\n").filter((line) => /^ +# (?!default)[a-z]+:/.test(line));
  assert.ok(mentioned.length >= 5, text);
  for (const line of mentioned) {
    const next = text.split("\n").findIndex((each) => each === line) + 1;
    const more = text.split("\n")[next] ?? "";
    const isList = /^ +# +- /.test(more);
    const said = [line, ...(isList ? [more] : [])].map((each) => each.replace("# ", ""));
    writeFileSync(
      file,
      text.replace([line, ...(isList ? [more] : [])].join("\n"), said.join("\n")),
    );
    const { exit, stderr } = await cli(folder, "validate", "--offline");
    assert.equal(exit, 0, `${said.join("\n")}\n${stderr}`);
  }
});

test("init writes a valid configuration for every pair of kinds of systems", async (t) => {
  const kinds = ["sqlite", "postgres", "csv", "ndjson", "json"];
  const folder = folderOf(t);
  for (const source of kinds) {
    for (const target of kinds) {
      const dir = `${source}-${target}`;
      const made = await cli(folder, "init", "--dir", dir, "--source", source, "--target", target);
      assert.equal(made.exit, 0, made.stderr);
      const file = join(folder, dir, "syncline.yaml");
      const config = await loadConfig(file, { env: { CRM_URL: URL, BILLING_URL: `${URL}2` } });
      const [crm, billing] = [...config.systems.values()];
      for (const [kind, system] of [[source, crm] as const, [target, billing] as const]) {
        assert.ok(system !== undefined);
        assert.equal(system.type === "rows" ? system.format : system.type, kind);
      }
      const lines = readFileSync(file, "utf8").split("\n");
      assert.ok(Math.max(...lines.map((line) => line.length)) <= 100, dir);
    }
  }
});

const URL = "postgres://user:password@host:5432/database";

test("init refuses a kind that is none, and names the kinds there are", async (t) => {
  const folder = folderOf(t);
  const typo = await cli(folder, "init", "--source", "postgers");
  assert.equal(typo.exit, 2);
  assert.match(typo.stderr, /"postgers" is no kind of system\.\n.*Did you mean "postgres"\?/);
  const other = await cli(folder, "init", "--target", "mysql");
  assert.match(other.stderr, /There is sqlite, postgres, csv, ndjson and json\./);
  const both = await cli(folder, "init", "--example", "--target", "csv");
  assert.match(both.stderr, /--example makes its own target/);
  assert.deepEqual(readdirSync(folder), []);
});

test("init --example can be planned at once: a create each way and a conflict", async (t) => {
  const folder = folderOf(t);
  assert.equal((await cli(folder, "init", "--example")).exit, 0);
  const { exit, stdout } = await cli(folder, "plan");
  assert.equal(exit, 0);
  assert.match(stdout, /source → target {2}\+ 1 create/);
  assert.match(stdout, /target → source {2}\+ 1 create/);
  assert.match(stdout, /1 conflict waits for you/);
});

test("init never overwrites anything", async (t) => {
  const folder = folderOf(t);
  await cli(folder, "init", "--example");
  const file = join(folder, "syncline.yaml");
  writeFileSync(file, "# mine\n");
  const before = dump(join(folder, "crm.db"));
  const { exit, stdout } = await cli(folder, "init", "--example");
  assert.equal(exit, 0);
  assert.match(stdout, /· syncline\.yaml was there: kept as it is/);
  assert.match(stdout, /· crm\.db was there: kept as it is/);
  assert.equal(readFileSync(file, "utf8"), "# mine\n");
  assert.equal(dump(join(folder, "crm.db")), before);
});
