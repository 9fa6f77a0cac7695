import assert from "node:assert/strict";
import { test } from "node:test";
import { MANUAL } from "../../src/cli/manual/manual.ts";
import { invoke } from "../../src/cli/program.ts";
import { Stopping } from "../../src/cli/stopping.ts";
import { Captured } from "../../src/cli/world.ts";
import { cli, cliProcess } from "./world.ts";

const ESCAPE = String.fromCodePoint(27);

test("the help lists every command, an example of how to begin and the exit codes", async () => {
  const { exit, stdout } = await cli(".", "--help");
  assert.equal(exit, 0);
  for (const { name, summary } of MANUAL) {
    assert.match(stdout, new RegExp(`^  ${name} `, "m"));
    assert.ok(stdout.replaceAll(/\s+/g, " ").includes(summary), name);
  }
  assert.match(stdout, /^Examples:$/m);
  assert.match(stdout, /^Exit codes:/m);
});

test("every command's help has examples that name it, and --json", async () => {
  for (const { name } of MANUAL) {
    const { exit, stdout } = await cli(".", name, "--help");
    assert.equal(exit, 0, name);
    assert.match(stdout, new RegExp(`^Examples:\\n  syncline ${name}`, "m"), name);
    assert.match(stdout, /--json/, name);
    assert.equal((await cli(".", "help", name)).stdout, stdout, name);
  }
});

test("every example in the help is understood", async () => {
  for (const { name, examples } of MANUAL) {
    for (const [line] of examples) {
      const words = wordsOf(line.split(" && ")[0] ?? "");
      // --help ends every line before its command runs, but not before its words are looked at.
      const { exit, stderr } = await cli(".", ...words, "--help");
      assert.equal(exit, 0, `${name}: ${line}\n${stderr}`);
      const known = (MANUAL.find((manual) => manual.name === words[0])?.options ?? []).flatMap(
        ({ flags }) => flags.match(/--[a-z-]+/g) ?? [],
      );
      for (const word of words.filter((each) => each.startsWith("--"))) {
        assert.ok(known.includes(word.replace(/=.*/, "")), `${line}: ${word}`);
      }
    }
  }
});

test("on a terminal of 80 columns the help fills its lines, and none is wider", async () => {
  for (const words of [[], ...MANUAL.map(({ name }) => [name])]) {
    const stdout = Object.assign(new Captured(), { columns: 80 });
    const world = { stdout, stderr: new Captured(), env: {}, cwd: ".", now: Date.now };
    await invoke([...words, "--help"], { ...world, stopping: new Stopping() });
    for (const line of stdout.text.split("\n")) assert.ok(line.length <= 80, line);
    const [, , text = "", more = ""] = stdout.text.split("\n");
    assert.ok(text.length > 60 || more === "", `${text}\n${more}`);
  }
});

test("without a command the help is printed, and that is a mistake", async () => {
  const { exit, stdout } = await cli(".");
  assert.equal(exit, 2);
  assert.match(stdout, /^Usage: syncline/);
});

test("an unknown command, option or word is refused, and the nearest one suggested", async () => {
  const cases: readonly (readonly [words: readonly string[], message: RegExp, hint: RegExp])[] = [
    [["plam"], /Unknown command 'plam'/, /Did you mean plan\? See syncline --help/],
    [["plan", "--ful"], /Unknown option '--ful'/, /Did you mean --full\? See syncline plan --help/],
    [["runs", "x"], /Too many arguments for 'runs'/, /See syncline runs --help/],
    [["history"], /Missing required argument 'key'/, /See syncline history --help/],
    [["plan", "--limit"], /'--limit <n>' argument missing/, /See syncline plan --help/],
  ];
  for (const [words, message, hint] of cases) {
    const { exit, stdout, stderr } = await cli(".", ...words);
    assert.equal(exit, 2, words.join(" "));
    assert.equal(stdout, "");
    assert.match(stderr, /^✗ USAGE\n/);
    assert.match(stderr, message);
    assert.match(stderr, hint);
    const told = JSON.parse((await cli(".", ...words, "--json")).stdout);
    assert.equal(told.ok, false);
    if (words[1] !== "--limit") assert.equal(told.error.code, "USAGE");
  }
});

test("the version is the package's", async () => {
  const { exit, stdout } = await cli(".", "--version");
  assert.equal(exit, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test("a pipe gets no escape codes; FORCE_COLOR asks for them, and NO_COLOR wins", () => {
  const plain = cliProcess(".", ["plam"]);
  assert.equal(plain.exit, 2);
  assert.ok(!(plain.stdout + plain.stderr).includes(ESCAPE));
  assert.ok(cliProcess(".", ["plam"], { FORCE_COLOR: "1" }).stderr.includes(ESCAPE));
  const both = cliProcess(".", ["plam"], { FORCE_COLOR: "1", NO_COLOR: "1" });
  assert.ok(!both.stderr.includes(ESCAPE));
});

test("a terminal without UTF-8 gets letters for signs", () => {
  const { stderr } = cliProcess(".", ["plam"], { LC_ALL: "C" });
  assert.match(stderr, /^x USAGE\n {2}Unknown command 'plam'\.\n {2}-> Did you mean plan\?/);
});

/** A line taken apart at blanks, quotes kept together. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}
