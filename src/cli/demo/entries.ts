// One version of a set of entries, from JSON: an object of objects by key, or an array of objects.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { SyncError } from "../../core/errors.ts";
import { usage } from "../arguments.ts";
import { safe } from "../values.ts";

/** What a database column can be given. */
export type Cell = string | number | null;

/** A column of the table that is made of entries. */
export interface Column {
  readonly name: string;
  readonly type: "TEXT" | "INTEGER" | "REAL" | "BOOLEAN" | "JSON";
}

/** Several versions of the same entries, as rows of one table. */
export interface Dataset {
  readonly table: string;
  readonly key: readonly string[];
  readonly columns: readonly Column[];
  readonly versions: readonly Version[];
}

/** One of them. */
export interface Version {
  /** What it is called, as `mime-db 1.54.0`. */
  readonly name: string;
  /** Rows by their key's text, cells in the order of the columns. */
  readonly rows: ReadonlyMap<string, readonly Cell[]>;
}

/** Entries as they were read. */
export interface Entries {
  readonly name: string;
  readonly entries: readonly Entry[];
}
export type Entry = { readonly [field: string]: unknown };

const FILE_BYTES_MAX = 256 * 1024 * 1024;

/** Reads a folder's db.json, what its package.json calls main, or its only JSON file. */
export function readEntries(folder: string, keyColumn: string): Entries {
  const manifest = jsonFile(join(folder, "package.json"));
  const main = isEntry(manifest) && typeof manifest["main"] === "string" ? manifest["main"] : "";
  const names = ["db.json", main, "index.json", "data.json"].filter((name) =>
    name.endsWith(".json"),
  );
  const usual = names.map((name) => join(folder, name)).find((path) => existsSync(path));
  const others = usual === undefined ? otherJson(folder) : [];
  const [only] = others;
  const file =
    usual ?? (others.length === 1 && only !== undefined ? join(folder, only) : undefined);
  if (file === undefined) {
    const several = others.length > 1 ? ` There are ${others.length} files: keep one of them.` : "";
    throw new SyncError("COLLECTION_MISSING", `${safe(folder)} has no JSON of entries.`, {
      hint:
        "It takes a db.json, a package.json whose main is a JSON file, or one JSON file." + several,
    });
  }
  return { name: nameOf(manifest, folder), entries: entriesOf(jsonFile(file), file, keyColumn) };
}

/** JSON files of a folder that are not about a package. */
function otherJson(folder: string): readonly string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json") && !/^package(-lock)?\.json$/.test(name))
    .toSorted();
}

/** Makes rows of one table of several versions. Throws where the key is missing or not unique. */
export function makeDataset(
  table: string,
  key: readonly string[],
  versions: readonly Entries[],
): Dataset {
  const all = versions.flatMap(({ entries }) => entries);
  const names = new Set([...key, ...all.flatMap((entry) => Object.keys(entry))]);
  const columns = [...names].map((name) => ({ name, type: typeOf(name, all) }));
  return {
    table,
    key,
    columns,
    versions: versions.map(({ name, entries }) => ({
      name,
      rows: rowsOf(name, key, columns, entries),
    })),
  };
}

/**
 * The key of arrays of objects when nobody says: the first usual name that every entry has once.
 */
export function guessKey(versions: readonly Entries[]): readonly string[] {
  const guess = ["id", "key", "code", "name"].find((name) =>
    versions.every(({ entries }) => {
      const values = new Set(entries.map((entry) => entry[name] ?? null));
      return !values.has(null) && values.size === entries.length;
    }),
  );
  if (guess !== undefined) return [guess];
  throw usage("No field of these entries is a key.", "Name the fields: --key country,name");
}

function entriesOf(json: unknown, file: string, keyColumn: string): readonly Entry[] {
  if (Array.isArray(json) && json.every(isEntry)) return json;
  if (isEntry(json) && Object.values(json).every(isEntry)) {
    return Object.entries(json).map(([name, entry]) => ({
      [keyColumn]: name,
      ...(entry as Entry),
    }));
  }
  throw new SyncError("JSON_INVALID", `${safe(file)} holds no entries.`, {
    hint: "It takes an object of objects by key, or an array of objects.",
  });
}

function isEntry(json: unknown): json is Entry {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function jsonFile(path: string): unknown {
  if (!existsSync(path)) return undefined;
  if (statSync(path).size > FILE_BYTES_MAX) {
    throw new SyncError("LIMIT_EXCEEDED", `${safe(path)} is over ${FILE_BYTES_MAX} bytes.`);
  }
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new SyncError("JSON_INVALID", `${safe(path)} is not JSON.`, { cause });
  }
}

function nameOf(manifest: unknown, folder: string): string {
  if (!isEntry(manifest) || typeof manifest["name"] !== "string") return folder;
  const version = typeof manifest["version"] === "string" ? manifest["version"] : "";
  return `${manifest["name"]} ${version}`.trim();
}

function typeOf(name: string, entries: readonly Entry[]): Column["type"] {
  let type: Column["type"] | undefined;
  for (const entry of entries) {
    const value = entry[name];
    if (value === undefined || value === null) continue;
    const one = typeOfValue(value);
    if (type === undefined || type === one) type = one;
    else if (one !== "JSON" && isNumeric(type) && isNumeric(one)) type = "REAL";
    else return "JSON";
  }
  return type ?? "TEXT";
}

function isNumeric(type: Column["type"]): boolean {
  return type === "INTEGER" || type === "REAL";
}

function typeOfValue(value: unknown): Column["type"] {
  switch (typeof value) {
    case "string":
      return "TEXT";
    case "boolean":
      return "BOOLEAN";
    case "number":
      return Number.isSafeInteger(value) ? "INTEGER" : "REAL";
    default:
      return "JSON";
  }
}

function rowsOf(
  version: string,
  key: readonly string[],
  columns: readonly Column[],
  entries: readonly Entry[],
): ReadonlyMap<string, readonly Cell[]> {
  const rows = new Map<string, readonly Cell[]>();
  for (const entry of entries) {
    const values = key.map((name) => entry[name]);
    const text = values.length === 1 ? String(values[0]) : JSON.stringify(values);
    if (values.some((value) => value === undefined || value === null) || rows.has(text)) {
      throw new SyncError("KEY_NOT_UNIQUE", `${key.join(", ")} is no key of ${safe(version)}.`, {
        hint: "An entry has none, or two have the same. Name other fields: --key country,name",
      });
    }
    rows.set(
      text,
      columns.map(({ name, type }) => cellOf(entry[name], type)),
    );
  }
  return rows;
}

function cellOf(value: unknown, type: Column["type"]): Cell {
  if (value === undefined || value === null) return null;
  if (type === "BOOLEAN") return value === true ? 1 : 0;
  // typeOf says JSON unless every value is text, or every one a number.
  return type !== "JSON" && (typeof value === "number" || typeof value === "string")
    ? value
    : JSON.stringify(value);
}
