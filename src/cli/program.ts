// From words on the command line to one call of one command, and from its answer or failure to
// output and an exit code.
import { readFileSync } from "node:fs";
import { Argument, Command as Parser, CommanderError, Option } from "commander";
import { SyncError } from "../core/errors.ts";
import { asOne } from "../core/problems.ts";
import { ALL } from "./words.ts";
import type { Answer, Call, Manual, OptionManual } from "./command.ts";
import { documentOf } from "./document.ts";
import { EXIT, exitOf, syncErrorOf } from "./exit.ts";
import { MANIFEST } from "./manifest.ts";
import { MANUAL } from "./manual/manual.ts";
import { Page } from "./page.ts";
import { report } from "./report.ts";
import { SIGNAL_EXITS } from "./stopping.ts";
import type { World } from "./world.ts";

const MAIN_EXAMPLES = `
Examples:
  syncline demo
      see all of it on real data, in a fresh folder
  syncline init --example && syncline plan
      start with two small databases
  syncline plan && syncline apply
      see what would be written, then have exactly that written

Exit codes: 0 done, 1 failed, 2 usage or configuration, 3 environment,
4 done but something waits for a person, 5 refused for safety,
10 changes (plan --exit-code), 130/143 stopped.`;

/** Runs one command line to its end and returns the exit code. Throws nothing. */
export async function invoke(words: readonly string[], world: World): Promise<number> {
  const asked: Asked = {};
  const help: string[] = [];
  const name = words.find((word) => !word.startsWith("-"));
  const named = MANUAL.find((manual) => manual.name === name);
  if (named !== undefined) asked.manual = named;
  try {
    const parser = parserOf(world, asked, (text) => help.push(text));
    await parser.parseAsync(spelledOut(words), { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) return fail(thrown, asked, isJson(words), world);
    if (HELP_CODES.has(thrown.code)) {
      for (const text of help) await world.stdout.write(text);
      return thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
    }
    return fail(usageError(thrown, named?.name), asked, isJson(words), world);
  }
  return answered(asked, isJson(words), world);
}

/** What parsing found out. */
interface Asked {
  manual?: Manual;
  call?: Call;
}

async function answered(asked: Asked, json: boolean, world: World): Promise<number> {
  const { manual, call } = asked;
  if (manual === undefined || call === undefined) return EXIT.usage;
  try {
    const command = await manual.load();
    const answer = await command(call);
    try {
      await tell(answer, manual.name, json, world);
    } finally {
      await answer.close?.();
    }
    return signalExit(world) ?? answer.exit;
  } catch (thrown) {
    return fail(thrown, asked, json, world);
  }
}

async function tell(answer: Answer, command: string, json: boolean, world: World): Promise<void> {
  const { summary, result, errors = [] } = answer;
  if (!json) {
    await answer.print(new Page(world.stdout, world.env));
    const page = new Page(world.stderr, world.env);
    for (const error of errors) await report(error, page, isDebugging(world));
    return;
  }
  const error = asOne(errors) ?? null;
  // Something that waits for a person is not a failure: `ok` says that the command did its work.
  const ok = error === null && !NOT_DONE.has(answer.exit);
  await world.stdout.write(await documentOf({ command, ok, summary, result, error }));
}

const NOT_DONE: ReadonlySet<number> = new Set([EXIT.failed, EXIT.environment, EXIT.refused]);

async function fail(thrown: unknown, asked: Asked, json: boolean, world: World): Promise<number> {
  const error = syncErrorOf(thrown);
  const command = asked.manual?.name ?? "syncline";
  if (json) {
    const said = { command, ok: false, summary: {}, result: null, error };
    await world.stdout.write(await documentOf(said));
  } else {
    await report(error, new Page(world.stderr, world.env), isDebugging(world));
  }
  return signalExit(world) ?? exitOf(error);
}

function isDebugging({ env }: World): boolean {
  return (env["SYNCLINE_DEBUG"] ?? "") !== "";
}

/**
 * The exit code of a command that is over, once it is known whether its output arrived. What was
 * lost is told on stderr, and is a failure however well the command did.
 */
export async function afterLoss(
  world: World,
  exit: number,
  lost: Error | undefined,
): Promise<number> {
  if (lost === undefined) return exit;
  const error = lossOf(lost, exit);
  await report(error, new Page(world.stderr, world.env), isDebugging(world));
  const isFailed = exit !== EXIT.done && exit !== EXIT.waits && exit !== EXIT.changes;
  return isFailed ? exit : exitOf(error);
}

function lossOf(cause: Error, exit: number): SyncError {
  const code = "code" in cause ? String(cause.code) : "";
  const isFull = code === "ENOSPC" || code === "EDQUOT";
  const why = isFull ? "there is no space left where it goes" : cause.message;
  return new SyncError(isFull ? "DISK_FULL" : "OUTPUT_LOST", `The output is not whole: ${why}.`, {
    hint: `The command ended with exit code ${exit}; \`syncline runs\` lists what it did.`,
    cause,
  });
}

/** A command that was asked to stop says so, whatever else it has to say. */
function signalExit(world: World): number | undefined {
  const { asked } = world.stopping;
  return asked === undefined ? undefined : SIGNAL_EXITS[asked];
}

/** What commander throws once it has printed what was asked for. */
const HELP_CODES = new Set(["commander.help", "commander.helpDisplayed", "commander.version"]);

/** Commander's complaint in our form: what is wrong, and the nearest thing that would be right. */
function usageError({ message }: CommanderError, command: string | undefined): SyncError {
  const [first = "", ...more] = message.replace(/^error: /, "").split("\n");
  const suggestion = /Did you mean (.+)\?\)/s.exec(more.join(" "))?.[1];
  const help = `syncline ${command === undefined ? "" : `${command} `}--help`;
  const hint = suggestion === undefined ? `See ${help}` : `Did you mean ${suggestion}? See ${help}`;
  const sentence = `${first.charAt(0).toUpperCase()}${first.slice(1).replace(/\.?$/, ".")}`;
  return new SyncError("USAGE", sentence, { hint });
}

function versionOfProgram(): string {
  const manifest: unknown = JSON.parse(readFileSync(MANIFEST, "utf8"));
  return typeof manifest === "object" && manifest !== null && "version" in manifest
    ? String(manifest.version)
    : "unknown";
}

function parserOf(world: World, asked: Asked, onHelp: (text: string) => void): Parser {
  const parser = new Parser("syncline")
    .description(
      "Keeps copies of data in agreement. Shows what it will do before it does it, " +
        "never loses a change silently, and can always say why a value is what it is.",
    )
    .usage("<command> [options]")
    .version(versionOfProgram(), "-V, --version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print a command's help")
    .addHelpText("after", MAIN_EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: onHelp,
      // Without a command commander prints its help as an error; other errors are told by `report`.
      writeErr: onHelp,
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(world.stdout.columns, 100),
      getOutHasColors: () => false,
    });
  for (const manual of MANUAL) addCommand(parser, manual, world, asked);
  return parser;
}

function addCommand(parser: Parser, manual: Manual, world: World, asked: Asked): void {
  const command = parser
    .command(manual.name)
    .helpGroup(`${manual.group}:`)
    .summary(manual.summary)
    .description(manual.text)
    .addHelpText("after", examplesOf(manual));
  for (const { name, text } of manual.arguments ?? []) {
    command.addArgument(new Argument(name, text));
  }
  for (const option of manual.options ?? []) command.addOption(optionOf(option));
  command.action(() => {
    asked.call = { world, arguments: command.args, options: command.opts() };
    asked.manual = manual;
  });
}

function optionOf({ flags, text, shown, isHidden }: OptionManual): Option {
  const option = new Option(flags, text).hideHelp(isHidden === true);
  if (shown !== undefined) option.flags = shown;
  return option;
}

function examplesOf(manual: Manual): string {
  const lines = manual.examples.map(([line, purpose]) => `  syncline ${line}\n      ${purpose}`);
  return `\nExamples:\n${lines.join("\n")}`;
}

/** An option whose value may be left out would swallow the next word: it only takes `=VALUE`. */
function spelledOut(words: readonly string[]): readonly string[] {
  return words.map((word) => (word === "--allow-deletes" ? `--allow-deletes=${ALL}` : word));
}

function isJson(words: readonly string[]): boolean {
  const end = words.indexOf("--");
  return (end < 0 ? words : words.slice(0, end)).includes("--json");
}
