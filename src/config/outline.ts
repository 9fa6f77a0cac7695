// What can be told of a configuration that need not be valid: its names, for completion, which asks
// at every key; and what it takes from outside, for whoever looks why it does not work.
import { existsSync, readFileSync } from "node:fs";
import { extname } from "node:path";
import { pathToFileURL } from "node:url";
import { SyncError } from "../core/errors.ts";
import { pathTo } from "../engine/compile/where.ts";
import { placeholdersIn } from "./interpolate.ts";
import type { Placeholder } from "./interpolate.ts";
import { refuseName } from "./names.ts";
import { localBeside, overlaid } from "./overlay.ts";
import type { MapEntry, Node } from "./tree.ts";
import { CONFIG_BYTES_MAX, parseYaml } from "./yaml.ts";
import type { Parsed } from "./yaml.ts";

/** What a person wrote in a configuration. */
export interface Outline {
  readonly pipelines: readonly string[];
  readonly systems: readonly string[];
  /** As it is written, relative to the configuration. */
  readonly journal: string | undefined;
  /** What `${…}` in it asks for, and where. */
  readonly placeholders: readonly Asked[];
  /** Paths of settings that hold a secret as it is. */
  readonly secrets: readonly string[];
  /** A system as it is written. */
  readonly nodeOf: (system: string) => Node | undefined;
}

/**
 * Names in a configuration that need not be valid, nor have its environment. What cannot be a name
 * is left out. Throws CONFIG_NOT_FOUND for a file that cannot be read.
 */
export async function outlineOf(path: string): Promise<Outline> {
  const root = await rootOf(path);
  const texts = root === undefined ? [] : [...textsIn(root, "")];
  return {
    pipelines: namesUnder(root, "pipelines"),
    systems: namesUnder(root, "systems"),
    journal: texts.find((each) => each.path === "journal")?.text,
    placeholders: texts.flatMap((each) => asked(each)),
    secrets: texts.filter(isSecret).map((each) => each.path),
    nodeOf: (system) => entriesUnder(root, "systems").find(({ key }) => key === system)?.node,
  };
}

async function rootOf(path: string): Promise<Node | undefined> {
  try {
    if (PROGRAMS.has(extname(path))) {
      const { parseProgram } = await import("./program.ts");
      const exported: Exported = await import(pathToFileURL(path).href);
      return parseProgram(exported.default ?? exported.config).root;
    }
    const base = await parsedIn(path);
    const beside = localBeside(path);
    return (existsSync(beside) ? overlaid(base, await parsedIn(beside)) : base).root;
  } catch (cause) {
    const message = `The configuration ${path} cannot be read`;
    throw new SyncError("CONFIG_NOT_FOUND", message, {
      hint: "`syncline validate --offline` says why.",
      cause,
    });
  }
}

async function parsedIn(path: string): Promise<Parsed> {
  const bytes = readFileSync(path);
  if (bytes.length > CONFIG_BYTES_MAX) return { root: undefined, problems: [] };
  return parseYaml(new TextDecoder().decode(bytes));
}

/** Every other ending is YAML, as everywhere. */
const PROGRAMS: ReadonlySet<string> = new Set([".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"]);

/** What any module may have. */
interface Exported {
  readonly default?: unknown;
  readonly config?: unknown;
}

function namesUnder(root: Node | undefined, key: string): readonly string[] {
  const names = entriesUnder(root, key).map((entry) => entry.key);
  return names.filter((name) => refuseName(name) === undefined);
}

function entriesUnder(root: Node | undefined, key: string): readonly MapEntry[] {
  const entries = root?.kind === "map" ? root.entries : [];
  const found = entries.find((entry) => entry.key === key)?.node;
  return found?.kind === "map" ? found.entries : [];
}

/** A placeholder and the setting in which it stands. */
export type Asked = Placeholder & {
  readonly at: string;
  /** The system to which the setting belongs. */
  readonly system?: string;
  /** The setting says where the system is, in an address that begins so. */
  readonly scheme?: "postgres" | "http";
};

function asked({ path, text, system }: Text): readonly Asked[] {
  const scheme = /\.(?:url|tokenUrl)$/.test(path) ? schemeOf(system?.type) : undefined;
  const of = {
    at: path,
    ...(system === undefined ? {} : { system: system.name }),
    ...(scheme === undefined ? {} : { scheme }),
  };
  return placeholdersIn(text, path).map((each) => ({ ...each, ...of }));
}

function schemeOf(type: unknown): "postgres" | "http" | undefined {
  return type === "postgres" || type === "http" ? type : undefined;
}

/** A text and where it stands. */
interface Text {
  readonly path: string;
  readonly text: string;
  readonly system?: { readonly name: string; readonly type: unknown };
}

function* textsIn(node: Node, path: string, of?: Text["system"]): Generator<Text> {
  if (node.kind === "scalar" && typeof node.value === "string") {
    yield { path, text: node.value, ...(of === undefined ? {} : { system: of }) };
  }
  if (node.kind === "list") {
    for (const [i, item] of node.items.entries()) yield* textsIn(item, pathTo(path, i), of);
  }
  if (node.kind !== "map") return;
  for (const { key, node: inner } of node.entries) {
    const system = path === "systems" ? { name: key, type: typeIn(inner) } : of;
    yield* textsIn(inner, pathTo(path, key), system);
  }
}

function typeIn(node: Node): unknown {
  if (node.kind !== "map") return undefined;
  const type = node.entries.find(({ key }) => key === "type")?.node;
  return type?.kind === "scalar" ? type.value : undefined;
}

/** Settings of a system that are secret, unless they are filled in; or an address with one. */
const SECRETS =
  /^systems\..*(?:\.auth\.(?:token|password|key|clientSecret)|\.headers\..*(?:auth|key|token).*)$/i;
const PASSWORD = /^[a-z]+:\/\/[^/?#@]*:[^/?#@]+@|[?&]password=./i;

/** True for an address with a password in it. */
export function holdsPassword(url: string): boolean {
  return PASSWORD.test(url);
}

function isSecret({ path, text }: Text): boolean {
  const written = text.replaceAll(/\$\{[^}]*\}/g, "");
  if (written === "") return false;
  return SECRETS.test(path) ? written === text : holdsPassword(written);
}
