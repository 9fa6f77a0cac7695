/**
 * Builds the package from the sources as they are, packs it, installs it into an empty folder, and
 * uses it there the way its users do: every subpath under the oldest Node allowed and under ours,
 * every declaration file under the strictest compiler, and the command. What two subpaths export
 * under one name has to be one thing: a class that is there twice fails every `instanceof`.
 * Asks the registry for the dependencies; with `--linked` it takes those of this checkout instead.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
};

const PACKED = [
  "package.json",
  "README.md",
  "LICENSE",
  "bin",
  "src",
  "tsconfig*.json",
  "scripts/build.ts",
];
const FORBIDDEN =
  /\.tsbuildinfo$|(?<!\.d)\.ts$|^package\/(?!package\.json|README|LICENSE|bin|dist)/;
const NODES = [process.execPath, "tools/node-floor/node_modules/.bin/node"];

/** Run in the user's folder, after a list of `paths`. */
const ONCE = `
  const homes = new Map();
  let shared = 0;
  for (const path of paths) {
    for (const [name, value] of Object.entries(await import(path))) {
      if (homes.has(name) && homes.get(name) !== value) throw new Error(path + " copies " + name);
      if (homes.has(name)) shared += 1;
      homes.set(name, value);
    }
  }
  if (shared === 0) throw new Error("no two subpaths share a name");`;

/** What each subpath may ask of its user's compiler. Others may ask for Node. */
const COMPILERS: readonly {
  readonly lib: readonly string[];
  readonly types: readonly string[];
  readonly subpaths: RegExp;
}[] = [
  { lib: ["es2025"], types: [], subpaths: /^syncline\/core$/ },
  { lib: ["es2025", "webworker"], types: [], subpaths: /^syncline(?:\/(?:core|engine|testing))?$/ },
  { lib: ["es2025", "esnext.disposable"], types: ["node"], subpaths: /^/ },
];

const root = resolve(import.meta.dirname, "..");
const place = mkdtempSync(join(tmpdir(), "syncline-pack-"));
try {
  check(process.argv.includes("--linked"));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  rmSync(place, { recursive: true, force: true });
}

function check(linked: boolean): void {
  // The manifest is ours, and a wrong shape shows in the next lines.
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
  const tarball = pack(join(place, "stage"));
  const user = join(place, "user");
  mkdirSync(join(user, "node_modules"), { recursive: true });
  writeFileSync(join(user, "package.json"), '{ "private": true, "type": "module" }\n');
  if (linked) unpack(tarball, user, Object.keys(manifest.dependencies ?? {}));
  else run("npm", ["install", "--no-save", tarball], user);

  const subpaths = Object.keys(manifest.exports)
    .filter((subpath) => !subpath.endsWith(".json"))
    .map((subpath) => subpath.replace(/^\./, "syncline"));
  for (const node of NODES) useIt(user, resolve(root, node), subpaths);
  compile(user, subpaths);
  console.log(`the package is good: ${subpaths.join(" ")}`);
}

/** Packs a fresh build made in an own folder, so that nobody's `dist` gets lost. */
function pack(stage: string): string {
  mkdirSync(stage);
  for (const path of globSync(PACKED, { cwd: root })) {
    cpSync(join(root, path), join(stage, path), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(stage, "node_modules"));
  run(process.execPath, ["scripts/build.ts"], stage);
  run(ourTool("publint"), ["--strict", "--pack", "false"], stage);
  run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", place], stage);
  const [name] = globSync("*.tgz", { cwd: place });
  const tarball = join(place, name ?? "");
  const files = run("tar", ["-tzf", tarball], place).trim().split("\n");
  const wrong = files.filter((file) => FORBIDDEN.test(file));
  if (wrong.length > 0) throw new Error(`The package carries ${wrong.join(", ")}`);
  console.log(`packed ${files.length} files`);
  return tarball;
}

/** Installs without a registry: only what the manifest names is there to be found. */
function unpack(tarball: string, user: string, dependencies: readonly string[]): void {
  const modules = join(user, "node_modules");
  mkdirSync(join(modules, "syncline"));
  run("tar", ["-xzf", tarball, "--strip-components=1", "-C", join(modules, "syncline")], user);
  for (const name of dependencies) {
    mkdirSync(resolve(modules, name, ".."), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
}

function useIt(user: string, node: string, subpaths: readonly string[]): void {
  for (const subpath of subpaths) {
    const names = `Object.keys(await import("${subpath}"))`;
    run(node, ["--input-type=module", "-e", `if (${names}.length === 0) process.exit(1)`], user);
  }
  run(
    node,
    ["--input-type=module", "-e", `const paths = ${JSON.stringify(subpaths)};${ONCE}`],
    user,
  );
  const work = mkdtempSync(join(user, "work-"));
  const command = "../node_modules/syncline/bin/syncline.mjs";
  for (const words of [["--help"], ["init", "--example"], ["validate"], ["plan"]]) {
    run(node, [command, ...words], work);
  }
  const debugged = spawnSync(node, [command, "validate", "-c", "none.yaml"], {
    cwd: work,
    encoding: "utf8",
    env: { ...process.env, SYNCLINE_DEBUG: "1" },
  });
  if (!/src\/config\/load\.ts:\d+/.test(debugged.stderr)) {
    throw new Error(`An error does not say where it was thrown:\n${debugged.stderr}`);
  }
  const version = run(node, ["-v"], user).trim();
  console.log(`${subpaths.length} subpaths and the command work under Node ${version}`);
}

function compile(user: string, subpaths: readonly string[]): void {
  for (const [index, { lib, types, subpaths: allowed }] of COMPILERS.entries()) {
    const imported = subpaths.filter((subpath) => allowed.test(subpath));
    const lines = imported.map((subpath, at) => `export * as part${at} from "${subpath}";`);
    writeFileSync(join(user, `use${index}.ts`), `${lines.join("\n")}\nexport {};\n`);
    const args = ["--strict", "--noEmit", "--target", "es2024", "--module", "nodenext"];
    if (types.length > 0) args.push("--typeRoots", join(root, "node_modules/@types"));
    args.push(
      "--types",
      types.join(","),
      "--lib",
      lib.join(","),
      "--ignoreConfig",
      `use${index}.ts`,
    );
    run(ourTool("tsc"), args, user);
  }
}

function ourTool(name: string): string {
  return join(root, "node_modules/.bin", name);
}

/** Runs a program to its end, and throws with all that it printed when it fails. */
function run(program: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(program, args, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    // What execFileSync throws carries both streams as text, as the encoding above asks for.
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${program} ${args.join(" ")}\n${stdout ?? ""}${stderr ?? ""}`, {
      cause: error,
    });
  }
}
