// What an API is: the collections that were set up, with the fields that were declared and those
// that its first page shows.
import { SyncError } from "../../core/errors.ts";
import { isObject } from "../../core/values.ts";
import type { LogicalType } from "../../core/values.ts";
import type {
  Capabilities,
  CollectionDescription,
  Description,
  FieldDescription,
} from "../../engine/replica.ts";
import { collectionNamed, isOnlyWritten } from "./collection.ts";
import type { Collection, Fields, Opened } from "./collection.ts";
import { pagesOf } from "./pages.ts";

/** Describes every collection; one that cannot be asked is broken, and in nobody else's way. */
export async function describe(on: Opened, signal: AbortSignal): Promise<Description> {
  signal.throwIfAborted();
  const collections = new Map<string, CollectionDescription>();
  for (const name of Object.keys(on.api.options.collections)) {
    const collection = collectionNamed(on, name);
    const bare = {
      name,
      capabilities: abilities(collection),
      uniqueSets: [],
      references: [],
      triggers: [],
      ...unwritable(on, collection),
    };
    try {
      on.fields.delete(name);
      const fields = await fieldsOf(on, collection, signal);
      collections.set(name, { ...bare, ...described(collection, fields) });
    } catch (error) {
      if (!(error instanceof SyncError)) throw error;
      collections.set(name, { ...bare, fields: [], key: [], broken: error });
    }
  }
  return { epoch: 0, collections };
}

function abilities(collection: Collection): Capabilities {
  const { write, since } = collection.settings;
  if (isOnlyWritten(collection)) return { ...ONLY_WRITTEN, writable: write !== undefined };
  return {
    log: false,
    ...(since === undefined ? {} : { since: true }),
    list: "paged",
    compareAndSet: write?.compare === "none" ? "none" : "row",
    returns: true,
    marks: false,
    commits: "page",
    writable: write !== undefined,
  };
}

const ONLY_WRITTEN = {
  log: false,
  list: "none",
  compareAndSet: "none",
  returns: false,
  marks: false,
  commits: "page",
} as const;

function unwritable(on: Opened, collection: Collection): Pick<CollectionDescription, "unwritable"> {
  if (collection.settings.write !== undefined) return {};
  return { unwritable: describedUnwritable(on, collection) };
}

/** Why a collection without `write` is not written. */
export function describedUnwritable({ api }: Opened, { name }: Collection): SyncError {
  const { name: system } = api.options;
  return new SyncError("REPLICA_READ_ONLY", `Nothing says how ${name} is written`, {
    where: `${system}.${name}`,
    hint:
      `Say \`write: { create: POST, update: PATCH, delete: DELETE }\`, or what the API takes, ` +
      `under systems.${system}.collections.${name}.`,
  });
}

function described(
  { settings }: Collection,
  { names, types }: Fields,
): Pick<CollectionDescription, "fields" | "key" | "uniqueSets" | "openKey"> {
  const { readonly = [] } = settings;
  const key = (settings.key ?? []).filter((name) => names.includes(name));
  const fields = names.map((name): FieldDescription => {
    const type = types.get(name);
    return {
      name,
      type: type ?? ANY,
      declared: type === undefined ? "" : type.kind,
      nullable: !key.includes(name),
      hasDefault: false,
      generated: readonly.includes(name),
      sparse: true,
      ...(type === undefined ? { open: true } : {}),
    };
  });
  const named = { fields, key, uniqueSets: key.length === 0 ? [] : [key] };
  // Without a listing nothing would prove that other columns name its rows.
  return settings.list === "none" ? named : { ...named, openKey: true };
}

const ANY: LogicalType = { kind: "any" };

/** Fields of one row that are looked at, at most. */
const FIELDS_MAX = 10_000;

/**
 * The fields of a collection. Throws COLUMN_MISSING where nobody declared any and no row shows
 * them.
 */
export async function fieldsOf(
  on: Opened,
  collection: Collection,
  signal: AbortSignal,
): Promise<Fields> {
  const known = on.fields.get(collection.name);
  if (known !== undefined) return known;
  const { settings } = collection;
  const types = new Map(Object.entries(settings.fields ?? {}));
  const names = new Set([...types.keys(), ...(settings.key ?? [])]);
  const pages = isOnlyWritten(collection)
    ? []
    : pagesOf(on.api, collection, settings.key ?? [], signal);
  for await (const { items } of pages) {
    for (const item of items) {
      if (isObject(item)) for (const name of Object.keys(item)) names.add(name);
      if (names.size > FIELDS_MAX) throw tooMany(on, collection);
    }
    break; // later ones are like it
  }
  if (names.size === 0) throw nothingKnown(on, collection);
  const fields = { names: [...names], types };
  on.fields.set(collection.name, fields);
  return fields;
}

function tooMany({ api }: Opened, { name }: Collection): SyncError {
  const message = `rows of ${name} have more than ${FIELDS_MAX} fields`;
  return new SyncError("LIMIT_EXCEEDED", message, { where: `${api.options.name}.${name}` });
}

function nothingKnown({ api }: Opened, { name }: Collection): SyncError {
  const { name: system } = api.options;
  const message = `${name} of ${system} holds no row that shows its fields`;
  return new SyncError("COLUMN_MISSING", message, {
    where: `${system}.${name}`,
    hint: `Declare them: systems.${system}.collections.${name}.fields, such as { id: integer }.`,
  });
}
