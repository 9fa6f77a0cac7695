// A folder of files to test with, and the subject that the replica suite asks for.
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeKey } from "../../src/core/key.ts";
import type { Key, OwnRow, Value } from "../../src/core/state.ts";
import type {
  Batch,
  NewCollection,
  Outcome,
  Page,
  Replica,
  RowWrite,
  Shape,
} from "../../src/engine/replica.ts";
import { rowsReplica } from "../../src/replicas/rows/index.ts";
import type { FileFormat, RowsOptions } from "../../src/replicas/rows/index.ts";
import type { Subject, SuiteCollection } from "../../src/testing/replica-suite.ts";
import {
  objectsIn,
  plainCsv,
  plainCsvText,
  plainJson,
  plainOfJson,
  plainText,
  plainValue,
} from "./rows-plain.ts";

/** A signal that nobody aborts. */
export const never: AbortSignal = new AbortController().signal;

/** A fresh folder; whoever asks for it removes it. */
function rowsFolder(): string {
  return mkdtempSync(join(tmpdir(), "syncline-rows-"));
}

/** Writes a file as it would have been written a minute ago: nobody has to wait for its tick. */
export function put(path: string, content: string | Uint8Array): void {
  writeFileSync(path, content);
  const then = Date.now() / 1000 - 60 + (changes += 0.001);
  utimesSync(path, then, then);
}

/** Two writes within one tick are two states all the same. */
let changes = 0;

/** Runs with a folder of these files and a replica of it. */
export async function withRows(
  files: { readonly [name: string]: string | Uint8Array },
  run: (replica: Replica, folder: string) => Promise<void>,
  options: Partial<RowsOptions> = {},
): Promise<void> {
  const folder = rowsFolder();
  try {
    for (const [name, content] of Object.entries(files)) put(join(folder, name), content);
    const replica = await rowsReplica({ name: "files", path: folder, format: "csv", ...options });
    try {
      await run(replica, folder);
    } finally {
      await replica.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function keyOf(...values: readonly Value[]): Key {
  return encodeKey(values) ?? "";
}

export function creation(key: Key, to: OwnRow): RowWrite {
  return { key, expected: { kind: "absent" }, to };
}

export function move(key: Key, row: OwnRow, to: OwnRow | null): RowWrite {
  return { key, expected: { kind: "row", row }, to };
}

/** Writes one batch with a writer of its own, to the end. */
export async function write(
  replica: Replica,
  shape: Shape,
  writes: readonly RowWrite[],
  more: Partial<Batch> = {},
): Promise<readonly Outcome[]> {
  const writer = await replica.writer(never);
  await writer.write({ id: "batch", link: "link", shape, writes, settled: [], ...more }, never);
  return await writer.finish(never);
}

export async function pagesOf(replica: Replica, shape: Shape): Promise<readonly Page[]> {
  const pages: Page[] = [];
  for await (const page of replica.list(shape, null, never)) pages.push(page);
  return pages;
}

export async function rowsOf(replica: Replica, shape: Shape): Promise<readonly (OwnRow | null)[]> {
  return (await pagesOf(replica, shape)).flatMap((page) => page.rows);
}

/** What an outcome comes to in one line. */
export function shown(outcome: Outcome | undefined): string {
  if (outcome === undefined) return "nothing";
  return "error" in outcome ? `${outcome.kind} ${outcome.error.code}` : outcome.kind;
}

const ENDINGS = { csv: "csv", ndjson: "ndjson", json: "json" } as const;

/** A folder with the collections of a suite, empty. */
export async function rowsSubject(
  format: FileFormat,
  collections: readonly SuiteCollection[],
): Promise<Subject> {
  const folder = rowsFolder();
  const pathOf = (name: string): string => join(folder, `${name}.${ENDINGS[format]}`);
  const named = new Map(collections.map((each) => [each.name, each]));
  const options: RowsOptions = {
    name: "files",
    path: folder,
    format,
    collections: Object.fromEntries(collections.map((each) => [each.name, rulesFor(each)])),
  };
  for (const each of collections) put(pathOf(each.name), textOf(format, each, []));
  const replicas = [await rowsReplica(options)];
  const collectionOf = (name: string): SuiteCollection => {
    const found = named.get(name);
    if (found === undefined) throw new RangeError(`no collection ${name}`);
    return found;
  };
  const look = (name: string): OwnRow[] => rowsIn(format, collectionOf(name), pathOf(name));
  return {
    replica: replicas[0] as Replica, // made above
    edit: async (name, key, row) => {
      const collection = collectionOf(name);
      const names = collection.fields.map((field) => field.name);
      const isMeant = (each: OwnRow): boolean =>
        collection.key.every((column, at) => sameText(each[names.indexOf(column)], key[at]));
      const rows = look(name);
      const place = rows.findIndex(isMeant);
      const next = row === null ? [] : [names.map((column) => row[column] ?? null)];
      if (place === -1) rows.push(...next);
      else rows.splice(place, 1, ...next);
      put(pathOf(name), textOf(format, collection, rows));
    },
    look: async (name) => look(name),
    reopen: async () => {
      const again = await rowsReplica(options);
      replicas.push(again);
      return again;
    },
    close: async () => {
      for (const each of replicas) await each.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const sameText = (a: Value | undefined, b: Value | undefined): boolean =>
  encodeKey([a ?? null]) === encodeKey([b ?? null]);

function rulesFor({ key, fields }: NewCollection) {
  return { key, columns: Object.fromEntries(fields.map(({ name, type }) => [name, type])) };
}

function textOf(format: FileFormat, { fields }: NewCollection, rows: readonly OwnRow[]): string {
  if (format === "csv") {
    const cells = rows.map((row) => fields.map(({ type }, at) => plainText(type, row[at] ?? null)));
    return plainCsvText([fields.map(({ name }) => name), ...cells]);
  }
  const objects = rows.map((row) => {
    const members = fields.flatMap(({ name, type }, at) => {
      const token = plainJson(type, row[at] ?? null);
      return token === undefined ? [] : [`${JSON.stringify(name)}: ${token}`];
    });
    return `{${members.join(", ")}}`;
  });
  if (format === "ndjson") return objects.map((each) => `${each}\n`).join("");
  return objects.length === 0 ? "[]\n" : `[\n  ${objects.join(",\n  ")}\n]\n`;
}

function rowsIn(format: FileFormat, { fields }: NewCollection, path: string): OwnRow[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path, "utf8");
  if (format === "csv") {
    const [, ...records] = plainCsv(text);
    return records.map((record) => {
      if (typeof record === "string") throw new RangeError("a broken record");
      return fields.map(({ type }, at) => plainValue(type, record[at] ?? null));
    });
  }
  const list = format === "json" ? text : `[${text.trim().split("\n").join(",")}]`;
  return objectsIn(list).map((object) =>
    fields.map(({ name, type }) =>
      plainOfJson(type, Object.hasOwn(object, name) ? object[name] : undefined),
    ),
  );
}
