/**
 * Compares what a user can call with `api/*.d.ts`, and fails when it differs; `--write` records it.
 * There is one record for each subpath of the package: the declarations of all files it reaches,
 * without comments. A file that a lower subpath has recorded is named there and not repeated.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix, resolve } from "node:path";

/** Lower layers first. */
const SUBPATHS = [
  "core",
  "engine",
  "testing",
  "replicas/sqlite",
  "replicas/postgres",
  "replicas/rows",
  "replicas/http",
  "journals/sqlite",
  "config",
  "compat/supernal",
] as const;

const root = resolve(import.meta.dirname, "..");
const isWriting = process.argv.includes("--write");

const compiler = join(root, "node_modules/.bin/tsc");
const { status } = spawnSync(compiler, ["-b", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) process.exit(1);
if (isWriting) mkdirSync(join(root, "api"), { recursive: true });

const homes = new Map<string, string>();
const entries = [...SUBPATHS.map((subpath) => `${subpath}/index`), "index"];
for (const entry of entries.filter((each) => existsSync(declarations(each)))) {
  const name = entry === "index" ? "syncline" : posix.dirname(entry).replace("/", "-");
  const record = `api/${name}.d.ts`;
  const text = recordOf(entry, record);
  const path = join(root, record);
  if (isWriting) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== text) {
    console.error(`${record} differs: if that is meant, run \`npm run check:api -- --write\``);
    process.exitCode = 1;
  }
}

function recordOf(entry: string, record: string): string {
  const parts: string[] = [];
  const files = [entry];
  for (const file of files) {
    const home = homes.get(file);
    if (home === record) continue;
    if (home !== undefined) {
      parts.push(`// ${file}: see ${home}\n`);
      continue;
    }
    homes.set(file, record);
    const text = readFileSync(declarations(file), "utf8");
    parts.push(`// ${file}\n${withoutComments(text)}`);
    files.push(...importsOf(file, text));
  }
  return [...new Set(parts)].join("\n");
}

function importsOf(file: string, text: string): readonly string[] {
  const found = text.matchAll(/(?:from|import\() ?"(\.[^"]+)\.[jt]s"/g);
  return [...found].map(([, to = ""]) => posix.join(posix.dirname(file), to)).toSorted();
}

function withoutComments(text: string): string {
  return text.replaceAll(/^[ \t]*\/\*\*[\s\S]*?\*\/\n?/gm, "");
}

function declarations(file: string): string {
  return join(root, "dist", `${file}.d.ts`);
}
