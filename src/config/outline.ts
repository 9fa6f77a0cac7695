// The names in a configuration, read as fast as can be: for completion, which asks at every key.
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { SyncError } from "../core/errors.ts";
import { refuseName } from "./names.ts";
import type { Node } from "./tree.ts";
import { CONFIG_BYTES_MAX, parseYaml } from "./yaml.ts";

/** The names that a person chose in a configuration. */
export interface Outline {
  readonly pipelines: readonly string[];
  readonly systems: readonly string[];
}

/**
 * Names in a configuration that need not be valid, nor have its environment. What cannot be a name
 * is left out. Throws CONFIG_NOT_FOUND for a file that cannot be read.
 */
export async function outlineOf(path: string): Promise<Outline> {
  const root = await rootOf(path);
  return { pipelines: namesUnder(root, "pipelines"), systems: namesUnder(root, "systems") };
}

async function rootOf(path: string): Promise<Node | undefined> {
  try {
    if (PROGRAMS.has(extname(path))) {
      const { parseProgram } = await import("./program.ts");
      const exported: Exported = await import(pathToFileURL(path).href);
      return parseProgram(exported.default ?? exported.config).root;
    }
    const bytes = readFileSync(path);
    if (bytes.length > CONFIG_BYTES_MAX) return undefined;
    return (await parseYaml(new TextDecoder().decode(bytes))).root;
  } catch (cause) {
    const message = `The configuration ${path} cannot be read`;
    throw new SyncError("CONFIG_NOT_FOUND", message, {
      hint: "`syncline validate --offline` says why.",
      cause,
    });
  }
}

/** Every other ending is YAML, as everywhere. */
const PROGRAMS: ReadonlySet<string> = new Set([".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"]);

/** What any module may have. */
interface Exported {
  readonly default?: unknown;
  readonly config?: unknown;
}

function namesUnder(root: Node | undefined, key: string): readonly string[] {
  const entries = root?.kind === "map" ? root.entries : [];
  const found = entries.find((entry) => entry.key === key)?.node;
  const names = found?.kind === "map" ? found.entries.map((entry) => entry.key) : [];
  return names.filter((name) => refuseName(name) === undefined);
}
