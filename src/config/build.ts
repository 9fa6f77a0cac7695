// A tree becomes a configuration. What is wrong in one pipeline does not hide what is wrong in
// another: everything that can be looked at is.
import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { SyncError } from "../core/errors.ts";
import { settingsProblems } from "../engine/compile/check-settings.ts";
import { whereIs, pathTo } from "../engine/compile/where.ts";
import { JOURNAL } from "../engine/lineage.ts";
import { atPlaces, invalidAt, throwProblems } from "./broken.ts";
import { check } from "./check.ts";
import type { Languages } from "../core/expression.ts";
import type { LogicalType } from "../core/logical.ts";
import type { Config, PostgresSettings, RowsSettings, SystemSettings } from "./config.ts";
import type {
  ConfigInput,
  FileColumnsInput,
  PostgresInput,
  RowsInput,
  SystemInput,
} from "./input.ts";
import { httpProblems, httpSettings } from "./http.ts";
import { interpolate, type Fillings } from "./interpolate.ts";
import { linksOf } from "./links.ts";
import { registryOf } from "./registry.ts";
import { CONFIG_SHAPE } from "./schema.ts";
import { pipelineSettings } from "./settings.ts";
import type { Problem } from "./tree.ts";
import type { Parsed } from "./yaml.ts";

/** Where the journal is when nobody says. */
export const JOURNAL_DEFAULT = "./.syncline/journal.db";

/** What a configuration is built with. */
export interface Building {
  readonly path: string;
  readonly shownAs: string;
  readonly local: string | undefined;
  readonly fillings: Fillings;
  /** Absent: nothing in it is an expression or a pattern. */
  readonly languages?: Languages;
}

/** Makes a configuration of what was read. Throws all that is wrong with it at once. */
export function configOf(parsed: Parsed, building: Building): Config {
  const { path, shownAs, local, fillings, languages } = building;
  const problems: Problem[] = [...parsed.problems];
  if (parsed.root === undefined) {
    if (problems.length === 0) problems.push(emptyFile());
    throwProblems(shownAs, problems);
  }
  // throwProblems has thrown where there is no root.
  const written = parsed.root as NonNullable<typeof parsed.root>;
  const filled = new Map<string, string>();
  const root = interpolate(written, "", { from: fillings, problems, filled });
  const checked = check(root, CONFIG_SHAPE);
  problems.push(...checked.problems);
  const { places, texts } = checked;
  const at = { shownAs, places, texts };

  // Of its shape wherever no problem says otherwise; what is broken is left out below.
  const input = (checked.value ?? {}) as Partial<ConfigInput>;
  const isBroken = (where: string): boolean => problems.some((each) => isInside(each.path, where));
  const systems = systemsOf(input, dirname(path), isBroken);
  const wrong: SyncError[] = [...twins(systems), ...misnamed(systems)];
  const isWhole = !isBroken("transforms") && !isBroken("validators");
  const registered = registryOf(isWhole ? input : {}, languages, wrong);
  for (const [name, of] of systems) {
    if (of?.type === "http") wrong.push(...httpProblems(name, of));
  }
  const pipelines = Object.entries(input.pipelines ?? {}).flatMap(([name, pipeline]) => {
    if (isBroken(whereIs(name))) return [];
    return pipelineSettings(name, pipeline, { systems, problems: wrong, registered }) ?? [];
  });
  problems.push(...atPlaces([...wrong, ...settingsProblems(pipelines)], at));
  throwProblems(shownAs, problems, filled);
  return {
    file: path,
    shownAs,
    local,
    journal: resolve(dirname(path), input.journal ?? JOURNAL_DEFAULT),
    history: input.history ?? {},
    systems: new Map([...systems].flatMap(([name, of]) => (of === null ? [] : [[name, of]]))),
    links: linksOf(pipelines),
    places,
    texts,
    filled,
  };
}

function emptyFile(): Problem {
  return {
    code: "CONFIG_INVALID",
    at: undefined,
    path: "",
    message: "the configuration is empty",
    hint: "Write one with `syncline init`.",
  };
}

function systemsOf(
  input: Partial<ConfigInput>,
  folder: string,
  isBroken: (where: string) => boolean,
): ReadonlyMap<string, SystemSettings | null> {
  const systems = new Map<string, SystemSettings | null>();
  for (const [name, system] of Object.entries(input.systems ?? {})) {
    const path = pathTo("systems", name);
    if (isBroken(path)) {
      systems.set(name, null);
      continue;
    }
    systems.set(name, systemOf(system, folder));
  }
  return systems;
}

function systemOf(system: SystemInput, folder: string): SystemSettings {
  if (system.type === "postgres") return postgresSettings(system, folder);
  if (system.type === "http") return httpSettings(system, folder);
  const path = resolve(folder, system.path);
  if (system.type === "rows") return rowsSettings(system, path);
  const { type, markers = true } = system;
  return { type, path, markers };
}

function postgresSettings(system: PostgresInput, folder: string): PostgresSettings {
  const { schema = "public", markers = true, ssl = {}, ...rest } = system;
  const isFile = (name: string, value: string) =>
    name !== "mode" && !(name === "rootCert" && value === "system");
  const secured = Object.entries(ssl).map(([name, value]) => [
    name,
    isFile(name, value) ? resolve(folder, value) : value,
  ]);
  return {
    ...rest,
    schema,
    ...(markers === true ? {} : { markers }),
    ssl: Object.fromEntries(secured),
  };
}

function rowsSettings(system: RowsInput, path: string): RowsSettings {
  const { collections = {}, ...rest } = system;
  const named = Object.entries(collections).map(([name, { key, columns, ...more }]) => [
    name,
    {
      ...more,
      ...(key === undefined ? {} : { key: typeof key === "string" ? [key] : key }),
      ...(columns === undefined ? {} : { columns: typesOf(columns) }),
    },
  ]);
  return { ...rest, path, collections: Object.fromEntries(named) };
}

function typesOf(columns: NonNullable<FileColumnsInput["columns"]>) {
  const types = Object.entries(columns).map(([name, kind]) => [name, { kind }]);
  return Object.fromEntries(types) as { readonly [name: string]: LogicalType }; // each word is one
}

/** Two names for one file: what they keep in agreement would be one thing with itself. */
function twins(systems: ReadonlyMap<string, SystemSettings | null>): readonly SyncError[] {
  const names = new Map<string, string>();
  return [...systems].flatMap(([name, system]) => {
    if (system === null) return [];
    const place = placeOf(system);
    if (place === undefined) return [];
    const other = names.get(place);
    names.set(place, name);
    if (other === undefined) return [];
    const what = WHAT[system.type];
    const message = `The systems '${other}' and '${name}' are the same ${what}`;
    return [invalidAt(pathTo("systems", name), message, "Keep one of the two names.")];
  });
}

/** One name is taken: `--trust` and `--refill` know the journal by it. */
function misnamed(systems: ReadonlyMap<string, SystemSettings | null>): readonly SyncError[] {
  if (!systems.has(JOURNAL)) return [];
  const message = `No system can be called '${JOURNAL}': that is the journal's own name`;
  return [invalidAt(pathTo("systems", JOURNAL), message, "Give it another name.")];
}

/** What tells systems apart; undefined: only the systems themselves know. */
function placeOf(system: SystemSettings): string | undefined {
  if (system.type === "sqlite") return fileAt(system.path);
  // A folder may hold files of several formats.
  if (system.type === "rows") return `${fileAt(system.path)} ${system.format}`;
  // Whose rows an API shows may hang on who asks.
  if (system.type === "http") return undefined;
  return system.url === undefined ? undefined : `${system.url} ${system.schema}`;
}

/** The file or folder itself, whatever links lead to it; its path while there is none. */
function fileAt(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return path; // whoever opens it says what is wrong with it
  }
}

const WHAT: { readonly [type in SystemSettings["type"]]: string } = {
  sqlite: "file",
  postgres: "schema of one database",
  rows: "files",
  http: "API",
};

/** True if a path is another one, or below it. */
function isInside(path: string, outer: string): boolean {
  if (!path.startsWith(outer)) return false;
  const next = path[outer.length];
  return next === undefined || next === "." || next === "[";
}
