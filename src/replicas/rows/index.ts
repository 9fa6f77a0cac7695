// Folders of CSV, NDJSON or JSON files as replicas: a folder is a system, a file a collection.
import { setTimeout } from "node:timers/promises";
import { SyncError } from "../../core/errors.ts";
import type {
  Capabilities,
  CollectionDescription,
  Description,
  NewCollection,
  Replica,
} from "../../engine/replica.ts";
import { newCsv } from "./csv.ts";
import { encode, markOf } from "./encoding.ts";
import { filesOf, formOf, newPath } from "./folder.ts";
import type { FileForm, Folder } from "./folder.ts";
import { newJson } from "./json.ts";
import { list, read } from "./list.ts";
import { isWritable, makeFile } from "./replace.ts";
import { rulesOf } from "./settings.ts";
import type { RowsOptions } from "./settings.ts";
import { makeWriter } from "./writer.ts";

export type {
  CollectionSettings,
  Encoding,
  FileFormat,
  FileSettings,
  Newline,
  RowsOptions,
} from "./settings.ts";

/**
 * A folder of files. Reading writes nothing. Files are looked at when they are asked for: a broken
 * one is in nobody's way but those who want it. Throws when the folder is missing.
 */
export async function rowsReplica(options: RowsOptions): Promise<Replica> {
  const { name, sleep = wait, now = Date.now } = options;
  const folder: Folder = {
    options,
    patience: { sleep, now },
    known: new Map(),
    loaded: new Map(),
  };
  filesOf(folder);
  return {
    name,
    describe: (signal, wanted) => describe(folder, wanted, signal),
    list: (shape, after, signal) => list(folder, shape, after, signal),
    read: (shape, keys, signal) => read(folder, shape, keys, signal),
    changes: () => {
      throw new SyncError("LIST_FAILED", `${name} has no feed of changes`);
    },
    acknowledge: async () => undefined,
    marks: async (_, signal) => {
      signal.throwIfAborted();
      return [];
    },
    writer: async (signal) => {
      signal.throwIfAborted();
      return makeWriter(folder);
    },
    ddl: (collection) => `a file ${newPath(folder, collection.name)} with ${columnsOf(collection)}`,
    create: async (collection, signal) => {
      signal.throwIfAborted();
      create(folder, collection);
    },
    forget: async () => undefined,
    close: async () => folder.loaded.clear(),
  };
}

const wait = (ms: number, signal: AbortSignal) => setTimeout(ms, undefined, { signal });

const columnsOf = ({ fields }: NewCollection): string =>
  `the columns ${fields.map((field) => field.name).join(", ")}`;

function abilities(writable: boolean): Capabilities {
  return {
    log: false,
    list: "snapshot",
    compareAndSet: "row",
    returns: true,
    marks: false,
    commits: "finish",
    writable,
  };
}

async function describe(
  folder: Folder,
  wanted: ReadonlySet<string> | undefined,
  signal: AbortSignal,
): Promise<Description> {
  signal.throwIfAborted();
  const collections = new Map<string, CollectionDescription>();
  for (const [collection, paths] of filesOf(folder)) {
    const [path = ""] = paths;
    const capabilities = abilities(isWritable(path));
    const bare = { name: collection, capabilities, uniqueSets: [], references: [], triggers: [] };
    try {
      const isWhole = wanted === undefined || wanted.has(collection);
      const form = await formOf(folder, { collection, paths, isWhole }, signal);
      if (form !== undefined) collections.set(collection, { ...bare, ...described(form) });
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      collections.set(collection, { ...bare, fields: [], key: [], broken: error });
    }
  }
  const creates = {
    capabilities: abilities(true),
    unasked: true,
    describes: (collection: NewCollection) => described(newForm(folder, collection)),
  };
  return { epoch: 0, collections, creates };
}

function described({
  layout,
  rules,
  types,
}: FileForm): Pick<
  CollectionDescription,
  "fields" | "key" | "uniqueSets" | "openKey" | "openColumns"
> {
  const key = (rules.key ?? []).filter((name) => layout.columns.includes(name));
  const fields = layout.columns.map((name) => {
    const type = types.get(name);
    return {
      name,
      type: type ?? layout.plainType,
      declared: type === undefined ? "" : type.kind,
      nullable: !key.includes(name) && name !== layout.needed,
      hasDefault: false,
      generated: false,
      ...(type === undefined ? ({ open: true } as const) : {}),
      ...(layout.isSparse ? ({ sparse: true } as const) : {}),
    };
  });
  const uniqueSets = key.length === 0 ? [] : [key];
  const openColumns = layout.isUnshown === true ? "unshown" : "shown";
  const isOpen = layout.withColumns !== undefined;
  return { fields, key, uniqueSets, openKey: true, ...(isOpen ? { openColumns } : {}) };
}

/** The form that the file of a new collection will have. */
function newForm({ options }: Folder, { name, fields }: NewCollection): FileForm {
  const rules = rulesOf(options, name);
  const declared = new Map(Object.entries(rules.columns ?? {}));
  // Without a header the file does not say which column is which.
  const isBare = rules.format === "csv" && rules.header === false;
  const columns = isBare ? [...declared.keys()] : fields.map((field) => field.name);
  const layout =
    rules.format === "csv"
      ? newCsv(columns, rules, rules.encoding ?? "utf-8")
      : newJson(columns, rules, newPath({ options }, name));
  return { layout, rules, types: declared };
}

function create(folder: Folder, collection: NewCollection): void {
  const { layout, rules } = newForm(folder, collection);
  const path = newPath(folder, collection.name);
  const { encoding = "utf-8" } = rules;
  // Without a mark nobody could tell UTF-16 from anything else.
  const form = { encoding, hasMark: encoding.startsWith("utf-16") };
  const text = {
    csv: layout.head === "" ? "" : layout.head + layout.closing(""),
    ndjson: "",
    json: "[]\n",
  };
  const bytes = encode(text[rules.format], encoding);
  makeFile(path, Buffer.concat([markOf(form), bytes]));
  folder.known.delete(path);
}
