import assert from "node:assert/strict";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { root, tool } from "./tool.ts";

/** What each zone may import. The compiler has to refuse everything else. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  engine: ["core"],
  threads: ["core"],
  spool: ["core"],
  testing: ["core", "engine"],
  replicas: ["core", "engine", "threads", "spool"],
  journals: ["core", "engine", "threads"],
  config: ["core", "engine", "threads", "spool", "testing", "replicas", "journals"],
  cli: ["core", "engine", "threads", "spool", "testing", "replicas", "journals", "config"],
  compat: ["core", "engine", "threads", "spool", "testing", "replicas", "journals", "config"],
};

/** Names that PURE code cannot even say. */
const IMPURE_NAMES = [
  "process",
  "Buffer",
  "crypto",
  "setTimeout",
  "console",
  "fetch",
  "URL",
  "TextEncoder",
  "AbortSignal",
];

/** What the compiler lets through and the linter refuses, and the rule that has to say so. */
const REFUSED: readonly (readonly [zones: readonly string[], code: string, rule: string])[] = [
  [
    ["core", "engine", "testing"],
    "export const now: number = Date.now();",
    "no-restricted-globals",
  ],
  [
    ["core", "engine", "testing"],
    "export const day: object = new Date();",
    "no-restricted-globals",
  ],
  [["core", "engine", "testing"], "export const n = Math.random();", "no-restricted-properties"],
  [["engine", "testing"], "setTimeout(() => undefined, 1);", "no-restricted-globals"],
  [["engine", "testing"], "export const s = AbortSignal.timeout(1);", "no-restricted-properties"],
  [["core", "engine"], 'export * from "zod";', "no-restricted-imports"],
  [["core", "cli"], "export default 1;", "no-default-export"],
  [["core", "cli"], "export const x: \x61ny = 1;", "no-explicit-any"],
  [["core", "cli"], "export const x = [1][0]!;", "no-non-null-assertion"],
  [["core", "cli"], "// @ts-\x69gnore\nexport const x = 1;", "ban-ts-comment"],
  [["core", "cli"], "async function f() {}\nf();\nexport {};", "no-floating-promises"],
];

const place = mkdtempSync(join(tmpdir(), "syncline-layers-"));
after(() => rmSync(place, { recursive: true, force: true }));

test("every folder of src is a zone that the build knows", () => {
  const build = readFileSync(join(root, "tsconfig.build.json"), "utf8");
  const zones = globSync("src/*/", { cwd: root }).map((path) => path.replace(/^src\//, ""));
  assert.deepEqual(zones.toSorted(), Object.keys(LAYERS).toSorted());
  for (const zone of zones) assert.ok(build.includes(`"./src/${zone}"`), zone);
});

test("an import that points up does not compile, and one that points down does", () => {
  const folder = copyOfTheRules("imports");
  const expected: string[] = [];
  for (const [zone, below] of Object.entries(LAYERS)) {
    write(folder, `src/${zone}/mark.ts`, `export const mark = "${zone}";\n`);
    for (const other of Object.keys(LAYERS).filter((name) => name !== zone)) {
      const path = `src/${zone}/from-${other}.ts`;
      write(folder, path, `export { mark as ${other} } from "../${other}/mark.ts";\n`);
      if (!below.includes(other)) expected.push(path);
    }
  }
  const { output } = tool("tsc", ["-b", "--pretty", "false", "tsconfig.build.json"], folder);
  assert.deepEqual(pathsOf(output, "TS6307"), expected.toSorted(), output);
});

test("PURE code cannot name what the platform has", () => {
  const folder = copyOfTheRules("names");
  for (const name of IMPURE_NAMES) {
    write(folder, `src/core/${name}.ts`, `export const x: unknown = ${name};\n`);
  }
  write(folder, "src/core/fs.ts", 'export { readFileSync } from "node:fs";\n');
  write(folder, "src/core/innocent.ts", "export const x: number = Math.max(1, 2);\n");
  const { output } = tool("tsc", ["-b", "--pretty", "false", "src/core"], folder);
  const expected = [...IMPURE_NAMES, "fs"].map((name) => `src/core/${name}.ts`);
  assert.deepEqual(pathsOf(output, "TS"), expected.toSorted(), output);
});

test("the linter refuses what the compiler lets through", () => {
  const folder = copyOfTheRules("lint");
  const expected: string[] = [];
  for (const [index, [zones, code, rule]] of REFUSED.entries()) {
    for (const zone of zones) {
      write(folder, `src/${zone}/probe-${index}.ts`, `${code}\n`);
      expected.push(`src/${zone}/probe-${index}.ts ${rule}`);
    }
  }
  write(folder, "src/cli/innocent.ts", "export const now: number = Date.now();\n");
  const { output } = tool("oxlint", ["--format=unix"], folder);
  const found = output.split("\n").map((line) => {
    return line.replace(/:.*[/(]([a-z-]+)\)?\]$/, " $1");
  });
  for (const each of expected) assert.ok(found.includes(each), `${each}\n${output}`);
  assert.ok(!output.includes("innocent"), output);
});

/** A folder with the compiler's and the linter's rules as they are here, and no code. */
function copyOfTheRules(name: string): string {
  const folder = join(place, name);
  mkdirSync(folder);
  const rules = ["tsconfig*.json", ".oxlintrc.json", "package.json", "src/*/tsconfig.json"];
  for (const path of [...globSync(rules, { cwd: root }), "src/tsconfig.json"]) {
    cpSync(join(root, path), join(folder, path));
  }
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  return folder;
}

function write(folder: string, path: string, text: string): void {
  writeFileSync(join(folder, path), text);
}

/** The files that the compiler complains about with codes that begin so, each once, in order. */
function pathsOf(output: string, code: string): readonly string[] {
  const lines = output.split("\n").filter((line) => line.includes(`error ${code}`));
  return [...new Set(lines.map((line) => line.replace(/\(.*/, "")))].toSorted();
}
