/**
 * Plants every fault of test/mutants in a copy of the sources, one at a time, and looks for the
 * first check that notices it: random schedules of the simulated world, then the tests of the core,
 * the engine and the world.
 *   npm run mutants -- [--jobs 2] [NAME …]
 * Prints a table. Exits with 1 when a fault escapes, when one cannot be planted any more, or when
 * the checks are not clean without any.
 */
import { spawn } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs } from "node:util";

/** Schedules in which a fault has to show, at most. */
const SEEDS = 5000;
/** No check without a fault takes as long (ms). */
const CHECK_MS_MAX = 1_200_000;
/** A fault with which a check takes so many times as long as without makes it wait for ever. */
const SLOWER_MAX = 6;
const TESTS = [
  "test/core/{fold,told,model,creation,union}*.test.ts",
  "test/engine/*.test.ts",
  "test/testing/world.test.ts",
];

interface Mutant {
  readonly name: string;
  readonly says: string;
  readonly patch: string;
}

interface Verdict {
  readonly mutant: Mutant;
  readonly isCaught: boolean;
  readonly by: string;
  readonly first: string;
}

interface Ran {
  readonly code: number;
  readonly text: string;
  /** It was given up. */
  readonly isOver: boolean;
}

/** How long each check takes without a fault (ms). */
const cleanMs = new Map<string, number>();

const root = resolve(import.meta.dirname, "..");
await main();

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { jobs: { type: "string", default: "2" } },
  });
  const mutants = mutantsNamed(positionals);
  const clean = await inCopy(async (place) => (await firstBroken(place)) ?? firstFailing(place));
  if (clean !== undefined) {
    console.error(`without any fault this fails already: ${clean.by} (${clean.first})`);
    process.exitCode = 1;
    return;
  }
  console.log("| fault | what is wrong | caught by | first seed |\n|---|---|---|---|");
  const waiting = mutants.slice();
  const verdicts: Verdict[] = [];
  const work = async (): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const verdict = await judge(mutant);
      verdicts.push(verdict);
      const by = verdict.isCaught ? verdict.by : `**${verdict.by}**`;
      console.log(`| ${mutant.name} | ${mutant.says} | ${by} | ${verdict.first} |`);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, work));
  const escaped = verdicts.filter(({ isCaught }) => !isCaught);
  console.log(`${verdicts.length - escaped.length} of ${verdicts.length} caught`);
  process.exitCode = escaped.length === 0 ? 0 : 1;
}

function mutantsNamed(names: readonly string[]): readonly Mutant[] {
  const files = globSync("test/mutants/*.patch", { cwd: root }).toSorted();
  const mutants = files.map((file): Mutant => {
    const patch = join(root, file);
    const [says = ""] = readFileSync(patch, "utf8").split("\n");
    return { name: basename(file, ".patch"), says, patch };
  });
  return names.length === 0 ? mutants : mutants.filter(({ name }) => names.includes(name));
}

function judge(mutant: Mutant): Promise<Verdict> {
  return inCopy(async (place) => {
    const planted = await run("git", ["apply", "-C1", mutant.patch], place);
    if (planted.code !== 0) {
      return { mutant, isCaught: false, by: "cannot be planted", first: planted.text.trim() };
    }
    const caught = (await firstBroken(place)) ?? (await firstFailing(place));
    if (caught !== undefined) return { mutant, isCaught: true, ...caught };
    return { mutant, isCaught: false, by: "nothing", first: `none up to ${SEEDS}` };
  });
}

interface Noticed {
  readonly by: string;
  readonly first: string;
}

/** The first test that fails; undefined: none. */
async function firstFailing(place: string): Promise<Noticed | undefined> {
  for (const pattern of TESTS) {
    const { code, text, isOver } = await check(["--test", "--test-reporter=tap", pattern], place);
    if (code === 0) continue;
    if (isOver) return forEver(pattern);
    const by = /^\s*not ok \d+ - (.*)$/m.exec(text)?.[1] ?? pattern;
    return { by, first: "a test" };
  }
  return undefined;
}

/** What random schedules break first; undefined: nothing. */
async function firstBroken(place: string): Promise<Noticed | undefined> {
  const args = ["scripts/simulate.ts", "--first", "--seeds", String(SEEDS)];
  const { code, text, isOver } = await check(args, place);
  if (isOver) return forEver("the world");
  const found = /^first broken: seed (\d+), (.*)$/m.exec(text);
  if (found !== null) return { by: found[2] ?? "", first: found[1] ?? "" };
  return code === 0 ? undefined : { by: "the world stops", first: text.trim().slice(-200) };
}

const forEver = (what: string): Noticed => ({ by: `${what} waits for ever`, first: "never ends" });

/** One check, in its time. What no compiler would have taken is no fault. */
async function check(args: readonly string[], place: string): Promise<Ran> {
  const what = args.join(" ");
  const began = Date.now();
  const known = cleanMs.get(what);
  const ran = await node(args, place, known === undefined ? CHECK_MS_MAX : known * SLOWER_MAX);
  if (known === undefined) cleanMs.set(what, Date.now() - began);
  const broken = /^(?:ReferenceError|SyntaxError)\b.*$|ERR_INVALID_TYPESCRIPT.*/m.exec(ran.text);
  if (broken !== null) throw new Error(`a fault is no code: ${broken[0]}`);
  return ran;
}

async function inCopy<Result>(work: (place: string) => Promise<Result>): Promise<Result> {
  const place = mkdtempSync(join(tmpdir(), "syncline-mutant-"));
  try {
    for (const part of ["src", "scripts", "test", "package.json"]) {
      cpSync(join(root, part), join(place, part), { recursive: true });
    }
    symlinkSync(join(root, "node_modules"), join(place, "node_modules"));
    return await work(place);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function node(args: readonly string[], cwd: string, timeout: number): Promise<Ran> {
  return run(process.execPath, ["--conditions=syncline-source", ...args], cwd, timeout);
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  timeout = CHECK_MS_MAX,
): Promise<Ran> {
  return new Promise((settle) => {
    const child = spawn(command, args, {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      timeout,
    });
    let text = "";
    const hear = (chunk: Buffer): void => {
      text += chunk.toString();
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", (error) => settle({ code: 1, text: error.message, isOver: false }));
    child.once("close", (code) => settle({ code: code ?? 1, text, isOver: code === null }));
  });
}
