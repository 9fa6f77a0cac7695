// A word of the command line becomes a system: a file, a folder, an address, or a name in a
// configuration. No secret of it gets into what is written.
import { readdirSync, statSync } from "node:fs";
import { basename, extname, isAbsolute, join, relative, resolve } from "node:path";
import { loadConfig } from "../../config/index.ts";
import type { SystemSettings } from "../../config/index.ts";
import { refuseName } from "../../config/names.ts";
import { holdsPassword, outlineOf } from "../../config/outline.ts";
import type { Outline } from "../../config/outline.ts";
import { usage } from "../arguments.ts";
import type { Call } from "../command.ts";
import { hintOf } from "../arguments.ts";
import { safe } from "../values.ts";
import type { SystemLine, Variable } from "./proposal.ts";
import { flow, scalar } from "./yaml.ts";

/** A system that can be opened, and how it is written. */
export interface Place {
  readonly settings: SystemSettings;
  readonly line: SystemLine;
  /** What its variables stand for. */
  readonly env: { readonly [name: string]: string };
}

/** Where words are looked up. */
export interface Finding {
  readonly call: Call;
  /** The configuration whose systems may be named; it need not be there. */
  readonly config: string;
  /** The folder of the file that is proposed: paths in it are relative to it. */
  readonly folder: string;
}

/** The system that a word means. Throws USAGE where it means none. */
export async function placeOf(
  word: string,
  role: "source" | "target",
  finding: Finding,
): Promise<Place> {
  const { cwd } = finding.call.world;
  if (/^postgres(?:ql)?:\/\//.test(word)) return atAddress(word, role);
  if (/^https?:\/\//.test(word)) {
    const hint = "Write its collections by hand, see docs/guide/http.md, and name the system here.";
    throw usage("An HTTP API does not say which collections it has.", hint);
  }
  const named = await namedIn(word, finding);
  if (named !== undefined) return named;
  const path = resolve(cwd, word);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    const known = (await outlined(finding.config))?.systems ?? [];
    const hint = known.length === 0 ? "Check the path." : hintOf(word, known);
    throw usage(`There is no file, folder or system "${safe(word)}".`, hint);
  }
  const name = nameFrom(basename(path, extname(path)), role);
  const written = scalar(pathFrom(finding.folder, path));
  if (stats.isDirectory()) {
    const format = formatIn(path);
    const settings = { type: "rows", path, format, collections: {} } as const;
    const yaml = `{ type: rows, path: ${written}, format: ${format} }`;
    return { settings, line: { name, yaml, variables: [] }, env: {} };
  }
  const yaml = `{ type: sqlite, path: ${written} }`;
  const settings = { type: "sqlite", path, markers: true } as const;
  return { settings, line: { name, yaml, variables: [] }, env: {} };
}

function atAddress(url: string, role: "source" | "target"): Place {
  const settings = { type: "postgres", url, schema: "public", ssl: {} } as const;
  const database = /^[^?#]*\/([^/?#]+)(?:[?#]|$)/.exec(url.replace("://", ":"))?.[1] ?? "";
  const name = nameFrom(database, role);
  if (!holdsPassword(url)) {
    const line = { name, yaml: `{ type: postgres, url: ${scalar(url)} }`, variables: [] };
    return { settings, line, env: {} };
  }
  const variable = variableFor(name, "url");
  const yaml = `{ type: postgres, url: "\${${variable}}" }`;
  const variables = [{ name: variable, for: `the address of ${name}, which holds a password` }];
  return { settings, line: { name, yaml, variables }, env: { [variable]: url } };
}

/** undefined: the word is no name of a system there. */
async function namedIn(word: string, finding: Finding): Promise<Place | undefined> {
  const { config: file, folder, call } = finding;
  const outline = await outlined(file);
  const node = outline?.nodeOf(word);
  if (outline === undefined || node === undefined) return undefined;
  const { env, cwd } = call.world;
  const settings = (await loadConfig(file, { env, cwd })).systems.get(word);
  if (settings === undefined) return undefined;
  if (resolve(file, "..") !== folder) {
    const hint = `Write it into ${safe(resolve(file, ".."))}, or give its path or address.`;
    throw usage(`"${safe(word)}" is a system of a file in another folder.`, hint);
  }
  const variables: Variable[] = [];
  const values: { [name: string]: string } = {};
  const yaml = flow(node, `systems.${word}`, (path, text) => {
    if (!outline.secrets.includes(path)) return text;
    const setting = path.slice(`systems.${word}.`.length);
    const name = variableFor(word, setting);
    variables.push({ name, for: `${setting} of ${word}` });
    values[name] = text;
    return `\${${name}}`;
  });
  return { settings, line: { name: word, yaml, variables }, env: values };
}

async function outlined(file: string): Promise<Outline | undefined> {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  return outlineOf(file);
}

function variableFor(system: string, setting: string): string {
  return `${system}_${setting}`.replaceAll(/[^A-Za-z0-9]+/g, "_").toUpperCase();
}

/** The name of a file or database, if it is one for a system. */
function nameFrom(text: string, role: "source" | "target"): string {
  const name = text.replaceAll(/[^\p{L}\p{N}_-]+/gu, "_");
  return refuseName(name) === undefined && /^[\x20-\x7e]+$/.test(name) ? name : role;
}

function pathFrom(folder: string, path: string): string {
  const near = relative(folder, path);
  if (isAbsolute(near)) return near;
  return near.startsWith("..") ? near : `./${near}`;
}

type Format = "csv" | "ndjson" | "json";
const FORMATS: readonly Format[] = ["csv", "ndjson", "json"];

/** What most files of a folder are; csv where there is none. */
function formatIn(folder: string): Format {
  const endings = readdirSync(folder).map((name) => extname(join(folder, name)).slice(1));
  const countOf = (format: Format): number => endings.filter((each) => each === format).length;
  return FORMATS.toSorted((a, b) => countOf(b) - countOf(a))[0] ?? "csv";
}
