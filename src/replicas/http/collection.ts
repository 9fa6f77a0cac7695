// One collection as it was set up and as its answers show it.
import { SyncError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import type { LogicalType } from "../../core/values.ts";
import { addressOf } from "./api.ts";
import type { Api, Asked } from "./api.ts";
import { holesIn } from "./place.ts";
import type { CollectionSettings } from "./settings.ts";
import type { Tagged } from "./tags.ts";

/** What a replica keeps of an API. */
export interface Opened {
  readonly api: Api;
  /** By collection: its fields, once they were asked for. */
  readonly fields: Map<string, Fields>;
  /** By collection and key: what an address needs beside the key (place.ts). */
  readonly addresses: Map<string, Map<string, Address>>;
  /** Rows with the ETags that the API gave them (tags.ts). */
  readonly tags: Map<string, Tagged>;
}

/** What fills the holes of an item's path that the key does not. */
export type Address = ReadonlyMap<string, string>;

/** The fields of a collection: those that were declared first. */
export interface Fields {
  readonly names: readonly string[];
  readonly types: ReadonlyMap<string, LogicalType>;
}

/** A collection, by name. */
export interface Collection {
  readonly name: string;
  readonly settings: CollectionSettings;
  readonly path: string;
}

/** Finds a collection. Throws COLLECTION_MISSING. */
export function collectionNamed({ api }: Opened, name: string): Collection {
  const { collections, name: system } = api.options;
  const settings = Object.hasOwn(collections, name) ? collections[name] : undefined;
  if (settings !== undefined) return { name, settings, path: settings.path ?? `/${name}` };
  throw new SyncError("COLLECTION_MISSING", `there is no collection '${name}' in ${system}`, {
    where: system,
    hint: didYouMean(name, Object.keys(collections)) ?? `Add it to systems.${system}.collections.`,
  });
}

/** True where no request may ask for a row. */
export function isOnlyWritten({ settings }: Collection): boolean {
  return settings.list === "none";
}

/** The path of one row as a template; undefined: a row has no address of its own. */
export function itemTemplate(
  { settings, path }: Collection,
  key: readonly string[],
): string | undefined {
  const { item } = settings;
  if (item === "none") return undefined;
  const whole = key.map((name) => `{${name}}`).join("/");
  return (item ?? `${path}/{key}`).replaceAll("{key}", whole);
}

/** Fields that an address takes from a row and not from its key. */
export function extraHoles(template: string, key: readonly string[]): readonly string[] {
  return holesIn(template).filter((name) => !key.includes(name));
}

/** The request for a collection's rows, with its own parameters. */
export function listRequest(
  api: Api,
  { path, settings }: Collection,
  params: Iterable<readonly [string, string]> = [],
): Asked {
  const own = Object.entries(settings.params ?? {});
  return { method: "GET", url: addressOf(api, path, [...own, ...params]), path };
}
