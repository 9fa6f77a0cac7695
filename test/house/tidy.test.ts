import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, join, posix } from "node:path";
import { test, type TestContext } from "node:test";
import { root } from "./tool.ts";

const FILE_LINES = 350;
const FILE_LINES_MAX = 400;
const COLUMNS_MAX = 100;
const TEXT_BYTES_MAX = 1_000_000;

const NOT_OURS = new Set([".git", "node_modules", "dist", "coverage", ".syncline"]);
const VAGUE_NAME = /^(?:utils?|helpers?|common|types|misc|shared|.*manager)$/i;
const DOCUMENTED_ZONES = /^src\/(?:[^/]+$|core\/|engine\/|testing\/)/;
const EXPORT =
  /^export (?:declare |abstract |async )*(?:function\*?|const|let|class|interface|type) (\w+)/;

/** Each pattern is written so that it does not match itself. */
const BANNED: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/(?<![\w.])\/(?:work|farm|root)\//, "a path of somebody's machine"],
  [/\/home\/(?!\$)\w+\//, "a path of somebody's machine"],
  [/\bregistry\.(?=[a-z]+\.[a-z]+)/, "the address of a package registry"],
  [/^(?:<{7}|>{7}|={7})(?: |$)/, "a merge conflict"],
];

/** The same for code, where comments are ours as well. */
const BANNED_IN_CODE: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/@ts-(?:ignore|nocheck)/, "types are not switched off"],
  [/\bas any\b(?! (?!as\b|satisfies\b)\w)|: any(?=[\s;,)=[\]>|])(?! \w)/, "there is no `any` here"],
  [/\b(?:test|it|suite|describe)\.only\(/, "one test silences the others"],
  [/\bTODO\b(?!.*\b(?:when|once|until|after|as soon as)\b)/, "names no condition that ends it"],
  [/\bFIXME\b|\bXXX\b/, "a remark without a condition"],
];

const files = ourFiles("");
/** `api/` is not written by anybody: it is what the compiler says of the library. */
const code = files.filter(
  (path) => [".ts", ".mjs"].includes(extname(path)) && !path.startsWith("api/"),
);
/** The model is kept as it was received: neither linted nor formatted (its README says why). */
const formatted = code.filter((path) => !/^test\/model\/\w+\.mjs$/.test(path));

test("a file is short enough to be read in one go", (t) => {
  const lengths = code.map((path) => [path, read(path).split("\n").length - 1] as const);
  for (const [path, lines] of lengths) {
    if (lines > FILE_LINES) t.diagnostic(`${path} has ${lines} lines, more than ${FILE_LINES}`);
  }
  nothing(lengths.filter(([, lines]) => lines > FILE_LINES_MAX).map((each) => each.join(": ")));
});

test("no line of code is wider than the page", () => {
  nothing(
    matches(formatted, (line) => ([...line].length > COLUMNS_MAX ? `over ${COLUMNS_MAX}` : "")),
  );
});

test("a file is named after its one idea", () => {
  nothing(code.filter((path) => VAGUE_NAME.test(basename(path).replace(/\..*$/, ""))));
});

test("nothing tells on which machine it was written", (t) => refuses(t, files, BANNED));

test("no code hides from the compiler, the test runner or the future", (t) =>
  refuses(t, code, BANNED_IN_CODE));

test("the lockfile names versions, not addresses", () => {
  nothing(
    matches(["package-lock.json"], (line) =>
      line.includes('"resolved": "http') ? "an address" : "",
    ),
  );
});

test("every export of PURE and PORTABLE code says what it promises", () => {
  const zones = code.filter((path) => DOCUMENTED_ZONES.test(path));
  nothing(zones.flatMap((path) => undocumented(read(path)).map((name) => `${path}: ${name}`)));
});

test("a replica never imports another, nor a journal", () => {
  const own = (path: string) => path.split("/").slice(0, 3).join("/").replace(/\.ts$/, "");
  const ours = code.filter((path) => /^src\/(?:replicas|journals)\/[^/]+\//.test(path));
  nothing(
    ours.flatMap((path) =>
      importsOf(path)
        .filter((to) => /^src\/(?:replicas|journals)\//.test(to) && own(to) !== own(path))
        .map((to) => `${path} imports ${to}`),
    ),
  );
});

/** Exports without a doc comment above. A further overload needs none. */
function undocumented(text: string): readonly string[] {
  const lines = text.split("\n");
  const seen = new Set<string>();
  return lines.flatMap((line, index) => {
    const name = EXPORT.exec(line)?.[1];
    if (name === undefined || seen.has(name)) return [];
    seen.add(name);
    return lines[index - 1]?.trimEnd().endsWith("*/") ? [] : [name];
  });
}

function importsOf(path: string): readonly string[] {
  const found = read(path).matchAll(/(?:from|import\() ?"(\.[^"]+)"/g);
  return [...found].map(([, to = ""]) => posix.join(dirname(path), to));
}

function refuses(t: TestContext, paths: readonly string[], banned: typeof BANNED): void {
  t.diagnostic(`${paths.length} files read`);
  nothing(matches(paths, (line) => banned.find(([pattern]) => pattern.test(line))?.[1] ?? ""));
}

/** Where a line is complained about, as path:line: complaint. */
function matches(paths: readonly string[], complaint: (line: string) => string): string[] {
  return paths.flatMap((path) =>
    read(path)
      .split("\n")
      .flatMap((line, index) => {
        const found = complaint(line);
        return found === "" ? [] : [`${path}:${index + 1}: ${found}`];
      }),
  );
}

function nothing(found: readonly string[]): void {
  assert.ok(found.length === 0, `\n${found.join("\n")}`);
}

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** Every text file of the project below a folder, by its path from the root. */
function ourFiles(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (NOT_OURS.has(entry.name)) return [];
    if (entry.isDirectory()) return ourFiles(path);
    return entry.isFile() && statSync(join(root, path)).size < TEXT_BYTES_MAX ? [path] : [];
  });
}
