/**
 * Fills `dist`: the code that each entry of the package reaches, in few files, because loading a
 * file costs more than reading it; and the declarations, one file each, from the compiler.
 * Files are shared between the entries and never copied, so that a class is the same class wherever
 * it is imported from. Fails where the compiler does; the code is written all the same.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { rolldown, type OutputAsset, type OutputChunk, type Plugin } from "rolldown";

type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
};

/** Packages that are carried along, each in a file of its own. How ours is cut is not said. */
const CARRIED = ["commander", "yaml", "@marcbachmann/cel-js", "re2js"];
const COMMAND = "src/cli/main.ts";
const NOTICE = "third-party.txt";
/** Programs of threads, which are started by the name of their file. */
const THREADS = "src/**/*-thread.ts";

const BUILTIN = /^import (\{ [^}]+ \}|\* as \w+|\w+) from "(node:[^"]+)";$/gm;
/**
 * Takes Node's own modules without `import`, which evaluates everything that they have to offer:
 * `node:process` opens the standard input, `node:fs` loads its promises. A seventh of a start.
 */
const builtins: Plugin = {
  name: "builtins",
  renderChunk: (text) => {
    const code = text.replaceAll(BUILTIN, (_, what: string, from: string) => {
      const names = what.replace("* as ", "").replaceAll(" as ", ": ");
      return `const ${names} = globalThis.process.getBuiltinModule("${from}");`;
    });
    return { code, map: null }; // each line stays where it was
  },
};

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");
// The manifest is ours, and a wrong shape shows in the next lines.
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;

const files = await bundle();
const written = new Set(files.map(({ fileName }) => join(dist, fileName)));
for (const { fileName, text } of files) write(join(dist, fileName), text);
for (const path of globSync(join(dist, "**/*.{js,js.map}"))) {
  if (!written.has(path)) rmSync(path);
}
const compiler = join(root, "node_modules/.bin/tsc");
const { status } = spawnSync(compiler, ["-b", "tsconfig.build.json"], {
  cwd: root,
  stdio: "inherit",
});
process.exitCode = status ?? 1;

async function bundle() {
  const shared = await bundleOf(
    Object.fromEntries(entries().map((path) => [nameOf(path), path])),
    CARRIED.map((name) => ({ name: name.replace(/^@.*\//, ""), test: `/node_modules/${name}/` })),
  );
  refuseCopies(shared.filter((each) => each.type === "chunk"));
  // A thread has modules of its own in any case: each is one file, beside those that start it.
  const threads = await Promise.all(
    globSync(THREADS, { cwd: root }).map((path) => bundleOf({ [nameOf(path)]: path }, [])),
  );
  refuseStrays(shared);
  const chunks = shared.filter((each) => each.type === "chunk");
  const all = [...shared, ...threads.flat()];
  return [...all.map(fileOf), { fileName: NOTICE, text: notice(chunks) }];
}

async function bundleOf(
  input: Readonly<Record<string, string>>,
  groups: readonly { readonly name: string; readonly test: string }[],
) {
  const { dependencies = {}, peerDependencies = {} } = manifest;
  const external = Object.keys({ ...dependencies, ...peerDependencies });
  const bundled = await rolldown({
    cwd: root,
    input,
    external,
    platform: "node",
    // Of `yaml` its modules: what only its CommonJS form has is a fifth more, and not used.
    resolve: { conditionNames: ["import"] },
    plugins: [builtins],
  });
  const { output } = await bundled.generate({
    format: "esm",
    entryFileNames: "[name].js",
    // As far from the root as the command: `src/cli/manifest.ts` relies on it.
    chunkFileNames: "chunks/[name].js",
    sourcemap: true,
    // Declarations have them; here they cost every start.
    comments: { annotation: false, jsdoc: false, legal: false },
    codeSplitting: { groups: [...groups] },
  });
  await bundled.close();
  return output;
}

/** What a user can reach: the subpaths and the command. */
function entries(): readonly string[] {
  const sources = Object.values(manifest.exports).flatMap((conditions) =>
    typeof conditions === "object" && conditions !== null && "syncline-source" in conditions
      ? [String(conditions["syncline-source"])]
      : [],
  );
  return [...sources, COMMAND];
}

function nameOf(source: string): string {
  return relative("src", source).replace(/\.ts$/, "");
}

function fileOf(output: OutputChunk | OutputAsset): { fileName: string; text: string } {
  const { fileName } = output;
  if (output.type === "chunk") return { fileName, text: output.code };
  return { fileName, text: withoutSources(String(output.source)) };
}

/** A map needs no copy of the sources to say the file and the line. */
function withoutSources(map: string): string {
  const { sourcesContent: _, ...rest } = JSON.parse(map) as { sourcesContent?: unknown };
  return JSON.stringify(rest);
}

function refuseCopies(chunks: readonly OutputChunk[]): void {
  const homes = new Map<string, string>();
  for (const { fileName, moduleIds } of chunks) {
    for (const id of moduleIds) {
      const home = homes.get(id);
      if (home !== undefined) throw new Error(`${id} is in ${home} and in ${fileName}`);
      homes.set(id, fileName);
    }
  }
}

/** Whoever starts a thread looks for its file beside its own. */
function refuseStrays(output: readonly (OutputChunk | OutputAsset)[]): void {
  for (const path of globSync(THREADS, { cwd: root })) {
    const name = nameOf(path);
    const home = output.find(
      (each) => each.type === "chunk" && each.code.includes(`${basename(name)}\${`),
    );
    if (home !== undefined && dirname(home.fileName) === dirname(name)) continue;
    throw new Error(`${name} is started by ${home?.fileName ?? "nobody"}`);
  }
}

/** The licences of what is carried along. */
function notice(chunks: readonly OutputChunk[]): string {
  const carried = chunks.flatMap(({ moduleIds }) =>
    moduleIds.flatMap((id) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? []),
  );
  const parts = [...new Set(carried)].toSorted().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      readonly name: string;
      readonly version: string;
    };
    return `${name} ${version}\n\n${readFileSync(join(folder, "LICENSE"), "utf8").trim()}\n`;
  });
  return `Syncline carries these packages along.\n\n${parts.join(`\n${"-".repeat(72)}\n\n`)}`;
}

/** Only what differs: others may be reading. */
function write(path: string, text: string): void {
  try {
    if (readFileSync(path, "utf8") === text) return;
  } catch {
    mkdirSync(dirname(path), { recursive: true });
  }
  writeFileSync(path, text);
}
