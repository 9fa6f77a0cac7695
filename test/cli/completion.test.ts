// What shells make of our scripts: bash in earnest, zsh and fish where they are installed, and
// golden files of all three, made of a small manual.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { Manual } from "../../src/cli/command.ts";
import { bashScript } from "../../src/cli/completion/bash.ts";
import { fishScript } from "../../src/cli/completion/fish.ts";
import { grammarOf } from "../../src/cli/completion/grammar.ts";
import { zshScript } from "../../src/cli/completion/zsh.ts";
import { MANUAL } from "../../src/cli/manual/manual.ts";
import { cli, folderOf, json } from "./world.ts";

const CONFIG = `version: 1
systems:
  crm: { type: sqlite, path: ./crm.db }
  billing: { type: postgres, url: "\${NOT_SET_ANYWHERE}" }
pipelines:
  customers: { source: crm.customers, target: billing.customers }
  orders: { source: crm.orders, target: billing.orders }
  "$(touch made)": {}
`;

/** A folder with a configuration and a command `syncline` that is this checkout's. */
function placeOf(t: TestContext) {
  const folder = folderOf(t);
  const main = resolve(import.meta.dirname, "../../src/cli/main.ts");
  const line = `exec '${process.execPath}' --conditions=syncline-source '${main}' "$@"`;
  mkdirSync(join(folder, "bin"));
  writeFileSync(join(folder, "bin/syncline"), `#!/bin/sh\n${line}\n`);
  chmodSync(join(folder, "bin/syncline"), 0o755);
  mkdirSync(join(folder, "plans"));
  writeFileSync(join(folder, "syncline.yaml"), CONFIG);
  writeFileSync(join(folder, "other.yaml"), "pipelines: { elsewhere: {} }\n");
  return folder;
}

/** What bash offers for each line, cut into words as readline cuts them: at blanks and `=`. */
function inBash(folder: string, lines: readonly string[]): readonly (readonly string[])[] {
  const asks = lines.map((line) => {
    const words = line.split(/ |(=)/).filter((word) => word !== undefined);
    const spelt = words.filter((word, i) => word !== "" || i === words.length - 1);
    return (
      `COMP_WORDS=(${spelt.map((word) => `'${word}'`).join(" ")})\n` +
      `COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))\n_syncline\n` +
      `echo "$(printf '%s ' "\${COMPREPLY[@]}")"`
    );
  });
  const script = `source script.bash\n${asks.join("\n")}\ncomplete -p syncline\n`;
  const env = { PATH: `${join(folder, "bin")}:${process.env["PATH"]}`, HOME: folder };
  const ran = spawnSync("bash", ["--norc", "--noprofile", "-uc", script], {
    cwd: folder,
    env,
    encoding: "utf8",
  });
  assert.equal(ran.status, 0, ran.stderr);
  assert.equal(ran.stderr, "");
  const told = ran.stdout.trimEnd().split("\n");
  assert.equal(told.pop(), "complete -F _syncline syncline");
  assert.equal(told.length, lines.length);
  return told.map((line) => line.split(" ").filter((word) => word !== ""));
}

test("bash completes commands, options, their values and names of the configuration", async (t) => {
  const folder = placeOf(t);
  const { stdout } = await cli(folder, "completion", "bash");
  writeFileSync(join(folder, "script.bash"), stdout);
  const cases: readonly (readonly [line: string, offered: readonly string[]])[] = [
    ["syncline re", ["remove", "resolve", "retry"]],
    ["syncline help bl", ["blame"]],
    ["syncline --v", ["--version"]],
    ["syncline plan --e", ["--exit-code", "--everything"]],
    ["syncline plan ", ["customers", "orders"]],
    ["syncline remove customers ", []],
    ["syncline plan --limit ", []],
    ["syncline plan --limit 10 o", ["orders"]],
    ["syncline plan --allow-deletes=20 customers o", ["orders"]],
    ["syncline plan --trust=", ["journal", "crm", "billing"]],
    ["syncline plan -c other.yaml ", ["elsewhere"]],
    ["syncline plan --config=other.yaml ", ["elsewhere"]],
    ["syncline plan -c ~/other.yaml ", ["elsewhere"]],
    ["syncline plan -c ot", ["other.yaml"]],
    ["syncline init --dir p", ["plans"]],
    ["syncline init --source ", ["sqlite", "postgres", "csv", "ndjson", "json"]],
    ["syncline conflicts --why dr", ["drift"]],
    ["syncline letters --code RULE", ["RULE_BROKEN"]],
    ["syncline plan -- --e", []],
    ["syncline completion ", ["bash", "zsh", "fish"]],
  ];
  const offered = inBash(
    folder,
    cases.map(([line]) => line),
  );
  for (const [i, [line, expected]] of cases.entries()) assert.deepEqual(offered[i], expected, line);
  assert.throws(() => readFileSync(join(folder, "made")), "a name was run");
});

test("bash offers every command, and every option that its help has", async (t) => {
  const folder = placeOf(t);
  writeFileSync(join(folder, "script.bash"), bashScript(grammarOf(MANUAL)));
  const lines = ["syncline ", ...MANUAL.map(({ name }) => `syncline ${name} -`)];
  const [commands, ...options] = inBash(folder, lines);
  assert.deepEqual(commands, [...MANUAL.map(({ name }) => name), "help"]);
  for (const [i, { name }] of MANUAL.entries()) {
    const help = (await cli(folder, name, "--help")).stdout;
    const told = [...help.matchAll(/^ {2}(?:(-\w), )?(--[a-z-]+)/gm)].flatMap(([, short, long]) => {
      return [short, long].filter((flag) => flag !== undefined);
    });
    assert.ok(told.length > 1, help);
    assert.deepEqual(options[i]?.toSorted(), told.toSorted(), name);
  }
});

test("the scripts are what they were, for a small manual", () => {
  const commands = grammarOf(SMALL);
  for (const [shell, script] of [
    ["bash", bashScript(commands)],
    ["zsh", zshScript(commands)],
    ["fish", fishScript(commands)],
  ] as const) {
    const file = join(import.meta.dirname, `golden/completion.${shell}.txt`);
    if (process.env["UPDATE_GOLDEN"] !== undefined) writeFileSync(file, script);
    assert.equal(script, readFileSync(file, "utf8"), shell);
  }
});

test("fish completes as bash does", { skip: isMissing("fish") }, async (t) => {
  const folder = placeOf(t);
  writeFileSync(join(folder, "script.fish"), (await cli(folder, "completion", "fish")).stdout);
  const cases = [
    ["syncline re", ["remove", "resolve", "retry"]],
    ["syncline plan ", ["customers", "orders"]],
    ["syncline plan -c other.yaml ", ["elsewhere"]],
    ["syncline init --source c", ["csv"]],
  ] as const;
  for (const [line, expected] of cases) {
    const { stdout, stderr } = spawnSync(
      "fish",
      ["--no-config", "-c", `source script.fish; complete -C '${line}'`],
      { cwd: folder, encoding: "utf8", env: { PATH: `bin:${process.env["PATH"]}`, HOME: folder } },
    );
    const offered = stdout.split("\n").flatMap((each) => each.split("\t")[0] || []);
    assert.deepEqual(offered, expected, `${line}\n${stderr}`);
  }
});

test("zsh reads its script without complaint", { skip: isMissing("zsh") }, async (t) => {
  const folder = placeOf(t);
  const input = (await cli(folder, "completion", "zsh")).stdout;
  const { status, stderr } = spawnSync("zsh", ["-f", "-n"], { input, encoding: "utf8" });
  assert.equal(stderr, "");
  assert.equal(status, 0);
});

test("names are read from a file that is not valid, and from a program", async (t) => {
  const folder = placeOf(t);
  const told = await cli(folder, "completion", "--names", "systems");
  assert.equal(told.stdout, "crm\nbilling\n");
  const program = "export default { pipelines: { first: {}, second: {} } };\n";
  writeFileSync(join(folder, "syncline.mjs"), program);
  const read = await json(folder, "completion", "--names", "pipelines", "-c", "syncline.mjs");
  assert.deepEqual(read.document.result, { names: ["first", "second"] });
  writeFileSync(join(folder, "syncline.local.yaml"), "systems: { mine: { type: sqlite } }\n");
  const local = await json(folder, "completion", "--names", "systems");
  assert.deepEqual(local.document.result, { names: ["crm", "billing", "mine"] });
  writeFileSync(join(folder, "broken.yaml"), "pipelines: [\n");
  const broken = await cli(folder, "completion", "--names", "pipelines", "-c", "broken.yaml");
  assert.deepEqual([broken.exit, broken.stdout], [0, ""]);
  const gone = await cli(folder, "completion", "--names", "pipelines", "-c", "gone.yaml");
  assert.equal(gone.exit, 2);
  assert.match(gone.stderr, /CONFIG_NOT_FOUND/);
});

test("a shell that is not known is refused, and no shell at all", async (t) => {
  const folder = folderOf(t);
  const typo = await cli(folder, "completion", "zhs");
  assert.equal(typo.exit, 2);
  assert.match(typo.stderr, /"zhs" is no shell we know\.\n.*Did you mean "zsh"\?/);
  assert.match((await cli(folder, "completion")).stderr, /There is bash, zsh and fish\./);
  assert.match((await cli(folder, "completion", "--names", "x")).stderr, /"x" has no names\./);
  const { document } = await json(folder, "completion", "fish");
  assert.equal(document.result["script"], (await cli(folder, "completion", "fish")).stdout);
  assert.doesNotMatch((await cli(folder, "completion", "--help")).stdout, /--names|--config/);
});

function isMissing(shell: string): string | false {
  const { error } = spawnSync(shell, ["--version"]);
  return error === undefined ? false : `${shell} is not installed`;
}

/** Everything that a manual can say, once. */
const SMALL: readonly Manual[] = [
  {
    name: "make",
    group: "Set up",
    summary: "make it: what's [new]",
    text: "",
    arguments: [{ name: "[pipelines...]", text: "", values: { names: "pipelines" } }],
    options: [
      { flags: "-c, --config <file>", text: "the file", values: { paths: "file" } },
      { flags: "--dir <folder>", text: "where to (default: here)", values: { paths: "folder" } },
      { flags: "--kind <kind>", text: "one of two", values: { words: ["a", "b"] } },
      {
        flags: "--trust <systems>",
        text: "whom",
        values: { names: "systems", words: ["journal"] },
      },
      { flags: "--most [max]", text: "at most" },
      { flags: "--free <text>", text: "anything" },
      { flags: "--hidden <x>", text: "not seen", isHidden: true },
      { flags: "--json", text: "one document" },
    ],
    examples: [],
    load: () => assert.fail("nothing is run"),
  },
  {
    name: "ask",
    group: "Look",
    summary: "ask",
    text: "",
    arguments: [{ name: "<word>", text: "", values: { words: ["yes", "no"] } }],
    examples: [],
    load: () => assert.fail("nothing is run"),
  },
];
