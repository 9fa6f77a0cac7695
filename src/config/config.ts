// A configuration that was read and found sound: plain data with every short form written out.
import type { Retention } from "../engine/link.ts";
import type { PipelineSettings } from "../engine/settings.ts";
import type { HttpOptions } from "../replicas/http/index.ts";
import type { PostgresOptions } from "../replicas/postgres/index.ts";
import type { RowsOptions } from "../replicas/rows/index.ts";
import type { Place } from "./tree.ts";

/** What `loadConfig` makes of a file. Nothing is opened yet. */
export interface Config {
  /** The file, absolute. */
  readonly file: string;
  /** The file as messages call it. */
  readonly shownAs: string;
  /** The file beside it whose settings go before its own, as messages call it; undefined: none. */
  readonly local: string | undefined;
  /** The journal's file, absolute. */
  readonly journal: string;
  /** How long recorded changes are kept, as far as it was said. */
  readonly history: Partial<Retention>;
  readonly systems: ReadonlyMap<string, SystemSettings>;
  /** Pipelines between the same systems form one link; in the order of their first pipelines. */
  readonly links: readonly LinkSettings[];
  /** Where each setting stands, by its dotted path; empty for a program. */
  readonly places: ReadonlyMap<string, Place>;
  /** By path of a text, where a character of it stands; empty for a program. */
  readonly texts: ReadonlyMap<string, (character: number) => Place>;
  /** What `${…}` was filled with, and what was written there: messages show the latter. */
  readonly filled: ReadonlyMap<string, string>;
}

/** What opens one system. */
export type SystemSettings = SqliteSettings | PostgresSettings | RowsSettings | HttpSettings;

/** A SQLite database. */
export interface SqliteSettings {
  readonly type: "sqlite";
  /** The database file, absolute. */
  readonly path: string;
  /** Our markers are kept in the database. */
  readonly markers: boolean;
}

/** A PostgreSQL database; files are absolute. */
export type PostgresSettings = { readonly type: "postgres"; readonly schema: string } & Omit<
  PostgresOptions,
  "name" | "id" | "environment"
>;

/** A folder of CSV, NDJSON or JSON files. */
export type RowsSettings = { readonly type: "rows" } & Omit<RowsOptions, "name" | "sleep" | "now">;

/** An HTTP API; files are absolute. */
export type HttpSettings = { readonly type: "http" } & Omit<
  HttpOptions,
  "name" | "sleep" | "now" | "random"
>;

/** One link: its pipelines, and the systems between which they run. */
export interface LinkSettings {
  /** The systems' names, sorted and joined by "+". */
  readonly name: string;
  readonly systems: readonly string[];
  readonly pipelines: readonly PipelineSettings[];
}

/**
 * Where a setting stands, or the nearest one around it that was written; undefined in a program.
 */
export function locate(config: Pick<Config, "places">, path: string): Place | undefined {
  for (let known = path; known !== ""; known = outer(known)) {
    const place = config.places.get(known);
    if (place !== undefined) return place;
  }
  return config.places.get("");
}

/** A place as messages write it; in a program, where there is none, the path stands for it. */
export function spot(file: string, place: Place | undefined, path: string): string {
  if (place !== undefined) return `${place.file ?? file}:${place.line}:${place.column}`;
  return path === "" ? file : `${file}: ${path}`;
}

/**
 * The path without its last step: `a.b[2]["odd.name"]` is a name, then b, then 2, then odd.name.
 */
function outer(path: string): string {
  return path.replace(/(?:\.?[^.[\]]+|\[\d+\]|\["(?:[^"\\]|\\.)*"\])$/u, "");
}
