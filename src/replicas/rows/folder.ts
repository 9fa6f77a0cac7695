// A folder as a system: which file is which collection, and how each of them is to be read.
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { SyncError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import type { LogicalType } from "../../core/values.ts";
import type { Key, OwnRow } from "../../core/state.ts";
import type { Shape, Unkeyed } from "../../engine/replica.ts";
import { csvLayout } from "./csv.ts";
import { fileFailure } from "../../spool/file-failure.ts";
import { foundTypes } from "./found.ts";
import { jsonLayout } from "./json.ts";
import type { Layout } from "./records.ts";
import { rulesOf } from "./settings.ts";
import type { FileFormat, FileRules, RowsOptions } from "./settings.ts";
import { signatureOf, takeSnapshot } from "./snapshot.ts";
import type { Patience, Snapshot } from "./snapshot.ts";
import { textOf } from "./text.ts";
import type { NextText } from "./text.ts";

/** A folder with what is remembered of its files. */
export interface Folder {
  readonly options: RowsOptions;
  readonly patience: Patience;
  /** By path: how a file in one state is to be read. */
  readonly known: Map<string, { readonly signature: string; readonly form: FileForm | undefined }>;
  /** Small files that were read from end to end, by collection and shape. */
  readonly loaded: Map<string, Loaded>;
}

/** All of a small file, in key order. */
export interface Loaded {
  readonly signature: string;
  readonly keys: readonly Key[];
  readonly rows: readonly OwnRow[];
  readonly unkeyed: readonly Unkeyed[];
  /** Keys that two rows have, and what is to be said of them. */
  readonly doubled: ReadonlyMap<Key, (key: Key) => SyncError>;
}

/** How one file is read. */
export interface FileForm {
  readonly layout: Layout;
  readonly rules: FileRules;
  /** Types that were declared or found, by column. */
  readonly types: ReadonlyMap<string, LogicalType>;
}

/** A file at one moment. */
export interface OpenFile extends FileForm {
  readonly collection: string;
  readonly snapshot: Snapshot;
}

const ENDINGS: { readonly [format in FileFormat]: readonly string[] } = {
  csv: [".csv"],
  ndjson: [".ndjson", ".jsonl"],
  json: [".json"],
};
/** Files of one folder, at most. */
const FILES_MAX = 10_000;
/** How much of a file is looked at to see which columns it has. */
const PEEK_BYTES = 16 << 20;

/** The collections of a folder and their paths, by name. Two files of one name are both listed. */
export function filesOf({ options }: Folder): ReadonlyMap<string, readonly string[]> {
  const { path, format } = options;
  let names: readonly string[];
  try {
    names = readdirSync(path);
  } catch (error) {
    throw folderFailure(error, path);
  }
  const files = new Map<string, string[]>();
  for (const name of names.toSorted()) {
    const ending = ENDINGS[format].find((each) => name.toLowerCase().endsWith(each));
    if (ending === undefined || name.startsWith(".")) continue;
    const collection = name.slice(0, -ending.length);
    files.set(collection, [...(files.get(collection) ?? []), join(path, name)]);
  }
  if (files.size <= FILES_MAX) return files;
  throw new SyncError("LIMIT_EXCEEDED", `${path} holds more than ${FILES_MAX} files`, {
    where: path,
  });
}

/** Where the file of a new collection goes. Throws CONFIG_INVALID for a name that no file has. */
export function newPath({ options }: Pick<Folder, "options">, collection: string): string {
  const isName = collection !== "" && !/[/\\\0]/.test(collection) && !collection.startsWith(".");
  const [ending = ""] = ENDINGS[options.format];
  const isShort = Buffer.byteLength(collection) <= NAME_BYTES_MAX;
  if (isName && isShort) return join(options.path, collection + ending);
  const message = `'${collection.slice(0, 60)}' cannot be the name of a file in ${options.path}`;
  throw new SyncError("CONFIG_INVALID", message, { where: options.path });
}

/** Most file systems take 255 bytes; endings and our temporary names need some of them. */
const NAME_BYTES_MAX = 180;

/** A file whose form is asked for. */
export interface Asked {
  readonly collection: string;
  readonly paths: readonly string[];
  /** All its columns are to be found, whatever it takes. Else its beginning will do. */
  readonly isWhole: boolean;
}

/** How the file of a collection is read; undefined: it is empty. */
export async function formOf(
  folder: Folder,
  { collection, paths, isWhole }: Asked,
  signal: AbortSignal,
): Promise<FileForm | undefined> {
  const path = onlyPath(collection, paths);
  const before = folder.known.get(path);
  const isEnough = !isWhole || before?.form?.layout.whole === undefined;
  if (before !== undefined && isEnough && before.signature === signatureNow(path)) {
    return before.form;
  }
  const { encoding } = rulesOf(folder.options, collection);
  const { patience } = folder;
  const peek = await takeSnapshot(path, { encoding, patience, bytesMax: PEEK_BYTES }, signal);
  try {
    const form = learn(folder, collection, peek);
    if (!isWhole || form?.layout.whole === undefined) return form;
    if (!peek.isPart) return await learnAll(folder, { collection, snapshot: peek }, signal);
  } finally {
    peek.close();
  }
  const snapshot = await takeSnapshot(path, { encoding, patience }, signal);
  try {
    return await learnAll(folder, { collection, snapshot }, signal);
  } finally {
    snapshot.close();
  }
}

/** Looks at every record of a file for its columns. */
async function learnAll(
  folder: Folder,
  { collection, snapshot }: { readonly collection: string; readonly snapshot: Snapshot },
  signal: AbortSignal,
): Promise<FileForm | undefined> {
  const form = learn(folder, collection, snapshot);
  const looking = form?.layout.whole?.(textOf(snapshot));
  if (form === undefined || looking === undefined) return form;
  let step = looking.next();
  for (; step.done !== true; step = looking.next()) await pause(signal);
  const whole = { ...form, layout: step.value };
  folder.known.set(snapshot.path, { signature: snapshot.signature, form: whole });
  return whole;
}

/** Lets others have their turn. */
export async function pause(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/**
 * Opens the file of a shape at one moment. Throws COLLECTION_MISSING; whoever asks closes. Where
 * nothing declares the columns, those of the shape are columns of it.
 */
export async function openFile(
  folder: Folder,
  shape: Shape,
  signal: AbortSignal,
): Promise<OpenFile> {
  const { collection } = shape;
  const files = filesOf(folder);
  const paths = files.get(collection) ?? [];
  if (paths.length === 0) throw missing(folder, collection, files.keys());
  const path = onlyPath(collection, paths);
  const { encoding } = rulesOf(folder.options, collection);
  const snapshot = await takeSnapshot(path, { encoding, patience: folder.patience }, signal);
  try {
    const form = learn(folder, collection, snapshot);
    if (form === undefined) throw missing(folder, collection, files.keys());
    return { ...form, layout: layoutFor(form, shape), collection, snapshot };
  } catch (error) {
    snapshot.close();
    throw error;
  }
}

/** The layout in which a shape finds its columns. */
export function layoutFor({ layout }: FileForm, { columns, key }: Shape): Layout {
  return layout.withColumns?.([...columns, ...key]) ?? layout;
}

/** There is no such file, or nothing is in it. */
function missing({ options }: Folder, collection: string, known: Iterable<string>): SyncError {
  const message = `there is no collection '${collection}' in ${options.path}`;
  const hint = didYouMean(collection, known);
  return new SyncError("COLLECTION_MISSING", message, { where: options.path, hint });
}

function onlyPath(collection: string, paths: readonly string[]): string {
  const [path = "", other] = paths;
  if (other === undefined) return path;
  const message = `both ${path} and ${other} would be '${collection}'`;
  throw new SyncError("LIST_FAILED", message, { where: path, hint: "Rename one of them." });
}

function learn(folder: Folder, collection: string, snapshot: Snapshot): FileForm | undefined {
  const { path, signature, form: textForm } = snapshot;
  const known = folder.known.get(path);
  if (known?.signature === signature) return known.form;
  const rules = rulesOf(folder.options, collection);
  const open = () => textOf(snapshot);
  const layout =
    rules.format === "csv"
      ? csvLayout({ rules, encoding: textForm.encoding, open, path })
      : jsonLayout(rules, open, path);
  const types = layout === undefined ? new Map() : typesOf(rules, layout, open);
  const form = layout && { layout, rules, types };
  folder.known.set(path, { signature, form });
  return form;
}

function typesOf(
  { types, columns = {} }: FileRules,
  layout: Layout,
  open: () => NextText,
): ReadonlyMap<string, LogicalType> {
  const found = types === "found" ? foundTypes(layout, open()) : [];
  return new Map([...found, ...Object.entries(columns)]);
}

/** The state of a file now. */
export function signatureNow(path: string): string {
  try {
    return signatureOf(statSync(path, { bigint: true }));
  } catch (error) {
    throw fileFailure(error, path);
  }
}

function folderFailure(error: unknown, path: string): unknown {
  const failure = fileFailure(error, path);
  if (!(failure instanceof SyncError) || failure.code !== "COLLECTION_MISSING") return failure;
  return new SyncError("REPLICA_UNAVAILABLE", `there is no folder ${path}`, {
    where: path,
    hint: "Make it, or correct the path.",
    cause: error,
  });
}
