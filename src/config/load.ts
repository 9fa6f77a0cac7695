// Reads a configuration file, whichever language it is written in.
import { readFileSync } from "node:fs";
import { dirname, extname, isAbsolute, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { isSyncError, SyncError } from "../core/errors.ts";
import { configOf } from "./build.ts";
import type { Config } from "./config.ts";
import type { Fillings } from "./interpolate.ts";
import { loadLanguages, usesLanguages } from "./languages.ts";
import { localBeside, overlaid } from "./overlay.ts";
import { parseProgram } from "./program.ts";
import { CONFIG_BYTES_MAX, parseYaml, type Parsed } from "./yaml.ts";

/** What loading a configuration takes from outside. */
export interface LoadOptions {
  /** For `${NAME}`. Default: the environment of this process. */
  readonly env?: { readonly [name: string]: string | undefined };
  /** Messages name the file relative to this folder. Default: that of this process. */
  readonly cwd?: string;
  /** The bytes of a file, by absolute path. Default: from disk. */
  readonly readFile?: (path: string) => Uint8Array;
}

/**
 * Loads a configuration in YAML, JSON, TypeScript or JavaScript (by its ending). Throws SyncError
 * with every problem that can be seen without opening a system (`problemsOf`), each with its place.
 */
export async function loadConfig(file: string, options: LoadOptions = {}): Promise<Config> {
  const { env = process.env, cwd = process.cwd(), readFile = readFileSync } = options;
  const path = resolve(cwd, file);
  const shownAs = shownFrom(cwd, path);
  const base = await parsedFrom(path, shownAs, readFile);
  const local = await localOf(path, { cwd, readFile });
  const parsed = local === undefined ? base : overlaid(base, local.parsed);
  const fillings: Fillings = {
    env,
    readText: (name) => decode(limited(readFile(resolve(dirname(path), name)))),
  };
  const languages = usesLanguages(parsed.root) ? await loadLanguages() : undefined;
  const building = { path, shownAs, local: local?.shownAs, fillings };
  return configOf(parsed, { ...building, ...(languages && { languages }) });
}

const PROGRAMS: ReadonlySet<string> = new Set([".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"]);

/** What the file beside it says, if there is one. A program reads what it wants by itself. */
async function localOf(
  path: string,
  { cwd, readFile }: Required<Pick<LoadOptions, "cwd" | "readFile">>,
): Promise<{ readonly shownAs: string; readonly parsed: Parsed } | undefined> {
  if (PROGRAMS.has(extname(path))) return undefined;
  const beside = localBeside(path);
  const shownAs = shownFrom(cwd, beside);
  try {
    return { shownAs, parsed: await yamlIn(readFile(beside), shownAs, shownAs) };
  } catch (error) {
    if (isSyncError(error)) throw error;
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unreadable(shownAs, error);
  }
}

async function parsedFrom(
  path: string,
  shownAs: string,
  readFile: (path: string) => Uint8Array,
): Promise<Parsed> {
  if (PROGRAMS.has(extname(path))) return parseProgram(await exportedBy(path, shownAs));
  let bytes: Uint8Array;
  try {
    bytes = readFile(path);
  } catch (error) {
    throw unreadable(shownAs, error);
  }
  return yamlIn(bytes, shownAs);
}

async function yamlIn(bytes: Uint8Array, shownAs: string, file?: string): Promise<Parsed> {
  try {
    return await parseYaml(decode(limited(bytes)), file);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    throw new SyncError("CONFIG_INVALID", `${shownAs} ${error.message}`, { where: shownAs });
  }
}

/** Why bytes are no text of ours; the message follows what they were read from. */
class Unfit extends Error {
  readonly code = "not text";
}

function limited(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= CONFIG_BYTES_MAX) return bytes;
  throw new Unfit(`is longer than ${CONFIG_BYTES_MAX} bytes`);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Unfit("is not text in UTF-8");
  }
}

/** Messages are short where the file is near, and exact where it is not. */
function shownFrom(cwd: string, path: string): string {
  const near = relative(cwd, path);
  if (near === "") return ".";
  return near.startsWith("..") || isAbsolute(near) ? path : near;
}

function unreadable(shownAs: string, cause: unknown): SyncError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT") {
    return new SyncError("CONFIG_NOT_FOUND", `There is no configuration ${shownAs}`, {
      hint: "Write one with `syncline init`, or name it with `-c FILE`.",
      cause,
    });
  }
  if (code === "EISDIR") {
    return new SyncError("CONFIG_NOT_FOUND", `${shownAs} is a folder, not a configuration`, {
      hint: "Name the file: `-c FOLDER/syncline.yaml`.",
      cause,
    });
  }
  const why = code === "" ? "" : ` (${code})`;
  return new SyncError("CONFIG_NOT_FOUND", `The configuration ${shownAs} cannot be read${why}`, {
    hint: "Check its permissions, and that it is a file.",
    cause,
  });
}

/** What a program exports as its configuration: `default`, or else `config`. */
async function exportedBy(path: string, shownAs: string): Promise<unknown> {
  let exported: { readonly default?: unknown; readonly config?: unknown };
  try {
    exported = (await import(pathToFileURL(path).href)) as typeof exported; // any module has these
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // Only the file itself, not something that it imports.
    const isGone = code === "ERR_MODULE_NOT_FOUND" && String(error).includes(`'${path}'`);
    if (isGone) throw unreadable(shownAs, Object.assign(new Error(), { code: "ENOENT" }));
    const why = error instanceof Error ? error.message : String(error);
    const message = `${shownAs} cannot be loaded: ${why}`;
    throw new SyncError("CONFIG_INVALID", message, { where: shownAs, cause: error });
  }
  const config = exported.default ?? exported.config;
  if (config !== undefined) return config;
  throw new SyncError("CONFIG_INVALID", `${shownAs} exports no configuration`, {
    where: shownAs,
    hint: "Write `export default defineConfig({ … })`.",
  });
}
