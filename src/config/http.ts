// From an API as it was written to what opens it, and what is wrong with it beyond its shape.
import { resolve } from "node:path";
import type { SyncError } from "../core/errors.ts";
import type { LogicalType } from "../core/values.ts";
import { pathTo } from "../engine/compile/where.ts";
import { problemsOfHttp } from "../replicas/http/check.ts";
import type { CollectionSettings } from "../replicas/http/index.ts";
import { invalidAt } from "./broken.ts";
import type { HttpSettings } from "./config.ts";
import type { HttpCollectionInput, HttpInput } from "./input-http.ts";

/** What opens an API; files are absolute. */
export function httpSettings(system: HttpInput, folder: string): HttpSettings {
  const { collections, tls = {}, ...rest } = system;
  const files = Object.entries(tls).map(([name, value]: [string, string]) => [
    name,
    name === "servername" ? value : resolve(folder, value),
  ]);
  const named = Object.entries(collections).map(([name, of]) => [name, collectionOf(of)]);
  return { ...rest, tls: Object.fromEntries(files), collections: Object.fromEntries(named) };
}

function collectionOf(input: HttpCollectionInput): CollectionSettings {
  const { key, fields, find, write, ...rest } = input;
  return {
    ...rest,
    ...(key === undefined ? {} : { key: typeof key === "string" ? [key] : key }),
    ...(fields === undefined ? {} : { fields: typesOf(fields) }),
    ...(find === undefined ? {} : { find: typeof find === "string" ? { param: find } : find }),
    ...(write === undefined ? {} : { write: writeOf(write) }),
  };
}

function writeOf({ batch, ...rest }: NonNullable<HttpCollectionInput["write"]>) {
  if (batch === undefined) return rest;
  return { ...rest, batch: typeof batch === "string" ? { path: batch } : batch };
}

function typesOf(fields: NonNullable<HttpCollectionInput["fields"]>) {
  const types = Object.entries(fields).map(([name, word]) => [
    name,
    { kind: word === "timestamp" ? "instant" : word },
  ]);
  return Object.fromEntries(types) as { readonly [name: string]: LogicalType }; // each word is one
}

/** What is wrong with an API although everything has its shape. */
export function httpProblems(name: string, settings: HttpSettings): readonly SyncError[] {
  return problemsOfHttp({ name, ...settings }).map(({ path, message, hint }) => {
    const where = path.reduce((outer, step) => pathTo(outer, step), pathTo("systems", name));
    return invalidAt(where, message, hint);
  });
}
